"""One run: from a question, over as many steps as it takes, to its reply.

The run is a task on whichever loop its agent chose. It tells what happens and never raises: how it
ended is its last event.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from nbagent.agent.events import (
    Notice,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    StreamItem,
)
from nbagent.agent.reply import Reply
from nbagent.agent.session import STOPPED, Session
from nbagent.agent.turn import Turn
from nbagent.errors import AgentBusy, RunLimitReached
from nbagent.messages import Message, Part, TextPart, Usage

__all__ = ["Run", "new_run_id"]


def new_run_id() -> str:
    """A name for a run."""
    return f"run_{uuid.uuid4().hex[:12]}"


@dataclass
class Run:
    """One question on its way.

    Attributes:
        run_id: Its name on all its events.
        session: The conversation that it adds to.
        content: What is asked.
        max_steps: How often the model may be asked.
        show: Tells the displays of the agent.
        hear: Tells whoever asked. Both are called on the run's loop, and by tools on theirs.
        turn: Held by the run while it goes on.
        wait: Whether to wait for another run of the same agent.
    """

    run_id: str
    session: Session
    content: tuple[str | Part, ...]
    max_steps: int
    show: Callable[[StreamItem], None]
    hear: Callable[[StreamItem], None]
    turn: Turn
    wait: bool = True
    _over: bool = field(default=False, init=False)

    async def work(self) -> None:
        """Does it all; the last event says how it ended."""
        try:
            await self.turn.take(wait=self.wait)
        except asyncio.CancelledError:
            return self._end_unbegun(RunCancelled(self.run_id))
        except AgentBusy as error:
            return self._end_unbegun(RunFailed(self.run_id, error))
        last: StreamItem
        try:
            self.turn.mark()
            last = RunFinished(self.run_id, await self._steps())
        except (asyncio.CancelledError, GeneratorExit):
            last = RunCancelled(self.run_id)
        except BaseException as error:  # an error of any kind ends the run, and is its outcome
            last = RunFailed(self.run_id, error)
        return self._end(last)

    def emit(self, item: StreamItem) -> None:
        """Tells everybody."""
        self.show(item)
        self.hear(item)

    def abandon(self) -> None:
        """Its task is over. One that was cancelled from outside before it began is told now."""
        if not self._over:
            self._end_unbegun(RunCancelled(self.run_id))

    def _end(self, last: StreamItem) -> None:
        self._over = True
        self.session.history.close(STOPPED)
        # The displays hear of it before the next run can begin, on whatever thread; whoever asked
        # hears of it after the turn was given, for it may ask, or reset, at once.
        self.show(last)
        self.turn.give()
        self.hear(last)

    def _end_unbegun(self, last: StreamItem) -> None:
        """Only whoever asked hears of it: the displays show the run that had the turn."""
        self._over = True
        self.hear(self._started())
        self.hear(last)

    def _started(self) -> RunStarted:
        words = "".join(
            part if isinstance(part, str) else part.text
            for part in self.content
            if isinstance(part, (str, TextPart))
        )
        return RunStarted(self.run_id, words, str(self.session.settings.model))

    async def _steps(self) -> Reply:
        session = self.session
        before, made = len(session.history.messages), len(session.calls)
        self.emit(self._started())
        session.user(*self.content)
        for step in range(1, self.max_steps + 1):
            message = await self._step(step)
            if not message.tool_calls:
                added = session.history.messages[before:]
                usage = sum((item.usage for item in added), Usage())
                calls = tuple(session.calls[made:])
                return Reply(message.text, calls, usage, added, self.run_id)
            await session.run_tools()
        raise RunLimitReached(
            f"The run used up its {self.max_steps} steps without a final answer. Ask again to go "
            "on from here, or give the agent more max_steps."
        )

    async def _step(self, step: int) -> Message:
        self.emit(StepStarted(self.run_id, step))
        history = self.session.history
        before = len(history.messages)
        frames = self.session.stream(notify=lambda text: self.emit(Notice(self.run_id, text)))
        emit = self.emit
        try:
            async with aclosing(frames):
                async for frame in frames:
                    emit(frame)
        finally:
            added = [item for item in history.messages[before:] if item.role == "assistant"]
            message = added[0] if added else EMPTY
            emit(StepFinished(self.run_id, step, message))
        return message


EMPTY = Message("assistant")
