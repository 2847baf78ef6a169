"""What a tool prints, displays and plots goes to its own listener, also when several run at once.

The owner of an output is found by a context variable. It follows the code through ``await``, into
``asyncio.to_thread`` and into the threads that nbagent starts; a bare ``threading.Thread`` inside
a tool has no context, and what it prints goes where it would go without nbagent.

Three doors are watched, each by a wrapper that is put on once, when first needed, and that does
nothing outside a tool: ``write`` of the objects in `sys.stdout` and `sys.stderr` (so that logging
handlers that hold these objects are seen too), ``publish`` of IPython's display publisher, and
pyplot's registry of figures.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, Literal

from nbagent.tools.figures import close, describe, figure_of, open_managers
from nbagent.tools.for_person import bundle_of, for_person, running_shell
from nbagent.tools.outputs import DisplayOutput, StreamOutput, ToolListener, ToolOutput

__all__ = ["Shown", "capture"]

REMEMBERED = 20_000  # characters of what was printed that are kept for the model
MARK = "nbagent_watches"


class Shown:
    """What one call has shown so far, and the one who listens to it."""

    def __init__(self, listener: ToolListener | None) -> None:
        self._listener = listener
        self._room = REMEMBERED
        self._printed: list[str] = []
        self._displayed: list[str] = []
        self.pictures: list[bytes] = []
        self._managers_before = open_managers()

    @property
    def words(self) -> str:
        """For a model whose function returned nothing: what was printed and displayed."""
        return "\n".join(filter(None, ["".join(self._printed).strip(), *self._displayed]))

    def take(self, output: ToolOutput) -> bool:
        """Hand an output to the listener; False if there is none and it may pass."""
        self._remember(output)
        if self._listener is None:
            return False
        # A listener that prints would otherwise hear its own words.
        token = _owner.set(None)
        try:
            self._listener.output(output)
        finally:
            _owner.reset(token)
        return True

    def take_figures(self, value: Any) -> None:
        """Show and close the figures that the call left open, all but the one it returned."""
        if self._listener is None:
            return  # they stay open for the cell, as they would without a tool
        returned = figure_of(value)
        for manager in open_managers():
            if not self._owns(manager):
                continue
            figure = manager.canvas.figure
            close(manager)
            if figure is not returned:
                bundle = for_person(figure)
                self._displayed.append(describe(figure))
                self.pictures.append(bundle.data["image/png"])
                self.take(DisplayOutput(bundle))

    def _owns(self, manager: Any) -> bool:
        owner = getattr(manager, MARK, None)
        if owner is not None:
            return owner is self
        # Made before the registry was watched: pyplot was first imported during this call.
        return not any(manager is known for known in self._managers_before)

    def _remember(self, output: ToolOutput) -> None:
        if isinstance(output, StreamOutput):
            if self._room > 0 and output.name == "stdout":
                self._printed.append(output.text[: self._room])
                self._room -= len(output.text)
        elif "image/png" not in output.bundle.data and len(self._displayed) < 20:
            self._displayed.append(str(output.bundle.data.get("text/plain", ""))[:REMEMBERED])


_owner: ContextVar[Shown | None] = ContextVar("nbagent_tool_output", default=None)


@contextlib.contextmanager
def capture(listener: ToolListener | None) -> Iterator[Shown]:
    """Route to the listener what the code inside prints, displays and plots.

    Without a listener everything goes where it would go anyway, and is only remembered.
    """
    _watch_streams()
    _watch_display()
    _watch_pyplot()
    shown = Shown(listener)
    token = _owner.set(shown)
    try:
        yield shown
    finally:
        _owner.reset(token)


def _watch_streams() -> None:
    _watch_stream("stdout", sys.stdout)
    _watch_stream("stderr", sys.stderr)


def _watch_stream(name: Literal["stdout", "stderr"], stream: Any) -> None:
    if stream is None or getattr(stream.write, MARK, False):
        return
    original: Callable[[str], Any] = stream.write

    @functools.wraps(original)
    def write(text: str, /) -> Any:
        owner = _owner.get()
        if owner is not None and isinstance(text, str) and owner.take(StreamOutput(name, text)):
            return len(text)
        return original(text)

    setattr(write, MARK, True)
    stream.write = write


def _watch_display() -> None:
    shell = running_shell()
    publisher = getattr(shell, "display_pub", None)
    if publisher is None or getattr(publisher.publish, MARK, False):
        return
    original_publish, original_clear = publisher.publish, publisher.clear_output

    @functools.wraps(original_publish)
    def publish(data: Any, metadata: Any = None, *rest: Any, **options: Any) -> Any:
        owner = _owner.get()
        if owner is not None:
            name = (options.get("transient") or {}).get("display_id")
            bundle = bundle_of(data, metadata or {})
            if owner.take(DisplayOutput(bundle, name, bool(options.get("update")))):
                return None
        return original_publish(data, metadata, *rest, **options)

    @functools.wraps(original_clear)
    def clear_output(*arguments: Any, **options: Any) -> Any:
        # A tool's card keeps everything; what must not happen is that a tool clears a cell.
        return None if _owner.get() is not None else original_clear(*arguments, **options)

    setattr(publish, MARK, True)
    publisher.publish, publisher.clear_output = publish, clear_output


def _watch_pyplot() -> None:
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    original_show = getattr(pyplot, "show", None)  # None also while pyplot is half imported
    if helpers is None or original_show is None or getattr(original_show, MARK, False):
        return
    registry = helpers.Gcf
    original_register = registry._set_new_active_manager

    def register(manager: Any) -> None:
        owner = _owner.get()
        if owner is not None:
            setattr(manager, MARK, owner)
        original_register(manager)

    @functools.wraps(original_show)
    def show(*arguments: Any, **options: Any) -> Any:
        owner = _owner.get()
        if owner is None or owner._listener is None:
            return original_show(*arguments, **options)
        return owner.take_figures(None)

    setattr(show, MARK, True)
    registry._set_new_active_manager = register
    pyplot.show = show
