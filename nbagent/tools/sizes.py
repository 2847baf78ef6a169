"""Bounds for what goes to a page: what is too big stays in the kernel, and the page is told so."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["bounded", "shortened_style", "tables_cut_short"]

MAX_TEXT = 100_000  # characters of text/plain
MAX_MARKUP = 5_000_000  # characters of HTML and the like, and of JSON that is shown as a tree
MAX_DATA = 20_000_000  # bytes of pictures, sound and the data of charts
MAX_ROWS, MAX_COLUMNS = 60, 50  # of a frame's HTML, where the person set no smaller numbers
MAX_STYLED = 6_000  # cells of a styled frame, which would show all it has
MAX_COMPUTED = 300_000  # cells whose style is computed: above it takes seconds
HEAD = 200  # rows of a styled frame that is bigger than that


def bounded(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same data within bounds; what was left out is said in the plain text."""
    result = dict(data)
    for kind in [kind for kind, content in data.items() if _is_too_big(kind, content)]:
        size = f"{_size(result.pop(kind), sys.maxsize) / 1e6:,.0f} MB"
        note = f"(Its {kind} form is left out: {size}. The object itself is in the kernel.)"
        result["text/plain"] = f"{result.get('text/plain', '')}\n{note}".strip()
    text = result.get("text/plain", "")
    if len(text) > MAX_TEXT:
        result["text/plain"] = f"{text[:MAX_TEXT]}\n… ({len(text) - MAX_TEXT:,} more characters)"
    return result


@contextlib.contextmanager
def tables_cut_short() -> Iterator[None]:
    """Frames show a head and a tail by themselves, unless told to show all of 100 MB."""
    with contextlib.ExitStack() as stack:
        _pandas_cut_short(stack)
        _polars_cut_short(stack)
        yield


def shortened_style(value: Any) -> Any:
    """A styled frame of pandas with millions of cells as its first rows; all else as it is.

    The same styles are applied to these rows alone, and the caption says so.
    """
    if type(value).__name__ != "Styler" or not type(value).__module__.startswith("pandas."):
        return value
    frame = value.data
    if frame.size <= MAX_COMPUTED:
        return value
    words = f"The first {HEAD} of {len(frame):,} rows, styled by themselves."
    return frame.head(HEAD).style.use(value.export()).set_caption(words)


def _pandas_cut_short(stack: contextlib.ExitStack) -> None:
    pandas = sys.modules.get("pandas")
    if pandas is None or not hasattr(pandas, "option_context"):  # half imported on another thread
        return
    limits: list[Any] = []
    for option, most in (
        ("display.max_rows", MAX_ROWS),
        ("display.max_columns", MAX_COLUMNS),
        ("styler.render.max_elements", MAX_STYLED),
    ):
        chosen = pandas.get_option(option)
        if chosen is None or chosen > most:
            limits += [option, most]
    if limits:
        stack.enter_context(pandas.option_context(*limits))


def _polars_cut_short(stack: contextlib.ExitStack) -> None:
    polars = sys.modules.get("polars")
    if polars is None or not hasattr(polars, "Config"):
        return
    chosen = polars.Config.state(if_set=True)
    wanted = {"tbl_rows": MAX_ROWS, "tbl_cols": MAX_COLUMNS}
    names = {"tbl_rows": "POLARS_FMT_MAX_ROWS", "tbl_cols": "POLARS_FMT_MAX_COLS"}
    limits = {
        option: most
        for option, most in wanted.items()
        if not 0 <= int(chosen.get(names[option]) or 0) <= most
    }
    if limits:
        stack.enter_context(polars.Config(**limits))


def _is_too_big(kind: str, content: Any) -> bool:
    if kind == "text/plain":
        return False  # it is cut
    most = MAX_MARKUP if kind.startswith("text/") or kind == "application/json" else MAX_DATA
    return _size(content, most) > most


def _size(content: Any, enough: int) -> int:
    """About how many bytes it takes; counted no further than ``enough``."""
    waiting, size = [content], 0
    while waiting and size <= enough:
        value = waiting.pop()
        if isinstance(value, (str, bytes, bytearray, memoryview)):
            size += len(value) + 2
        elif isinstance(value, Mapping):
            size += sum(len(str(key)) + 4 for key in value)
            waiting.extend(value.values())
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], (int, float)):
            size += 12 * len(value)  # numbers, as good as always all of them
        elif isinstance(value, (list, tuple)):
            waiting.extend(value)
        else:
            size += 8
    return size
