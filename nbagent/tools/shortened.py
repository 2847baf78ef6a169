"""Containers cut down to what a model may read, before any of it is turned into text.

A dict with ten million numbers in it would take seconds to become JSON of which four thousand
characters are read.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Set
from itertools import islice
from typing import Any

__all__ = ["MAX_ITEMS", "Endless", "bytes_text", "not_consumed", "shortened"]

MAX_ITEMS = 1000  # in all containers together
MAX_DEPTH = 30
MAX_TEXT = 20_000  # characters of one text in a container
PLAIN = (int, float, type(None))
MAGIC = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "gzip data",
}


class Endless(ValueError):
    """A container is in itself."""


def shortened(value: Any) -> Any:
    """The value with at most so many items in it; what is left out is said in their place.

    Raises:
        Endless: It contains itself.
    """
    return _Cut().of(value, ())


def bytes_text(data: bytes | bytearray | memoryview) -> str:
    """How many bytes, of what kind; words where they are words."""
    view = memoryview(data)
    start = bytes(view[:4000]) if view.format == "B" and view.contiguous else b""
    kinds = (kind for magic, kind in MAGIC.items() if start.startswith(magic))
    text = _words(start) if view.nbytes else ""
    kind = next(kinds, "text" if text else "binary data")
    more = "…" if view.nbytes > len(start) else ""
    return f"{view.nbytes:,} bytes of {kind}" + (f": {text}{more}" if kind == "text" else "")


def not_consumed(value: Any) -> str:
    """What is said of an iterator."""
    return f"a {type(value).__name__} that was not consumed"


def _words(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if error.start < len(data) - 3:  # else only the last character was cut
            return ""
        text = data[: error.start].decode()
    return text if all(c.isprintable() or c in "\t\r\n" for c in text) else ""


class _Cut:
    """One value on its way: what is left of its budget."""

    def __init__(self) -> None:
        self._left = MAX_ITEMS

    def of(self, value: Any, path: tuple[int, ...]) -> Any:
        if isinstance(value, PLAIN):
            return value
        if isinstance(value, str):
            return value if len(value) <= MAX_TEXT else _cut_text(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes_text(value)
        if isinstance(value, (Iterator, AsyncIterator)):
            return not_consumed(value)
        if type(value).__name__ == "NaTType":  # pandas': a datetime that has no digits
            return str(value)
        pairs = _pairs(value)
        if pairs is None and not isinstance(value, (list, tuple, Set, deque)):
            return value
        if id(value) in path:
            raise Endless("it contains itself")
        if len(path) > MAX_DEPTH:
            return "… (deeper levels are left out)"
        path = (*path, id(value))
        return self._items(value, path) if pairs is None else self._pairs(pairs, path)

    def _items(self, value: Any, path: tuple[int, ...]) -> list[Any]:
        taken = min(len(value), self._left)
        self._left -= taken
        kept = [self.of(item, path) for item in islice(value, taken)]
        more = len(value) - taken
        return [*kept, f"… ({more:,} more of {len(value):,} items)"] if more else kept

    def _pairs(self, pairs: Mapping[Any, Any], path: tuple[int, ...]) -> dict[Any, Any]:
        taken = min(len(pairs), self._left)
        self._left -= taken
        kept = {key: self.of(item, path) for key, item in islice(pairs.items(), taken)}
        more = len(pairs) - taken
        return {**kept, "…": f"({more:,} more of {len(pairs):,} entries)"} if more else kept


def _pairs(value: Any) -> Mapping[Any, Any] | None:
    """What has keys or named fields, as a mapping. pydantic's own objects write themselves."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, type) or hasattr(type(value), "__pydantic_serializer__"):
        return None
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: getattr(value, name) for name in names if hasattr(value, name)}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return dict(zip(value._fields, value, strict=False))
    return None


def _cut_text(text: str) -> str:
    return f"{text[:MAX_TEXT]}… ({len(text) - MAX_TEXT:,} more characters)"
