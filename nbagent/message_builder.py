"""The message that a stream of frames makes up, at any moment of the stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextComplete,
    TextDelta,
    ToolCallComplete,
)
from nbagent.messages import Message, Part, ReasoningPart, TextPart, ToolCall

__all__ = ["MessageBuilder"]


# So many fragments are joined: each one for itself takes ten times the memory of its letters.
MANY = 4096


class MessageBuilder:
    """Fed the frames of one reply, it has the message so far: partial text, whole calls."""

    def __init__(self) -> None:
        self._parts: dict[int, Part | None] = {}
        self._text: dict[int, list[str]] = {}
        self._reasoning: dict[int, tuple[list[str], list[str]]] = {}
        self._end: End | None = None

    def feed(self, frame: StreamFrame) -> None:
        """Takes the next frame."""
        if type(frame) is TextDelta:
            fragments = self._text.get(frame.index)
            if fragments is None:
                self._parts.setdefault(frame.index, None)
                fragments = self._text[frame.index] = []
            fragments.append(frame.text)
            if len(fragments) > MANY:
                fragments[:] = ["".join(fragments)]
        elif isinstance(frame, ReasoningDelta):
            self._parts.setdefault(frame.index, None)
            text, summary = self._reasoning.setdefault(frame.index, ([], []))
            (summary if frame.summary else text).append(frame.text)
        elif isinstance(frame, TextComplete):
            self._text.pop(frame.index, None)
            self._parts[frame.index] = TextPart(frame.text)
        elif isinstance(frame, ReasoningComplete):
            self._reasoning.pop(frame.index, None)
            self._parts[frame.index] = ReasoningPart(frame.text, frame.summary, frame.signature)
        elif isinstance(frame, ToolCallComplete):
            self._parts[frame.index] = ToolCall(frame.tool_call_id, frame.name, frame.arguments)
        elif isinstance(frame, End):
            self._end = frame
            self._name_reasoning(frame.raw.get("reasoning_ids") or {})

    @property
    def message(self) -> Message:
        """The message so far. Only a finished one has a ``finish_reason``."""
        parts = [self._part(index) for index in self._parts]
        kept = tuple(part for part in parts if part is not None)
        end = self._end
        if end is None:
            return Message("assistant", kept)
        marks = end.raw.get("call_marks") or {}
        marked = tuple(_marked(part, marks) for part in kept) if marks else kept
        return Message(
            "assistant", marked, end.finish_reason, end.usage, end.model, end.response_id
        )

    @property
    def answered_by(self) -> str | None:
        """The label of the model that answered, where it is not the one that was asked."""
        return None if self._end is None else self._end.raw.get("answered_by")

    def _name_reasoning(self, ids: Mapping[int, str]) -> None:
        for index, name in ids.items():
            part = self._parts.get(index)
            if isinstance(part, ReasoningPart):
                self._parts[index] = replace(part, id=name)

    def _part(self, index: int) -> Part | None:
        if index in self._text:
            return TextPart("".join(self._text[index]))
        if index in self._reasoning:
            text, summary = self._reasoning[index]
            return ReasoningPart("".join(text), "".join(summary))
        return self._parts[index]


def _marked(part: Part, marks: Mapping[str, Mapping[str, str | None]]) -> Part:
    if isinstance(part, ToolCall) and part.tool_call_id in marks:
        mark = marks[part.tool_call_id]
        return replace(part, provider_id=mark.get("provider_id"), signature=mark.get("signature"))
    return part
