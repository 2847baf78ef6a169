"""The model's side of a result: text within a limit, and pictures for models that see.

Whatever is looked at here is looked at in part: the cost does not grow with the size of a value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic_core import to_jsonable_python

from nbagent.messages import ImagePart
from nbagent.tools.cells import cell, exception_text, safe_repr
from nbagent.tools.charts import chart_text, is_chart
from nbagent.tools.figures import describe, figure_of, png
from nbagent.tools.pictures import picture_of
from nbagent.tools.shortened import MAX_ITEMS, bytes_text, not_consumed, shortened
from nbagent.tools.tables import (
    array_text,
    frame_text,
    kind_of,
    lazy_text,
    series_text,
    table_summary,
)

__all__ = ["LIMIT", "ModelSide", "cut", "exception_text", "for_model", "summary", "text_for_model"]

LIMIT = 4000  # characters of a result that a model reads, unless a tool says otherwise
SUMMARY = 120  # characters of a summary


class ModelSide(NamedTuple):
    """What a model gets of a value."""

    text: str
    images: tuple[ImagePart, ...] = ()


def for_model(value: Any, *, limit: int = LIMIT, picture: bytes | None = None) -> ModelSide:
    """What a model gets of a value.

    An object decides for itself with ``_repr_llm_() -> str``.

    Args:
        value: Anything.
        limit: Characters; what is longer is cut, and the text says by how much.
        picture: The PNG of a figure, where it was drawn already.
    """
    if not _speaks(value):
        figure = figure_of(value)
        if figure is not None:
            image = ImagePart(picture if picture is not None else png(figure))
            return ModelSide(cut(describe(figure), limit), (image,))
        shown = picture_of(value)
        if shown is not None:
            return ModelSide(shown.text, shown.images)
    return ModelSide(text_for_model(value, limit=limit))


def text_for_model(value: Any, *, limit: int = LIMIT, rows: int | None = None) -> str:
    """The words alone: nothing is drawn for it.

    Args:
        value: Anything.
        limit: Characters; what is longer is cut, and the text says by how much.
        rows: Rows of a table to give at most.
    """
    try:
        text = _text(value, limit, rows)
    except Exception as error:  # the code of any library may run in here; the text reports it
        text = f"{safe_repr(value)}\n(It could not be described: {exception_text(error)})"
    return cut(text, limit)


def summary(value: Any) -> str:
    """One line: what it is, and how large or which value."""
    try:
        text = _summary(value)
    except Exception as error:  # as above
        text = f"{type(value).__name__} (it could not be described: {exception_text(error)})"
    text = " ".join(text.split())
    return text if len(text) <= SUMMARY else text[: SUMMARY - 1] + "…"


def cut(text: str, limit: int = LIMIT) -> str:
    """The text, or its beginning and end with a word about what is left out between them."""
    if len(text) <= limit:
        return text
    note = f"\n… [cut to {limit:,} of {len(text):,} characters; the middle is left out] …\n"
    room = max(0, limit - len(note))
    tail = room // 4
    return f"{text[: room - tail]}{note}{text[len(text) - tail :]}"


def _speaks(value: Any) -> bool:
    """Whether an object says itself what a model gets of it."""
    return hasattr(type(value), "_repr_llm_")


def _text(value: Any, limit: int, rows: int | None = None) -> str:
    if not _speaks(value):
        return _described(value, limit, rows)
    try:
        given = value._repr_llm_()
    except Exception as error:  # the person's own code; the text reports it
        note = f"(Its _repr_llm_ raised {exception_text(error)})"
        return f"{_described(value, limit, rows)}\n{note}"
    if given is None:  # as with the other reprs: it has nothing to say
        return _described(value, limit, rows)
    return given if isinstance(given, str) else _json(given, value)


def _described(value: Any, limit: int, rows: int | None) -> str:
    if isinstance(value, str):
        return str.__str__(value)  # an enum's member or numpy's text as what it says
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes_text(value)
    if isinstance(value, BaseException):
        return exception_text(value)
    kind = kind_of(value)
    if kind:
        return _table(value, kind, limit, rows)
    figure = figure_of(value)
    if figure is not None:
        return describe(figure)
    if is_chart(value):
        return chart_text(value)
    return _data(value)


def _table(value: Any, kind: str, limit: int, rows: int | None) -> str:
    if kind in ("frame", "styler"):
        return frame_text(value.data if kind == "styler" else value, limit, rows)
    if kind == "lazy":
        return lazy_text(value)
    return series_text(value, rows) if kind == "series" else array_text(value)


def _summary(value: Any) -> str:
    kind = kind_of(value)
    if kind:
        return table_summary(value, kind)
    if figure_of(value) is not None or is_chart(value) or _speaks(value):
        first, *more = _text(value, LIMIT).splitlines() or [type(value).__name__]
        return f"{first} …" if more else first
    name = type(value).__name__
    if isinstance(value, (str, bytes, list, tuple, set, frozenset, Mapping)):
        what = "character" if isinstance(value, str) else "item"
        return f"{name} of {len(value):,} {what}{'' if len(value) == 1 else 's'}"
    return f"{name}: {cell(value)}"


def _data(value: Any) -> str:
    if isinstance(value, Iterator):
        return not_consumed(value)
    if isinstance(value, (list, tuple, set, frozenset, Mapping)) and len(value) > MAX_ITEMS:
        heading = f"{type(value).__name__} of {len(value):,} items, the first {MAX_ITEMS:,}: "
        return heading + _json(value)
    return _json(value)


def _json(value: Any, speaker: Any = None) -> str:
    """Compact JSON. What is no data stands in it as its text; a bare text has no quotes.

    Args:
        value: What is written.
        speaker: Whose description it is; is not asked for it again.
    """

    def words(item: Any) -> Any:
        return safe_repr(item) if item is value or item is speaker else _words(item)

    try:
        plain = to_jsonable_python(
            shortened(value),
            fallback=words if _speaks(value) or speaker is not None else _words,
            inf_nan_mode="constants",
            bytes_mode="base64",
            by_alias=True,
        )
    except (ValueError, RecursionError):  # it contains itself, or a serializer refused
        return safe_repr(value)
    if isinstance(plain, str):
        return plain
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _words(value: Any) -> Any:
    if type(value).__module__ == "numpy" and hasattr(value, "dtype"):
        if value.dtype.kind in "mM" and not value.ndim:
            return str(value)  # its item would be a number of nanoseconds
        if value.size <= 100:
            return value.tolist() if value.ndim else value.item()
    if kind_of(value) or _speaks(value) or is_chart(value):
        return text_for_model(value)
    return safe_repr(value)
