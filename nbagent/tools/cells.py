"""Any value as a few characters, whatever it is and whatever its own methods do."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Mapping, Set
from itertools import islice
from typing import Any

__all__ = ["CELL", "cell", "exception_text", "safe_repr"]

CELL = 80  # characters
ITEMS = 5  # of a container in a cell
EXACT = 1e15  # whole numbers up to here are exact as floats, and written in full


def cell(value: Any) -> str:
    """A value within `CELL` characters, on one line."""
    if isinstance(value, float):  # numpy's float64 is one too
        return _number(value)
    if isinstance(value, str):
        text = str.__str__(value[: CELL + 1])  # before anything else: it may be megabytes
    elif isinstance(value, (bytes, bytearray)):
        text = repr(bytes(value[:CELL]))
    elif isinstance(value, tuple):
        text = "/".join(_several(value))
    elif isinstance(value, (list, deque, Set)):
        text = f"[{', '.join(_several(value))}]"
    elif isinstance(value, Mapping):
        pairs = [f"{cell(key)}: {cell(item)}" for key, item in islice(value.items(), ITEMS)]
        more = ["…"] if len(value) > ITEMS else []
        text = f"{{{', '.join([*pairs, *more])}}}"
    else:
        text = _other(value)
    text = text.replace("\n", " ")
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def safe_repr(value: Any) -> str:
    """Its repr, or why it has none."""
    try:
        return repr(value)
    except Exception as error:  # any code may be in a repr; the text reports it
        return f"<{type(value).__name__} object; its repr failed: {exception_text(error)}>"


def exception_text(error: BaseException) -> str:
    """``Type: message``, as the last line of a traceback has it."""
    return "".join(traceback.format_exception_only(type(error), error)).strip()


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < EXACT:
        return f"{value:.0f}"
    return f"{value:.6g}" if abs(value) < 1e5 else f"{value:.10g}"


def _several(values: Any) -> list[str]:
    more = ["…"] if len(values) > ITEMS else []
    return [*(cell(item) for item in islice(values, ITEMS)), *more]


def _other(value: Any) -> str:
    try:
        dimensions: Any = getattr(value, "ndim", None)
        if dimensions and hasattr(value, "shape"):  # a table in a table
            return f"{type(value).__name__} of shape {value.shape}"
        return str(value)
    except Exception:  # then its repr says why
        return safe_repr(value)
