"""What a page shows, as plain values: the shapes of the transcript that `wire` carries."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

from typing_extensions import NotRequired

__all__ = [
    "AboutView",
    "AttachmentPartView",
    "Bundle",
    "CallPartView",
    "CallState",
    "CallView",
    "ChipView",
    "DisplayOutputView",
    "DrawnView",
    "ErrorView",
    "MessageState",
    "MessageView",
    "NoticePartView",
    "OfferView",
    "OffersView",
    "Output",
    "PartView",
    "Progress",
    "QuestionView",
    "ReasoningPartView",
    "Status",
    "StreamOutputView",
    "TextPartView",
    "TracebackPartView",
    "TranscriptView",
    "UsageView",
    "VersionsView",
]

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


class TracebackPartView(TypedDict):
    """Lines of a traceback; with ``library`` it is ``frames`` frames of that, which are folded."""

    text: str
    library: str
    frames: int


class ErrorView(TypedDict):
    """An error for a person to read. ``traceback`` and ``hint`` are empty where there is none.

    ``parts``: the traceback once more, with the frames of libraries that are cut in it.
    """

    type: str
    message: str
    traceback: str
    hint: str
    parts: NotRequired[list[TracebackPartView]]


class UsageView(TypedDict):
    """Tokens of a message."""

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int
    reasoning_tokens: int


class StreamOutputView(TypedDict):
    """What a tool printed, as a terminal shows it. ``hidden``: lines that are not here any more."""

    kind: Literal["stream"]
    name: Literal["stdout", "stderr"]
    text: str
    hidden: NotRequired[int]


class DisplayOutputView(TypedDict):
    """What a tool displayed or plotted; under ``display_id`` it can be replaced."""

    kind: Literal["display"]
    bundle: Bundle
    display_id: NotRequired[str]


Output: TypeAlias = StreamOutputView | DisplayOutputView


class Progress(TypedDict):
    """How far a call is; ``fraction`` is between 0 and 1 where it is known."""

    fraction: float | None
    text: str


class QuestionView(TypedDict):
    """What a call asks the person; ``answer`` is there once they have said it."""

    question: str
    choices: list[str]
    answer: NotRequired[str]


class DrawnView(TypedDict):
    """A call's arguments as its tool's own card draws them; without a bundle they look as usual.

    ``problem``: why they could not be drawn.
    """

    bundle: Bundle | None
    problem: str


class CallView(TypedDict):
    """A tool call as its card shows it. ``started`` is epoch seconds, ``elapsed`` seconds.

    ``problem``: why the arguments that a person gave while the call waited do not do.
    ``question``: what it asked last. ``runs``: the ids of the runs that went on inside of it.
    """

    tool_call_id: str
    name: str
    arguments: str
    state: CallState
    outputs: list[Output]
    bundle: Bundle | None
    text: str
    error: ErrorView | None
    progress: Progress | None
    drawn: NotRequired[DrawnView]
    problem: str | None
    question: NotRequired[QuestionView]
    runs: NotRequired[list[str]]
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
    """The place of a call's card in the message.

    ``beside``: the first call of the same step, where it is not the first itself.
    """

    kind: Literal["call"]
    part: str
    tool_call_id: str
    beside: NotRequired[str]


class NoticePartView(TypedDict):
    """A quiet line."""

    kind: Literal["notice"]
    part: str
    text: str


class AttachmentPartView(TypedDict):
    """An image or a file of the person's question; ``size`` is in bytes.

    ``bundle`` has an image to be shown. Of an image that stands elsewhere ``name`` is the address,
    and the page does not fetch it.
    """

    kind: Literal["attachment"]
    part: str
    name: str
    media_type: str
    size: int
    bundle: Bundle | None


PartView: TypeAlias = (
    TextPartView | ReasoningPartView | CallPartView | NoticePartView | AttachmentPartView
)


class VersionsView(TypedDict):
    """Which of how many versions of a question this is, counted from 0."""

    index: int
    count: int


class MessageView(TypedDict):
    """One message; ``created`` is epoch seconds.

    ``versions``: where a question was asked in more than one way, or more than once.
    """

    id: str
    role: Literal["user", "assistant"]
    state: MessageState
    parts: list[PartView]
    error: ErrorView | None
    created: float
    usage: UsageView | None
    versions: NotRequired[VersionsView]


class ChipView(TypedDict):
    """A variable that the agent was shown, in a line."""

    name: str
    summary: str


class AboutView(TypedDict):
    """What the agent has and what it used: tools, tokens, US dollars (None: not known)."""

    tools: int
    tokens: int
    cost: float | None


class OfferView(TypedDict):
    """A tool or a slash command, in a line. ``takes``: words after a command's name.

    They are ``"none"``, ``"maybe"`` or ``"needed"``.
    """

    name: str
    description: str
    takes: NotRequired[Literal["none", "maybe", "needed"]]


class OffersView(TypedDict):
    """What a person can do here besides writing.

    ``suggestions``: questions to begin with. ``models``: to switch to. ``images`` and ``files``:
    whether the model can be shown such.
    """

    commands: list[OfferView]
    tools: list[OfferView]
    suggestions: list[str]
    models: list[str]
    images: bool
    files: bool


class TranscriptView(TypedDict):
    """Everything that a page shows. ``always``: the tools that need no more asking.

    ``nested``: what went on inside of calls, by the ids in their ``runs``. ``shown``: the variables
    that the agent was shown.
    """

    status: Status
    model: str
    always: list[str]
    messages: list[MessageView]
    calls: dict[str, CallView]
    nested: NotRequired[dict[str, MessageView]]
    shown: NotRequired[list[ChipView]]
    about: NotRequired[AboutView]
    offers: NotRequired[OffersView]
