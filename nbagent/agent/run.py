"""One run: from a question, over as many steps as it takes, to its reply.

The run is a task on whichever loop its agent chose. It tells what happens through ``emit`` and
never raises: how it ended is its last event.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

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
from nbagent.errors import RunLimitReached
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
        emit: Told everything, on the run's own loop (and by tools, on their threads).
        turn: Held by the run while it goes on.
        wait: Whether to wait for another run of the same agent.
    """

    run_id: str
    session: Session
    content: tuple[str | Part, ...]
    max_steps: int
    emit: Callable[[StreamItem], None]
    turn: Turn
    wait: bool = True

    async def work(self) -> None:
        """Does it all; the last event says how it ended."""
        try:
            await self.turn.take(wait=self.wait)
        except asyncio.CancelledError:
            self.emit(RunCancelled(self.run_id))
            return
        except Exception as error:  # told to whoever asked, as everything is
            self.emit(RunFailed(self.run_id, error))
            return
        last: StreamItem
        try:
            self.turn.mark()
            last = RunFinished(self.run_id, await self._steps())
        except asyncio.CancelledError:
            last = RunCancelled(self.run_id)
        except BaseException as error:  # an error of any kind ends the run, and is its outcome
            last = RunFailed(self.run_id, error)
        self.session.history.close(STOPPED)
        # Free before the last event: whoever hears that it is over may ask at once.
        self.turn.give()
        self.emit(last)

    async def _steps(self) -> Reply:
        session = self.session
        before, made = len(session.history.messages), len(session.calls)
        session.user(*self.content)
        words = "".join(
            part if isinstance(part, str) else part.text
            for part in self.content
            if isinstance(part, (str, TextPart))
        )
        self.emit(RunStarted(self.run_id, words, str(session.settings.model)))
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
        frames = self.session.stream(notify=lambda text: self.emit(Notice(self.run_id, text)))
        emit = self.emit
        async with aclosing(frames):
            async for frame in frames:
                emit(frame)
        messages = self.session.history.messages
        message = messages[-1] if messages and messages[-1].role == "assistant" else EMPTY
        self.emit(StepFinished(self.run_id, step, message))
        return message


EMPTY = Message("assistant")
