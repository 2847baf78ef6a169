"""Runs, steps and calls as spans.

A follower is called in the task of the run and in the context in which a tool's function is then
called, so what is set as current there is the parent of whatever the code there traces itself: a
request of an instrumented HTTP client under the chat, a span of the person's own under the tool,
the run of an agent that a tool asks under that tool.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from nbagent.agent.events import (
    Notice,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    ToolFinished,
    ToolQueued,
    ToolStarted,
)
from nbagent.agent.following import Source
from nbagent.errors import NbagentError
from nbagent.frames import ReasoningDelta, TextDelta, ToolCallDelta
from nbagent.otel import content
from nbagent.otel.api import Context, Span, SpanKind, Status, StatusCode, Tracer, context, trace
from nbagent.otel.attributes import (
    ERROR_TYPE,
    error_type,
    model_attributes,
    request_attributes,
    response_attributes,
    server_attributes,
    usage_attributes,
)
from nbagent.otel.measuring import Metrics, kept

__all__ = ["Tracing"]


@dataclass(eq=False)
class _Open:
    """A span that goes on.

    Attributes:
        around: The context that it began in.
        attributes: What metrics share with it.
        heard: When the last fragment came.
    """

    span: Span
    around: Context
    attributes: dict[str, Any]
    begun: float = field(default_factory=time.monotonic)
    heard: float | None = None
    measured: dict[str, Any] = field(default_factory=dict)

    @property
    def inside(self) -> Context:
        """The context in which it is the current span."""
        return trace.set_span_in_context(self.span, self.around)


@dataclass(eq=False)
class _Queued:
    """A call that waits: when that began, and in what context."""

    at: int
    around: Context


class Tracing:
    """Follows the runs of one agent, or of all.

    Args:
        tracer: Makes spans.
        metrics: Takes numbers.
        capture: Whether what was said goes into the spans.
        name: The agent's name.
    """

    def __init__(self, tracer: Tracer, metrics: Metrics, capture: bool, name: str = "") -> None:
        self._tracer = tracer
        self._metrics = metrics
        self._capture = capture
        self._name = name
        self._open: dict[tuple[str, ...], _Open] = {}
        self._queued: dict[tuple[str, str], _Queued] = {}
        # The step that the code belongs to: steps of branches stream side by side.
        self._step: ContextVar[_Open | None] = ContextVar("nbagent_otel_step", default=None)
        self._handlers: dict[type, Callable[[Source, Any], None]] = {
            RunStarted: self._run_started,
            RunFinished: self._run_finished,
            RunFailed: self._run_failed,
            RunCancelled: self._run_cancelled,
            StepStarted: self._step_started,
            StepFinished: self._step_finished,
            Notice: self._notice,
            ToolQueued: self._tool_queued,
            ToolStarted: self._tool_started,
            ToolFinished: self._tool_finished,
            TextDelta: self._fragment,
            ReasoningDelta: self._fragment,
            ToolCallDelta: self._fragment,
        }
        self.kinds = frozenset(self._handlers)

    def told(self, source: Source, item: Any) -> None:
        """As any follower is told."""
        self._handlers[type(item)](source, item)

    def close(self) -> None:
        """Ends what goes on."""
        for run_id in {key[0] for key in self._open}:
            self._run_over(run_id, {})

    def _begin(
        self,
        key: tuple[str, ...],
        name: str,
        kind: SpanKind,
        attributes: dict[str, Any],
        around: Context | None = None,
        at: int | None = None,
    ) -> _Open:
        around = around if around is not None else context.get_current()
        span = self._tracer.start_span(
            name, context=around, kind=kind, attributes=attributes, start_time=at
        )
        made = self._open[key] = _Open(span, around, attributes)
        made.measured = kept(attributes)
        return made

    def _end(
        self,
        opened: _Open,
        attributes: dict[str, Any],
        failure: str = "",
        words: str = "",
        seconds: float | None = None,
    ) -> None:
        if failure:
            attributes = {**attributes, ERROR_TYPE: failure}
            opened.span.set_status(Status(StatusCode.ERROR, words or failure))
        opened.span.set_attributes(attributes)
        opened.span.end()
        lasted = time.monotonic() - opened.begun if seconds is None else seconds
        self._metrics.lasted(lasted, {**opened.attributes, **attributes})

    def _run_started(self, source: Source, event: RunStarted) -> None:
        attributes = {
            "gen_ai.operation.name": "invoke_agent",
            **model_attributes(source.settings.model),
            "nbagent.run.id": event.run_id,
        }
        known = self._name or source.settings.name
        if known:
            attributes["gen_ai.agent.name"] = known
        if source.settings.description:
            attributes["gen_ai.agent.description"] = source.settings.description
        name = f"invoke_agent {known}".rstrip()
        opened = self._begin((event.run_id,), name, SpanKind.INTERNAL, attributes)
        self._step.set(None)  # of an agent around this one
        # Never taken back: this is the run's own task, whose context ends with it.
        context.attach(opened.inside)

    def _run_finished(self, source: Source, event: RunFinished) -> None:
        made = usage_attributes(event.reply.usage)
        if event.reply.messages and event.reply.messages[-1].finish_reason:
            made["gen_ai.response.finish_reasons"] = (event.reply.messages[-1].finish_reason,)
        self._run_over(event.run_id, made)

    def _run_failed(self, source: Source, event: RunFailed) -> None:
        self._run_over(event.run_id, {}, error_type(event.error), self._words(event.error))

    def _run_cancelled(self, source: Source, event: RunCancelled) -> None:
        self._run_over(event.run_id, {}, "cancelled")

    def _run_over(
        self, run_id: str, attributes: dict[str, Any], failure: str = "", words: str = ""
    ) -> None:
        # Every start has its end, but whoever follows may leave in the middle.
        for key in [key for key in self._open if key[0] == run_id and len(key) > 1]:
            self._end(self._open.pop(key), {}, failure or "_OTHER")
        for key in [key for key in self._queued if key[0] == run_id]:
            del self._queued[key]
        opened = self._open.pop((run_id,), None)
        if opened is not None:
            self._end(opened, attributes, failure, words)
            context.attach(opened.around)

    def _step_started(self, source: Source, event: StepStarted) -> None:
        settings = source.settings
        attributes = {
            "gen_ai.operation.name": "chat",
            **model_attributes(settings.model),
            **request_attributes(settings.params),
            **server_attributes(settings.executor.base_url(settings.model)),
        }
        more: dict[str, Any] = {}
        if self._capture:
            more["gen_ai.input.messages"] = content.input_messages(source.messages)
            if settings.instructions:
                said = content.instructions(settings.instructions)
                more["gen_ai.system_instructions"] = said
        key, name = (event.run_id, f"step {event.step}"), f"chat {settings.model.name}"
        opened = self._begin(key, name, SpanKind.CLIENT, attributes)
        opened.span.set_attributes(more)
        self._step.set(opened)
        context.attach(opened.inside)

    def _step_finished(self, source: Source, event: StepFinished) -> None:
        opened = self._open.pop((event.run_id, f"step {event.step}"), None)
        if opened is None:
            return
        self._step.set(None)
        context.attach(opened.around)
        attributes = response_attributes(event.message)
        if self._capture:
            attributes["gen_ai.output.messages"] = content.output_messages(event.message)
        if event.message.finish_reason is None:
            # Told while what ended the stream is on its way up: the event itself has no error.
            error = sys.exc_info()[1]
            self._end(opened, attributes, error_type(error), self._words(error))
        else:
            self._end(opened, attributes)
        self._metrics.tokens(event.message.usage, {**opened.attributes, **attributes})

    def _fragment(self, source: Source, frame: object) -> None:
        opened = self._step.get()
        if opened is None:
            return
        now = time.monotonic()
        if opened.heard is None:
            waited = now - opened.begun
            opened.span.set_attribute("gen_ai.response.time_to_first_chunk", waited)
            self._metrics.first(waited, opened.attributes)
        else:
            self._metrics.between(now - opened.heard, opened.measured)
        opened.heard = now

    def _notice(self, source: Source, event: Notice) -> None:
        opened = self._step.get() or self._open.get((event.run_id,))
        if opened is not None:
            opened.span.add_event("nbagent.notice", {"nbagent.notice.text": event.text})

    def _tool_queued(self, source: Source, event: ToolQueued) -> None:
        key, around, step = (
            (event.run_id, event.tool_call_id),
            context.get_current(),
            self._step.get(),
        )
        if step is not None and trace.get_current_span(around) is step.span:
            around = step.around  # begun while the reply streams, it is no part of the request
        self._queued.setdefault(key, _Queued(time.time_ns(), around))

    def _tool_started(self, source: Source, event: ToolStarted) -> None:
        # In the context in which the function is called next: what it traces is inside.
        opened = self._begin_tool(source, event.run_id, event, event.arguments)
        context.attach(opened.inside)

    def _begin_tool(
        self, source: Source, run_id: str, event: Any, arguments: str = "", at: int | None = None
    ) -> _Open:
        queued = self._queued.get((run_id, event.tool_call_id))
        attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": event.name,
            "gen_ai.tool.call.id": event.tool_call_id,
            "gen_ai.tool.type": "function",
        }
        if self._capture and arguments:
            attributes["gen_ai.tool.call.arguments"] = arguments
        around = queued.around if queued is not None else None
        key, name = (run_id, event.tool_call_id), f"execute_tool {event.name}"
        return self._begin(key, name, SpanKind.INTERNAL, attributes, around, at)

    def _tool_finished(self, source: Source, event: ToolFinished) -> None:
        key = (event.run_id, event.tool_call_id)
        opened = self._open.pop(key, None)
        queued = self._queued.get(key)
        if opened is None:  # its function never ran: it was denied, or did not fit
            at = queued.at if queued is not None else None
            opened = self._begin_tool(source, event.run_id, event, at=at)
            del self._open[key]
        self._queued.pop(key, None)
        made: dict[str, Any] = {"nbagent.tool.state": event.state}
        if self._capture:
            made["gen_ai.tool.call.result"] = event.result.text
        error = event.result.error
        failure = "" if event.state == "done" else error_type(error)
        if event.state == "cancelled":
            failure = "cancelled"
        self._end(opened, made, failure, self._words(error), seconds=event.elapsed)

    def _words(self, error: BaseException | None) -> str:
        """What an error says. A tool's may quote the data it worked on."""
        from_tool = not isinstance(error, NbagentError) or type(error).__name__ in TOOLS
        return str(error) if error is not None and (self._capture or not from_tool) else ""


TOOLS = frozenset({"ToolExecutionError", "ToolRaised", "ToolArgumentsError", "UnknownTool"})
