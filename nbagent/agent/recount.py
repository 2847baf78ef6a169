"""A conversation told again as the events it was made of, for a display that comes late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from nbagent.agent.ask_user import NOBODY, Question, ask_user
from nbagent.agent.calls import CallRecord, ToolState
from nbagent.agent.events import (
    NestedItem,
    Notice,
    QuestionAnswered,
    QuestionAsked,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    StreamItem,
    ToolFinished,
    ToolOutput,
)
from nbagent.agent.gone import Gone
from nbagent.agent.repair import INTERRUPTED, NOT_RUN
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
from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
)
from nbagent.tools import ToolResult

__all__ = ["Failures", "recount", "said", "turns"]

# How runs failed, by the id of the message that was the last then.
Failures: TypeAlias = Mapping[int, BaseException]

GONE = "Saved by an earlier kernel: the cards show what was seen, the objects live no more."


def recount(
    messages: Iterable[Message],
    calls: Iterable[CallRecord],
    model: str,
    failures: Failures | None = None,
) -> Iterator[StreamItem]:
    """The events of a conversation, runs told apart by what the person said."""
    failed = failures or {}
    records = {record.tool_call_id: record for record in calls}
    turn: list[Message] = []
    number = 0
    for message in messages:
        if message.role == "user" and turn:
            yield from _run(f"earlier_{number}", turn, records, model, failed)
            turn, number = [], number + 1
        if message.role != "system":
            turn.append(message)
    if turn:
        yield from _run(f"earlier_{number}", turn, records, model, failed)


def turns(messages: Sequence[Message]) -> dict[str, int]:
    """Where the runs of a recount begin: the index of the first message of each."""
    starts: list[int] = []
    for index, message in enumerate(messages):
        if message.role == "user" or (message.role != "system" and not starts):
            starts.append(index)
    return {f"earlier_{number}": index for number, index in enumerate(starts)}


def _run(
    run_id: str,
    turn: Sequence[Message],
    records: dict[str, CallRecord],
    model: str,
    failed: Failures,
) -> Iterator[StreamItem]:
    first = turn[0]
    asked = first.text if first.role == "user" else ""
    shown = tuple(part for part in first.parts if isinstance(part, (ImagePart, FilePart)))
    yield RunStarted(run_id, asked, model, shown)
    yield from said(run_id, turn, records)
    last = turn[-1]
    if id(last) in failed:
        yield RunFailed(run_id, failed[id(last)])
    elif last.role == "assistant" and last.finish_reason is not None:
        yield RunFinished(run_id, Reply(last.text, (), last.usage, tuple(turn), run_id))
    else:
        yield RunCancelled(run_id)


def said(
    run_id: str, messages: Iterable[Message], records: Mapping[str, CallRecord]
) -> Iterator[StreamItem]:
    """What the messages of a run tell, without its beginning and its end."""
    step = 0
    for message in messages:
        if message.role == "assistant":
            step += 1
            yield StepStarted(run_id, step)
            for index, part in enumerate(message.parts):
                yield from _frames(index, part)
            if message.finish_reason is not None:
                yield End(message.finish_reason, message.usage, message.model, message.response_id)
            yield StepFinished(run_id, step, message)
        yield from _results(run_id, message, records)


def _results(
    run_id: str, message: Message, records: Mapping[str, CallRecord]
) -> Iterator[StreamItem]:
    gone = []
    for result in message.tool_results:
        record = records.get(result.tool_call_id)
        for output in record.outputs if record is not None else ():
            yield ToolOutput(run_id, result.tool_call_id, output)
        if record is not None:
            yield from _asked(run_id, record)
            yield from _inside(run_id, record)
        yield _finished(run_id, result, record)
        if record is not None and isinstance(record.result, Gone):
            gone.append(record)
    if gone:
        names = ", ".join(dict.fromkeys(record.name for record in gone))
        yield Notice(run_id, f"{GONE} ({names})")


def _asked(run_id: str, record: CallRecord) -> Iterator[StreamItem]:
    """The question that a call put to the person, and what they said."""
    question = Question.of(record.arguments) if record.name == ask_user.name else None
    answered = record.state == "done"
    # A call that ended before its function began has asked nobody.
    if question is None or record.text == NOBODY or not (answered or record.elapsed):
        return
    call, name = record.tool_call_id, record.name
    yield QuestionAsked(run_id, call, name, question.question, tuple(question.choices or ()))
    if answered:
        yield QuestionAnswered(run_id, call, str(record.result))


def _inside(run_id: str, record: CallRecord) -> Iterator[StreamItem]:
    """The run of another agent that went on in a call, as its reply has it."""
    reply = record.result
    if not isinstance(reply, Reply) or not reply.messages:
        return
    model = next((message.model for message in reply.messages if message.model), "")
    records = {call.tool_call_id: call for call in reply.calls}
    for item in _run(reply.run_id, reply.messages, records, model, {}):
        yield NestedItem(run_id, record.tool_call_id, record.name, item)


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
    if part.text == INTERRUPTED:
        return "interrupted"
    return "cancelled" if part.text in (NOT_RUN, STOPPED, BROKEN) else "failed"
