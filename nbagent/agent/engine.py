"""The agent without a display: settings, conversation, runs, and who listens to them."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Any

from nbagent.agent.approval import Approval, Approvals, Approver
from nbagent.agent.call_runner import CallRunner
from nbagent.agent.calls import CallRecord
from nbagent.agent.events import (
    HistoryReset,
    RunCancelled,
    RunFailed,
    RunFinished,
    StreamItem,
)
from nbagent.agent.history import History
from nbagent.agent.mailbox import Mailbox
from nbagent.agent.reply import Reply
from nbagent.agent.run import Run, new_run_id
from nbagent.agent.session import Session, Settings
from nbagent.agent.turn import Turn
from nbagent.errors import AgentBusy, ConfigurationError
from nbagent.messages import Message, MessageLike, Part, Usage
from nbagent.tools import MainThread, Tool

__all__ = ["ENDS", "Engine", "outcome", "tools_by_name"]

ENDS = (RunFinished, RunFailed, RunCancelled)


class Engine:
    """Runs questions over one conversation, one at a time.

    Args:
        settings: The model and what goes with it.
        history: The conversation so far.
        max_steps: How often one run may ask the model.
        approver: Answers requests for approval in code.

    Attributes:
        listeners: Told every item of every run, on the run's loop or a tool's thread.
        attended: Whether somebody sees what the listeners show, and can answer.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        history: Iterable[MessageLike] = (),
        max_steps: int = 20,
        approver: Approver | None = None,
    ) -> None:
        if max_steps < 1:
            raise ConfigurationError(f"max_steps is at least 1; got {max_steps}.")
        self.settings = settings
        self.max_steps = max_steps
        self.approvals = Approvals(approver)
        self.listeners: list[Callable[[StreamItem], None]] = []
        self.attended = False
        self.place = MainThread.capture()
        self.calls: list[CallRecord] = []
        self._history = History(history)
        self._turn = Turn()
        self._stops: set[Callable[[], object]] = set()

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

    def session(self, emit: Callable[[StreamItem], None], run_id: str, attended: bool) -> Session:
        """A conversation over this history, its calls kept in ``calls``."""
        runner = CallRunner(self.settings.tools, self.place, self.approvals, attended, emit, run_id)
        session = Session(self.settings, self._history, runner)
        session.calls = self.calls
        return session

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

        def emit(item: StreamItem) -> None:
            for listener in self.listeners:
                listener(item)
            if hear is not None:
                hear(item)

        run_id = new_run_id()
        session = self.session(emit, run_id, attended or self.attended)
        run = Run(run_id, session, content, self.max_steps, emit, self._turn, wait)
        stop, done = _launch(run, loop)
        self._stops.add(stop)
        done.add_done_callback(lambda _: self._stops.discard(stop))
        return stop, done

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
        for stop in tuple(self._stops):
            stop()

    def answer(self, tool_call_id: str, approval: Approval) -> bool:
        """Answers a request for approval; False if none waits under that id."""
        return self.approvals.answer(tool_call_id, approval)

    def take_back(self) -> Message | None:
        """Takes the last question and what followed it out of the conversation; gives it."""
        return self._history.drop_last_question()

    def reset(self) -> None:
        """Empties the conversation.

        Raises:
            AgentBusy: A run is going on.
        """
        if self.running:
            raise AgentBusy("A run is going on. Stop it with agent.stop() before the reset.")
        self._history.clear()
        self.calls.clear()
        for listener in self.listeners:
            listener(HistoryReset())


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


def tools_by_name(tools: Iterable[Any]) -> Mapping[str, Tool[..., Any]]:
    """Tools from tools and plain functions.

    Raises:
        ToolSchemaError: A function cannot be described.
        ConfigurationError: Two have the same name.
    """
    named: dict[str, Tool[..., Any]] = {}
    for item in tools:
        made = Tool.of(item)
        if made.name in named:
            raise ConfigurationError(
                f"Two tools are named {made.name!r}. Give one another name: @tool(name=…)."
            )
        named[made.name] = made
    return named


def _launch(
    run: Run, loop: asyncio.AbstractEventLoop | None
) -> tuple[Callable[[], None], concurrent.futures.Future[None]]:
    home = loop or asyncio.get_running_loop()
    done: concurrent.futures.Future[None] = concurrent.futures.Future()
    tasks: list[asyncio.Task[None]] = []
    stopped: list[bool] = []

    def begin() -> None:
        task = home.create_task(run.work())
        tasks.append(task)
        task.add_done_callback(lambda _: done.set_result(None))
        if stopped:
            # The work must begin, so that its end is told; it is cancelled at its first await.
            home.call_soon(task.cancel)

    def stop() -> None:
        stopped.append(True)
        home.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])

    if loop is None:
        begin()
    else:
        home.call_soon_threadsafe(begin)
    return stop, done
