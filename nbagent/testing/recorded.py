"""A recorded run as a test fixture: its replies become a script, its results tools."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from nbagent.agent.events import (
    RunCancelled,
    RunFailed,
    RunStarted,
    StepFinished,
    StepStarted,
    StreamItem,
    ToolFinished,
    ToolOutput,
    ToolStarted,
)
from nbagent.errors import NbagentError, StreamTruncated
from nbagent.executor import Executor
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextDelta,
    ToolCallDelta,
)
from nbagent.messages import Message, ReasoningPart, TextPart, ToolCall, ToolSpec
from nbagent.models import Model
from nbagent.recording.reader import Recording
from nbagent.testing.replies import Reply
from nbagent.tools import SpecTool, ToolContext, ToolResult
from nbagent.tools import ToolOutput as Output

__all__ = ["RecordedRun", "replies_of", "tools_of"]

FRAMES: tuple[type, ...] = get_args(StreamFrame)


@dataclass
class _Step:
    """What was streamed in one step, and how that ended."""

    frames: list[Any] = field(default_factory=list)
    error: Exception | None = None


def replies_of(recording: Recording) -> list[Reply]:
    """What the model said, one reply for each step, in order.

    A step that failed raises the error that it failed with, after the frames that had come.
    """
    steps: list[_Step] = []
    going: dict[int, _Step] = {}
    broken: _Step | None = None
    for each in recording.items:
        item = each.item
        if isinstance(item, StepStarted):
            going[item.step] = step = _Step()
            steps.append(step)
        elif isinstance(item, StepFinished):
            ended = going.pop(item.step, None)
            if ended is not None and item.heard is not None:
                # What was recorded went through the transform, and will go through it again.
                ended.frames = list(_frames_of(item.heard, item.message))
            if item.message.finish_reason is None:
                broken = ended
        elif isinstance(item, FRAMES) and going:
            # Where several go on at once the recording says which one it is.
            _of(going, each.step).frames.append(item)
        elif isinstance(item, (RunFailed, RunCancelled)):
            if broken is not None and isinstance(item, RunFailed):
                broken.error = item.error if isinstance(item.error, NbagentError) else None
            going, broken = {}, None
    return [Reply(tuple(step.frames), raises=_raised(step)) for step in steps]


def _frames_of(heard: Message, kept: Message) -> Iterator[StreamFrame]:
    """What the model said before a transform changed it into what was kept."""
    for index, part in enumerate(heard.parts):
        if isinstance(part, TextPart):
            yield TextDelta(part.text, index)
        elif isinstance(part, ReasoningPart):
            yield ReasoningDelta(part.text, index)
            if part.summary:
                yield ReasoningDelta(part.summary, index, True)
            yield ReasoningComplete(part.text, index, part.summary, part.signature)
        elif isinstance(part, ToolCall):
            yield ToolCallDelta(part.tool_call_id, part.name, part.arguments, index)
    reason = heard.finish_reason or kept.finish_reason
    if reason is not None:  # a transform that returned early closed the stream, which is no error
        yield End(reason, heard.usage, heard.model, heard.response_id)


def _of(going: dict[int, _Step], step: int) -> _Step:
    return going.get(step) or next(reversed(going.values()))


def _raised(step: _Step) -> Exception | None:
    ended = any(isinstance(frame, End) for frame in step.frames)
    if step.error is None and not ended:
        return StreamTruncated("The recorded reply was stopped here.")
    return step.error


def tools_of(recording: Recording) -> list[SpecTool]:
    """A tool for each one that ran, which shows and gives what it did then.

    Found by the call's id, else in the order of the calls of that tool.
    """
    outputs: dict[str, list[Output]] = defaultdict(list)
    results: dict[str, dict[str, ToolResult]] = {}
    items = [each.item for each in recording.items]
    for item in items:
        if isinstance(item, ToolStarted):
            results.setdefault(item.name, {})
        elif isinstance(item, ToolOutput):
            outputs[item.tool_call_id].append(item.output)
    for item in items:
        if isinstance(item, ToolFinished) and item.name in results:
            results[item.name][item.tool_call_id] = item.result
    return [_tool(name, given, outputs) for name, given in results.items()]


def _tool(
    name: str, results: dict[str, ToolResult], outputs: Mapping[str, list[Output]]
) -> SpecTool:
    left = deque(results)

    async def give(arguments: dict[str, Any], context: ToolContext) -> ToolResult:
        called = context.call.tool_call_id if context.call is not None else ""
        if called not in left:
            if not left:
                raise LookupError(f"The recording has no more results of {name!r}.")
            called = left[0]
        left.remove(called)
        if context.listener is not None:
            for output in outputs.get(called, ()):
                context.listener.output(output)
        return results[called]

    spec = ToolSpec(name, "A tool of a recorded run.", {"type": "object", "properties": {}})
    return SpecTool(spec, give)


class RecordedRun:
    """What an agent needs to go through a recorded run again: ``Agent(**recorded(path))``.

    Attributes:
        recording: What was recorded.
        questions: What was asked, in order.
        items: All frames and events.
        model: For the agent.
        executor: For the agent: its model says what was recorded.
        tools: For the agent.
    """

    def __init__(self, recording: Recording, executor: Executor, tools: Iterable[Any]) -> None:
        self.recording = recording
        self.model = str(Model.of(recording.model))
        self.executor = executor
        self.tools = list(tools)
        self.items: tuple[StreamItem, ...] = tuple(each.item for each in recording.items)
        self.questions = tuple(i.text for i in self.items if isinstance(i, RunStarted))

    def keys(self) -> tuple[str, ...]:
        """The names of the agent's arguments."""
        return ("model", "executor", "tools")

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)
