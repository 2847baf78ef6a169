"""``with output_widget:`` inside a tool: what is shown there goes into the widget.

ipywidgets' `Output` tells the page to catch whatever the current cell shows. What a tool shows
never is a cell's, so it is put into the widget here. `interact` and progress bars build on it.
ipywidgets is never imported here.
"""

from __future__ import annotations

import base64
import functools
import traceback
from collections.abc import Callable
from contextvars import Token
from typing import Any

from nbagent.tools.imports import when_imported
from nbagent.tools.outputs import ClearOutput, DisplayOutput, MimeBundle, StreamOutput, ToolOutput
from nbagent.tools.shown import Shown, owner

__all__ = ["watch_output_widgets"]

MARK = "nbagent_watches"
ENTERED = "_nbagent_entered"


def watch_output_widgets() -> None:
    """Watch `ipywidgets.Output` from now on, or from when it is imported."""
    when_imported("ipywidgets.widgets.widget_output", _watch)


class _Into:
    """Listens for a widget: its outputs are those of a notebook's cell, in a tuple."""

    def __init__(self, widget: Any) -> None:
        self._widget = widget
        self._clears = False

    def started(self) -> None:
        """A widget has nothing to show of it."""

    def progress(self, fraction: float | None, text: str) -> None:
        """A widget has nothing to show of it."""

    def output(self, output: ToolOutput) -> None:
        """Put it into the widget."""
        if isinstance(output, ClearOutput):
            self._clears = output.wait
            if not output.wait:
                self._widget.outputs = ()
            return
        before = () if self._clears else self._widget.outputs
        self._clears = False
        self._widget.outputs = _with(before, output)


def _with(outputs: tuple[Any, ...], output: StreamOutput | DisplayOutput) -> tuple[Any, ...]:
    if isinstance(output, DisplayOutput):
        return (*outputs, _display_data(output.bundle))
    last = outputs[-1] if outputs else {}
    if last.get("name") == output.name:
        return (*outputs[:-1], {**last, "text": last["text"] + output.text})
    return (*outputs, {"output_type": "stream", "name": output.name, "text": output.text})


def _display_data(bundle: MimeBundle) -> dict[str, Any]:
    data = {
        kind: base64.b64encode(content).decode("ascii") if isinstance(content, bytes) else content
        for kind, content in bundle.data.items()
    }
    return {"output_type": "display_data", "data": data, "metadata": dict(bundle.metadata)}


def _watch(module: Any) -> None:
    kind = module.Output
    if hasattr(kind.__enter__, MARK):
        return
    enter, leave = _entering(kind.__enter__), _leaving(kind.__exit__)
    setattr(enter, MARK, True)
    kind.__enter__, kind.__exit__ = enter, leave


def _entering(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(original)
    def enter(widget: Any) -> Any:
        around = owner.get()
        if around is None or around.listener is None:
            return original(widget)
        inside = Shown(_Into(widget))
        entered: list[tuple[Shown, Token[Shown | None]]]
        entered = widget.__dict__.setdefault(ENTERED, [])
        entered.append((inside, owner.set(inside)))
        return None

    return enter


def _leaving(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def leave(widget: Any, kind: Any, error: Any, trace: Any) -> Any:
        if not widget.__dict__.get(ENTERED):
            return original(widget, kind, error, trace)
        inside, token = widget.__dict__[ENTERED].pop()
        inside.take_figures(None)
        owner.reset(token)
        if not isinstance(error, Exception):
            return None
        # As in a notebook: the widget shows the error, and the code around it goes on.
        lines = traceback.format_exception(error)
        shown = {"ename": kind.__name__, "evalue": str(error), "traceback": lines}
        widget.outputs = (*widget.outputs, {"output_type": "error", **shown})
        return True

    return leave
