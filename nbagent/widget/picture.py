"""One run as it is shown: its message, its parts and its calls, from events and frames to ops.

A run that goes on inside of a call is a picture of its own; the names of its calls on the wire
begin with that call's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbagent.agent.events import (
    ApprovalRequested,
    Notice,
    QuestionAnswered,
    QuestionAsked,
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
from nbagent.widget.views import CallState, ErrorView, MessageState, UsageView
from nbagent.widget.wire import CallOp, Op

__all__ = ["Picture"]

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


class Picture:
    """What has been shown of a run.

    Args:
        run_id: The run.
        message: The name of its message.
        now: Gives epoch seconds.
        path: The name on the wire of the call that it goes on in; empty for a run of its own.
    """

    def __init__(self, run_id: str, message: str, now: Callable[[], float], path: str = "") -> None:
        self.run_id = run_id
        self._message = message
        self._now = now
        self._path = path
        self._parts = 0
        self._open: dict[tuple[str, int], str] = {}
        self._calls: dict[str, _Call] = {}
        # The first call of the step that is going on.
        self._first = ""
        self._asking: set[str] = set()
        self._usage = Usage()
        self._outputs = OutputOps()
        self._closed = False
        self._handlers: dict[type, Callable[[Any], list[Op]]] = {
            TextDelta: self._text_delta,
            TextComplete: self._text_complete,
            ReasoningDelta: self._reasoning_delta,
            ReasoningComplete: self._reasoning_complete,
            ToolCallDelta: self._call_delta,
            ToolCallComplete: self._call_complete,
            End: self._end,
            StepStarted: self._step_started,
            Notice: self._notice,
            ApprovalRequested: self._approval_requested,
            QuestionAsked: self._question_asked,
            QuestionAnswered: self._question_answered,
            ToolQueued: lambda event: self._whole_call(event, "queued"),
            ToolStarted: lambda event: self._whole_call(event, "running", started=self._now()),
            ToolProgress: self._tool_progress,
            ToolOutput: self._tool_output,
            ToolFinished: self._tool_finished,
        }

    @property
    def waits(self) -> bool:
        """Whether any call waits for a person."""
        calls = self._calls.values()
        return bool(self._asking) or any(c.state == "awaiting-approval" for c in calls)

    def knows(self, tool_call_id: str) -> bool:
        """Whether it has a card for this call."""
        return tool_call_id in self._calls

    def show(self, item: StreamItem) -> list[Op]:
        """The ops for an item of this run; none for one that has no picture."""
        handler = self._handlers.get(type(item))
        return handler(item) if handler is not None else []

    def close(self, state: MessageState, error: ErrorView | None) -> list[Op]:
        """Ends the run's message, once; a call without a result says how it was left."""
        if self._closed:
            return []
        self._closed = True
        ops = self._close_parts()
        self._asking.clear()
        left: CallState = "cancelled" if state == "cancelled" else "interrupted"
        for identity, call in self._calls.items():
            ops += self._enter(identity, left) if call.state not in _OVER else []
        usage, message = _usage_view(self._usage), self._message
        ops.append(
            {"op": "message_end", "id": message, "state": state, "usage": usage, "error": error}
        )
        return ops

    def _wire_id(self, tool_call_id: str) -> str:
        return f"{self._path}/{tool_call_id}" if self._path else tool_call_id

    def _next_part(self) -> str:
        self._parts += 1
        return str(self._parts)

    def _text_delta(self, frame: TextDelta) -> list[Op]:
        return self._append_text(frame.index, frame.text) if frame.text else []

    def _append_text(self, index: int, text: str) -> list[Op]:
        part = self._open_part("text", index)
        return [{"op": "text", "message": self._message, "part": part, "text": text}]

    def _text_complete(self, frame: TextComplete) -> list[Op]:
        unseen = ("text", frame.index) not in self._open and frame.text
        ops = self._append_text(frame.index, frame.text) if unseen else []
        return ops + self._close_part("text", frame.index)

    def _reasoning_delta(self, frame: ReasoningDelta) -> list[Op]:
        if not frame.text:
            return []
        return self._append_reasoning(frame.index, frame.text, frame.summary)

    def _append_reasoning(self, index: int, text: str, summary: bool) -> list[Op]:
        part, message = self._open_part("reasoning", index), self._message
        return [
            {"op": "reasoning", "message": message, "part": part, "text": text, "summary": summary}
        ]

    def _reasoning_complete(self, frame: ReasoningComplete) -> list[Op]:
        ops: list[Op] = []
        if ("reasoning", frame.index) not in self._open:
            for text, summary in ((frame.text, False), (frame.summary, True)):
                ops += self._append_reasoning(frame.index, text, summary) if text else []
        return ops + self._close_part("reasoning", frame.index)

    def _open_part(self, kind: str, index: int) -> str:
        key = (kind, index)
        if key not in self._open:
            self._open[key] = self._next_part()
        return self._open[key]

    def _close_part(self, kind: str, index: int) -> list[Op]:
        part = self._open.pop((kind, index), None)
        if part is None:
            return []
        return [{"op": "part_done", "message": self._message, "part": part}]

    def _step_started(self, event: StepStarted) -> list[Op]:
        self._first = ""
        return self._close_parts()

    def _close_parts(self) -> list[Op]:
        return [op for key in list(self._open) for op in self._close_part(*key)]

    def _call_delta(self, frame: ToolCallDelta) -> list[Op]:
        ops = self._show_call(frame.tool_call_id, frame.name)
        if frame.arguments:
            self._calls[frame.tool_call_id].streamed = True
            call, text = self._wire_id(frame.tool_call_id), frame.arguments
            ops.append({"op": "arguments", "tool_call_id": call, "text": text})
        return ops

    def _call_complete(self, frame: ToolCallComplete) -> list[Op]:
        ops = self._show_call(frame.tool_call_id, frame.name)
        call = self._calls[frame.tool_call_id]
        if call.streamed:
            # The deltas were shown, and the complete frame is exactly these joined.
            call.arguments = frame.arguments
        return ops + self._set_arguments(frame.tool_call_id, frame.arguments)

    def _show_call(self, tool_call_id: str, name: str) -> list[Op]:
        """Adds the card where it is new; a name that came late is put in."""
        known = self._calls.get(tool_call_id)
        if known is not None and known.name == name:
            return []
        if known is None:
            known = self._calls[tool_call_id] = _Call(name)
            part = self._next_part()
        else:
            known.name, part = name, ""
        op: CallOp = {
            "op": "call",
            "message": self._message,
            "part": part,
            "tool_call_id": self._wire_id(tool_call_id),
            "name": repair(name),
        }
        if part and self._first:
            op["beside"] = self._wire_id(self._first)
        self._first = self._first or tool_call_id
        return [op]

    def _set_arguments(self, tool_call_id: str, arguments: str) -> list[Op]:
        call = self._calls[tool_call_id]
        if call.arguments == arguments:
            return []
        call.arguments = arguments
        identity, text = self._wire_id(tool_call_id), repair(arguments)
        return [{"op": "arguments_set", "tool_call_id": identity, "text": text}]

    def _approval_requested(self, event: ApprovalRequested) -> list[Op]:
        ops = self._whole_call(event, "awaiting-approval")
        if event.error:
            identity, text = self._wire_id(event.tool_call_id), repair(event.error)
            ops.append({"op": "problem", "tool_call_id": identity, "text": text})
        return ops

    def _question_asked(self, event: QuestionAsked) -> list[Op]:
        identity, question = event.tool_call_id, repair(event.question)
        ops: list[Op] = []
        if identity not in self._calls:  # of a run that nobody told of: its calls have no card
            ops = [*self._show_call(identity, event.name), *self._enter(identity, "running")]
        self._asking.add(identity)
        choices, wire_id = [repair(choice) for choice in event.choices], self._wire_id(identity)
        ops.append(
            {"op": "question", "tool_call_id": wire_id, "question": question, "choices": choices}
        )
        return ops

    def _question_answered(self, event: QuestionAnswered) -> list[Op]:
        identity = event.tool_call_id
        self._asking.discard(identity)
        text, wire_id = repair(event.answer), self._wire_id(identity)
        ops: list[Op] = [{"op": "answered", "tool_call_id": wire_id, "text": text}]
        call = self._calls.get(identity)
        # A card that was made for the question alone has no other end.
        alone = call is not None and call.arguments is None
        return [*ops, *self._enter(identity, "done")] if alone else ops

    def _whole_call(
        self,
        event: ApprovalRequested | ToolQueued | ToolStarted,
        state: CallState,
        started: float | None = None,
    ) -> list[Op]:
        ops = self._show_call(event.tool_call_id, event.name)
        ops += self._set_arguments(event.tool_call_id, event.arguments)
        self._calls[event.tool_call_id].started = started
        return ops + self._enter(event.tool_call_id, state)

    def _enter(self, tool_call_id: str, state: CallState, elapsed: float | None = None) -> list[Op]:
        call = self._calls[tool_call_id]
        call.state = state
        return [
            {
                "op": "call_state",
                "tool_call_id": self._wire_id(tool_call_id),
                "state": state,
                "started": call.started,
                "elapsed": elapsed,
            }
        ]

    def _tool_progress(self, event: ToolProgress) -> list[Op]:
        identity, text = self._wire_id(event.tool_call_id), repair(event.text)
        return [
            {"op": "progress", "tool_call_id": identity, "fraction": event.fraction, "text": text}
        ]

    def _tool_output(self, event: ToolOutput) -> list[Op]:
        return self._outputs.of(self._wire_id(event.tool_call_id), event.output)

    def _tool_finished(self, event: ToolFinished) -> list[Op]:
        ops = self._show_call(event.tool_call_id, event.name)
        self._asking.discard(event.tool_call_id)
        result = event.result
        bundle = result.bundle
        shown = bool(bundle.data) and result.error is None
        ops.append(
            {
                "op": "result",
                "tool_call_id": self._wire_id(event.tool_call_id),
                # Of a failure the bundle is the traceback, which the error shows already.
                "bundle": bundle_view(bundle.data, bundle.metadata) if shown else None,
                "text": repair(result.text),
                "error": error_view(result.error) if result.error else None,
            }
        )
        return ops + self._enter(event.tool_call_id, event.state, event.elapsed)

    def _notice(self, event: Notice) -> list[Op]:
        part, text = self._next_part(), repair(event.text)
        return [{"op": "notice", "message": self._message, "part": part, "text": text}]

    def _end(self, frame: End) -> list[Op]:
        self._usage += frame.usage
        return []


def _usage_view(usage: Usage) -> UsageView | None:
    if usage == Usage():
        return None
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
    }
