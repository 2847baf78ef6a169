"""DataFrames, Series and arrays as a few lines of text for a model.

pandas, polars and numpy are recognised by the type's module and are never imported. Only the head
of what is described is looked at, and nothing of it is copied but that: a table of any size costs
the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from nbagent.tools.cells import cell

__all__ = ["array_text", "frame_text", "kind_of", "lazy_text", "series_text", "table_summary"]

WHOLE = 20  # up to so many rows a table is given whole
HEAD = 10  # of a longer one, so many
COLUMNS = 20
MORE_COLUMNS = 100  # whose names alone are given
FEW = 100  # values of an array that are given one by one
STATISTICS = 1_000_000  # values of an array that are looked at for its range
KINDS = {
    "DataFrame": "frame",
    "GeoDataFrame": "frame",
    "LazyFrame": "lazy",
    "Series": "series",
    "Index": "series",
    "Styler": "styler",
}


def kind_of(value: Any) -> str:
    """``"frame"``, ``"lazy"``, ``"series"``, ``"styler"``, ``"array"``, or nothing."""
    for kind in type(value).__mro__:
        library = kind.__module__.partition(".")[0]
        if library in ("pandas", "polars", "geopandas") and kind.__name__ in KINDS:
            return KINDS[kind.__name__]
        if library == "numpy" and kind.__name__ == "ndarray":
            return "array"
    return ""


def table_summary(value: Any, kind: str) -> str:
    """One line: what it is and how large.

    Args:
        value: What `kind_of` recognises.
        kind: What it recognised.
    """
    name = type(value).__name__
    if kind == "array":
        return f"{name}, shape {value.shape}, type {_dtype(value.dtype)}"
    if kind == "series":
        label = f" {cell(value.name)!r}" if getattr(value, "name", None) not in (None, "") else ""
        return f"{name}{label}, {len(value)} values, type {value.dtype}"
    if kind == "lazy":
        return f"{name} (not computed), {len(value.collect_schema().names())} columns"
    rows, columns = (value.data if kind == "styler" else value).shape
    return f"{name}, shape: {rows} rows x {columns} columns"


def frame_text(frame: Any, limit: int, head: int | None = None) -> str:
    """A frame: its shape, its columns' types, and its head (all of it where it is small).

    Args:
        frame: A pandas or polars DataFrame.
        limit: Characters to stay under, by giving fewer rows. At least one row is given.
        head: Rows to give at most; by default 10 of a long frame, and a short one whole.
    """
    rows, columns = frame.shape
    shown = (rows if rows <= WHOLE else HEAD) if head is None else min(rows, head)
    part = _first_columns(frame.head(shown), columns)
    parts = [table_summary(frame, "frame")]
    if shown < rows:
        types = zip(part.columns, list(part.dtypes), strict=True)
        parts.append("types: " + ", ".join(f"{cell(name)} {kind}" for name, kind in types))
    parts += _more_columns(frame, columns)
    while True:
        text = "\n".join([*parts, *_frame_rows(frame, part.head(shown), shown)])
        if len(text) <= limit or shown <= 1:
            return text
        shown //= 2


def _first_columns(part: Any, columns: int) -> Any:
    if columns <= COLUMNS:
        return part
    return part.iloc[:, :COLUMNS] if hasattr(part, "iloc") else part[:, :COLUMNS]


def _more_columns(frame: Any, columns: int) -> list[str]:
    if columns <= COLUMNS:
        return []
    names = [cell(name) for name in frame.columns[COLUMNS : COLUMNS + MORE_COLUMNS]]
    left = columns - COLUMNS - len(names)
    return [f"other columns: {', '.join(names)}" + (f" (and {left} more)" if left else "")]


def _frame_rows(frame: Any, part: Any, shown: int) -> Iterable[str]:
    rows, columns = frame.shape
    names = [cell(name) for name in part.columns]
    if hasattr(part, "iloc"):
        says_something = not _is_counter(frame.index)
        if says_something:
            names.insert(0, "/".join(cell(n) for n in frame.index.names if n is not None))
        lines = [_line(row) for row in part.itertuples(index=says_something, name=None)]
    else:
        lines = [_line(row) for row in part.rows()]
    note = _left_out(shown, rows, min(columns, COLUMNS), columns)
    return [*note, " | ".join(names), *lines]


def _left_out(shown: int, rows: int, shown_columns: int, columns: int) -> list[str]:
    notes = []
    if shown < rows:
        notes.append(f"the first {shown} of {rows} rows")
    if shown_columns < columns:
        notes.append(f"the first {shown_columns} of {columns} columns")
    return [f"(only {' and '.join(notes)})"] if notes else []


def lazy_text(frame: Any) -> str:
    """A polars LazyFrame: its columns. It is not computed for this."""
    columns = list(frame.collect_schema().items())
    named = [f"{cell(name)} {kind}" for name, kind in columns[: COLUMNS + MORE_COLUMNS]]
    left = len(columns) - len(named)
    more = f" (and {left} more)" if left else ""
    return f"{table_summary(frame, 'lazy')}: {', '.join(named)}{more}"


def series_text(series: Any, head: int | None = None) -> str:
    """A Series or Index: name, type, length, and its head (all of it where it is short)."""
    length = len(series)
    shown = (length if length <= WHOLE else HEAD) if head is None else min(length, head)
    lines = [table_summary(series, "series")]
    lines += [f"(only the first {shown} of {length})"] if shown < length else []
    part = series.iloc[:shown] if hasattr(series, "iloc") else series[:shown]
    index = getattr(series, "index", None)
    if index is None or callable(index) or _is_counter(index):
        return "\n".join([*lines, ", ".join(cell(value) for value in part)])
    return "\n".join([*lines, *(_line(pair) for pair in part.items())])


def array_text(array: Any) -> str:
    """An array: shape, type, range, and its values where they are few (else the first ones)."""
    heading = table_summary(array, "array")
    if array.size <= FEW:
        values = _values(array, FEW) if array.dtype.hasobject else array.tolist()
        return f"{heading}\n{values}"
    if array.dtype.kind in "iuf":
        heading += _statistics(array)
    return f"{heading}\n(only the first {HEAD} of {array.size} values) {_values(array, HEAD)}"


def _statistics(array: Any) -> str:
    of, looked_at = "", array
    if array.size > STATISTICS:  # of a slice, which is no copy where the array is in one piece
        contiguous = array.flags.c_contiguous
        looked_at = array.reshape(-1)[:STATISTICS] if contiguous else array.flat[:STATISTICS]
        of = f" (of the first {STATISTICS:,} values)"
    known = looked_at[looked_at == looked_at]  # NaN is not itself
    if not known.size:
        return f"\nall NaN{of}"
    spread = f"min {known.min():.6g}, max {known.max():.6g}, mean {known.mean():.6g}"
    return f"\n{spread}, {looked_at.size - known.size} NaN{of}"


def _values(array: Any, number: int) -> str:
    return ", ".join(cell(value) for value in islice(array.flat, number))


def _dtype(dtype: Any) -> str:
    text = str(dtype)
    return text if len(text) <= 200 else text[:199] + "…"


def _is_counter(index: Any) -> bool:
    """Whether an index only counts 0, 1, 2, …, and so says nothing."""
    if type(index).__name__ != "RangeIndex":
        return False
    return bool(index.start == 0 and index.step == 1 and index.name is None)


def _line(cells: Sequence[Any]) -> str:
    return " | ".join(cell(item) for item in cells)
