"""What is said: the prompt, its messages and their parts, as pure values.

Every provider's ``encode`` reads these and nothing else, so a conversation made with one
provider can be continued with another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = [
    "FilePart",
    "FinishReason",
    "ImagePart",
    "Message",
    "MessageLike",
    "Part",
    "Prompt",
    "PromptLike",
    "ReasoningPart",
    "Role",
    "TextPart",
    "ToolCall",
    "ToolResultPart",
    "ToolSpec",
    "Usage",
]

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
FinishReason: TypeAlias = Literal[
    "stop", "tool_calls", "length", "content_filter", "refusal", "other"
]
ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one reply. ``output_tokens`` counts the reasoning tokens too."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    reasoning_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
        )


@dataclass(frozen=True, slots=True)
class TextPart:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """What a model thought before it answered, with what its provider needs to go on from it.

    ``signature`` is the provider's proof or encrypted form, sent back unread; ``id`` is the
    provider's name of the item, where it has one.
    """

    text: str = ""
    summary: str = ""
    signature: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image, either as bytes with their MIME type or by URL.

    ``name`` is what the file is called, for people; models are not told, and it makes no
    difference when images are compared.
    """

    data: bytes | None = None
    media_type: str = "image/png"
    url: str | None = None
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file: bytes, MIME type and name."""

    data: bytes
    media_type: str = "application/octet-stream"
    name: str = "file"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asked for. ``arguments`` is JSON text, as the model wrote it.

    ``tool_call_id`` is ours and never changes. ``provider_id`` is set only when the provider
    named the call after we had to: it is then the id that goes back to that provider.
    ``signature`` is the provider's proof of the reasoning behind the call, sent back unread.
    """

    tool_call_id: str
    name: str
    arguments: str = "{}"
    provider_id: str | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """What a call gave, for the model to read. ``error`` says that it failed."""

    tool_call_id: str
    name: str
    text: str
    images: tuple[ImagePart, ...] = ()
    error: bool = False


Part: TypeAlias = TextPart | ReasoningPart | ImagePart | FilePart | ToolCall | ToolResultPart


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    ``finish_reason`` is None on a message that was not finished (stopped or broken off) and on
    messages that no model wrote.
    """

    role: Role
    parts: tuple[Part, ...] = ()
    finish_reason: FinishReason | None = None
    usage: Usage = field(default_factory=Usage)
    model: str | None = None
    response_id: str | None = None

    @classmethod
    def system(cls, text: str) -> Message:
        """A message of instructions."""
        return cls("system", (TextPart(text),))

    @classmethod
    def user(cls, *content: str | Part) -> Message:
        """A message of the person: words, images, files."""
        return cls("user", _parts(content))

    @classmethod
    def assistant(cls, *content: str | Part) -> Message:
        """A message of the model: words, reasoning, calls."""
        return cls("assistant", _parts(content))

    @classmethod
    def tool(cls, *results: ToolResultPart) -> Message:
        """The results of calls."""
        return cls("tool", tuple(results))

    @classmethod
    def of(cls, value: MessageLike) -> Message:
        """A `Message`, or a ``{"role": …, "content": …}`` mapping as chat APIs write it.

        Raises:
            ValueError: The mapping has no known role, or content of an unknown form.
        """
        return value if isinstance(value, Message) else _from_mapping(value)

    @property
    def text(self) -> str:
        """All words of the message, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def reasoning(self) -> str:
        """All reasoning of the message, joined; its summary where there is only that."""
        parts = [part for part in self.parts if isinstance(part, ReasoningPart)]
        return "".join(part.text or part.summary for part in parts)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls that the model asked for, whole ones only."""
        return tuple(part for part in self.parts if isinstance(part, ToolCall))

    @property
    def tool_results(self) -> tuple[ToolResultPart, ...]:
        """The results that this message carries."""
        return tuple(part for part in self.parts if isinstance(part, ToolResultPart))


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model sees it: its name, what it does and the JSON schema of its arguments.

    ``examples`` are pairs of a request and the arguments that answer it: the emulated forms of
    tool calling show them to the model.
    """

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(
        default_factory=lambda: {"type": "object", "properties": {}}
    )
    strict: bool = False
    examples: tuple[tuple[str, Mapping[str, Any]], ...] = ()


MessageLike: TypeAlias = Message | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked: messages, oldest first."""

    messages: tuple[Message, ...] = ()

    @classmethod
    def of(cls, value: PromptLike) -> Prompt:
        """A prompt from a string, a list of messages or mappings, or a prompt.

        Raises:
            TypeError: ``value`` is none of these.
            ValueError: A mapping among the messages cannot be read.
        """
        if isinstance(value, Prompt):
            return value
        if isinstance(value, str):
            return cls((Message.user(value),))
        if isinstance(value, Message):
            return cls((value,))
        if isinstance(value, Iterable) and not isinstance(value, (bytes, Mapping)):
            return cls(tuple(Message.of(message) for message in value))
        raise TypeError(
            "A prompt is a string, a list of messages or a Prompt, "
            f"not {type(value).__name__}. Wrap a single message in a list."
        )


PromptLike: TypeAlias = str | Message | Sequence[MessageLike] | Prompt


def _parts(content: Iterable[str | Part]) -> tuple[Part, ...]:
    return tuple(TextPart(item) if isinstance(item, str) else item for item in content)


def _from_mapping(value: Mapping[str, Any]) -> Message:
    role = ROLES.get(str(value.get("role")))
    if role is None:
        raise ValueError(
            f"A message needs a role out of {', '.join(sorted(ROLES))}; got {value.get('role')!r}."
        )
    parts = _content(value.get("content"))
    if role == "tool":
        text = "".join(part.text for part in parts if isinstance(part, TextPart))
        identity = str(value.get("tool_call_id") or "")
        return Message.tool(ToolResultPart(identity, str(value.get("name") or ""), text))
    return Message(role, (*parts, *(_call(call) for call in value.get("tool_calls") or ())))


def _content(content: object) -> tuple[Part, ...]:
    if content is None or content == "":
        return ()
    if isinstance(content, str):
        return (TextPart(content),)
    if isinstance(content, Iterable):
        return tuple(_content_part(item) for item in content)
    raise ValueError(f"Message content is text or a list of parts, not {type(content).__name__}.")


def _content_part(item: object) -> Part:
    if isinstance(item, str):
        return TextPart(item)
    if isinstance(item, Mapping):
        if item.get("type") in ("text", "input_text", "output_text"):
            return TextPart(str(item.get("text", "")))
        if item.get("type") == "image_url":
            url = item["image_url"]
            return ImagePart(url=str(url["url"] if isinstance(url, Mapping) else url))
        raise ValueError(f"Unknown content part of type {item.get('type')!r}; use a Part instead.")
    if isinstance(item, (TextPart, ReasoningPart, ImagePart, FilePart, ToolCall, ToolResultPart)):
        return item
    raise ValueError(f"A content part is text, a mapping or a Part, not {type(item).__name__}.")


def _call(call: Mapping[str, Any]) -> ToolCall:
    function = call.get("function", call)
    identity = str(call.get("id") or call.get("tool_call_id") or "")
    return ToolCall(identity, str(function["name"]), str(function.get("arguments") or "{}"))
