"""Finds where a JSON object ends while its text still arrives in fragments.

Only strings, escapes and brackets are followed, a few characters at a time by regular
expression, so that a fragment of a few bytes costs about a microsecond.
"""

from __future__ import annotations

import re

__all__ = ["ObjectScanner", "StringFollower"]

_ANY = re.compile(r'["\\{}\[\]]')
_OUTSIDE = re.compile(r'["{}\[\]]')
_INSIDE = re.compile(r'["\\]')


class StringFollower:
    """Knows where a JSON string ends whose text comes in fragments.

    Attributes:
        in_string: What comes next is inside a string; set when its opening quote has come.
    """

    __slots__ = ("_escape", "in_string")

    def __init__(self) -> None:
        self.in_string = False
        self._escape = False

    def skip(self, text: str, position: int) -> int:
        """From inside a string, some way on: at most behind its end or an escape's beginning."""
        if self._escape:
            self._escape = False
            return position + 1
        match = _INSIDE.search(text, position)
        if match is None:
            return len(text)
        if match.group() == '"':
            self.in_string = False
        else:
            self._escape = True
        return match.end()


class ObjectScanner(StringFollower):
    """Follows one JSON object (or array) through its fragments.

    Attributes:
        started: Something other than white space has come.
        whole: The outermost bracket has been closed.
    """

    __slots__ = ("_depth", "started", "whole")

    def __init__(self) -> None:
        super().__init__()
        self.started = False
        self.whole = False
        self._depth = 0

    def feed(self, text: str) -> int:
        """Reads a fragment; the offset just behind the object's end, or -1 while it is open."""
        if not self.started:
            self.started = bool(text.strip())
        if not self._escape and _ANY.search(text) is None:
            return -1
        position = 0
        while position < len(text):
            if self.in_string:
                position = self.skip(text, position)
                continue
            match = _OUTSIDE.search(text, position)
            if match is None:
                return -1
            position = match.end()
            if self._bracket(match.group()):
                return position
        return -1

    def _bracket(self, character: str) -> bool:
        if character == '"':
            self.in_string = True
        elif character in "{[":
            self._depth += 1
        else:
            self._depth -= 1
            self.whole = self._depth <= 0
        return self.whole
