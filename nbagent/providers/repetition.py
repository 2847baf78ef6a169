"""Events that differ from the one before in one string alone: nearly every event of a reply.

A server writes each fragment into the same envelope: id, model, fingerprint, numbers of blocks.
Once two events in a row agree in every byte around the fragment, and it is proved that those
bytes hold nothing but the fragment between them, only the fragment of the next ones is decoded.
What that gives is what the whole event would give; whatever deviates by a byte is decoded whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import pydantic_core

from nbagent.frames import StreamFrame
from nbagent.sse import MAX_EVENT_BYTES

__all__ = ["Path", "Repetition", "Repetitions"]

#: The keys and places that lead to the fragment in an event.
Path: TypeAlias = tuple[str | int, ...]
#: Takes one more fragment; None for a fragment that may change more than the block it goes to.
Extend: TypeAlias = Callable[[str], StreamFrame | None]

PROBE = "\x00probe\U0001f600"
PROBE_TOKEN = pydantic_core.to_json(PROBE)
# So often the envelope may differ before it is taken for one that always does (OpenAI pads
# its events to random lengths, for example).
TRIES = 16


class Repetition:
    """One envelope, and where its fragments go."""

    __slots__ = ("_before", "_behind", "_extend", "_first", "_head", "_last", "_name", "_start")

    def __init__(self, before: bytes, behind: bytes, name: str, extend: Extend) -> None:
        self._before = before
        self._behind = behind
        self._name = name
        self._extend = extend
        # The same with what makes an event of it.
        self._head = (f"event: {name}\n" if name else "").encode() + b"data: " + before
        self._start, self._first = len(before) - 1, len(self._head) - 1
        self._last = 1 - len(behind)

    def frame(self, data: bytes, name: str) -> StreamFrame | None:
        """The frame of an event in this envelope; None for every other event."""
        if not (data.startswith(self._before) and data.endswith(self._behind)):
            return None
        return self._taken(data[self._start : self._last]) if name == self._name else None

    def frame_alone(self, read: bytes) -> StreamFrame | None:
        """The frame of bytes that are exactly one event in this envelope; None for all others."""
        if read[-2:] != b"\n\n" or len(read) > MAX_EVENT_BYTES:
            return None
        if not (read.startswith(self._head) and read.endswith(self._behind, 0, -2)):
            return None
        return self._taken(read[self._first : self._last - 2])

    def _taken(self, token: bytes) -> StreamFrame | None:
        try:
            # With its quotes, it can be read as one whole JSON string and as nothing else.
            return self._extend(pydantic_core.from_json(token))
        except ValueError:
            return None


class Repetitions:
    """Finds out whether the events of one reply repeat their envelope."""

    def __init__(self) -> None:
        self._last: tuple[bytes, bytes, str] | None = None
        self._tries = 0

    @property
    def given_up(self) -> bool:
        """The envelope has differed too often."""
        return self._tries > TRIES

    def learn(
        self, data: bytes, name: str, value: dict[str, Any], path: Path, extend: Extend
    ) -> Repetition | None:
        """Looks at an event whose whole effect was that of its fragment.

        Args:
            data: The event's data.
            name: The event's name.
            value: ``data``, decoded.
            path: Where its fragment stands in ``value``.
            extend: Takes the fragments of the events that follow it.
        """
        self._tries += 1
        found = list(_field(path[-1]).finditer(data))
        if len(found) != 1:
            return None
        start, end = found[0].span(1)
        envelope = data[: start + 1], data[end - 1 :], name
        last, self._last = self._last, envelope
        if envelope != last or not _proved(data[:start], data[end:], value, path):
            return None
        self._tries = 0
        return Repetition(*envelope, extend)


@lru_cache(maxsize=16)
def _field(key: str | int) -> re.Pattern[bytes]:
    """A field with that key and a string as its value, which is the group."""
    name = re.escape(str(key).encode())
    return re.compile(rb'(?<!\\)"%b"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")' % name, re.DOTALL)


def _proved(before: bytes, behind: bytes, value: dict[str, Any], path: Path) -> bool:
    """Whether another string between these bytes changes the value at ``path``, and no other."""
    try:
        probed: Any = pydantic_core.from_json(before + PROBE_TOKEN + behind)
        holder: Any = probed
        own: Any = value
        for step in path[:-1]:
            holder, own = holder[step], own[step]
        if holder[path[-1]] != PROBE:
            return False
        holder[path[-1]] = own[path[-1]]
    except (LookupError, TypeError, ValueError):
        return False
    return bool(probed == value)
