"""One conversation with one model: ask, stream, run the tools, again.

Streaming is the only path: what was streamed is in the history by itself, also after a failure or
a stop, and the history is always one that a provider accepts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from nbagent.agent.call_ids import CallIds
from nbagent.agent.call_runner import CallRunner
from nbagent.agent.calls import CallRecord
from nbagent.agent.history import History
from nbagent.executor import Executor
from nbagent.frames import StreamFrame
from nbagent.message_builder import MessageBuilder
from nbagent.messages import Message, Part, Prompt
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
    params: Mapping[str, Any] = field(default_factory=dict)
    tool_calling: str | None = None


class Session:
    """A conversation. Used by an agent's runs; also on its own, through ``agent.session()``."""

    def __init__(self, settings: Settings, history: History, runner: CallRunner) -> None:
        self.settings = settings
        self.history = history
        self.calls: list[CallRecord] = []
        self._runner = runner

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.history.close(STOPPED)

    def user(self, *content: str | Part) -> None:
        """Adds what the person says."""
        self.history.close(STOPPED)
        self.history.add(Message.user(*content))

    async def stream(
        self, *, notify: Callable[[str], None] | None = None, **params: Any
    ) -> AsyncGenerator[StreamFrame, None]:
        """The frames of the model's reply; its message is in the history when they end.

        However they end: what had come of a reply that failed or was stopped is kept, with no
        ``finish_reason``, and its calls are answered by a result that says so.
        """
        builder = MessageBuilder()
        ids = CallIds(self.history.messages)
        finished = False
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
            finished = True
        finally:
            self.history.add(builder.message)
            if not finished:
                self.history.close(BROKEN)

    async def run_tools(self) -> list[CallRecord]:
        """Runs the calls of the last reply, side by side; their results are in the history.

        Raises:
            asyncio.CancelledError: Stopped; the calls without a result were given one.
        """
        calls = self.history.open_calls
        tasks = [asyncio.ensure_future(self._runner.run(call)) for call in calls]
        try:
            await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
        finally:
            self._keep(record for task in tasks if (record := _result(task)) is not None)
            self.history.close(STOPPED)
        return self.calls[len(self.calls) - len(calls) :]

    def _keep(self, records: Iterable[CallRecord]) -> None:
        kept = list(records)
        self.calls += kept
        self.history.answer(record.part() for record in kept)

    def _prompt(self) -> Prompt:
        instructions = self.settings.instructions
        system = (Message.system(instructions),) if instructions else ()
        return Prompt((*system, *self.history.messages))

    def _params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        values = {**self.settings.params, **params}
        if self.settings.tool_calling is not None:
            values["tool_calling"] = self.settings.tool_calling
        return values


def _result(task: asyncio.Future[CallRecord]) -> CallRecord | None:
    if task.cancelled() or task.exception() is not None:
        return None
    return task.result()
