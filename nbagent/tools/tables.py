"""DataFrames, Series and arrays as a few lines of text for a model.

pandas, polars and numpy are recognised by the type's module and are never imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["array_text", "frame_text", "kind_of", "series_text"]

WHOLE = 20  # up to so many rows a table is given whole
HEAD = 10  # of a longer one, so many
COLUMNS = 20
CELL = 80  # characters of one cell


def kind_of(value: Any) -> str:
    """``"frame"``, ``"series"``, ``"array"``, or nothing."""
    for kind in type(value).__mro__:
        library = kind.__module__.partition(".")[0]
        if library in ("pandas", "polars", "geopandas"):
            if kind.__name__ in ("DataFrame", "GeoDataFrame"):
                return "frame"
            if kind.__name__ in ("Series", "Index"):
                return "series"
        if library == "numpy" and kind.__name__ == "ndarray":
            return "array"
    return ""


def frame_text(frame: Any, limit: int) -> str:
    """A frame: its shape, its columns' types, and its head (all of it where it is small).

    Args:
        frame: A pandas or polars DataFrame.
        limit: Characters to stay under, by giving fewer rows. At least one row is given.
    """
    rows, columns = frame.shape
    parts = [f"DataFrame, shape: {rows} rows x {columns} columns"]
    if rows > WHOLE:
        types = zip(frame.columns, list(frame.dtypes)[:COLUMNS], strict=False)
        parts.append("types: " + ", ".join(f"{_cell(name)} {kind}" for name, kind in types))
    shown = rows if rows <= WHOLE else HEAD
    while True:
        text = "\n".join([*parts, *_frame_rows(frame, shown)])
        if len(text) <= limit or shown <= 1:
            return text
        shown //= 2


def _frame_rows(frame: Any, shown: int) -> Iterable[str]:
    rows, columns = frame.shape
    part = frame.head(shown)
    if columns > COLUMNS:
        part = part.iloc[:, :COLUMNS] if hasattr(part, "iloc") else part[:, :COLUMNS]
    names = [_cell(name) for name in part.columns]
    if hasattr(part, "iloc"):
        if not _is_counter(frame.index):
            names.insert(0, _cell(frame.index.name or ""))
        lines = [_line(row) for row in part.itertuples(index=not _is_counter(frame.index))]
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


def series_text(series: Any) -> str:
    """A Series or Index: name, type, length, and its head (all of it where it is short)."""
    length = len(series)
    name = f" {series.name!r}" if getattr(series, "name", None) not in (None, "") else ""
    shown = length if length <= WHOLE else HEAD
    lines = [f"{type(series).__name__}{name}, {length} values, type {series.dtype}"]
    lines += [f"(only the first {shown} of {length})"] if shown < length else []
    part = series[:shown]
    index = getattr(series, "index", None)
    if index is None or callable(index) or _is_counter(index):
        return "\n".join([*lines, ", ".join(_cell(value) for value in part)])
    return "\n".join([*lines, *(_line(pair) for pair in series.head(shown).items())])


def array_text(array: Any) -> str:
    """An array: shape, type, range, and its values where they are few (else the first ones)."""
    heading = f"ndarray, shape {array.shape}, type {array.dtype}"
    if array.size <= 100:
        return f"{heading}\n{array.tolist()}"
    if array.dtype.kind in "iuf":
        known = array[array == array]  # NaN is not itself
        if known.size:
            spread = f"min {known.min():.6g}, max {known.max():.6g}, mean {known.mean():.6g}"
            heading += f"\n{spread}, {array.size - known.size} NaN"
    first = ", ".join(_cell(value) for value in array.flat[:HEAD])
    return f"{heading}\n(only the first {HEAD} of {array.size} values) {first}"


def _is_counter(index: Any) -> bool:
    """Whether an index only counts 0, 1, 2, …, and so says nothing."""
    if type(index).__name__ != "RangeIndex":
        return False
    return index.start == 0 and index.step == 1 and index.name is None


def _line(cells: Sequence[Any]) -> str:
    return " | ".join(_cell(cell) for cell in cells)


def _cell(value: Any) -> str:
    if isinstance(value, float):  # numpy's float64 is one too
        return f"{value:.6g}"
    if isinstance(value, tuple):
        return "/".join(_cell(item) for item in value)
    text = str(value).replace("\n", " ")
    return text if len(text) <= CELL else text[: CELL - 1] + "…"
