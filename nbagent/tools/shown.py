"""`Shown`: what one call has shown so far, and `owner`: whose output the current code makes."""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from nbagent.tools.figures import close, describe, figure_of
from nbagent.tools.for_person import for_person
from nbagent.tools.outputs import (
    ClearOutput,
    DisplayOutput,
    StreamOutput,
    ToolListener,
    ToolOutput,
)

__all__ = ["Shown", "owner"]

REMEMBERED = 20_000  # characters of what was printed that are kept for the model
MOST_DISPLAYED = 20  # things displayed that the model hears of


class Shown:
    """What one call has shown so far, and the one who listens to it.

    Attributes:
        listener: Hears of each output; None lets it pass to where it would go anyway.
        figures: The call's own figures in pyplot, by number.
        drawn: The figures that were shown, as PNG and in words.
    """

    def __init__(self, listener: ToolListener | None) -> None:
        self.listener = listener
        self.figures: OrderedDict[Any, Any] = OrderedDict()
        self.drawn: list[tuple[bytes, str]] = []
        self._room = REMEMBERED
        self._printed: list[str] = []
        self._displayed: dict[object, str] = {}
        self._clears = False

    @property
    def words(self) -> str:
        """For a model whose function returned nothing: what was printed and displayed."""
        said = "".join(self._printed).strip()
        figures = (words for _, words in self.drawn)
        return "\n".join(filter(None, [said, *self._displayed.values(), *figures]))

    def take(self, output: ToolOutput) -> bool:
        """Hand an output to the listener; False if there is none and it may pass."""
        self._remember(output)
        if self.listener is None:
            return False
        # A listener that prints would otherwise hear its own words.
        token = owner.set(None)
        try:
            self.listener.output(output)
        finally:
            owner.reset(token)
        return True

    def take_figures(self, value: Any) -> None:
        """Show and close the figures that the call left open, all but the one it returned."""
        returned = figure_of(value)
        for manager in list(self.figures.values()):
            figure = manager.canvas.figure
            close(manager)
            if figure is not returned:
                bundle = for_person(figure)
                self.drawn.append((bundle.data["image/png"], describe(figure)))
                self.take(DisplayOutput(bundle))

    def replay(self, outputs: Iterable[ToolOutput]) -> None:
        """Show what was shown elsewhere; without a listener, where a plain call would show it."""
        for output in outputs:
            if self.take(output):
                continue
            token = owner.set(None)
            try:
                _show_here(output)
            finally:
                owner.reset(token)

    def _remember(self, output: ToolOutput) -> None:
        if self._clears or output == ClearOutput(wait=False):
            self._forget()
        if isinstance(output, ClearOutput):
            self._clears = output.wait
        elif isinstance(output, StreamOutput):
            if self._room > 0 and output.name == "stdout":
                self._printed.append(output.text[: self._room])
                self._room -= len(output.text)
        elif "image/png" not in output.bundle.data and len(self._displayed) < MOST_DISPLAYED:
            text = str(output.bundle.data.get("text/plain", ""))[:REMEMBERED]
            self._displayed[output.display_id or object()] = text

    def _forget(self) -> None:
        """What a tool has cleared is no more to be told to the model than to the person."""
        self._clears = False
        self._room = REMEMBERED
        self._printed, self._displayed = [], {}
        self.drawn.clear()


def _show_here(output: ToolOutput) -> None:
    if isinstance(output, StreamOutput):
        (sys.stdout if output.name == "stdout" else sys.stderr).write(output.text)
    elif isinstance(output, DisplayOutput):
        sys.stdout.write(f"{output.bundle.data.get('text/plain', '')}\n")


owner: ContextVar[Shown | None] = ContextVar("nbagent_tool_output", default=None)

if hasattr(os, "register_at_fork"):
    # A listener lives in the process that it was made in: what a child prints passes.
    os.register_at_fork(after_in_child=lambda: owner.set(None))
