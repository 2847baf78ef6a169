"""What a docstring says: the description of a tool and of its parameters.

Google, NumPy, Sphinx and Epydoc styles, told apart by `docstring_parser`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field

from docstring_parser import Docstring, ParseError, parse

__all__ = ["Described", "read_docstring"]


@dataclass(frozen=True, slots=True)
class Described:
    """A description in words, and those of the parameters by name."""

    summary: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def read_docstring(text: str | None) -> Described:
    """Read a docstring; one that no style fits is a description as it stands."""
    if not text or not text.strip():
        return Described()
    clean = inspect.cleandoc(text)
    try:
        parsed = parse(clean)
    except ParseError:
        return Described(clean)
    return Described(_summary(parsed), _parameters(parsed))


def _summary(parsed: Docstring) -> str:
    short, long = parsed.short_description or "", parsed.long_description or ""
    if not long:
        return short
    # Without a blank line between them the "long" part begins with the rest of the summary.
    return f"{short}\n\n{long}" if parsed.blank_after_short_description else f"{short} {long}"


def _parameters(parsed: Docstring) -> dict[str, str]:
    found: dict[str, str] = {}
    for parameter in parsed.params:
        words = " ".join((parameter.description or "").split())
        # NumPy style describes several at once: "x, y : float".
        for name in parameter.arg_name.split(","):
            if words:
                found.setdefault(name.strip().lstrip("\\*"), words)
    return found
