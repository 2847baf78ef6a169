"""From what an agent does to what a page shows: events and frames in, ops out.

Pure but for the clock. One assistant message a run: the text, reasoning and cards of all its
steps in their order.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nbagent.agent.events import (
    ApprovalRequested,
    ApprovalsChanged,
    HistoryReset,
    Notice,
    QuestionAnswered,
    QuestionAsked,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepStarted,
    StreamItem,
    ToolFinished,
    ToolOutput,
    ToolProgress,
    ToolQueued,
    ToolStarted,
)
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.messages import Usage
from nbagent.widget.output_ops import OutputOps
from nbagent.widget.values import bundle_view, error_view, repair
from nbagent.widget.views import CallState, ErrorView, MessageState, Status, UsageView
from nbagent.widget.wire import Op

__all__ = ["Translator"]

# The states in which a call is over, so that the end of a run leaves it as it is.
_OVER = ("done", "failed", "denied", "cancelled", "interrupted")


@dataclass(slots=True)
class _Call:
    """What has been shown of a call."""

    name: str
    arguments: str | None = None
    state: CallState = "streaming"
    started: float | None = None
    streamed: bool = False


@dataclass(slots=True)
class _Run:
    """What has been shown of the run that is going."""

    run_id: str = ""
    message: str = ""
    parts: int = 0
    open: dict[tuple[str, int], str] = field(default_factory=dict)
    calls: dict[str, _Call] = field(default_factory=dict)
    asking: set[str] = field(default_factory=set)
    usage: Usage = field(default_factory=Usage)

    def next_part(self) -> str:
        self.parts += 1
        return str(self.parts)


class Translator:
    """Keeps the keys of messages and parts; one for each widget.

    Args:
        model: The model's label until a run says another.
        now: Gives epoch seconds.
    """

    def __init__(self, model: str = "", now: Callable[[], float] = time.time) -> None:
        self._model = model
        self._now = now
        self._messages = 0
        self._run = _Run()
        self._outputs = OutputOps()
        self._active = False
        self._status: Status = "idle"
        self._handlers: dict[type, Callable[[Any], list[Op]]] = {
            TextDelta: self._text_delta,
            TextComplete: self._text_complete,
            ReasoningDelta: self._reasoning_delta,
            ReasoningComplete: self._reasoning_complete,
            ToolCallDelta: self._call_delta,
            ToolCallComplete: self._call_complete,
            End: self._end,
            RunStarted: self._run_started,
            StepStarted: self._step_started,
            Notice: self._notice,
            ApprovalRequested: self._approval_requested,
            ApprovalsChanged: lambda event: [{"op": "always", "names": list(event.always)}],
            QuestionAsked: self._question_asked,
            QuestionAnswered: self._question_answered,
            ToolQueued: self._tool_queued,
            ToolStarted: self._tool_started,
            ToolProgress: self._tool_progress,
            ToolOutput: self._tool_output,
            ToolFinished: self._tool_finished,
            RunFinished: lambda event: self._close("done", None),
            RunFailed: self._run_failed,
            RunCancelled: lambda event: self._close("cancelled", None),
            HistoryReset: self._history_reset,
        }

    @property
    def run_id(self) -> str:
        """The run that the last event belonged to; empty before the first."""
        return self._run.run_id

    def translate(self, event: StreamItem) -> list[Op]:
        """The ops that show ``event``; none for an event that has no picture."""
        handler = self._handlers.get(type(event))
        return handler(event) if handler is not None else []

    def _run_started(self, event: RunStarted) -> list[Op]:
        self._model = event.model
        self._run = _Run(event.run_id)
        self._active = True
        self._status = "running"
        question, ops = self._start_message("user")
        if event.text:
            ops += [
                {"op": "text", "message": question, "part": "1", "text": repair(event.text)},
                {"op": "part_done", "message": question, "part": "1"},
            ]
        self._run.message, answer = self._start_message("assistant")
        return [self._status_op(), *ops, *answer]

    def _start_message(self, role: Any) -> tuple[str, list[Op]]:
        self._messages += 1
        identity = f"m{self._messages}"
        return identity, [
            {"op": "message_start", "id": identity, "role": role, "created": self._now()}
        ]

    def _status_op(self) -> Op:
        return {"op": "status", "status": self._status, "model": self._model}

    def _step_started(self, event: StepStarted) -> list[Op]:
        return self._close_parts()

    def _text_delta(self, frame: TextDelta) -> list[Op]:
        return self._append_text(frame.index, frame.text) if frame.text else []

    def _append_text(self, index: int, text: str) -> list[Op]:
        part = self._open_part("text", index)
        return [{"op": "text", "message": self._run.message, "part": part, "text": text}]

    def _text_complete(self, frame: TextComplete) -> list[Op]:
        unseen = ("text", frame.index) not in self._run.open and frame.text
        ops = self._append_text(frame.index, frame.text) if unseen else []
        return ops + self._close_part("text", frame.index)

    def _reasoning_delta(self, frame: ReasoningDelta) -> list[Op]:
        if not frame.text:
            return []
        return self._append_reasoning(frame.index, frame.text, frame.summary)

    def _append_reasoning(self, index: int, text: str, summary: bool) -> list[Op]:
        part, message = self._open_part("reasoning", index), self._run.message
        return [
            {"op": "reasoning", "message": message, "part": part, "text": text, "summary": summary}
        ]

    def _reasoning_complete(self, frame: ReasoningComplete) -> list[Op]:
        ops: list[Op] = []
        if ("reasoning", frame.index) not in self._run.open:
            for text, summary in ((frame.text, False), (frame.summary, True)):
                ops += self._append_reasoning(frame.index, text, summary) if text else []
        return ops + self._close_part("reasoning", frame.index)

    def _open_part(self, kind: str, index: int) -> str:
        key = (kind, index)
        if key not in self._run.open:
            self._run.open[key] = self._run.next_part()
        return self._run.open[key]

    def _close_part(self, kind: str, index: int) -> list[Op]:
        part = self._run.open.pop((kind, index), None)
        if part is None:
            return []
        return [{"op": "part_done", "message": self._run.message, "part": part}]

    def _close_parts(self) -> list[Op]:
        return [op for key in list(self._run.open) for op in self._close_part(*key)]

    def _call_delta(self, frame: ToolCallDelta) -> list[Op]:
        ops = self._show_call(frame.tool_call_id, frame.name)
        if frame.arguments:
            self._run.calls[frame.tool_call_id].streamed = True
            call, text = frame.tool_call_id, frame.arguments
            ops.append({"op": "arguments", "tool_call_id": call, "text": text})
        return ops

    def _call_complete(self, frame: ToolCallComplete) -> list[Op]:
        ops = self._show_call(frame.tool_call_id, frame.name)
        call = self._run.calls[frame.tool_call_id]
        if call.streamed:
            # The deltas were shown, and the complete frame is exactly these joined.
            call.arguments = frame.arguments
        return ops + self._set_arguments(frame.tool_call_id, frame.arguments)

    def _show_call(self, tool_call_id: str, name: str) -> list[Op]:
        """Adds the card where it is new; a name that came late is put in."""
        known = self._run.calls.get(tool_call_id)
        if known is not None and known.name == name:
            return []
        if known is None:
            known = self._run.calls[tool_call_id] = _Call(name)
            part = self._run.next_part()
        else:
            known.name, part = name, ""
        message = self._run.message
        return [
            {
                "op": "call",
                "message": message,
                "part": part,
                "tool_call_id": tool_call_id,
                "name": repair(name),
            }
        ]

    def _set_arguments(self, tool_call_id: str, arguments: str) -> list[Op]:
        call = self._run.calls[tool_call_id]
        if call.arguments == arguments:
            return []
        call.arguments = arguments
        text = repair(arguments)
        return [{"op": "arguments_set", "tool_call_id": tool_call_id, "text": text}]

    def _approval_requested(self, event: ApprovalRequested) -> list[Op]:
        ops = self._whole_call(event, "awaiting-approval")
        if event.error:
            identity, text = event.tool_call_id, repair(event.error)
            ops.append({"op": "problem", "tool_call_id": identity, "text": text})
        return ops

    def _question_asked(self, event: QuestionAsked) -> list[Op]:
        identity, question = event.tool_call_id, repair(event.question)
        ops: list[Op] = []
        if identity not in self._run.calls:  # of an agent that is a tool: its calls have no card
            ops = [*self._show_call(identity, event.name), *self._enter(identity, "running")]
        self._run.asking.add(identity)
        choices = [repair(choice) for choice in event.choices]
        return [
            *ops,
            {
                "op": "question",
                "tool_call_id": identity,
                "question": question,
                "choices": choices,
            },
            *self._refresh_status(),
        ]

    def _question_answered(self, event: QuestionAnswered) -> list[Op]:
        identity = event.tool_call_id
        self._run.asking.discard(identity)
        text = repair(event.answer)
        ops: list[Op] = [{"op": "answered", "tool_call_id": identity, "text": text}]
        call = self._run.calls.get(identity)
        # A card that was made for the question alone has no other end.
        alone = call is not None and call.arguments is None
        return [*ops, *(self._enter(identity, "done") if alone else self._refresh_status())]

    def _tool_queued(self, event: ToolQueued) -> list[Op]:
        return self._whole_call(event, "queued")

    def _tool_started(self, event: ToolStarted) -> list[Op]:
        return self._whole_call(event, "running", started=self._now())

    def _whole_call(
        self,
        event: ApprovalRequested | ToolQueued | ToolStarted,
        state: CallState,
        started: float | None = None,
    ) -> list[Op]:
        ops = self._show_call(event.tool_call_id, event.name)
        ops += self._set_arguments(event.tool_call_id, event.arguments)
        self._run.calls[event.tool_call_id].started = started
        return ops + self._enter(event.tool_call_id, state)

    def _enter(self, tool_call_id: str, state: CallState, elapsed: float | None = None) -> list[Op]:
        call = self._run.calls[tool_call_id]
        call.state = state
        return [
            {
                "op": "call_state",
                "tool_call_id": tool_call_id,
                "state": state,
                "started": call.started,
                "elapsed": elapsed,
            },
            *self._refresh_status(),
        ]

    def _refresh_status(self) -> list[Op]:
        """The widget waits while any call waits for a person."""
        if not self._active:
            return []
        calls = self._run.calls.values()
        waits = bool(self._run.asking) or any(c.state == "awaiting-approval" for c in calls)
        status: Status = "waiting" if waits else "running"
        if status == self._status:
            return []
        self._status = status
        return [self._status_op()]

    def _tool_progress(self, event: ToolProgress) -> list[Op]:
        identity, text = event.tool_call_id, repair(event.text)
        return [
            {"op": "progress", "tool_call_id": identity, "fraction": event.fraction, "text": text}
        ]

    def _tool_output(self, event: ToolOutput) -> list[Op]:
        return self._outputs.of(event.tool_call_id, event.output)

    def _tool_finished(self, event: ToolFinished) -> list[Op]:
        ops = self._show_call(event.tool_call_id, event.name)
        self._run.asking.discard(event.tool_call_id)
        result = event.result
        bundle = result.bundle
        shown = bool(bundle.data) and result.error is None
        ops.append(
            {
                "op": "result",
                "tool_call_id": event.tool_call_id,
                # Of a failure the bundle is the traceback, which the error shows already.
                "bundle": bundle_view(bundle.data, bundle.metadata) if shown else None,
                "text": repair(result.text),
                "error": error_view(result.error) if result.error else None,
            }
        )
        return ops + self._enter(event.tool_call_id, event.state, event.elapsed)

    def _notice(self, event: Notice) -> list[Op]:
        part, text = self._run.next_part(), repair(event.text)
        return [{"op": "notice", "message": self._run.message, "part": part, "text": text}]

    def _end(self, frame: End) -> list[Op]:
        self._run.usage += frame.usage
        return []

    def _run_failed(self, event: RunFailed) -> list[Op]:
        return self._close("failed", error_view(event.error))

    def _close(self, state: MessageState, error: ErrorView | None) -> list[Op]:
        """Ends the run's message; a call without a result says how it was left."""
        if not self._active:
            return []
        self._active = False
        ops = self._close_parts()
        left: CallState = "cancelled" if state == "cancelled" else "interrupted"
        for identity, call in self._run.calls.items():
            ops += self._enter(identity, left) if call.state not in _OVER else []
        self._status = "idle"
        message, usage = self._run.message, _usage_view(self._run.usage)
        ops.append(
            {"op": "message_end", "id": message, "state": state, "usage": usage, "error": error}
        )
        return [*ops, self._status_op()]

    def _history_reset(self, event: HistoryReset) -> list[Op]:
        self._run = _Run()
        self._active = False
        self._status = "idle"
        return [{"op": "reset"}, self._status_op()]


def _usage_view(usage: Usage) -> UsageView | None:
    if usage == Usage():
        return None
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
    }
