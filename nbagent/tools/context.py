"""`ToolContext`: one call's line to the world outside the function.

A parameter of this type is filled in by the machinery and hidden from the model.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

from nbagent.messages import ToolCall
from nbagent.tools.for_person import for_person
from nbagent.tools.outputs import DisplayOutput, ToolListener
from nbagent.tools.place import Inline, Place

__all__ = ["ToolContext"]


class ToolContext:
    """What a running tool may know and say.

    Args:
        call: The call as the model made it, where there is one.
        place: Where plain functions run; `Inline` if not given.
        listener: Who hears of progress and output. Without one, output goes where it would go
            without a tool: to the cell.
    """

    def __init__(
        self,
        call: ToolCall | None = None,
        *,
        place: Place | None = None,
        listener: ToolListener | None = None,
    ) -> None:
        self.call = call
        self.place: Place = place if place is not None else Inline()
        self.listener = listener
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """True once nobody waits for the result any more: a long function should then return."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Tell the function that nobody waits any more. It ends when it looks, not before."""
        self._cancelled.set()

    def progress(self, fraction: float | None = None, text: str = "") -> None:
        """Say how far the call is.

        Args:
            fraction: 0 to 1 (what lies outside is brought inside); None where it is not known.
            text: What is being done at the moment.
        """
        if self.listener is not None:
            inside = None if fraction is None else min(1.0, max(0.0, float(fraction)))
            self.listener.progress(inside, text)

    def display(self, obj: Any) -> None:
        """Show an object in the call's card, in the form that the notebook would show.

        Without a listener nobody would see it; it then goes to standard output as text.
        """
        bundle = for_person(obj)
        if not bundle.data:
            return  # None, or an object that displays itself, and has
        if self.listener is not None:
            self.listener.output(DisplayOutput(bundle))
        else:
            sys.stdout.write(f"{bundle.data.get('text/plain', '')}\n")

    def started(self) -> None:
        """For the machinery: the function begins now."""
        if self.listener is not None:
            self.listener.started()
