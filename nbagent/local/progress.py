"""Showing how far a download is: a bar in a terminal, a bar in a notebook, lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from html import escape
from typing import Any, TextIO

from nbagent.local.verify import Progress

__all__ = ["LogLines", "NotebookBar", "TerminalBar", "default_progress", "silent"]

BAR_WIDTH = 24


def silent(done: int, total: int, text: str) -> None:
    """Shows nothing."""


class _Paced:
    """Shows at most ``rate`` states a second, but always a new text and the end of one."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._pause = 1 / rate
        self._clock = clock
        self._next = 0.0
        self._text = ""

    def __call__(self, done: int, total: int, text: str) -> None:
        """See `nbagent.local.verify.Progress`."""
        now = self._clock()
        if text == self._text and done < total and now < self._next:
            return
        self._next = now + self._pause
        self.show(done, total, text, fresh=text != self._text)
        self._text = text

    def show(self, done: int, total: int, text: str, *, fresh: bool) -> None:
        """Shows one state; ``fresh`` says that the text is another than before."""
        raise NotImplementedError


class TerminalBar(_Paced):
    """One line that is written over and over.

    Args:
        stream: Where; by default stderr.
        clock: Seconds, for tests.
    """

    def __init__(
        self, stream: TextIO | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(10, clock)
        self._stream = stream or sys.stderr
        self._ended = True

    def show(self, done: int, total: int, text: str, *, fresh: bool) -> None:
        """Writes the line; its end ends the line."""
        if fresh and not self._ended:
            self._stream.write("\n")
        filled = BAR_WIDTH * done // max(total, 1)
        bar = "█" * filled + "░" * (BAR_WIDTH - filled)
        self._stream.write(f"\r{text} {bar} {_amount(done, total)}\x1b[K")
        self._ended = done >= total
        if self._ended:
            self._stream.write("\n")
        self._stream.flush()


class LogLines(_Paced):
    """A line every few seconds, for a log that nobody watches."""

    def __init__(
        self, stream: TextIO | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(0.2, clock)
        self._stream = stream or sys.stderr

    def show(self, done: int, total: int, text: str, *, fresh: bool) -> None:
        """Writes a line."""
        self._stream.write(f"{text}: {_amount(done, total)}\n")
        self._stream.flush()


class NotebookBar(_Paced):
    """A bar below the cell, through IPython's display.

    Args:
        display: Shows an object and gives a handle with ``update``; IPython's ``display`` does.
        html: Makes an object of HTML; IPython's ``HTML``.
        clock: Seconds, for tests.
    """

    def __init__(
        self,
        display: Callable[..., Any],
        html: Callable[[str], Any],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(5, clock)
        self._display = display
        self._html = html
        self._handle: Any = None

    def show(self, done: int, total: int, text: str, *, fresh: bool) -> None:
        """Shows the bar, in the same place each time."""
        picture = self._html(
            f"<label>{escape(text)} <progress value='{done}' max='{max(total, 1)}'></progress> "
            f"{_amount(done, total)}</label>"
        )
        if self._handle is None:
            self._handle = self._display(picture, display_id=True)
        else:
            self._handle.update(picture)


def default_progress() -> Progress:
    """What fits the place: a bar in the notebook or the terminal, else lines."""
    if _in_kernel():
        # IPython is there when a kernel runs; nothing else here needs it.
        from IPython.display import HTML, display

        return NotebookBar(display, HTML)
    return TerminalBar() if sys.stderr.isatty() else LogLines()


def _in_kernel() -> bool:
    # An IPython that was not imported, or not to its end, cannot be what runs us.
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return getattr(get_ipython() if get_ipython else None, "kernel", None) is not None


def _amount(done: int, total: int) -> str:
    if not total:
        return ""
    return f"{100 * done // total:3d}%  {done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
