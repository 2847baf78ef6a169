"""Stream frames: what a reply is made of while it arrives.

A *delta* frame carries a fragment, the *complete* frame of the same ``index`` carries exactly its
deltas joined, and one `End` closes the stream. Frames are pure values, compared by value; their
``kind`` is the snake_case name, for dispatch and for the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

from nbagent.messages import FinishReason, Usage

__all__ = [
    "CompleteFrame",
    "DeltaFrame",
    "End",
    "ReasoningComplete",
    "ReasoningDelta",
    "StreamFrame",
    "TextComplete",
    "TextDelta",
    "ToolCallComplete",
    "ToolCallDelta",
]


@dataclass(frozen=True, slots=True, init=False)
class TextDelta:
    """A fragment of the answer's words. ``index`` names the block it belongs to."""

    kind: ClassVar[str] = "text_delta"
    text: str
    index: int

    def __init__(self, text: str, index: int) -> None:
        _set_text(self, text)
        _set_index(self, index)


@dataclass(frozen=True, slots=True)
class TextComplete:
    """A whole block of words."""

    kind: ClassVar[str] = "text_complete"
    text: str
    index: int


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A fragment of reasoning, or of the provider's summary of it (``summary=True``)."""

    kind: ClassVar[str] = "reasoning_delta"
    text: str
    index: int
    summary: bool = False


@dataclass(frozen=True, slots=True)
class ReasoningComplete:
    """A whole block of reasoning. ``signature`` is what the provider needs back to continue."""

    kind: ClassVar[str] = "reasoning_complete"
    text: str
    index: int
    summary: str = ""
    signature: str | None = None


@dataclass(frozen=True, slots=True, init=False)
class ToolCallDelta:
    """A fragment of a call's arguments (JSON text). ``tool_call_id`` is the same in all of them."""

    kind: ClassVar[str] = "tool_call_delta"
    tool_call_id: str
    name: str
    arguments: str
    index: int

    def __init__(self, tool_call_id: str, name: str, arguments: str, index: int) -> None:
        _set_call_id(self, tool_call_id)
        _set_call_name(self, name)
        _set_call_arguments(self, arguments)
        _set_call_index(self, index)


@dataclass(frozen=True, slots=True)
class ToolCallComplete:
    """A whole call. ``arguments`` is the whole JSON text, ``"{}"`` when none came."""

    kind: ClassVar[str] = "tool_call_complete"
    tool_call_id: str
    name: str
    arguments: str
    index: int


@dataclass(frozen=True, slots=True)
class End:
    """The last frame of every finished stream.

    ``finish_reason`` is ``"tool_calls"`` whenever calls came whole, whatever the provider called
    it. What the provider itself said stands in ``raw``.
    """

    kind: ClassVar[str] = "end"
    finish_reason: FinishReason
    usage: Usage = field(default_factory=Usage)
    model: str | None = None
    response_id: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


def _setters(frame: type) -> list[Callable[[Any, Any], None]]:
    """What sets the fields of a frame that is being made."""
    return [vars(frame)[name].__set__ for name in vars(frame)["__slots__"]]


# There is one of these frames for each fragment of a reply. The __init__ that dataclasses writes
# for a frozen class takes twice as long: it looks each field up by its name.
_set_text, _set_index = _setters(TextDelta)
_set_call_id, _set_call_name, _set_call_arguments, _set_call_index = _setters(ToolCallDelta)

DeltaFrame: TypeAlias = TextDelta | ReasoningDelta | ToolCallDelta
CompleteFrame: TypeAlias = TextComplete | ReasoningComplete | ToolCallComplete
StreamFrame: TypeAlias = DeltaFrame | CompleteFrame | End
