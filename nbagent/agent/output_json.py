"""The JSON of an answer, found in its text: while it arrives, and when all of it is there.

A model that is not constrained puts its JSON between words and fences; what stands around it is
left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from nbagent.json_scan import ObjectScanner, StringFollower

__all__ = ["JSONReader", "Seen", "documents"]

# An answer is looked at again when it has grown by this part of its length: all looks together
# then cost as much as reading it so many times, however long it gets.
PART = 64
# So many beginnings of objects in the words before an answer are looked at.
TRIES = 50

_TOKEN = re.compile(r'["{}\[\],:]|[^\s"{}\[\],:]+')
_SCALAR = re.compile(r'[^\s"{}\[\],:]')
_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n(.*?)^[ \t]*\1", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What has come of a document.

    Attributes:
        data: Its value; of what is still open, as much as is certain.
        depth: How many objects and lists are open, each the last value in the one around it.
        growing: The last value in the innermost is a text that may still grow.
    """

    data: Any
    depth: int = 0
    growing: bool = False


class JSONReader:
    """Fed the text of an answer, it gives the JSON in it, each time with a little more.

    Args:
        opens: The brackets with which the answer may begin.
    """

    def __init__(self, opens: str = "{") -> None:
        self._opening = re.compile(f"[{re.escape(opens)}]")
        self._tail: _Tail | None = None
        self._pieces: list[str] = []
        self._length = self._looked = 0

    def feed(self, text: str) -> Seen | None:
        """Takes a fragment; gives the document when it is time to look at it again."""
        seen: Seen | None = None
        while text:
            if self._tail is None:
                found = self._opening.search(text)
                if found is None:
                    break
                text = text[found.start() :]
                self._begin()
            seen, text = self._fed(text, seen)
        return seen

    def flush(self) -> Seen | None:
        """The document at the end of the text, if it was not closed."""
        return self._look() if self._tail is not None and self._length > self._looked else None

    def _begin(self) -> None:
        self._tail, self._pieces = _Tail(), []
        self._length = self._looked = 0

    def _fed(self, text: str, seen: Seen | None) -> tuple[Seen | None, str]:
        tail = self._tail
        if tail is None:
            raise AssertionError("no document was begun")
        end = tail.feed(text)
        mine, rest = (text, "") if end < 0 else (text[:end], text[end:])
        self._pieces.append(mine)
        self._length += len(mine)
        if end < 0 and (self._length - self._looked) * PART < self._length:
            return seen, ""
        look = self._look()
        if look is None:
            return seen, self._again() + rest
        if end >= 0:
            self._tail = None  # another document may follow, and would then be the answer
        return look, rest

    def _look(self) -> Seen | None:
        """The document so far; None where it is no JSON."""
        self._looked = self._length
        tail = self._tail
        text = "".join(self._pieces)
        self._pieces = [text]
        if tail is None:
            return None
        # A number that stands last may have more digits.
        certain = text[: tail.scalar] if tail.scalar is not None else text
        try:
            data = from_json(certain, allow_partial="trailing-strings")
        except ValueError:
            return None
        return Seen(data, tail.depth, tail.in_value)

    def _again(self) -> str:
        """What comes behind a bracket that opened no JSON."""
        text = "".join(self._pieces)
        self._tail = None
        found = self._opening.search(text, 1)
        return text[found.start() :] if found else ""


class _Tail(StringFollower):
    """Follows JSON text to know what its end is in the middle of.

    Attributes:
        scalar: Where an unfinished number or word at the end begins.
        whole: The outermost bracket has been closed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scalar: int | None = None
        self.whole = False
        self._offset = 0
        self._open: list[str] = []
        self._is_key = self._key_next = False

    @property
    def depth(self) -> int:
        """How many brackets are open."""
        return len(self._open)

    @property
    def in_value(self) -> bool:
        """The end is inside a text that is a value (and not a key)."""
        return self.in_string and not self._is_key

    def feed(self, text: str) -> int:
        """Reads a fragment; the offset behind the document's end, or -1 while it is open."""
        position = 0
        while position < len(text) and not self.whole:
            step = self.skip if self.in_string else self._token
            position = step(text, position)
        self._offset += len(text)
        return position if self.whole else -1

    def _token(self, text: str, position: int) -> int:
        if self.scalar is not None and _SCALAR.match(text, position) is None:
            self.scalar = None
        match = _TOKEN.search(text, position)
        if match is None:
            return len(text)
        token = match.group()
        if token == '"':
            self.in_string, self._is_key, self._key_next = True, self._key_next, False
        elif token in "{[":
            self._open.append(token)
            self._key_next = token == "{"
        elif token in "}]":
            del self._open[-1:]
            self.whole, self._key_next = not self._open, False
        elif token == ",":
            self._key_next = self._open[-1:] == ["{"]
        elif token != ":" and match.end() == len(text) and self.scalar is None:
            self.scalar = self._offset + match.start()
        return match.end()


def documents(text: str, opens: str = "{") -> Iterator[Any]:
    """The values that may be the answer, the likeliest first.

    All of the text; what stands in fences; the objects in it, the last one first.
    """
    for candidate in (text, *(match.group(2) for match in _FENCED.finditer(text))):
        yield from _parsed(candidate)
    for candidate in reversed(list(_bracketed(text, opens))):
        yield from _parsed(candidate)


def _parsed(text: str) -> Iterator[Any]:
    try:
        yield from_json(text)
    except ValueError:
        return


def _bracketed(text: str, opens: str) -> Iterator[str]:
    """What stands between a bracket that may open the answer and its counterpart."""
    opening = re.compile(f"[{re.escape(opens)}]")
    found = opening.search(text)
    for _ in range(TRIES):
        if found is None:
            return
        start = found.start()
        end = ObjectScanner().feed(text[start:])
        document = text[start : start + end] if end > 0 else ""
        yield document
        whole = any(True for _ in _parsed(document))
        found = opening.search(text, start + end if whole else start + 1)
