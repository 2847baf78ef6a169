"""Drawing a call's arguments while they stream, where its tool has a `Card` that can.

The function is the person's own, so it runs on the kernel's main thread, once at a time for each
call: while the kernel is busy nothing piles up, and the next picture is of what has come by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from nbagent.agent.events import RunStarted, StreamItem, ToolQueued
from nbagent.frames import ToolCallComplete, ToolCallDelta
from nbagent.tools import MimeBundle, Place, Tool, ToolOutput, card_of, drawn
from nbagent.tools.capture import capture
from nbagent.tools.for_model import exception_text
from nbagent.widget.values import bundle_view, repair
from nbagent.widget.wire import Op

__all__ = ["ArgumentsDrawer"]

# A drawing is looked at; more often than this nobody can.
BETWEEN_SECONDS = 0.1
Draw = Callable[[dict[str, Any]], Any]


@dataclass(slots=True)
class _Call:
    """A call with arguments to draw: what has come, and whether it has been drawn."""

    draw: Draw
    fragments: list[str] = field(default_factory=list)
    due: bool = False
    busy: bool = False
    failed: bool = False

    def read(self) -> dict[str, Any] | None:
        """The arguments so far."""
        self.fragments[:] = [text := "".join(self.fragments)]
        try:
            value = from_json(text or "{}", allow_partial="trailing-strings")
        except ValueError:  # the model wrote something else than JSON
            return None
        return value if isinstance(value, dict) else None


class ArgumentsDrawer:
    """Hears an agent's runs and tells what is drawn. Runs inside of calls are not drawn.

    Args:
        tools: Gives the agent's tools as they are now.
        place: Where functions of the person run.
        tell: Takes what was drawn, as ops; called on the run's loop.
    """

    def __init__(
        self,
        tools: Callable[[], Iterable[Tool[..., Any]]],
        place: Place,
        tell: Callable[[list[Op]], None],
    ) -> None:
        self._tools = tools
        self._place = place
        self._tell = tell
        self._calls: dict[str, _Call | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, item: StreamItem) -> None:
        """Takes an item of a run; those that matter here are told on its loop."""
        if isinstance(item, ToolCallDelta):
            self._more(item.tool_call_id, item.name, item.arguments)
        elif isinstance(item, (ToolCallComplete, ToolQueued)):
            self._whole(item.tool_call_id, item.name, item.arguments)
        elif isinstance(item, RunStarted):
            self._calls.clear()

    def _more(self, identity: str, name: str, fragment: str) -> None:
        call = self._call(identity, name)
        if call is not None and fragment:
            call.fragments.append(fragment)
            self._set_going(identity, call)

    def _whole(self, identity: str, name: str, arguments: str) -> None:
        call = self._call(identity, name)
        if call is not None:
            changed = "".join(call.fragments) != arguments
            call.fragments[:] = [arguments]
            if changed:
                self._set_going(identity, call)

    def _call(self, identity: str, name: str) -> _Call | None:
        if identity not in self._calls:
            tool = next((tool for tool in self._tools() if tool.name == name), None)
            if tool is None:
                return None  # the name may still be coming
            draw = card_of(tool.options.render).arguments
            self._calls[identity] = _Call(draw) if draw is not None else None
        return self._calls[identity]

    def _set_going(self, identity: str, call: _Call) -> None:
        call.due = True
        if call.busy or call.failed:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # an old conversation, told anew in a script: it looks as usual
        call.busy = True
        task = loop.create_task(self._draw(identity, call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _draw(self, identity: str, call: _Call) -> None:
        try:
            while call.due and not call.failed:
                call.due = False
                arguments = call.read()
                if arguments is not None:
                    await self._draw_once(identity, call, arguments)
                await asyncio.sleep(BETWEEN_SECONDS)
        finally:
            call.busy = False

    async def _draw_once(self, identity: str, call: _Call, arguments: dict[str, Any]) -> None:
        try:
            bundle = await self._place.run(lambda: _picture(call.draw, arguments), _nothing)
            view = None if bundle is None else bundle_view(bundle.data, bundle.metadata)
            self._tell([{"op": "drawn", "tool_call_id": identity, "bundle": view, "problem": ""}])
        except Exception as error:  # whatever the person's own function raises
            call.failed = True
            problem = repair(f"Shown as usual: its render= failed with {exception_text(error)}")
            self._tell(
                [{"op": "drawn", "tool_call_id": identity, "bundle": None, "problem": problem}]
            )


class _Nobody:
    """Hears what a drawing function prints: it belongs to no call, and to no cell either."""

    def started(self) -> None: ...

    def progress(self, fraction: float | None, text: str) -> None: ...

    def output(self, output: ToolOutput) -> None: ...


def _picture(draw: Draw, arguments: dict[str, Any]) -> MimeBundle | None:
    with capture(_Nobody()) as shown:
        value = draw(arguments)
        shown.take_figures(value)
        return None if value is None else drawn(value)


def _nothing() -> None: ...
