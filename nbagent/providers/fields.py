"""Reads a field of an event as the type that it has to have. Pure.

What is of another type raises `TypeError` or `ValueError`, which makes the event a malformed one;
let through, it would fail later, where nobody knows any more which event it was.
"""

from __future__ import annotations

from typing import Any

__all__ = ["number", "text"]


def text(value: Any) -> str:
    """A string; the empty one for a field that is missing or null.

    Raises:
        TypeError: It is something else.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"a string was expected, not {type(value).__name__}")
    return value


def number(value: Any) -> int:
    """A whole number; 0 for a field that is missing or null.

    Raises:
        TypeError: It is something else.
    """
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"a number was expected, not {type(value).__name__}")
    return int(value)
