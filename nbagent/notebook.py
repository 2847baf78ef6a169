"""`Agent`: the engine joined with its widget, and with the threads of a notebook.

A displayed agent does its network I/O on a thread of its own, so that a reply streams on while a
cell blocks the kernel; its tools still run on the kernel's main thread. An agent that was never
displayed runs on the caller's own loop.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Any

from nbagent.agent.approval import Approval, Approver
from nbagent.agent.calls import CallRecord
from nbagent.agent.checks import (
    Question,
    approver_of,
    content_of,
    history_of,
    params_of,
    steps_of,
    tool_calling_of,
    tools_by_name,
    waits,
)
from nbagent.agent.engine import ENDS, Engine, outcome
from nbagent.agent.events import StreamItem
from nbagent.agent.io_thread import io_loop
from nbagent.agent.reply import Reply
from nbagent.agent.session import Session, Settings
from nbagent.choice import choose_model, executor_for
from nbagent.errors import AgentBusy, ConfigurationError
from nbagent.executor import Executor
from nbagent.messages import Message, MessageLike, Usage
from nbagent.models import Model, ModelLike
from nbagent.tools import Tool
from nbagent.widget.commands import Approve, Ask, Command, Deny, Retry, Stop
from nbagent.widget.widget import AgentWidget

__all__ = ["Agent"]

# Seconds that an interrupted `Agent.ask_blocking` waits for its run to end.
SETTLE_SECONDS = 5.0


class Agent:
    """An agent with tools, a memory and a widget. The last line of a cell displays it.

    Args:
        model: ``"provider:name"`` or a `Model`. By default what NBAGENT_MODEL names, else a model
            of the first provider whose key is in the environment, else a local Ollama that
            answers, else the embedded model if it is installed.
        tools: Functions and `Tool`s that the model may call.
        instructions: What the model is told before everything else.
        executor: Reaches the model; by default made from the environment.
        max_steps: How often one question may ask the model.
        approver: Answers for calls of tools with ``approve``: an async callable that gets an
            `ApprovalRequested` and gives True, False, a reason to deny, or an `Approval`.
        tool_calling: ``"native"``, ``"schema"`` or ``"prompted"``; by default as the model has it.
        params: Parameters of every request, such as ``temperature``.
        history: A conversation to go on from.

    Raises:
        ConfigurationError: No model can be chosen, or an argument does not make sense.
        ToolSchemaError: A function cannot be described to a model.
    """

    def __init__(
        self,
        model: ModelLike | None = None,
        *,
        tools: Iterable[Any] = (),
        instructions: str = "",
        executor: Executor | None = None,
        max_steps: int = 20,
        approver: Approver | None = None,
        tool_calling: str | None = None,
        params: Mapping[str, Any] | None = None,
        history: Iterable[MessageLike] = (),
    ) -> None:
        chosen = choose_model(model)
        settings = Settings(
            executor_for(chosen, executor),
            chosen,
            tools_by_name(tools),
            instructions,
            params_of(params),
            tool_calling_of(tool_calling),
        )
        self._engine = Engine(
            settings,
            history=history_of(history),
            max_steps=steps_of(max_steps),
            approver=approver_of(approver),
        )
        self._widget: AgentWidget | None = None

    def __repr__(self) -> str:
        tools = ", ".join(self._engine.settings.tools) or "no tools"
        return f"<Agent {self.model} with {tools}; {len(self.history)} messages>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        # Not on every access of .widget: from here on somebody can see it, and answer it.
        bundle = self.widget._repr_mimebundle_(**options)
        self._engine.attended = True
        return bundle

    @property
    def model(self) -> Model:
        """The model that is asked."""
        return self._engine.settings.model

    @property
    def tools(self) -> tuple[Tool[..., Any], ...]:
        """The tools that the model may call."""
        return tuple(self._engine.settings.tools.values())

    @property
    def history(self) -> tuple[Message, ...]:
        """The conversation, oldest message first."""
        return self._engine.messages

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """All calls so far; ``calls[-1].result`` is the object that the function returned."""
        return tuple(self._engine.calls)

    @property
    def usage(self) -> Usage:
        """The tokens of the whole conversation."""
        return self._engine.usage

    @property
    def running(self) -> bool:
        """Whether a question is being answered."""
        return self._engine.running

    @property
    def approver(self) -> Approver | None:
        """Answers requests for approval in code; None leaves them to the widget."""
        return self._engine.approvals.approver

    @approver.setter
    def approver(self, approver: Approver | None) -> None:
        self._engine.approvals.approver = approver_of(approver)

    @property
    def widget(self) -> AgentWidget:
        """The widget. It shows what was said before it was made, too."""
        if self._widget is None:
            self._widget = AgentWidget(self._obey, model=str(self.model))
            self._engine.listen(self._widget.put)
        return self._widget

    async def ask(self, question: Question, *, when_busy: str = "wait") -> Reply:
        """Asks, and waits for the reply.

        Args:
            question: Words, or a list of words, images and files.
            when_busy: ``"wait"`` for a run that is going on, or ``"refuse"``.

        Raises:
            asyncio.CancelledError: The run was stopped.
            AgentBusy: A run is going on and ``when_busy`` is ``"refuse"``.
            NbagentError: The run failed; see `nbagent.errors`.
        """
        content, wait = content_of(question), waits(when_busy)
        return await self._engine.ask(*content, loop=self._loop(), wait=wait)

    def stream(
        self, question: Question, *, when_busy: str = "wait"
    ) -> AsyncGenerator[StreamItem, None]:
        """Asks, and gives frames and events as they come.

        The last one is `RunFinished`, `RunFailed` or `RunCancelled`. Leaving early stops the run.
        A reader answers an `ApprovalRequested` with `approve` or `deny`.

        Args:
            question: Words, or a list of words, images and files.
            when_busy: ``"wait"`` for a run that is going on, or ``"refuse"``.
        """
        content, wait = content_of(question), waits(when_busy)
        return self._engine.stream(*content, loop=self._loop(), wait=wait)

    def ask_blocking(self, question: Question) -> Reply:
        """Asks and waits without ``await``, for scripts and plain cells.

        Tools run on the calling thread meanwhile. Interrupting stops the run.

        Raises:
            asyncio.CancelledError: The run was stopped.
            AgentBusy: The calling thread's own loop is answering a question of this agent.
            NbagentError: The run failed; see `nbagent.errors`.
        """
        content = content_of(question)
        self._check_blocking()
        last: deque[StreamItem] = deque(maxlen=1)
        stop, done = self._engine.start(content, last.append, loop=io_loop(), attended=False)
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

    def approve(
        self, tool_call_id: str, *, arguments: str | None = None, always: bool = False
    ) -> bool:
        """Lets a waiting call run.

        Args:
            tool_call_id: The call, as its `ApprovalRequested` names it.
            arguments: JSON text to run it with instead of the model's.
            always: Whether calls of this tool need no more asking.

        Returns:
            Whether a call was waiting under that id.
        """
        return self._engine.answer(tool_call_id, Approval(True, arguments, always=always))

    def deny(self, tool_call_id: str, reason: str = "") -> bool:
        """Refuses a waiting call; the model reads the reason.

        Returns:
            Whether a call was waiting under that id.
        """
        return self._engine.answer(tool_call_id, Approval(False, reason=reason))

    def session(self) -> Session:
        """The lower door: ask, stream and run tools step by step, over the same history.

        In ``async with`` it holds the agent: other questions wait until the block is left.
        """
        return self._engine.own_session()

    def reset(self) -> None:
        """Empties the conversation, here and in the widget.

        Raises:
            AgentBusy: A run is going on.
        """
        self._engine.reset()

    def fork(self) -> Agent:
        """Another agent with the same settings that goes on from a copy of the conversation."""
        settings = self._engine.settings
        made = Agent(
            settings.model,
            tools=settings.tools.values(),
            instructions=settings.instructions,
            executor=settings.executor,
            max_steps=self._engine.max_steps,
            approver=self.approver,
            tool_calling=settings.tool_calling,
            params=settings.params,
            history=self.history,
        )
        # Made in a tool on a thread of its own, it would take that thread for the notebook's.
        made._engine.place = self._engine.place
        return made

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
        if loop in self._engine.loops:
            raise AgentBusy(
                "A question to this agent is being answered on the event loop that ask_blocking() "
                "would block, so neither would end. Use await agent.ask(), or agent.stop() first."
            )

    def _loop(self) -> asyncio.AbstractEventLoop | None:
        return io_loop() if self._engine.attended else None

    def _obey(self, command: Command) -> None:
        """What the widget's reader wants. Called on whatever thread the kernel chose."""
        # Whoever sends a command sees the widget, also one that was displayed by itself.
        self._engine.attended = True
        if isinstance(command, Ask) and command.text.strip():
            self._engine.start((command.text,), loop=io_loop())
        elif isinstance(command, Stop):
            self._engine.stop()
        elif isinstance(command, Approve):
            self.approve(command.tool_call_id, arguments=command.arguments, always=command.always)
        elif isinstance(command, Deny):
            self.deny(command.tool_call_id, command.reason)
        elif isinstance(command, Retry):
            self._engine.retry(io_loop())
