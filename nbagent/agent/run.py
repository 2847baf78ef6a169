"""One run: from a question, over as many steps as it takes, to its reply.

The run is a task on whichever loop its agent chose. It tells what happens and never raises: how it
ended is its last event.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nbagent.agent.call_again import CallAgain
from nbagent.agent.compaction import Compaction
from nbagent.agent.content import refuse_unseen
from nbagent.agent.events import (
    Notice,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StreamItem,
)
from nbagent.agent.graph import Graph
from nbagent.agent.limits import MAX_STEPS, Clock, Limits, Tally
from nbagent.agent.nodes import tools_node
from nbagent.agent.output import Output
from nbagent.agent.output_repair import RETRIES, fitting
from nbagent.agent.pricing import check_price
from nbagent.agent.reply import Reply
from nbagent.agent.run_context import RunContext
from nbagent.agent.session import STOPPED, Session
from nbagent.agent.strategies import tool_loop
from nbagent.agent.turn import Turn
from nbagent.errors import NbagentError
from nbagent.messages import FilePart, ImagePart, Message, Part, TextPart

__all__ = ["Again", "Run", "RunSettings", "new_run_id"]


def new_run_id() -> str:
    """A name for a run."""
    return f"run_{uuid.uuid4().hex[:12]}"


@dataclass
class RunSettings:
    """How the runs of an agent go.

    Attributes:
        strategy: How a run gets from the question to the answer.
        told: Whether the strategy's nodes are worth events.
        max_steps: How often one run may ask the model.
        output: What the answer is to be; None for words.
        output_retries: How often an answer that does not fit is asked for again.
        limits: What else one run may use.
        compaction: What is done about a conversation that grows long; None for nothing.
        early_start: Whether calls begin while the reply that asks for them still streams.
    """

    strategy: Graph[Any, Any] = field(default_factory=tool_loop)
    told: bool = False
    max_steps: int = MAX_STEPS
    output: Output | None = None
    output_retries: int = RETRIES
    limits: Limits = Limits()  # noqa: RUF009 - frozen, so safely shared
    compaction: Compaction | None = None
    early_start: bool = False

    @property
    def allowed(self) -> Limits:
        """All limits together."""
        return Limits(steps=self.max_steps).under(self.limits)


@dataclass(frozen=True)
class Again:
    """How a run goes on with an answer that there is, from one of its calls.

    Attributes:
        begin: Takes the answer back, and gives it up to the call.
        show: Tells the displays what was said before the call, as a part of the run of that name.
    """

    begin: Callable[[], CallAgain]
    show: Callable[[str, CallAgain], None]


@dataclass
class Run:
    """One question on its way.

    Attributes:
        run_id: Its name on all its events.
        session: The conversation that it adds to.
        content: What is asked.
        show: Tells the displays of the agent.
        hear: Tells whoever asked. Both are called on the run's loop, and by tools on theirs.
        turn: Held by the run while it goes on.
        settings: How it gets from the question to the answer.
        wait: Whether to wait for another run of the same agent.
        outer: What the run may use that this one is a call of.
        again: Where it goes on with an answer that there is; None for a question.
    """

    run_id: str
    session: Session
    content: tuple[str | Part, ...]
    show: Callable[[StreamItem], None]
    hear: Callable[[StreamItem], None]
    turn: Turn
    settings: RunSettings
    wait: bool = True
    outer: Tally | None = None
    again: Again | None = None
    _over: bool = field(default=False, init=False)
    _from: CallAgain | None = field(default=None, init=False)

    async def work(self) -> None:
        """Does it all; the last event says how it ended."""
        try:
            await self._begin()
        except asyncio.CancelledError:
            return self._end_unbegun(RunCancelled(self.run_id))
        except NbagentError as error:
            return self._end_unbegun(RunFailed(self.run_id, error))
        last: StreamItem
        clock = Clock(self.settings.limits.seconds)
        try:
            self.turn.mark()
            with clock:
                last = RunFinished(self.run_id, await self._walk())
        except (asyncio.CancelledError, GeneratorExit):
            up = clock.error
            last = RunCancelled(self.run_id) if up is None else RunFailed(self.run_id, up)
        except BaseException as error:  # an error of any kind ends the run, and is its outcome
            last = RunFailed(self.run_id, error)
        return self._end(last)

    async def _begin(self) -> None:
        """Takes the turn. An answer that cannot be gone on with gives it back."""
        await self.turn.take(wait=self.wait)
        if self.again is not None:
            try:
                self._from = self.again.begin()
            except BaseException:
                self.turn.give()
                raise

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
        shown = tuple(part for part in self.content if isinstance(part, (ImagePart, FilePart)))
        return RunStarted(self.run_id, words, str(self.session.settings.model), shown)

    async def _walk(self) -> Reply:
        session = self.session
        before, made = session.history.messages, len(session.calls)
        edits = session.history.edits
        self.emit(self._started())
        if self.again is not None and self._from is not None:
            session.take_up(self._from)
            self.again.show(self.run_id, self._from)
        refuse_unseen(session.settings.model, self.content)
        check_price(session.settings.model, self.settings.limits.cost)
        if self._from is None:
            session.user(*self.content)
        question = self.content[0] if len(self.content) == 1 else self.content
        settings = self.settings
        tally = session.tally = Tally(settings.allowed, session.spent, self.outer)
        context = RunContext(
            session, self.run_id, self.emit, tally, question, settings.told, settings.output
        )
        context.compaction, context.early_start = settings.compaction, settings.early_start
        try:
            value = await self._course(context, question)
            if settings.output is not None:
                value = await self._fitting(context, settings.output, value)
        finally:
            await session.call_off()
        added = _added(before, session.history.messages, grew=session.history.edits == edits)
        calls = tuple(session.calls[made:])
        text, output = _outcome(value, session.last, typed=settings.output is not None)
        cost = session.spent.cost
        return Reply(text, calls, tally.usage, added, self.run_id, output, cost)

    async def _course(self, context: RunContext, question: Any) -> Any:
        """What the strategy gives; it goes on where calls are run, if the answer does."""
        strategy = self.settings.strategy
        if self._from is None:
            return await strategy.walk(context, question)
        node = tools_node(strategy, self._from.call.name)
        if node is not None:
            return await strategy.walk(context, self._from.asking, at=node)
        await context.run_tools()
        return await strategy.walk(context, question)

    async def _fitting(self, context: RunContext, output: Output, answer: Any) -> Any:
        async def again(wrong: str) -> Message:
            return await tool_loop(reminder=wrong).walk(context, context.question)

        return await fitting(
            output,
            answer,
            again,
            self.session.history.forget,
            retries=self.settings.output_retries,
            notify=lambda text: self.emit(Notice(self.run_id, text)),
        )


def _added(
    before: tuple[Message, ...], after: tuple[Message, ...], *, grew: bool
) -> tuple[Message, ...]:
    if grew:  # at most the last one has become another
        at = len(before)
        return after[at - 1 if before and after[at - 1] is not before[-1] else at :]
    known = set(map(id, before))
    return tuple(message for message in after if id(message) not in known)


def _outcome(value: Any, last: Message, *, typed: bool) -> tuple[str, Any]:
    """The words and the value of what a strategy gave."""
    if typed:
        return last.text, value
    if isinstance(value, Message):
        return value.text, None
    return (value if isinstance(value, str) else last.text), value
