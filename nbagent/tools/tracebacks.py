"""Tracebacks for the person: their own frames, and the rest in a word.

What stands above the function's first frame is how nbagent called it and is left out. Of what
stands below, runs of library frames are folded to one line each.
"""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

from nbagent.tools.for_person import running_shell
from nbagent.tools.signature import layers

__all__ = ["cut_traceback"]

PACKAGE = str(Path(__file__).parent.parent)
LIBRARY = tuple(
    dict.fromkeys(
        str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "purelib", "platlib")
    )
)


def cut_traceback(error: BaseException, function: Callable[..., Any]) -> str:
    """The traceback of an exception that ``function`` raised, and of those that led to it."""
    codes = {code for layer in layers(function) if (code := _code(layer)) is not None}
    return "".join(_chain(error, codes, set())).rstrip()


def _code(layer: Any) -> CodeType | None:
    return getattr(layer, "__code__", None)


def _chain(error: BaseException, codes: set[CodeType], seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _chain(before, codes, seen)
        if error.__cause__ is not None:
            yield "\nThat was the direct cause of this exception:\n\n"
        else:
            yield "\nWhile that was handled, this exception came up:\n\n"
    frames = list(_frames(error.__traceback__, codes))
    if frames:
        yield "Traceback (most recent call last):\n"
        yield from _formatted(frames)
    yield from traceback.format_exception_only(type(error), error)


def _frames(tb: TracebackType | None, codes: set[CodeType]) -> list[traceback.FrameSummary]:
    start = tb
    while start is not None and start.tb_frame.f_code not in codes:
        start = start.tb_next
    found = list(traceback.extract_tb(start if start is not None else tb))
    if start is None:  # the function's own frame is not there: at least nothing of ours
        found = [frame for frame in found if not frame.filename.startswith(PACKAGE)]
    return found


def _formatted(frames: list[traceback.FrameSummary]) -> Iterator[str]:
    for library, run in groupby(frames, key=lambda frame: _library(frame.filename)):
        members = list(run)
        if library:
            times = "1 frame" if len(members) == 1 else f"{len(members)} frames"
            yield f"  … {times} inside {library}\n"
        else:
            yield from (_own(frame) for frame in members)


def _library(filename: str) -> str:
    """The name of the installed package that a file belongs to; empty for the person's own."""
    if filename.startswith("<frozen "):
        return "Python"
    for root in sorted(LIBRARY, key=len, reverse=True):
        if filename.startswith(root):
            first, *rest = Path(filename[len(root) :].lstrip("/\\")).parts
            if first in ("site-packages", "dist-packages") and rest:
                first = rest[0]
            return first.removesuffix(".py")
    return ""


def _own(frame: traceback.FrameSummary) -> str:
    text = "".join(traceback.format_list([frame]))
    cell = _cell_name(frame.filename)
    # A cell's file lies in a temporary directory under a number that nobody knows it by.
    return text.replace(f'File "{frame.filename}"', cell, 1) if cell else text


def _cell_name(filename: str) -> str:
    shell = running_shell()
    naming = getattr(getattr(shell, "compile", None), "format_code_name", None)
    found = naming(filename) if naming is not None else None
    return " ".join(found) if found else ""
