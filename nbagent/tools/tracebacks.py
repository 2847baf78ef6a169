"""Tracebacks for the person: their own frames, and the rest in a word.

What stands above the function's first frame is how nbagent called it and is left out. Of what
stands below, runs of library frames are folded to one line each; a page can unfold them.
"""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

from nbagent.tools.for_person import running_shell
from nbagent.tools.signature import layers

__all__ = ["TracebackPart", "cut_traceback", "traceback_parts"]

PACKAGE = str(Path(__file__).parent.parent)
LIBRARY = tuple(
    dict.fromkeys(
        str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "purelib", "platlib")
    )
)


@dataclass(frozen=True, slots=True)
class TracebackPart:
    """Lines of a traceback: the person's own, or frames of one library that they may unfold.

    Attributes:
        text: The lines, whole.
        library: The installed package that the frames belong to; empty for what is the person's.
        frames: How many frames of a library it is.
    """

    text: str
    library: str = ""
    frames: int = 0


def traceback_parts(
    error: BaseException, function: Callable[..., Any]
) -> tuple[TracebackPart, ...]:
    """The traceback of an exception that ``function`` raised, and of those that led to it."""
    codes = {code for layer in layers(function) if (code := _code(layer)) is not None}
    return tuple(_joined(_chain(error, codes, set())))


def cut_traceback(parts: Iterable[TracebackPart]) -> str:
    """The traceback with a line in the place of each run of library frames."""
    return "".join(_folded(part) if part.library else part.text for part in parts).rstrip()


def _folded(part: TracebackPart) -> str:
    times = "1 frame" if part.frames == 1 else f"{part.frames} frames"
    return f"  … {times} inside {part.library}\n"


def _joined(parts: Iterable[TracebackPart]) -> Iterator[TracebackPart]:
    for library, run in groupby(parts, key=lambda part: part.library):
        members = list(run)
        text = "".join(part.text for part in members)
        yield TracebackPart(text, library, sum(part.frames for part in members))


def _code(layer: Any) -> CodeType | None:
    return getattr(layer, "__code__", None)


def _chain(error: BaseException, codes: set[CodeType], seen: set[int]) -> Iterator[TracebackPart]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _chain(before, codes, seen)
        if error.__cause__ is not None:
            yield TracebackPart("\nThat was the direct cause of this exception:\n\n")
        else:
            yield TracebackPart("\nWhile that was handled, this exception came up:\n\n")
    frames = list(_frames(error.__traceback__, codes))
    if frames:
        yield TracebackPart("Traceback (most recent call last):\n")
        yield from _formatted(frames)
    yield TracebackPart("".join(traceback.format_exception_only(type(error), error)))


def _frames(tb: TracebackType | None, codes: set[CodeType]) -> list[traceback.FrameSummary]:
    start = tb
    while start is not None and start.tb_frame.f_code not in codes:
        start = start.tb_next
    found = list(traceback.extract_tb(start if start is not None else tb))
    if start is None:  # the function's own frame is not there: at least nothing of ours
        found = [frame for frame in found if not frame.filename.startswith(PACKAGE)]
    return found


def _formatted(frames: list[traceback.FrameSummary]) -> Iterator[TracebackPart]:
    for library, run in groupby(frames, key=lambda frame: _library(frame.filename)):
        members = list(run)
        # All at once: of a recursion the formatter repeats only the first frames.
        text = "".join(traceback.StackSummary.from_list(members).format())
        if library:
            yield TracebackPart(text, library, len(members))
        else:
            yield TracebackPart(_with_cell_names(text, {frame.filename for frame in members}))


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


def _with_cell_names(text: str, filenames: set[str]) -> str:
    for filename in filenames:
        cell = _cell_name(filename)
        # A cell's file lies in a temporary directory under a number that nobody knows it by.
        text = text.replace(f'File "{filename}"', cell) if cell else text
    return text


def _cell_name(filename: str) -> str:
    shell = running_shell()
    naming = getattr(getattr(shell, "compile", None), "format_code_name", None)
    found = naming(filename) if naming is not None else None
    return " ".join(found) if found else ""
