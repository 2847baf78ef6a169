"""`Agent`: the engine joined with its widget, and with the threads of a notebook.

A displayed agent does its network I/O on a thread of its own, so that a reply streams on while a
cell blocks the kernel; its tools still run on the kernel's main thread. An agent that was never
displayed runs on the caller's own loop.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from weakref import WeakSet

from nbagent.agent.approval import Approver
from nbagent.agent.checks import (
    approver_of,
    history_of,
    limits_checked,
    name_checked,
    parallel_of,
    params_of,
    steps_of,
    strategy_of,
    timeout_of,
    tool_calling_of,
    toolset_of,
)
from nbagent.agent.compaction import Compaction, compaction_of
from nbagent.agent.engine import Engine
from nbagent.agent.graph import Graph
from nbagent.agent.io_thread import io_loop
from nbagent.agent.limits import MAX_STEPS, Limits
from nbagent.agent.output import output_of
from nbagent.agent.output_repair import RETRIES, retries_of
from nbagent.agent.session import Settings
from nbagent.agent.slash import Action, SlashCommand, SlashCommands
from nbagent.agent.slots import MANY
from nbagent.choice import choose_model, executor_for
from nbagent.executor import Executor
from nbagent.exporting.saved import saved_forms
from nbagent.messages import MessageLike
from nbagent.models import ModelLike
from nbagent.notebook.approving import Approving
from nbagent.notebook.branching import Branching
from nbagent.notebook.commanding import Commanding
from nbagent.notebook.delegating import Delegating
from nbagent.notebook.drawing import Drawing
from nbagent.notebook.exporting import Exporting
from nbagent.notebook.long_runs import LongRuns
from nbagent.notebook.mapping import AtScale
from nbagent.notebook.memory import Memory, model_of, stored_in
from nbagent.notebook.observing import Observing
from nbagent.notebook.offering import suggestions_of
from nbagent.notebook.replying import Replying
from nbagent.notebook.showing import Showing
from nbagent.notebook.sidecar import Beside
from nbagent.notebook.tooling import Tooling
from nbagent.scale.work import MapRun
from nbagent.store import Store
from nbagent.tools.for_person import running_shell
from nbagent.widget.commands import (
    Answer,
    Approve,
    Ask,
    Branch,
    Command,
    Deny,
    Edit,
    Hide,
    Retry,
    Revoke,
    Stop,
)
from nbagent.widget.drawing import ArgumentsDrawer
from nbagent.widget.early import hear_early
from nbagent.widget.replies import reply_through_stream
from nbagent.widget.views import AboutView
from nbagent.widget.widget import AgentWidget

__all__ = ["Agent"]


class Agent(
    Memory,
    Branching,
    AtScale,
    Approving,
    Tooling,
    Showing,
    Commanding,
    Drawing,
    Exporting,
    Beside,
    Delegating,
    LongRuns,
    Observing,
    Replying,
):
    """An agent with tools, a memory and a widget. The last line of a cell displays it.

    Args:
        model: ``"provider:name"`` or a `Model`. By default what NBAGENT_MODEL names, else a model
            of the first provider whose key is in the environment, else a local Ollama that
            answers, else the embedded model if it is installed.
        tools: Functions, `Tool`s, `Toolset`s and servers of tools (`MCPServer`) that the model
            may call. They can be changed at any time, see `Agent.tools`.
        instructions: What the model is told before everything else.
        executor: Reaches the model; by default made from the environment.
        output: What each answer is to be: a pydantic model, a dataclass, a TypedDict, a list of
            these, any other type that pydantic describes, a JSON schema, `Sections`, or an
            `Output` that says more. The value is ``reply.output``.
        output_retries: How often an answer that does not fit goes back to the model with what is
            wrong.
        max_steps: How often one question may ask the model.
        limits: What else one question may use: tokens, dollars, seconds, calls; see `Limits`.
        compaction: What is done when the conversation grows too long for the model: `Summary`,
            `LastMessages` or `Budget`. By default nothing, and the provider refuses it.
        early_start: Whether a call begins as soon as it is whole, while the reply still streams. A
            stream that fails later cannot undo it.
        name: What other agents call this one by, where it is a tool of theirs.
        description: What they are told that it is good for.
        strategy: How a question comes to its answer: a `Graph`, or an async function of the
            context and the question. By default the model is asked and its calls are run until it
            answers in words.
        approver: Answers for calls of tools with ``approve``: an async callable that gets an
            `ApprovalRequested` and gives True, False, a reason to deny, or an `Approval`.
        approval_timeout: Seconds after which a call that nobody said yes or no to is denied, with
            that reason; by default it waits.
        max_parallel_calls: How many calls of one reply run at once; the others are queued. With 1
            they run one after another, in the model's order.
        tool_calling: ``"native"``, ``"schema"`` or ``"prompted"``; by default as the model has it.
        params: Parameters of every request, such as ``temperature``.
        history: A conversation to go on from.
        store: Where each step of the conversation is written as it ends.
        commands: The person's own slash commands: texts or functions by name, see
            `Agent.commands`; or a list of functions.
        suggestions: Questions that the widget offers to begin with; by default the first of the
            tools' examples.
        conversation: Its name there. One that the store has already goes on, with the model and
            the instructions that it had where none are given.

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
        output: Any = None,
        output_retries: int = RETRIES,
        max_steps: int = MAX_STEPS,
        limits: Limits | None = None,
        compaction: Compaction | None = None,
        early_start: bool = False,
        name: str = "",
        description: str = "",
        strategy: Graph[Any, Any] | Callable[..., Any] | None = None,
        approver: Approver | None = None,
        approval_timeout: float | None = None,
        max_parallel_calls: int = MANY,
        tool_calling: str | None = None,
        params: Mapping[str, Any] | None = None,
        history: Iterable[MessageLike] = (),
        store: Store | None = None,
        conversation: str | None = None,
        commands: Mapping[str, Action | SlashCommand] | Iterable[Callable[..., Any]] = (),
        suggestions: Iterable[str] | None = None,
    ) -> None:
        stored = stored_in(store, conversation)
        chosen = choose_model(model_of(stored, model))
        settings = Settings(
            executor_for(chosen, executor),
            chosen,
            toolset_of(tools),
            instructions,
            params_of(params),
            tool_calling_of(tool_calling),
            name=name_checked(name),
            description=description,
        )
        self._engine = Engine(
            settings,
            history=history_of(history),
            runs=replace(
                strategy_of(strategy),
                max_steps=steps_of(max_steps),
                output=output_of(output),
                output_retries=retries_of(output_retries),
                limits=limits_checked(limits, chosen),
                compaction=compaction_of(compaction),
                early_start=bool(early_start),
            ),
            approver=approver_of(approver),
            approval_timeout=timeout_of(approval_timeout),
            max_parallel_calls=parallel_of(max_parallel_calls),
        )
        self._own_executor = executor is None
        self._maps: WeakSet[MapRun] = WeakSet()
        self._widget: AgentWidget | None = None
        self._drawer: ArgumentsDrawer | None = None
        self._suggestions = suggestions_of(suggestions)
        self._take_commands(SlashCommands(commands))
        self._recorder = None
        self._resume(store, conversation, stored, sys._getframe(1).f_globals)

    def __repr__(self) -> str:
        tools = ", ".join(self.tools.names) or "no tools"
        return f"<Agent {self.model} with {tools}; {len(self.history)} messages>"

    @property
    def widget(self) -> AgentWidget:
        """The widget. It shows what was said before it was made, too.

        In place of one that was closed, as by ipywidgets' `Widget.close_all`, there is a new one.
        """
        if self._widget is not None and self._widget.closed:
            self._part_with(self._widget)
        if self._widget is None:
            self._widget = AgentWidget(
                self._obey,
                model=str(self.model),
                about=self._about,
                offers=self._offers,
                forms=saved_forms,
            )
            self._engine.listen(self._widget.put)
            drawer = ArgumentsDrawer(lambda: self.tools, self._engine.place, self._widget.put_ops)
            self._engine.listen(drawer.hear)
            self._drawer = drawer
            self._engine.settings.shown.listen(self._widget.show_chips)
            kernel = getattr(running_shell(), "kernel", None)
            hear_early(self._widget, kernel)
            reply_through_stream(kernel)
        return self._widget

    def _part_with(self, widget: AgentWidget) -> None:
        self._engine.unlisten(widget.put)
        self._engine.settings.shown.unlisten(widget.show_chips)
        if self._drawer is not None:
            self._engine.unlisten(self._drawer.hear)
        self._widget = self._drawer = None

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
            tools=settings.tools.copy(),
            instructions=settings.instructions,
            executor=settings.executor,
            approver=self.approver,
            approval_timeout=self._engine.approvals.timeout,
            max_parallel_calls=self._engine.max_parallel_calls,
            tool_calling=settings.tool_calling,
            params=settings.params,
            history=self.history,
            name=settings.name,
            description=settings.description,
            commands=self.commands,
            suggestions=self._suggestions,
        )
        made._engine.runs = self._engine.runs
        made._engine.given(self._engine)
        made._engine.settings.shown = settings.shown.copy()
        # Made in a tool on a thread of its own, it would take that thread for the notebook's.
        made._engine.place = self._engine.place
        made._engine.accompanied(self._engine)
        return made

    def _obey(self, command: Command) -> None:
        """What the widget's reader wants. Called on whatever thread the kernel chose."""
        # Whoever sends a command sees the widget, also one that was displayed by itself.
        self._engine.attended = True
        if isinstance(command, Ask) and not command.files and command.text.strip():
            self._engine.start((command.text,), loop=io_loop())
        elif self._commanded(command):
            return
        elif isinstance(command, Stop):
            self._engine.stop()
        elif isinstance(command, Approve):
            self._approve_from_page(command.tool_call_id, command.arguments, command.always)
        elif isinstance(command, Deny):
            self.deny(command.tool_call_id, command.reason)
        elif isinstance(command, Answer):
            self.answer(command.tool_call_id, command.text)
        elif isinstance(command, Revoke):
            self.revoke(command.name)
        elif isinstance(command, Retry):
            self._engine.retry(io_loop())
        elif isinstance(command, Edit) and command.text.strip():
            self._engine.ask_again(self.widget.run_of(command.message), command.text, io_loop())
        elif isinstance(command, Branch):
            self._engine.switch_run(self.widget.run_of(command.message), command.version)
        elif isinstance(command, Hide) and command.name in self._engine.settings.shown.names:
            self.hide(command.name)

    def _about(self) -> AboutView:
        """What the display says beside the model."""
        used = self.usage
        tokens = used.input_tokens + used.output_tokens
        return {"tools": len(self.tools), "tokens": tokens, "cost": self.cost}
