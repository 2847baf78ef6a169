"""The table: one line a contestant and load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["HEAD", "line", "table"]

#: Heads, the fields they show, and how wide they are.
COLUMNS = (
    ("load", "load", 9),
    ("contestant", "contestant", 12),
    ("lost", "lost", 5),
    ("whole", "whole", 7),
    ("lag", "lag", 7),
    ("main", "main", 7),
    ("script", "script", 7),
    ("layout", "layout", 7),
    ("style", "style", 7),
    ("long", "long_tasks", 6),
    ("longest", "longest_task", 8),
    ("frame", "worst_frame", 6),
    ("msgs", "messages", 6),
    ("KiB", "bytes", 8),
)
NAMED = 2
REASON = 150


def line(row: Mapping[str, Any]) -> str:
    """What was measured, or what went wrong; times in ms."""
    if "failure" in row:
        names = [str(row[field]) for _, field, _ in COLUMNS[:NAMED]]
        return f"{_aligned(names)}  failed: {row['failure'][:REASON]}"
    return _aligned([_cell(field, row[field]) for _, field, _ in COLUMNS])


def table(rows: Sequence[Mapping[str, Any]], order: Sequence[str]) -> str:
    """All rows, load by load, the contestants in this order."""
    loads = list(dict.fromkeys(row["load"] for row in rows))
    known = [row for row in rows if row["contestant"] in order]
    known.sort(key=lambda row: (loads.index(row["load"]), order.index(row["contestant"])))
    return "\n".join([HEAD, *map(line, known)])


def _cell(field: str, value: Any) -> str:
    if field == "bytes":
        return f"{value / 1024:.1f}"
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def _aligned(cells: Sequence[str]) -> str:
    places = [
        cell.ljust(width) if number < NAMED else cell.rjust(width)
        for number, (cell, (_, _, width)) in enumerate(zip(cells, COLUMNS, strict=False))
    ]
    return " ".join(places)


HEAD = _aligned([head for head, _, _ in COLUMNS])
