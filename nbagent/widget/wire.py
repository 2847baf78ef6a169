"""The wire between kernel and page, version 1: the shapes of everything that crosses it.

Mirrored by ``js/src/wire.ts``, and ``views`` by ``js/src/views.ts``; both sides are held to the
same fixtures (``tests/fixtures/wire``).
A MIME value is text, JSON or bytes; bytes travel as a buffer of the message, and their place in
the JSON holds ``{"buffer": i}``.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from typing_extensions import NotRequired

from nbagent.widget.views import (
    Bundle,
    CallState,
    ChipView,
    ErrorView,
    MessageState,
    OffersView,
    Output,
    Status,
    TranscriptView,
    UsageView,
)

__all__ = ["VERSION", "AnswerMessage", "AssetMessage", "CallOp", "Op", "WireMessage"]

VERSION: Literal[1] = 1


class StatusOp(TypedDict):
    """The state of the whole widget."""

    op: Literal["status"]
    status: Status
    model: str


class MessageStartOp(TypedDict):
    """Appends an empty message; with ``parent`` it is a run that goes on inside of that call."""

    op: Literal["message_start"]
    id: str
    parent: NotRequired[str]
    role: Literal["user", "assistant"]
    created: float


class AttachmentOp(TypedDict):
    """Adds an image or a file to a message; see `AttachmentPartView`."""

    op: Literal["attachment"]
    message: str
    part: str
    name: str
    media_type: str
    size: int
    bundle: Bundle | None


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
    """Adds a call and its place; the same id again updates the name.

    ``beside``: the first call of the same step, where it is not the first itself.
    """

    op: Literal["call"]
    message: str
    part: str
    tool_call_id: str
    name: str
    beside: NotRequired[str]


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


class RewriteOp(TypedDict):
    """Changes the stream that a call put out last.

    Its last ``last`` lines go (the unfinished one is a line), ``text`` is appended, then its first
    ``first`` lines go. ``hidden`` is how many have gone at its beginning so far.
    """

    op: Literal["rewrite"]
    tool_call_id: str
    first: int
    last: int
    text: str
    hidden: int


class UpdateOp(TypedDict):
    """Replaces what a call displayed under an id; without any such it does nothing."""

    op: Literal["update"]
    tool_call_id: str
    display_id: str
    bundle: Bundle


class ClearOp(TypedDict):
    """Takes away what a call put out."""

    op: Literal["clear"]
    tool_call_id: str


class ProgressOp(TypedDict):
    """How far a call is."""

    op: Literal["progress"]
    tool_call_id: str
    fraction: float | None
    text: str


class DrawnOp(TypedDict):
    """A call's arguments as its tool's own card draws them; see `DrawnView`."""

    op: Literal["drawn"]
    tool_call_id: str
    bundle: Bundle | None
    problem: str


class ResultOp(TypedDict):
    """What a call gave: to the person the bundle, to the model the text."""

    op: Literal["result"]
    tool_call_id: str
    bundle: Bundle | None
    text: str
    error: ErrorView | None


class ProblemOp(TypedDict):
    """The arguments that a person gave do not do, and the call waits on. Its next state ends it."""

    op: Literal["problem"]
    tool_call_id: str
    text: str


class QuestionOp(TypedDict):
    """A running call asks the person; they choose, or answer in their own words."""

    op: Literal["question"]
    tool_call_id: str
    question: str
    choices: list[str]


class AnsweredOp(TypedDict):
    """The question of a call is answered."""

    op: Literal["answered"]
    tool_call_id: str
    text: str


class AlwaysOp(TypedDict):
    """The tools that need no more asking."""

    op: Literal["always"]
    names: list[str]


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


class ShownOp(TypedDict):
    """The variables that the agent was shown."""

    op: Literal["shown"]
    chips: list[ChipView]


class AboutOp(TypedDict):
    """How many tools the agent has and what it used; see `AboutView`."""

    op: Literal["about"]
    tools: int
    tokens: int
    cost: float | None


class OffersOp(OffersView):
    """What a person can do here besides writing; see `OffersView`."""

    op: Literal["offers"]


class CutOp(TypedDict):
    """Takes away a message and all that came after it, with their calls."""

    op: Literal["cut"]
    id: str


class VersionsOp(TypedDict):
    """A question is the ``index``-th, from 0, of ``count`` versions of it."""

    op: Literal["versions"]
    id: str
    index: int
    count: int


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
    | AttachmentOp
    | TextOp
    | ReasoningOp
    | PartDoneOp
    | CallOp
    | ArgumentsOp
    | ArgumentsSetOp
    | CallStateOp
    | OutputOp
    | RewriteOp
    | UpdateOp
    | ClearOp
    | ProgressOp
    | DrawnOp
    | ResultOp
    | ProblemOp
    | QuestionOp
    | AnsweredOp
    | AlwaysOp
    | NoticeOp
    | MessageEndOp
    | ShownOp
    | AboutOp
    | OffersOp
    | CutOp
    | VersionsOp
    | ResetOp
    | SnapshotOp
)


class WireMessage(TypedDict):
    """The content of one custom message from the kernel.

    ``heard``: it answers a page that asked and has missed nothing. Other messages without ops come
    by themselves, also while the kernel hears nobody.
    """

    v: Literal[1]
    seq: int
    run: str
    ops: list[Op]
    heard: NotRequired[Literal[True]]


class AssetMessage(TypedDict):
    """The content of a custom message with a script that a page asked for, gzipped as a buffer."""

    v: Literal[1]
    asset: str
    ok: bool


class AnswerMessage(TypedDict):
    """The content of a custom message that answers a page's command, named by its ``id``.

    ``text`` says what was done, or what is wrong. ``asked``: a question goes its way, so that a
    page which shows it as sent waits for its message.
    """

    v: Literal[1]
    answer: str
    ok: bool
    text: str
    asked: bool
