"""Calls that begin as soon as they are whole, while the reply that asks for them still streams.

A stream that fails later cannot undo them: what came of them by then is kept, and the others are
stopped. So it is an option, for tools that only look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from nbagent.agent.call_runner import CallRunner
from nbagent.agent.calls import CallRecord
from nbagent.frames import StreamFrame, ToolCallComplete
from nbagent.messages import ToolCall

__all__ = ["EarlyCalls", "ended"]


class EarlyCalls:
    """The calls of one reply that have begun.

    Args:
        runner: Runs them.
        admits: Whether a call may begin now, by its id.

    Attributes:
        records: What came of those that are over.
    """

    def __init__(self, runner: CallRunner, admits: Callable[[str], bool]) -> None:
        self.records: dict[str, CallRecord] = {}
        self._runner = runner
        self._admits = admits
        self._tasks: dict[str, asyncio.Future[CallRecord]] = {}

    def watching(self, feed: Callable[[StreamFrame], None]) -> Callable[[StreamFrame], None]:
        """What takes each frame that counts, and begins the calls among them."""

        def fed(frame: StreamFrame) -> None:
            feed(frame)
            if type(frame) is ToolCallComplete:
                self._begin(ToolCall(frame.tool_call_id, frame.name, frame.arguments))

        return fed

    def task_of(self, call: ToolCall) -> asyncio.Future[CallRecord] | None:
        """The task of a call that has begun."""
        return self._tasks.get(call.tool_call_id)

    def keep(self, record: CallRecord) -> None:
        """Takes what came of a call."""
        self.records[record.tool_call_id] = record

    async def call_off(self) -> None:
        """Stops those that still go, and waits for their end."""
        await ended(self._tasks.values())

    def given_up(
        self, calls: Iterable[ToolCall], stopped: Callable[[ToolCall], CallRecord]
    ) -> list[CallRecord]:
        """The records of those among ``calls`` that have begun. Those that still go are stopped."""
        begun = [call for call in calls if call.tool_call_id in self._tasks]
        for call in begun:
            self._tasks[call.tool_call_id].cancel()
        return [self.records.get(call.tool_call_id) or stopped(call) for call in begun]

    def _begin(self, call: ToolCall) -> None:
        # One that there is no tool for can wait for the end: it may be no call of a tool.
        known: Mapping[str, Any] = self._runner.tools
        if call.name in known and self._admits(call.tool_call_id):
            task = asyncio.ensure_future(self._runner.run(call, self.keep))
            self._tasks[call.tool_call_id] = task


async def ended(tasks: Iterable[asyncio.Future[CallRecord]]) -> None:
    """Cancels those that still go, and waits for their end, which is near."""
    going = {task for task in tasks if not task.done()}
    while going:
        for task in going:
            task.cancel()
        # Stopped once more, while the first stop (or a failure) is on its way up already: the
        # calls are cancelled again, which ends them at once.
        with suppress(asyncio.CancelledError):
            await asyncio.wait(going)
        going = {task for task in going if not task.done()}
