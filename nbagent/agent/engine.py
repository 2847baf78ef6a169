"""The agent without a display: settings, conversation, runs, and who listens to them."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing

from nbagent.agent.approval import Approval, Approvals, Approver
from nbagent.agent.audience import ENDS, Audience, Listener
from nbagent.agent.call_runner import CallRunner
from nbagent.agent.calls import CallRecord
from nbagent.agent.events import HistoryReset, RunCancelled, RunFailed, RunFinished, StreamItem
from nbagent.agent.history import History
from nbagent.agent.launch import Launch
from nbagent.agent.mailbox import Mailbox
from nbagent.agent.recount import recount
from nbagent.agent.reply import Reply
from nbagent.agent.run import Run, new_run_id
from nbagent.agent.session import Session, Settings
from nbagent.agent.turn import Turn
from nbagent.errors import AgentBusy
from nbagent.messages import Message, MessageLike, Part, Usage
from nbagent.tools import MainThread

__all__ = ["ENDS", "Engine", "outcome"]


class Engine:
    """Runs questions over one conversation, one at a time.

    Args:
        settings: The model and what goes with it.
        history: The conversation so far.
        max_steps: How often one run may ask the model.
        approver: Answers requests for approval in code.

    Attributes:
        attended: Whether somebody sees what the listeners show, and can answer.
        place: Where the tools run that need the notebook's own thread.
        calls: The records of all calls so far.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        history: Iterable[MessageLike] = (),
        max_steps: int = 20,
        approver: Approver | None = None,
    ) -> None:
        self.settings = settings
        self.max_steps = max_steps
        self.approvals = Approvals(approver)
        self.attended = False
        self.place = MainThread.capture()
        self.calls: list[CallRecord] = []
        self._history = History(history)
        self._turn = Turn()
        self._audience = Audience(lambda: len(self._history.messages))
        self._launched: set[Launch] = set()

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
        return sum((message.usage for message in self.messages), Usage())

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
        self._audience.join(
            listener, lambda count: recount(self.messages[:count], self.calls, model)
        )

    def session(
        self,
        emit: Callable[[StreamItem], None],
        run_id: str,
        attended: bool,
        *,
        turn: Turn | None = None,
    ) -> Session:
        """A conversation over this history, its calls kept in ``calls``."""
        runner = CallRunner(self.settings.tools, self.place, self.approvals, attended, emit, run_id)
        return Session(self.settings, self._history, runner, calls=self.calls, turn=turn)

    def own_session(self) -> Session:
        """A conversation for a person's code; it holds the agent's turn in ``async with``."""
        return self.session(_unheard, "session", False, turn=self._turn)

    async def stream(
        self,
        *content: str | Part,
        loop: asyncio.AbstractEventLoop | None = None,
        wait: bool = True,
        attended: bool = True,
    ) -> AsyncGenerator[StreamItem, None]:
        """Asks, and gives frames and events as they come; the run's end is the last of them.

        Leaving early stops the run and waits until it has stopped.

        Args:
            content: What is asked.
            loop: Where the run's I/O happens; the caller's own loop by default.
            wait: Whether to wait for a run that is going on.
            attended: Whether the reader answers requests for approval.
        """
        box: Mailbox[StreamItem] = Mailbox()
        stop, done = self.start(content, box.put, loop=loop, wait=wait, attended=attended)
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
    ) -> tuple[Callable[[], None], concurrent.futures.Future[None]]:
        """Starts a run; gives what stops it (from any thread), and its future.

        Args:
            content: What is asked.
            hear: Told every item, besides the listeners.
            loop: A loop of another thread to run on; the running one by default.
            wait: Whether to wait for a run that is going on.
            attended: Whether whoever hears it answers requests for approval.
        """

        told = hear or _unheard

        def emit(item: StreamItem) -> None:
            self._audience.tell(item)
            told(item)

        run_id = new_run_id()
        session = self.session(emit, run_id, attended or self.attended)
        show = self._audience.tell
        run = Run(run_id, session, content, self.max_steps, show, told, self._turn, wait)
        launched = Launch(run, loop)
        self._launched.add(launched)
        launched.done.add_done_callback(lambda _: self._launched.discard(launched))
        launched.begin()
        return launched.stop, launched.done

    def retry(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Asks the last question again, in place of it; not while a run goes on or waits.

        Returns:
            Whether it was asked.
        """
        question = self._history.drop_last_question() if not self._launched else None
        if question is None:
            return False
        self.start(question.parts, loop=loop)
        return True

    async def ask(
        self,
        *content: str | Part,
        loop: asyncio.AbstractEventLoop | None = None,
        wait: bool = True,
    ) -> Reply:
        """Asks and waits for the reply.

        Raises:
            asyncio.CancelledError: The run was stopped.
            NbagentError: The run failed; see `nbagent.errors`.
        """
        items = self.stream(*content, loop=loop, wait=wait, attended=False)
        async with aclosing(items):
            async for item in items:
                if isinstance(item, ENDS):
                    return outcome(item)
        raise AssertionError("a run ended without its last event")

    def stop(self) -> None:
        """Stops what is going on, from any thread: its connection closes, its history stays."""
        for launched in tuple(self._launched):
            launched.stop()

    def answer(self, tool_call_id: str, approval: Approval) -> bool:
        """Answers a request for approval; False if none waits under that id."""
        return self.approvals.answer(tool_call_id, approval)

    def reset(self) -> None:
        """Empties the conversation.

        Raises:
            AgentBusy: A run is going on.
        """
        if self.running:
            raise AgentBusy("A run is going on. Stop it with agent.stop() before the reset.")
        self._history.clear()
        self.calls.clear()
        self._audience.tell(HistoryReset())


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
