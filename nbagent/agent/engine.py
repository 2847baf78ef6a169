"""The agent without a display: settings, conversation, runs, and who listens to them."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from nbagent.agent.approval import Approval, Approvals, Approver
from nbagent.agent.asking_again import AskingAgain
from nbagent.agent.audience import ENDS, Audience, Listener
from nbagent.agent.call_ids import TakenIds
from nbagent.agent.call_runner import CallRunner
from nbagent.agent.calls import CallRecord
from nbagent.agent.compaction import Compaction, compacted
from nbagent.agent.events import (
    ApprovalsChanged,
    RunCancelled,
    RunFailed,
    RunFinished,
    StreamItem,
)
from nbagent.agent.following import Followers
from nbagent.agent.history import History
from nbagent.agent.journal import Journal
from nbagent.agent.launch import Launch
from nbagent.agent.limits import Limits
from nbagent.agent.log import Logbook
from nbagent.agent.mailbox import Mailbox
from nbagent.agent.nesting import Caller, PassedOn
from nbagent.agent.output import Output
from nbagent.agent.pricing import Spent
from nbagent.agent.reply import Reply
from nbagent.agent.run import Again, Run, RunSettings, new_run_id
from nbagent.agent.session import Session, Settings
from nbagent.agent.slots import MANY, Slots
from nbagent.agent.terminal import terminal_approver, terminal_asker
from nbagent.agent.turn import Turn
from nbagent.agent.version_tree import grow, tree_of
from nbagent.agent.versions import Versions
from nbagent.messages import Message, MessageLike, Part, Usage
from nbagent.tools import MainThread

__all__ = ["ENDS", "Engine", "outcome"]

# Seconds that a stopped run has for its end, so that one that closes its own agent ends too.
SETTLE_SECONDS = 5.0


class Engine(AskingAgain):
    """Runs questions over one conversation, one at a time.

    Args:
        settings: The model and what goes with it.
        history: The conversation so far.
        runs: How its runs go.
        approver: Answers requests for approval in code.
        approval_timeout: Seconds after which a request that nobody answered is denied.
        max_parallel_calls: How many calls of one reply run at once.

    Attributes:
        attended: Whether somebody sees what the listeners show, and can answer.
        followers: Told of everything that happens, see `nbagent.agent.following`.
        place: Where the tools run that need the notebook's own thread.
        calls: The records of all calls so far.
        journal: Where the conversation was at each of its steps.
        spent: What all of it cost so far.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        history: Iterable[MessageLike] = (),
        runs: RunSettings | None = None,
        approver: Approver | None = None,
        approval_timeout: float | None = None,
        max_parallel_calls: int = MANY,
    ) -> None:
        self.settings = settings
        self.runs = runs if runs is not None else RunSettings()
        self.max_parallel_calls = max_parallel_calls
        self.approvals = Approvals(approver, approval_timeout)
        self.approvals.changed = self._tell_approvals
        self.attended = False
        self.place = MainThread.capture()
        self.approvals.fallback = terminal_approver
        self.approvals.questions.fallback = terminal_asker
        self.approvals.questions.place = self.place
        self.calls: list[CallRecord] = []
        self._history = History(history)
        self.spent = Spent()
        self.spent.add_earlier(settings.model, self._history.messages)
        self.journal = Journal(self._history, self.calls)
        self.versions = Versions(self._history, self.journal, self.calls)
        self._turn = Turn()
        self.followers = Followers(self, [Logbook().following])
        self._audience = Audience(lambda: len(self._history), self._follow, self.versions.placed)
        self._launched: set[Launch] = set()
        self._taken = TakenIds()

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation so far."""
        return self._history.messages

    @property
    def running(self) -> bool:
        """Whether a run is going on."""
        return self._turn.taken

    @property
    def usage(self) -> Usage:
        """The tokens of the whole conversation."""
        return self.spent.usage

    @property
    def context(self) -> tuple[Message, ...]:
        """What the model is given of the conversation."""
        return self._history.context

    @property
    def loops(self) -> frozenset[asyncio.AbstractEventLoop]:
        """The loops on which runs go on or wait."""
        return frozenset(launched.loop for launched in tuple(self._launched))

    def listen(self, listener: Listener) -> None:
        """Tells it what was said so far, and from now on every item of every run.

        Args:
            listener: Called on the run's loop or a tool's thread; must return at once.
        """
        model = str(self.settings.model)
        self._audience.join(listener, lambda at: self.versions.retold(self.messages[:at], model))
        if self.approvals.always:
            self._tell_approvals()

    def unlisten(self, listener: Listener) -> None:
        """Tells it no more."""
        self._audience.leave(listener)

    def session(
        self,
        emit: Callable[[StreamItem], None],
        run_id: str,
        attended: bool,
        *,
        turn: Turn | None = None,
        caller: Caller | None = None,
    ) -> Session:
        """A conversation over this history, its calls kept in ``calls``."""
        slots = Slots(self.max_parallel_calls)
        approvals, onto = self.approvals, [self.spent]
        if caller is not None:
            approvals = PassedOn(approvals, caller)
            onto += [] if caller.host is None else [caller.host.spent]
        runner = CallRunner({}, self.place, approvals, attended, emit, run_id, slots)
        history, spent = self._history, Spent(*onto)
        return Session(
            self.settings,
            history,
            runner,
            calls=self.calls,
            turn=turn,
            spent=spent,
            taken=self._taken,
        )

    def own_session(self) -> Session:
        """A conversation for a person's code; it holds the agent's turn in ``async with``."""
        return self.session(_unheard, "session", False, turn=self._turn)

    async def stream(
        self,
        *content: str | Part,
        loop: asyncio.AbstractEventLoop | None = None,
        wait: bool = True,
        attended: bool = True,
        output: Output | None = None,
        limits: Limits | None = None,
        again: Again | None = None,
    ) -> AsyncGenerator[StreamItem, None]:
        """Asks, and gives frames and events as they come; the run's end is the last of them.

        Leaving early stops the run and waits until it has stopped.

        Args:
            content: What is asked.
            loop: Where the run's I/O happens; the caller's own loop by default.
            wait: Whether to wait for a run that is going on.
            attended: Whether the reader answers requests for approval.
            output: What the answer is to be; by default as of every run.
            limits: What it may use, where that is not as of every run.
            again: Where it goes on with an answer that there is, which ``content`` asked for.
        """
        box: Mailbox[StreamItem] = Mailbox()
        stop, done = self.start(
            content,
            box.put,
            loop=loop,
            wait=wait,
            attended=attended,
            output=output,
            limits=limits,
            again=again,
        )
        ended = False
        try:
            while not ended:
                for item in await box.take():
                    # Noted before it is given out: the reader may leave with the last item.
                    ended = isinstance(item, ENDS)
                    yield item
        finally:
            if not ended:
                stop()
            await asyncio.shield(asyncio.wrap_future(done))

    def start(
        self,
        content: tuple[str | Part, ...],
        hear: Callable[[StreamItem], None] | None = None,
        *,
        loop: asyncio.AbstractEventLoop | None = None,
        wait: bool = True,
        attended: bool = True,
        output: Output | None = None,
        limits: Limits | None = None,
        caller: Caller | None = None,
        again: Again | None = None,
    ) -> tuple[Callable[[], None], concurrent.futures.Future[None]]:
        """Starts a run; gives what stops it (from any thread), and its future.

        Args:
            content: What is asked.
            hear: Told every item, besides the listeners.
            loop: A loop of another thread to run on; the running one by default.
            wait: Whether to wait for a run that is going on.
            attended: Whether whoever hears it answers requests for approval.
            output: What the answer is to be; by default as of every run.
            limits: What it may use, where that is not as of every run.
            caller: The call that it is made in, of another agent's run.
            again: Where it goes on with an answer that there is, which ``content`` asked for.
        """

        told = hear or _unheard

        def emit(item: StreamItem) -> None:
            self._audience.tell(item)
            told(item)

        run_id = new_run_id()
        session = self.session(emit, run_id, attended or self.attended, caller=caller)
        show = self._audience.tell
        runs = self.runs if output is None else replace(self.runs, output=output)
        if limits is not None:
            runs = replace(runs, limits=runs.limits.under(limits))
        outer = None if caller is None or caller.host is None else caller.host.tally
        run = Run(run_id, session, content, show, told, self._turn, runs, wait, outer, again)
        launched = Launch(run, loop)
        self._launched.add(launched)
        launched.done.add_done_callback(lambda _: self._launched.discard(launched))
        launched.begin()
        return launched.stop, launched.done

    async def ask(
        self,
        *content: str | Part,
        loop: asyncio.AbstractEventLoop | None = None,
        wait: bool = True,
        output: Output | None = None,
        limits: Limits | None = None,
        again: Again | None = None,
    ) -> Reply:
        """Asks and waits for the reply.

        Raises:
            asyncio.CancelledError: The run was stopped.
            NbagentError: The run failed; see `nbagent.errors`.
        """
        how: Any = {"loop": loop, "wait": wait, "limits": limits, "again": again}
        items = self.stream(*content, attended=False, output=output, **how)
        async with aclosing(items):
            async for item in items:
                if isinstance(item, ENDS):
                    return outcome(item)
        raise AssertionError("a run ended without its last event")

    def stop(self) -> None:
        """Stops what is going on, from any thread: its connection closes, its history stays."""
        for launched in tuple(self._launched):
            launched.stop()

    async def ended(self) -> None:
        """Waits until nothing goes on any more, a few seconds at most."""
        going = [asyncio.wrap_future(launched.done) for launched in tuple(self._launched)]
        if going:
            await asyncio.wait(going, timeout=SETTLE_SECONDS)

    def answer(self, tool_call_id: str, approval: Approval) -> bool:
        """Answers a request for approval; False if none waits under that id.

        Raises:
            ToolArgumentsError: The tool does not take the changed arguments; the call waits on.
        """
        return self.approvals.answer(tool_call_id, approval)

    def _tell_approvals(self) -> None:
        self._audience.tell(ApprovalsChanged(tuple(sorted(self.approvals.always))))

    async def compact(self, how: Compaction) -> bool:
        """Makes the conversation shorter for the model, once no run goes on; the displays show it.

        Raises:
            NbagentError: The model could not be asked for a summary.
        """
        run_id, tell = new_run_id(), self._audience.tell
        async with self.session(tell, run_id, False, turn=self._turn) as session:
            return await compacted(how, session, run_id, tell)

    def fork(self) -> Engine:
        """Another one with the same settings that goes on from a copy of the conversation."""
        tools, shown = self.settings.tools.copy(), self.settings.shown.copy()
        made = Engine(
            replace(self.settings, tools=tools, shown=shown),
            history=self.messages,
            runs=self.runs,
            approver=self.approvals.approver,
            approval_timeout=self.approvals.timeout,
            max_parallel_calls=self.max_parallel_calls,
        )
        # Made in a tool on a thread of its own, it would take that thread for the notebook's.
        made.place = self.place
        made.accompanied(self)
        made.given(self)
        return made

    def _follow(self, item: StreamItem) -> None:
        self.versions.told(item)
        self.followers.tell(item)

    def accompanied(self, other: Engine) -> None:
        """Whoever answers the other's questions, or follows its forks, does so here."""
        self.approvals.questions.take_after(other.approvals.questions)
        self.followers.inherit(other.followers)

    def given(self, other: Engine) -> None:
        """Gives the model no more of the conversation than another one with the same does.

        What that one has of other versions of its questions is here, too.
        """
        self._history.cut = other._history.cut
        other.versions.leave()
        grow(self.versions, self.journal, tree_of(other.versions, self.messages), self.journal.head)
        self.versions.note_failures((each.message, each.error) for each in other.versions.failed)


def outcome(end: RunFinished | RunFailed | RunCancelled) -> Reply:
    """The reply of a run that ended well.

    Raises:
        asyncio.CancelledError: It was stopped.
        BaseException: Whatever it failed with.
    """
    if isinstance(end, RunFinished):
        return end.reply
    if isinstance(end, RunFailed):
        raise end.error
    raise asyncio.CancelledError("The run was stopped.")


def _unheard(item: StreamItem) -> None:
    """Nobody asked to be told."""
