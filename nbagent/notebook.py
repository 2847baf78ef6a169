"""`Agent`: the engine joined with its widget, and with the threads of a notebook.

A displayed agent does its network I/O on a thread of its own, so that a reply streams on while a
cell blocks the kernel; its tools still run on the kernel's main thread. An agent that was never
displayed runs on the caller's own loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from nbagent.agent.approval import Approval, Approver
from nbagent.agent.calls import CallRecord
from nbagent.agent.engine import ENDS, Engine, outcome, tools_by_name
from nbagent.agent.events import StreamItem
from nbagent.agent.io_thread import io_loop
from nbagent.agent.recount import recount
from nbagent.agent.reply import Reply
from nbagent.agent.session import Session, Settings
from nbagent.choice import choose_model, executor_for
from nbagent.errors import ConfigurationError
from nbagent.executor import Executor
from nbagent.messages import Message, MessageLike, Part, Usage
from nbagent.models import Model, ModelLike
from nbagent.tools import Tool
from nbagent.widget.commands import Approve, Ask, Command, Deny, Retry, Stop
from nbagent.widget.widget import AgentWidget

__all__ = ["Agent"]

Question: TypeAlias = str | Sequence[str | Part]


class Agent:
    """An agent with tools, a memory and a widget. The last line of a cell displays it.

    Args:
        model: ``"provider:name"`` or a `Model`. By default what NBAGENT_MODEL names, else a model
            of the first provider whose key is in the environment, else the embedded model if it
            is installed.
        tools: Functions and `Tool`s that the model may call.
        instructions: What the model is told before everything else.
        executor: Reaches the model; by default made from the environment.
        max_steps: How often one question may ask the model.
        approver: Answers for calls of tools with ``approve``: an async callable that gets an
            `ApprovalRequested` and gives True, False, a reason to deny, or an `Approval`.
        tool_calling: ``"native"`` or ``"schema"``; by default as the model has it.
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
        chosen = Model.of(model) if model is not None else choose_model()
        settings = Settings(
            executor_for(chosen, executor),
            chosen,
            tools_by_name(tools),
            instructions,
            dict(params or {}),
            tool_calling,
        )
        self._engine = Engine(settings, history=history, max_steps=max_steps, approver=approver)
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
        self._engine.approvals.approver = approver

    @property
    def widget(self) -> AgentWidget:
        """The widget. It shows what was said before it was made, too."""
        if self._widget is None:
            widget = self._widget = AgentWidget(self._obey, model=str(self.model))
            for item in recount(self._engine.messages, self._engine.calls, str(self.model)):
                widget.put(item)
            self._engine.listeners.append(widget.put)
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
        content, wait = _content(question), _wait(when_busy)
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
        content, wait = _content(question), _wait(when_busy)
        return self._engine.stream(*content, loop=self._loop(), wait=wait)

    def ask_blocking(self, question: Question) -> Reply:
        """Asks and waits without ``await``, for scripts and plain cells.

        Tools run on the calling thread meanwhile. Interrupting stops the run.

        Raises:
            asyncio.CancelledError: The run was stopped.
            NbagentError: The run failed; see `nbagent.errors`.
        """
        ends: list[StreamItem] = []
        stop, done = self._engine.start(
            _content(question), ends.append, loop=io_loop(), attended=False
        )
        try:
            self._engine.place.pump(done)
        except BaseException:
            stop()
            raise
        end = ends[-1]
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
        """The lower door: ask, stream and run tools step by step, over the same history."""
        return self._engine.session(_nobody, "session", attended=False)

    def reset(self) -> None:
        """Empties the conversation, here and in the widget.

        Raises:
            AgentBusy: A run is going on.
        """
        self._engine.reset()

    def fork(self) -> Agent:
        """Another agent with the same settings that goes on from a copy of the conversation."""
        settings = self._engine.settings
        return Agent(
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

    def _loop(self) -> asyncio.AbstractEventLoop | None:
        return io_loop() if self._engine.attended else None

    def _obey(self, command: Command) -> None:
        """What the widget's reader wants. Called on whatever thread the kernel chose."""
        if isinstance(command, Ask):
            self._engine.start((command.text,), loop=io_loop())
        elif isinstance(command, Stop):
            self._engine.stop()
        elif isinstance(command, Approve):
            self.approve(command.tool_call_id, arguments=command.arguments, always=command.always)
        elif isinstance(command, Deny):
            self.deny(command.tool_call_id, command.reason)
        elif isinstance(command, Retry) and not self.running:
            question = self._engine.take_back()
            if question is not None:
                self._engine.start(question.parts, loop=io_loop())


def _content(question: Question) -> tuple[str | Part, ...]:
    content = (question,) if isinstance(question, str) else tuple(question)
    if not content or content == ("",):
        raise ConfigurationError("There is nothing to ask: the question is empty.")
    return content


def _wait(when_busy: str) -> bool:
    if when_busy not in ("wait", "refuse"):
        raise ConfigurationError(f"when_busy is 'wait' or 'refuse'; got {when_busy!r}.")
    return when_busy == "wait"


def _nobody(item: StreamItem) -> None:
    """A session of one's own has no listeners."""
