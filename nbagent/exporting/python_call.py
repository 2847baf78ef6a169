"""A tool call as the Python that would make it."""

from __future__ import annotations

import json
import keyword
import math
from typing import Any

__all__ = ["python_call"]

_WIDE = 88


def python_call(name: str, arguments: str) -> str:
    """``name(column="mpg")``: valid Python whatever the name and the arguments (JSON text) are."""
    function = name if _is_name(name) else f"tools[{json.dumps(name, ensure_ascii=True)}]"
    try:
        given = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return f"{_commented(arguments)}\n{function}(...)"
    if not isinstance(given, dict):
        return f"{function}({_literal(given)})"
    items = [f"{key}={_literal(value)}" for key, value in given.items() if _is_name(key)]
    other = {key: value for key, value in given.items() if not _is_name(key)}
    items += [f"**{_literal(other)}"] if other else []
    line = f"{function}({', '.join(items)})"
    if len(line) <= _WIDE and "\n" not in line:
        return line
    return "\n".join([f"{function}(", *(f"    {item}," for item in items), ")"])


def _is_name(text: str) -> bool:
    return text.isidentifier() and text.isascii() and not keyword.iskeyword(text)


def _commented(text: str) -> str:
    lines = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"# The arguments are no JSON: {lines}"


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def _text(value: str) -> str:
    """Code and other texts of several lines stay readable."""
    simple = all(letter.isprintable() or letter == "\n" for letter in value)
    if "\n" in value and simple and '"""' not in value and not value.endswith('"'):
        return '"""{}"""'.format(value.replace("\\", "\\\\"))
    quoted = repr(value)
    if quoted.startswith("'") and '"' not in value:
        return f'"{quoted[1:-1]}"'.replace("\\'", "'")
    return quoted
