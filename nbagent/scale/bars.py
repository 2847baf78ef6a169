"""How far a map is, for whoever watches: a bar in a notebook, in a terminal, or lines of text."""

from __future__ import annotations

import html
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any, TextIO

from nbagent.errors import ConfigurationError
from nbagent.scale.items import MapProgress
from nbagent.tools.for_person import running_shell

__all__ = ["Lines", "NotebookBar", "TerminalBar", "teller"]

WIDTH = 30  # characters of a bar


def teller(
    progress: bool | Callable[[MapProgress], None],
) -> Callable[[MapProgress], None] | None:
    """What is told how far a map is, by ``progress=``.

    Raises:
        ConfigurationError: It is neither True, False nor a function.
    """
    if callable(progress):
        return progress
    if not isinstance(progress, bool):
        raise ConfigurationError(
            f"progress is True, False or a function of a MapProgress; got {progress!r}."
        )
    if not progress:
        return None
    publisher = getattr(running_shell(), "display_pub", None)
    if getattr(running_shell(), "kernel", None) is not None and publisher is not None:
        return NotebookBar(publisher)
    return TerminalBar(sys.stderr) if sys.stderr.isatty() else Lines(sys.stderr)


class _Seldom:
    """Tells the first, the last, and between them no more than one in so many seconds."""

    every = 0.2

    def __init__(self) -> None:
        self._told = float("-inf")

    def __call__(self, progress: MapProgress) -> None:
        now = time.monotonic()
        if progress.over or now - self._told >= self.every:
            self._told = now
            self.show(progress)

    def show(self, progress: MapProgress) -> None:
        """Shows it."""
        raise NotImplementedError


class NotebookBar(_Seldom):
    """A bar in the cell's output, always the same one.

    Args:
        publisher: IPython's, of the running kernel.
    """

    def __init__(self, publisher: Any) -> None:
        super().__init__()
        self._publisher = publisher
        self._id = f"nbagent-map-{uuid.uuid4().hex[:12]}"
        self._shown = False

    def show(self, progress: MapProgress) -> None:
        """Displays it, or changes the display."""
        total = "" if progress.total is None else f' max="{max(progress.total, 1)}"'
        value = f' value="{progress.done}"' if progress.total is not None or progress.over else ""
        words = html.escape(str(progress))
        bar = f'<progress{value}{total} style="width: 18em" aria-label="agent.map"></progress>'
        self._publisher.publish(
            {"text/plain": str(progress), "text/html": f"<div>{bar} {words}</div>"},
            transient={"display_id": self._id},
            update=self._shown,
        )
        self._shown = True


class TerminalBar(_Seldom):
    """A line that is written over.

    Args:
        out: A terminal.
    """

    every = 0.1

    def __init__(self, out: TextIO) -> None:
        super().__init__()
        self._out = out

    def show(self, progress: MapProgress) -> None:
        """Writes the line again."""
        end = "\n" if progress.over else ""
        self._out.write(f"\r\x1b[K{_bar(progress)}{progress}{end}")
        self._out.flush()


class Lines(_Seldom):
    """A plain line now and then, for scripts and logs.

    Args:
        out: Where it goes.
    """

    every = 10.0

    def __init__(self, out: TextIO) -> None:
        super().__init__()
        self._out = out

    def show(self, progress: MapProgress) -> None:
        """Writes one more line."""
        if progress.done or progress.over:
            self._out.write(f"agent.map: {progress}\n")
            self._out.flush()


def _bar(progress: MapProgress) -> str:
    if not progress.total:
        return ""
    filled = round(WIDTH * min(progress.done / progress.total, 1.0))
    return f"[{'#' * filled}{'.' * (WIDTH - filled)}] "
