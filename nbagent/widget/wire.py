"""The wire between kernel and page, version 1: the shapes of everything that crosses it.

Mirrored by ``js/src/wire.ts``; both sides are held to the same fixtures (``tests/fixtures/wire``).
A MIME value is text, JSON or bytes; bytes travel as a buffer of the message, and their place in
the JSON holds ``{"buffer": i}``.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

__all__ = [
    "VERSION",
    "Bundle",
    "CallState",
    "CallView",
    "ErrorView",
    "MessageState",
    "MessageView",
    "Op",
    "Output",
    "Status",
    "TranscriptView",
    "UsageView",
    "WireMessage",
]

VERSION: Literal[1] = 1

Status: TypeAlias = Literal["idle", "running", "waiting"]
MessageState: TypeAlias = Literal["streaming", "done", "failed", "cancelled"]
CallState: TypeAlias = Literal[
    "streaming",
    "queued",
    "awaiting-approval",
    "running",
    "done",
    "failed",
    "denied",
    "cancelled",
    "interrupted",
]


class Bundle(TypedDict):
    """What an object shows of itself, by MIME type."""

    data: dict[str, Any]
    metadata: dict[str, Any]


class ErrorView(TypedDict):
    """An error for a person to read. ``traceback`` and ``hint`` are empty where there is none."""

    type: str
    message: str
    traceback: str
    hint: str


class UsageView(TypedDict):
    """Tokens of a message."""

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int
    reasoning_tokens: int


class StreamOutputView(TypedDict):
    """What a tool printed."""

    kind: Literal["stream"]
    name: Literal["stdout", "stderr"]
    text: str


class DisplayOutputView(TypedDict):
    """What a tool displayed or plotted."""

    kind: Literal["display"]
    bundle: Bundle


Output: TypeAlias = StreamOutputView | DisplayOutputView


class Progress(TypedDict):
    """How far a call is; ``fraction`` is between 0 and 1 where it is known."""

    fraction: float | None
    text: str


class CallView(TypedDict):
    """A tool call as its card shows it. ``started`` is epoch seconds, ``elapsed`` seconds."""

    tool_call_id: str
    name: str
    arguments: str
    state: CallState
    outputs: list[Output]
    bundle: Bundle | None
    text: str
    error: ErrorView | None
    progress: Progress | None
    started: float | None
    elapsed: float | None


class TextPartView(TypedDict):
    """A block of words."""

    kind: Literal["text"]
    part: str
    text: str
    done: bool


class ReasoningPartView(TypedDict):
    """A block of reasoning and the provider's summary of it."""

    kind: Literal["reasoning"]
    part: str
    text: str
    summary: str
    done: bool


class CallPartView(TypedDict):
    """The place of a call's card in the message."""

    kind: Literal["call"]
    part: str
    tool_call_id: str


class NoticePartView(TypedDict):
    """A quiet line."""

    kind: Literal["notice"]
    part: str
    text: str


PartView: TypeAlias = TextPartView | ReasoningPartView | CallPartView | NoticePartView


class MessageView(TypedDict):
    """One message; ``created`` is epoch seconds."""

    id: str
    role: Literal["user", "assistant"]
    state: MessageState
    parts: list[PartView]
    error: ErrorView | None
    created: float
    usage: UsageView | None


class TranscriptView(TypedDict):
    """Everything that a page shows."""

    status: Status
    model: str
    messages: list[MessageView]
    calls: dict[str, CallView]


class StatusOp(TypedDict):
    """The state of the whole widget."""

    op: Literal["status"]
    status: Status
    model: str


class MessageStartOp(TypedDict):
    """Appends an empty message."""

    op: Literal["message_start"]
    id: str
    role: Literal["user", "assistant"]
    created: float


class TextOp(TypedDict):
    """Appends to a text part, which is made where it is new."""

    op: Literal["text"]
    message: str
    part: str
    text: str


class ReasoningOp(TypedDict):
    """Appends to a reasoning part, or to its summary."""

    op: Literal["reasoning"]
    message: str
    part: str
    text: str
    summary: bool


class PartDoneOp(TypedDict):
    """A text or reasoning part is whole."""

    op: Literal["part_done"]
    message: str
    part: str


class CallOp(TypedDict):
    """Adds a call and its place; the same id again updates the name."""

    op: Literal["call"]
    message: str
    part: str
    tool_call_id: str
    name: str


class ArgumentsOp(TypedDict):
    """Appends to a call's arguments."""

    op: Literal["arguments"]
    tool_call_id: str
    text: str


class ArgumentsSetOp(TypedDict):
    """Replaces a call's arguments."""

    op: Literal["arguments_set"]
    tool_call_id: str
    text: str


class CallStateOp(TypedDict):
    """A call enters a state."""

    op: Literal["call_state"]
    tool_call_id: str
    state: CallState
    started: float | None
    elapsed: float | None


class OutputOp(TypedDict):
    """Appends to what a call put out."""

    op: Literal["output"]
    tool_call_id: str
    output: Output


class ProgressOp(TypedDict):
    """How far a call is."""

    op: Literal["progress"]
    tool_call_id: str
    fraction: float | None
    text: str


class ResultOp(TypedDict):
    """What a call gave: to the person the bundle, to the model the text."""

    op: Literal["result"]
    tool_call_id: str
    bundle: Bundle | None
    text: str
    error: ErrorView | None


class NoticeOp(TypedDict):
    """Adds a quiet line to a message."""

    op: Literal["notice"]
    message: str
    part: str
    text: str


class MessageEndOp(TypedDict):
    """A message is over."""

    op: Literal["message_end"]
    id: str
    state: MessageState
    usage: UsageView | None
    error: ErrorView | None


class ResetOp(TypedDict):
    """Empties messages and calls."""

    op: Literal["reset"]


class SnapshotOp(TypedDict):
    """Replaces everything."""

    op: Literal["snapshot"]
    transcript: TranscriptView


Op: TypeAlias = (
    StatusOp
    | MessageStartOp
    | TextOp
    | ReasoningOp
    | PartDoneOp
    | CallOp
    | ArgumentsOp
    | ArgumentsSetOp
    | CallStateOp
    | OutputOp
    | ProgressOp
    | ResultOp
    | NoticeOp
    | MessageEndOp
    | ResetOp
    | SnapshotOp
)


class WireMessage(TypedDict):
    """The content of one custom message from the kernel."""

    v: Literal[1]
    seq: int
    run: str
    ops: list[Op]
