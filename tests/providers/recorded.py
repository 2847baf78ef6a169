"""The recorded streams, and the two ways in which each test of a decoder reads them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.cutting import cut

FOLDER = Path(__file__).parents[1] / "fixtures" / "streams"


def recorded(provider: str, name: str) -> bytes:
    """The bytes of one recorded stream."""
    return (FOLDER / provider / f"{name}.sse").read_bytes()


def names(provider: str) -> list[str]:
    """The names of all recorded streams of a provider."""
    return sorted(path.stem for path in (FOLDER / provider).glob("*.sse"))


def decoded(decoder: Any, data: bytes) -> list[Any]:
    """The frames of a whole stream; what goes wrong is raised."""
    frames = decoder.feed(data)
    if decoder.error is None:
        frames += decoder.flush()
    if decoder.error is not None:
        raise decoder.error
    return list(frames)


def sse(*events: str) -> bytes:
    """Server-sent events of these data."""
    return "".join(f"data: {event}\n\n" for event in events).encode()


def some_cuts(data: bytes) -> Iterator[list[bytes]]:
    """``data`` in two, at every byte where it is short, and then in single bytes."""
    for place in range(1, len(data), 1 + len(data) // 1200):
        yield cut(data, [place])
    yield cut(data, range(len(data)))
