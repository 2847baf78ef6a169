"""Events: what `Agent.stream` yields beside the frames, and what a display listens to.

Every start has its end: `RunStarted` is followed by exactly one of `RunFinished`, `RunFailed` and
`RunCancelled`, which is the last; `StepStarted` by `StepFinished`; `ToolQueued` and `ToolStarted`
by one `ToolFinished` for the same ``tool_call_id``; `NodeStarted` by `NodeFinished`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from nbagent.agent.calls import ToolState
from nbagent.agent.reply import Reply
from nbagent.frames import StreamFrame
from nbagent.messages import FilePart, ImagePart, Message
from nbagent.tools import ToolResult
from nbagent.tools.outputs import ToolOutput as Output

__all__ = [
    "AgentEvent",
    "ApprovalRequested",
    "ApprovalsChanged",
    "HistoryCompacted",
    "HistoryCut",
    "HistoryReset",
    "NestedItem",
    "NodeFinished",
    "NodeOutput",
    "NodeStarted",
    "Notice",
    "OutputElement",
    "PartialOutput",
    "QuestionAnswered",
    "QuestionAsked",
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
    """A question was asked. ``text`` is its words, ``model`` the model's label.

    ``attachments`` are its images and files. A display is told which of how many ``versions`` of
    the question this is, counted from 1.
    """

    kind: ClassVar[str] = "run_started"
    run_id: str
    text: str
    model: str
    attachments: tuple[ImagePart | FilePart, ...] = ()
    version: int = 1
    versions: int = 1


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The model is asked for the ``step``-th time in this run, counted from 1."""

    kind: ClassVar[str] = "step_started"
    run_id: str
    step: int


@dataclass(frozen=True, slots=True)
class StepFinished:
    """The model's message of this step is in the history.

    After a failure or a stop it is what had come by then, with no ``finish_reason``. ``heard`` is
    what the model itself had said, where a transform changed it on the way.
    """

    kind: ClassVar[str] = "step_finished"
    run_id: str
    step: int
    message: Message
    heard: Message | None = None


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A node of the agent's own strategy begins."""

    kind: ClassVar[str] = "node_started"
    run_id: str
    graph: str
    name: str


@dataclass(frozen=True, slots=True)
class NodeFinished:
    """A node of the agent's own strategy has ended, well or not."""

    kind: ClassVar[str] = "node_finished"
    run_id: str
    graph: str
    name: str


@dataclass(frozen=True, slots=True)
class NodeOutput:
    """What a transform gave besides frames; ``value`` is the object itself."""

    kind: ClassVar[str] = "node_output"
    run_id: str
    value: Any


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth a quiet line: a retry, a fallback."""

    kind: ClassVar[str] = "notice"
    run_id: str
    text: str


@dataclass(frozen=True, slots=True)
class PartialOutput:
    """The answer so far, where one of a type was asked for; told to whoever asked, not shown.

    ``value`` is of that type. What has not come yet is None, and for a pydantic model not in
    ``model_fields_set``. An answer may still be rejected: the next step's begins anew.
    """

    kind: ClassVar[str] = "partial_output"
    run_id: str
    value: Any


@dataclass(frozen=True, slots=True)
class OutputElement:
    """One element of an answer that is a list (or one section of Markdown), whole and valid.

    ``index`` counts from 0, and again from 0 where the answer was rejected.
    """

    kind: ClassVar[str] = "output_element"
    run_id: str
    index: int
    value: Any


@dataclass(frozen=True, slots=True)
class HistoryCompacted:
    """The model is no longer given the first messages of the conversation, which stays whole.

    ``left_out`` of them are left out by now, ``given`` are given; the conversation went from
    ``tokens_before`` to ``tokens_after``, by the last reply's usage and an estimate of the rest.
    ``summary`` stands for them, or nothing but a note.
    """

    kind: ClassVar[str] = "history_compacted"
    run_id: str
    left_out: int
    given: int
    tokens_before: int
    tokens_after: int
    summary: str = ""


@dataclass(frozen=True, slots=True)
class NestedItem:
    """An item of a run inside a call: of an agent that is a tool of this one.

    ``item`` is what that run told, with its own run's and calls' ids; ``tool_call_id`` is the call
    that it goes on in, ``name`` that call's tool. What it needs a yes for is also told as an
    `ApprovalRequested` of this run, under the id ``tool_call_id/its own id``.
    """

    kind: ClassVar[str] = "nested_item"
    run_id: str
    tool_call_id: str
    name: str
    item: StreamItem


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """A call waits for a person's yes. ``arguments`` is its JSON text.

    Told again where the person changed the arguments into what the tool does not take:
    ``arguments`` is then what they wrote, ``error`` why it cannot be run. The call waits on.
    """

    kind: ClassVar[str] = "approval_requested"
    run_id: str
    tool_call_id: str
    name: str
    arguments: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalsChanged:
    """The tools that need no more asking are now these, by name."""

    kind: ClassVar[str] = "approvals_changed"
    always: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """A running call asks the person, who may answer in words of their own.

    Followed by `QuestionAnswered`, or by the call's end.
    """

    kind: ClassVar[str] = "question_asked"
    run_id: str
    tool_call_id: str
    name: str
    question: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """The person has answered."""

    kind: ClassVar[str] = "question_answered"
    run_id: str
    tool_call_id: str
    answer: str


@dataclass(frozen=True, slots=True)
class ToolQueued:
    """The call is whole and waits for its turn (for the main thread while a cell runs).

    Told once more after `ApprovalRequested` was answered with a yes; ``arguments`` as approved.
    """

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
class HistoryCut:
    """The question of the run ``run_id`` was taken back, and all that followed it."""

    kind: ClassVar[str] = "history_cut"
    run_id: str


@dataclass(frozen=True, slots=True)
class HistoryReset:
    """The conversation was emptied."""

    kind: ClassVar[str] = "history_reset"


AgentEvent: TypeAlias = (
    RunStarted
    | StepStarted
    | StepFinished
    | NodeStarted
    | NodeFinished
    | NodeOutput
    | Notice
    | HistoryCompacted
    | NestedItem
    | PartialOutput
    | OutputElement
    | ApprovalRequested
    | ApprovalsChanged
    | QuestionAsked
    | QuestionAnswered
    | ToolQueued
    | ToolStarted
    | ToolProgress
    | ToolOutput
    | ToolFinished
    | RunFinished
    | RunFailed
    | RunCancelled
    | HistoryCut
    | HistoryReset
)
StreamItem: TypeAlias = StreamFrame | AgentEvent
