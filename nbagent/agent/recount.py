"""A conversation told again as the events it was made of, for a display that comes late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from nbagent.agent.calls import CallRecord, ToolState
from nbagent.agent.events import (
    RunCancelled,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    StreamItem,
    ToolFinished,
)
from nbagent.agent.history import NOT_RUN
from nbagent.agent.reply import Reply
from nbagent.agent.session import BROKEN, STOPPED
from nbagent.errors import ToolError
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.messages import Message, Part, ReasoningPart, TextPart, ToolCall, ToolResultPart
from nbagent.tools import ToolResult

__all__ = ["recount"]


def recount(
    messages: Iterable[Message], calls: Iterable[CallRecord], model: str
) -> Iterator[StreamItem]:
    """The events of a conversation, runs told apart by what the person said."""
    records = {record.tool_call_id: record for record in calls}
    turn: list[Message] = []
    number = 0
    for message in messages:
        if message.role == "user" and turn:
            yield from _run(f"earlier_{number}", turn, records, model)
            turn, number = [], number + 1
        if message.role != "system":
            turn.append(message)
    if turn:
        yield from _run(f"earlier_{number}", turn, records, model)


def _run(
    run_id: str, turn: Sequence[Message], records: dict[str, CallRecord], model: str
) -> Iterator[StreamItem]:
    asked = turn[0].text if turn[0].role == "user" else ""
    yield RunStarted(run_id, asked, model)
    step = 0
    last = turn[-1]
    for message in turn:
        if message.role == "assistant":
            step += 1
            yield StepStarted(run_id, step)
            for index, part in enumerate(message.parts):
                yield from _frames(index, part)
            if message.finish_reason is not None:
                yield End(message.finish_reason, message.usage, message.model, message.response_id)
            yield StepFinished(run_id, step, message)
        for result in message.tool_results:
            yield _finished(run_id, result, records.get(result.tool_call_id))
    if last.role == "assistant" and last.finish_reason is not None:
        yield RunFinished(run_id, Reply(last.text, (), last.usage, tuple(turn), run_id))
    else:
        yield RunCancelled(run_id)


def _frames(index: int, part: Part) -> Iterator[StreamFrame]:
    if isinstance(part, TextPart):
        yield TextDelta(part.text, index)
        yield TextComplete(part.text, index)
    elif isinstance(part, ReasoningPart) and (part.text or part.summary):
        if part.text:
            yield ReasoningDelta(part.text, index)
        if part.summary:
            yield ReasoningDelta(part.summary, index, True)
        yield ReasoningComplete(part.text, index, part.summary)
    elif isinstance(part, ToolCall):
        yield ToolCallDelta(part.tool_call_id, part.name, part.arguments, index)
        yield ToolCallComplete(part.tool_call_id, part.name, part.arguments, index)


def _finished(run_id: str, part: ToolResultPart, record: CallRecord | None) -> ToolFinished:
    if record is not None:
        state, result, elapsed = record.state, record.outcome, record.elapsed
    else:
        state, elapsed = _state(part), 0.0
        error = ToolError(part.text) if part.error else None
        result = ToolResult(None, part.text, error=error, images=part.images)
    return ToolFinished(run_id, part.tool_call_id, part.name, state, result, elapsed)


def _state(part: ToolResultPart) -> ToolState:
    if not part.error:
        return "done"
    return "cancelled" if part.text in (NOT_RUN, STOPPED, BROKEN) else "failed"
