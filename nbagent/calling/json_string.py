"""Decodes the text of a JSON string while it arrives in fragments."""

from __future__ import annotations

import re

import pydantic_core

__all__ = ["JSONString"]

_SPECIAL = re.compile(r'["\\]')
_HIGH_SURROGATE = re.compile(r"\\u[dD][89abAB]")


class JSONString:
    """Fed what stands behind the opening quote, it gives the text as far as it is certain.

    Attributes:
        begun: It has been fed.
    """

    def __init__(self) -> None:
        self.begun = False
        self._held = ""

    def feed(self, fragment: str) -> tuple[str, str | None]:
        """The text of a fragment, and what stands behind the closing quote once it has come.

        An escape that is cut is held back until its rest comes; so is the first half of a
        surrogate pair.
        """
        self.begun = True
        source = self._held + fragment
        self._held = ""
        position = 0
        pieces: list[str] = []
        while True:
            match = _SPECIAL.search(source, position)
            if match is None:
                pieces.append(source[position:])
                return "".join(pieces), None
            pieces.append(source[position : match.start()])
            if match.group() == '"':
                return "".join(pieces), source[match.end() :]
            position = self._escape(source, match.start(), pieces)
            if position < 0:
                self._held = source[match.start() :]
                return "".join(pieces), None

    def _escape(self, source: str, start: int, pieces: list[str]) -> int:
        """Decodes the escape at ``start``; its end, or -1 while it is cut."""
        size = 6 if source[start + 1 : start + 2] == "u" else 2
        if _HIGH_SURROGATE.match(source, start):
            behind = source[start + 6 : start + 8]
            if behind == "\\u" or (len(behind) < 2 and "\\u".startswith(behind)):
                size = 12
        if len(source) < start + size:
            return -1
        try:
            pieces.append(pydantic_core.from_json(f'"{source[start : start + size]}"'))
        except ValueError:
            return self._odd(source, start, pieces)
        return start + size

    def _odd(self, source: str, start: int, pieces: list[str]) -> int:
        """Half of a surrogate pair is no character; what is no escape of JSON stays as it is."""
        if source[start + 1] == "u":
            half = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}").match(source, start)
            pieces.append("\ufffd" if half else source[start : start + 2])
            return half.end() if half else start + 2
        pieces.append(source[start : start + 2])
        return start + 2
