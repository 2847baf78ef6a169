"""Cuts bytes and texts in pieces, for the promise that cuts make no difference."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T", str, bytes)


def cut(whole: T, places: Iterable[int]) -> list[T]:
    """``whole`` cut at these places."""
    inside = sorted({place for place in places if 0 < place < len(whole)})
    edges = [0, *inside, len(whole)]
    return [whole[left:right] for left, right in pairwise(edges)]


def each_cut(whole: T) -> Iterator[list[T]]:
    """``whole`` in two, at every place, and then in single bytes or characters."""
    for place in range(1, len(whole)):
        yield cut(whole, [place])
    yield cut(whole, range(len(whole)))


def places(size: int) -> st.SearchStrategy[list[int]]:
    """Any places to cut something of this size."""
    return st.lists(st.integers(1, max(1, size - 1)), max_size=12)


def outcome(decoder: Any, pieces: Sequence[bytes]) -> tuple[Any, ...]:
    """What a decoder gives for these pieces: frames, and the error with its partial message.

    Ids that were made up are numbered, so that two decodings can be compared.
    """
    frames = []
    for piece in pieces:
        frames += decoder.feed(piece)
        if decoder.error is not None or decoder.done:
            break
    if decoder.error is None:
        frames += decoder.flush()
    error = decoder.error
    failed = None if error is None else (type(error), str(error), error.partial)
    return _numbered((frames, failed, decoder.message))


def _numbered(value: tuple[Any, ...]) -> tuple[Any, ...]:
    text = repr(value)
    seen: dict[str, str] = {}
    for made_up in re.findall(r"call_[0-9a-f]{24}", text):
        seen.setdefault(made_up, f"made-up-{len(seen)}")
    return (re.sub(r"call_[0-9a-f]{24}", lambda m: seen[m.group()], text),)
