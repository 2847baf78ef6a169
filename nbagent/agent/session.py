"""One conversation with one model: ask, stream, run the tools, again.

Streaming is the only path: what was streamed is in the history by itself, also after a failure or
a stop, and the history is always one that a provider accepts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any

from nbagent.agent.call_ids import CallIds
from nbagent.agent.call_runner import CallRunner, Stopped
from nbagent.agent.calls import CallRecord
from nbagent.agent.history import History
from nbagent.agent.turn import Turn
from nbagent.executor import Executor
from nbagent.frames import StreamFrame
from nbagent.message_builder import MessageBuilder
from nbagent.messages import Message, Part, Prompt, ToolCall
from nbagent.models import Model
from nbagent.tools import Tool

__all__ = ["Session", "Settings"]

STOPPED = "This call was stopped before it had a result."
BROKEN = "This call was not run: the reply that asked for it broke off."


@dataclass
class Settings:
    """What a conversation is held with.

    Attributes:
        executor: Reaches the model.
        model: The model.
        tools: The tools, by name.
        instructions: The system message.
        params: Parameters of each request.
        tool_calling: How tools reach the model; None leaves it to the model.
    """

    executor: Executor
    model: Model
    tools: Mapping[str, Tool[..., Any]] = field(default_factory=dict)
    instructions: str = ""
    # Not in the repr: extra parameters may carry a key.
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tool_calling: str | None = None


class Session:
    """A conversation. Used by an agent's runs; also on its own, through ``agent.session()``.

    Args:
        settings: What it is held with.
        history: What it adds to.
        runner: Runs the calls.
        calls: Where the records of calls are kept.
        turn: Held from ``async with`` to its end, so that the agent's runs wait; None holds none.
    """

    def __init__(
        self,
        settings: Settings,
        history: History,
        runner: CallRunner,
        *,
        calls: list[CallRecord] | None = None,
        turn: Turn | None = None,
    ) -> None:
        self.settings = settings
        self.history = history
        self.calls: list[CallRecord] = calls if calls is not None else []
        self._runner = runner
        self._turn = turn
        self._reply: MessageBuilder | None = None

    async def __aenter__(self) -> Session:
        if self._turn is not None:
            await self._turn.take(wait=True)
            self._turn.mark()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._settle()
        self.history.close(STOPPED)
        if self._turn is not None:
            self._turn.give()

    def user(self, *content: str | Part) -> None:
        """Adds what the person says."""
        self._settle()
        self.history.close(STOPPED)
        self.history.add(Message.user(*content))

    async def stream(
        self, *, notify: Callable[[str], None] | None = None, **params: Any
    ) -> AsyncGenerator[StreamFrame, None]:
        """The frames of the model's reply; its message is in the history when they end.

        However they end: what had come of a reply that failed or was stopped is kept, with no
        ``finish_reason``, and its calls are answered by a result that says so.
        """
        self._settle()
        builder = self._reply = MessageBuilder()
        taken = (record.tool_call_id for record in self.calls)
        ids = CallIds(self.history.messages, taken)
        frames = self.settings.executor.stream(
            self._prompt(),
            model=self.settings.model,
            tools=self.settings.tools.values(),
            notify=notify,
            **self._params(params),
        )
        try:
            async with aclosing(frames):
                async for given in frames:
                    frame = ids.unique(given)
                    builder.feed(frame)
                    yield frame
        finally:
            if self._reply is builder:
                self._settle()

    async def run_tools(self) -> list[CallRecord]:
        """Runs the calls of the last reply, side by side; their results are in the history.

        Raises:
            asyncio.CancelledError: Stopped; the calls without a result were given one.
        """
        self._settle()
        calls = self.history.open_calls
        records: dict[str, CallRecord] = {}

        def keep(record: CallRecord) -> None:
            records[record.tool_call_id] = record

        tasks = [asyncio.ensure_future(self._runner.run(call, keep)) for call in calls]
        try:
            await asyncio.gather(*tasks)
        finally:
            await _ended(tasks)
            kept = [records.get(call.tool_call_id) or _stopped(call) for call in calls]
            self.calls += kept
            self.history.answer(record.part() for record in kept)
        return kept

    def _settle(self) -> None:
        """Takes what came of the reply into the history, once.

        By the stream's own end where it has one; a stream that was left with ``break`` is only
        closed later, and the next thing said must not come before it.
        """
        reply, self._reply = self._reply, None
        if reply is not None:
            message = reply.message
            self.history.add(message)
            if message.finish_reason is None:
                self.history.close(BROKEN)

    def _prompt(self) -> Prompt:
        instructions = self.settings.instructions
        system = (Message.system(instructions),) if instructions else ()
        return Prompt((*system, *self.history.messages))

    def _params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        values = {**self.settings.params, **params}
        if self.settings.tool_calling is not None:
            values["tool_calling"] = self.settings.tool_calling
        return values


def _stopped(call: ToolCall) -> CallRecord:
    return CallRecord.refused(call, "cancelled", Stopped(STOPPED))


async def _ended(tasks: Sequence[asyncio.Future[CallRecord]]) -> None:
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
