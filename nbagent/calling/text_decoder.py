"""Puts an emulated form of tool calling around a client's own decoder.

The client's decoder gives words; a reader of the form tells calls from words in them, and an
assembler of its own makes the frames.
"""

from __future__ import annotations

from typing import Protocol

from nbagent.assembly import FrameAssembler
from nbagent.errors import IncompleteToolCall, StreamError
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextDelta,
    ToolCallDelta,
)
from nbagent.messages import Message

__all__ = ["InnerDecoder", "TextDecoder", "TextReader", "cut_call"]

# Finish reasons under which a reply was cut off, wherever it stood.
CUT = frozenset({"length", "content_filter", "refusal"})


class InnerDecoder(Protocol):
    """What is needed of a client's own decoder."""

    done: bool
    error: StreamError | None

    @property
    def message(self) -> Message: ...

    def feed(self, data: bytes) -> list[StreamFrame]: ...

    def flush(self) -> list[StreamFrame]: ...


class TextReader(Protocol):
    """Tells calls from words in the text of one reply, and feeds both to an assembler."""

    def feed(self, text: str) -> list[StreamFrame]:
        """The frames that a fragment makes due."""
        ...

    def flush(self, finish_reason: str | None) -> list[StreamFrame]:
        """The frames that are due when the text is over.

        Raises:
            IncompleteToolCall: The text was cut off where a call began.
        """
        ...


class TextDecoder:
    """A decoder whose words are read by a `TextReader`.

    Args:
        inner: The client's own decoder.
        assembler: What the reader feeds.
        reader: The form.
    """

    def __init__(self, inner: InnerDecoder, assembler: FrameAssembler, reader: TextReader) -> None:
        self._inner = inner
        self._assembler = assembler
        self._reader = reader
        self.error: StreamError | None = None

    @property
    def done(self) -> bool:
        """The provider's end marker has come."""
        return self._inner.done

    @property
    def message(self) -> Message:
        """What has been assembled so far, calls told from words."""
        return self._assembler.message

    def feed(self, data: bytes) -> list[StreamFrame]:
        """The frames that ``data`` makes due."""
        return self._translate(self._inner.feed(data))

    def flush(self) -> list[StreamFrame]:
        """The frames that are due when the bytes are over."""
        return self._translate(self._inner.flush())

    def _translate(self, given: list[StreamFrame]) -> list[StreamFrame]:
        frames: list[StreamFrame] = []
        if self.error is not None:
            return frames
        try:
            for frame in given:
                frames += self._frame(frame)
        except StreamError as error:
            self.error = error
            return frames
        if self._inner.error is not None:
            self.error = self._inner.error
            self.error.partial = self.message
        return frames

    def _frame(self, frame: StreamFrame) -> list[StreamFrame]:
        if isinstance(frame, TextDelta):
            return self._reader.feed(frame.text)
        if isinstance(frame, ReasoningDelta):
            if frame.summary:
                return self._assembler.reasoning(summary=frame.text)
            return self._assembler.reasoning(frame.text)
        if isinstance(frame, ReasoningComplete) and frame.signature:
            return self._assembler.reasoning(signature=frame.signature)
        if isinstance(frame, ToolCallDelta):
            return self._assembler.tool_call(
                id=frame.tool_call_id, name=frame.name, arguments=frame.arguments
            )
        return self._end(frame) if isinstance(frame, End) else []

    def _end(self, frame: End) -> list[StreamFrame]:
        return self._reader.flush(frame.finish_reason) + self._assembler.end(
            frame.finish_reason,
            frame.usage,
            model=frame.model,
            response_id=frame.response_id,
            raw=frame.raw,
        )


def cut_call(assembler: FrameAssembler, finish_reason: str | None) -> IncompleteToolCall:
    """The error for a reply that was cut off before its call even had a name."""
    return IncompleteToolCall(
        f"The reply was cut off (finish reason: {finish_reason}) where a tool call began. The "
        "call was not run; raise max_tokens or ask for less at once.",
        partial=assembler.message,
    )
