"""Questions to an agent: awaited, streamed, blocking, or step by step."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections import deque
from collections.abc import AsyncGenerator
from typing import Any

from nbagent.agent.calls import CallRecord
from nbagent.agent.checks import Question, content_of, limits_checked, waits
from nbagent.agent.engine import ENDS, outcome
from nbagent.agent.events import StreamItem
from nbagent.agent.io_thread import io_loop
from nbagent.agent.limits import Limits
from nbagent.agent.output import output_of
from nbagent.agent.reply import Reply
from nbagent.agent.session import Session
from nbagent.errors import AgentBusy, ConfigurationError
from nbagent.messages import FilePart, ImagePart
from nbagent.notebook.view import View

__all__ = ["Asking"]

# Seconds that an interrupted `Agent.ask_blocking` waits for its run to end.
SETTLE_SECONDS = 5.0


class Asking(View):
    """The part of `Agent` that asks."""

    async def ask(
        self,
        question: Question,
        *,
        output: Any = None,
        limits: Limits | None = None,
        when_busy: str = "wait",
    ) -> Reply:
        """Asks, and waits for the reply.

        Args:
            question: Words, or a list of words, figures, images, tables, paths, bytes and files.
            output: What this answer is to be, see `Agent`; the value is ``reply.output``.
            limits: What this question may use; what is not given here is as of the agent.
            when_busy: ``"wait"`` for a run that is going on, or ``"refuse"``.

        Raises:
            asyncio.CancelledError: The run was stopped.
            AgentBusy: A run is going on and ``when_busy`` is ``"refuse"``.
            OutputInvalid: No answer had the form that ``output`` asks for.
            NbagentError: The run failed; see `nbagent.errors`.
        """
        content, wait = content_of(question), waits(when_busy)
        given: Any = {"output": output_of(output), "limits": self._limits(limits)}
        return await self._engine.ask(*content, loop=self._loop(), wait=wait, **given)

    async def ask_again(self, question: Question | None = None) -> Reply:
        """Asks the last question again, in place of it and of its answer.

        What was there is kept as a version, see `Agent.branches`.

        Args:
            question: Other words to ask it in, or what `ask` takes; files of the question go along
                with words alone. Left out, it is the same question.

        Raises:
            asyncio.CancelledError: The run was stopped.
            AgentBusy: A run is going on.
            ConfigurationError: Nothing was asked yet.
            NbagentError: The run failed; see `nbagent.errors`.
        """
        given = None if question is None else content_of(question)
        asked = self._engine.take_back(self._engine.last_run, same=given is None)
        if not asked:
            raise ConfigurationError("There is no question to ask again. Use `ask` first.")
        if isinstance(question, str):
            given = (question, *(part for part in asked if isinstance(part, (ImagePart, FilePart))))
        return await self._engine.ask(*(given or asked), loop=self._loop())

    async def call_again(self, call: CallRecord | str) -> Reply:
        """Makes a call again, in place of what came of it, and goes on with the answer from there::

            await agent.call_again(agent.calls[-1])

        The function gets the same arguments, on the objects as they are now; approval is asked for
        again. What was said before the call stays, and so do the results of the calls beside it:
        they are not made again. The model is given the new result in place of the old one. What was
        there is kept as a version, see `Agent.branches`.

        A strategy of one's own goes on at its node that runs calls of the tool; where there is not
        just one, it begins anew, on the conversation so far.

        Args:
            call: One of `calls`, or its ``tool_call_id``.

        Returns:
            The whole answer, what was said before the call included.

        Raises:
            asyncio.CancelledError: The run was stopped.
            AgentBusy: A run is going on, perhaps the one that the call is in.
            ConfigurationError: The conversation, as it goes on now, has no such call.
            UnknownTool: The agent has no such tool any more.
            NbagentError: The run failed; see `nbagent.errors`.
        """
        identity = call if isinstance(call, str) else call.tool_call_id
        return await self._engine.call_again(identity, self._loop())

    def stream(
        self,
        question: Question,
        *,
        output: Any = None,
        limits: Limits | None = None,
        when_busy: str = "wait",
    ) -> AsyncGenerator[StreamItem, None]:
        """Asks, and gives frames and events as they come.

        The last one is `RunFinished`, `RunFailed` or `RunCancelled`. Leaving early stops the run.
        A reader answers an `ApprovalRequested` with `approve` or `deny`. Where an answer of a type
        is asked for, `PartialOutput` has it as far as it has come, and `OutputElement` each
        element of a list, or section of Markdown, as soon as it is whole.

        Args:
            question: Words, or a list of words, figures, images, tables, paths, bytes and files.
            output: What this answer is to be, see `Agent`; the value is ``reply.output``.
            limits: What this question may use; what is not given here is as of the agent.
            when_busy: ``"wait"`` for a run that is going on, or ``"refuse"``.
        """
        content, wait = content_of(question), waits(when_busy)
        given: Any = {"output": output_of(output), "limits": self._limits(limits)}
        return self._engine.stream(*content, loop=self._loop(), wait=wait, **given)

    def ask_blocking(
        self, question: Question, *, output: Any = None, limits: Limits | None = None
    ) -> Reply:
        """Asks and waits without ``await``, for scripts and plain cells.

        Tools run on the calling thread meanwhile. Interrupting stops the run.

        Args:
            question: Words, or a list of words, figures, images, tables, paths, bytes and files.
            output: What this answer is to be, see `Agent`; the value is ``reply.output``.
            limits: What this question may use; what is not given here is as of the agent.

        Raises:
            asyncio.CancelledError: The run was stopped.
            AgentBusy: The calling thread's own loop is answering a question of this agent.
            NbagentError: The run failed; see `nbagent.errors`.
        """
        content, wanted = content_of(question), output_of(output)
        self._check_blocking()
        last: deque[StreamItem] = deque(maxlen=1)
        stop, done = self._engine.start(
            content,
            last.append,
            loop=io_loop(),
            attended=False,
            output=wanted,
            limits=self._limits(limits),
        )
        try:
            self._engine.place.pump(done)
        except BaseException:
            stop()
            # The history is settled by the time the next cell looks at it.
            concurrent.futures.wait([done], timeout=SETTLE_SECONDS)
            raise
        end = last[-1]
        if not isinstance(end, ENDS):
            raise AssertionError("a run ended without its last event")
        return outcome(end)

    def stop(self) -> None:
        """Stops the run that is going on, if one is; the history stays usable."""
        self._engine.stop()

    def session(self) -> Session:
        """The lower door: ask, stream and run tools step by step, over the same history.

        In ``async with`` it holds the agent: other questions wait until the block is left.
        """
        return self._engine.own_session()

    def _limits(self, limits: Limits | None) -> Limits | None:
        return None if limits is None else limits_checked(limits, self.model)

    def _check_blocking(self) -> None:
        """Refuses what would wait for ever: the loop that has to work would be the blocked one."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if loop is io_loop():
            raise ConfigurationError(
                "ask_blocking() was called on the thread that does the network I/O of all agents, "
                "and would block it. Use await agent.ask() there."
            )
        if loop in self._engine.loops or (self.running and self._engine.place.visited):
            raise AgentBusy(
                "A question to this agent is being answered on the event loop that ask_blocking() "
                "would block, so neither would end. Use await agent.ask(), or agent.stop() first."
            )

    def _loop(self) -> asyncio.AbstractEventLoop | None:
        return io_loop() if self._engine.attended else None
