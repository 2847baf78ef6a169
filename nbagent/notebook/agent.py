"""`Agent`: the engine joined with its widget, and with the threads of a notebook.

A displayed agent does its network I/O on a thread of its own, so that a reply streams on while a
cell blocks the kernel; its tools still run on the kernel's main thread. An agent that was never
displayed runs on the caller's own loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nbagent.agent.approval import Approver
from nbagent.agent.checks import (
    approver_of,
    history_of,
    params_of,
    steps_of,
    tool_calling_of,
    tools_by_name,
)
from nbagent.agent.engine import Engine
from nbagent.agent.io_thread import io_loop
from nbagent.agent.session import Settings
from nbagent.choice import choose_model, executor_for
from nbagent.executor import Executor
from nbagent.messages import MessageLike
from nbagent.models import ModelLike
from nbagent.notebook.approving import Approving
from nbagent.notebook.asking import Asking
from nbagent.widget.commands import Approve, Ask, Command, Deny, Retry, Stop
from nbagent.widget.widget import AgentWidget

__all__ = ["Agent"]


class Agent(Asking, Approving):
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
    def widget(self) -> AgentWidget:
        """The widget. It shows what was said before it was made, too."""
        if self._widget is None:
            self._widget = AgentWidget(self._obey, model=str(self.model))
            self._engine.listen(self._widget.put)
        return self._widget

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
