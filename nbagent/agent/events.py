"""Events: what `Agent.stream` yields beside the frames, and what a display listens to.

Every start has its end: `RunStarted` is followed by exactly one of `RunFinished`, `RunFailed` and
`RunCancelled`, which is the last; `StepStarted` by `StepFinished`; `ToolQueued` and `ToolStarted`
by one `ToolFinished` for the same ``tool_call_id``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from nbagent.agent.calls import ToolState
from nbagent.agent.reply import Reply
from nbagent.frames import StreamFrame
from nbagent.messages import Message
from nbagent.tools import ToolResult
from nbagent.tools.outputs import ToolOutput as Output

__all__ = [
    "AgentEvent",
    "ApprovalRequested",
    "HistoryReset",
    "Notice",
    "RunCancelled",
    "RunFailed",
    "RunFinished",
    "RunStarted",
    "StepFinished",
    "StepStarted",
    "StreamItem",
    "ToolFinished",
    "ToolOutput",
    "ToolProgress",
    "ToolQueued",
    "ToolStarted",
    "ToolState",
]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A question was asked. ``text`` is its words, ``model`` the model's label."""

    kind: ClassVar[str] = "run_started"
    run_id: str
    text: str
    model: str


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The model is asked for the ``step``-th time in this run, counted from 1."""

    kind: ClassVar[str] = "step_started"
    run_id: str
    step: int


@dataclass(frozen=True, slots=True)
class StepFinished:
    """The model's message of this step is in the history.

    After a failure or a stop it is what had come by then, with no ``finish_reason``.
    """

    kind: ClassVar[str] = "step_finished"
    run_id: str
    step: int
    message: Message


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth a quiet line: a retry, a fallback."""

    kind: ClassVar[str] = "notice"
    run_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """A call waits for a person's yes. ``arguments`` is its JSON text."""

    kind: ClassVar[str] = "approval_requested"
    run_id: str
    tool_call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolQueued:
    """The call is whole and waits for its turn (for the main thread while a cell runs)."""

    kind: ClassVar[str] = "tool_queued"
    run_id: str
    tool_call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """The function begins. ``arguments`` is the JSON text it gets, as approved."""

    kind: ClassVar[str] = "tool_started"
    run_id: str
    tool_call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """How far a tool is: ``fraction`` between 0 and 1, or None where it is not known."""

    kind: ClassVar[str] = "tool_progress"
    run_id: str
    tool_call_id: str
    fraction: float | None
    text: str


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """Something that a tool printed, displayed or plotted while it ran."""

    kind: ClassVar[str] = "tool_output"
    run_id: str
    tool_call_id: str
    output: Output


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """The call has its result. ``elapsed`` is the function's own time in seconds."""

    kind: ClassVar[str] = "tool_finished"
    run_id: str
    tool_call_id: str
    name: str
    state: ToolState
    result: ToolResult
    elapsed: float


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over and well. ``reply`` is the `Reply` that `Agent.ask` returns."""

    kind: ClassVar[str] = "run_finished"
    run_id: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class RunFailed:
    """The run is over; ``error`` is what `Agent.ask` raises."""

    kind: ClassVar[str] = "run_failed"
    run_id: str
    error: BaseException


@dataclass(frozen=True, slots=True)
class RunCancelled:
    """The run was stopped."""

    kind: ClassVar[str] = "run_cancelled"
    run_id: str


@dataclass(frozen=True, slots=True)
class HistoryReset:
    """The conversation was emptied."""

    kind: ClassVar[str] = "history_reset"


AgentEvent: TypeAlias = (
    RunStarted
    | StepStarted
    | StepFinished
    | Notice
    | ApprovalRequested
    | ToolQueued
    | ToolStarted
    | ToolProgress
    | ToolOutput
    | ToolFinished
    | RunFinished
    | RunFailed
    | RunCancelled
    | HistoryReset
)
StreamItem: TypeAlias = StreamFrame | AgentEvent
