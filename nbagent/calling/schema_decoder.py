"""The reply of the ``schema`` form, decoded while it streams.

The client's text is one JSON object (or plain words, where a server does not constrain after
all). It is followed character by character: words of a reply come out as text, arguments as
fragments of a call, and the markup around them never reaches the reader.
"""

from __future__ import annotations

import re
from typing import Protocol

import pydantic_core

from nbagent.assembly import FrameAssembler
from nbagent.calling.json_string import JSONString
from nbagent.errors import StreamError
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextDelta,
    ToolCallDelta,
)
from nbagent.json_scan import ObjectScanner
from nbagent.messages import Message

__all__ = ["SchemaDecoder", "SchemaText"]

_STRING = r'"(?:[^"\\]|\\.)*"'
_HEAD = re.compile(rf"\s*\{{\s*({_STRING})\s*:\s*(?=\S)")
_TOOL = re.compile(rf"({_STRING}|null)\s*([,}}])")
_ARGUMENTS = re.compile(rf"\s*{_STRING}\s*:\s*(?=\S)")
_REPLY_KEYS = frozenset({'"reply"', '"text"', '"answer"', '"response"', '"message"', '"content"'})
_TOOL_KEYS = frozenset({'"tool"', '"name"', '"tool_name"', '"function"'})
MAX_HEAD = 1000


class _Inner(Protocol):
    done: bool
    error: StreamError | None

    def feed(self, data: bytes) -> list[StreamFrame]: ...

    def flush(self) -> list[StreamFrame]: ...


class SchemaDecoder:
    """Puts the ``schema`` form around a client's own decoder."""

    def __init__(self, inner: _Inner) -> None:
        self._inner = inner
        self._assembler = FrameAssembler()
        self._text = SchemaText(self._assembler)
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
        try:
            for frame in given:
                frames += self._frame(frame)
        except StreamError as error:
            self.error = error
        if self._inner.error is not None:
            self.error = self._inner.error
            self.error.partial = self.message
        return frames

    def _frame(self, frame: StreamFrame) -> list[StreamFrame]:
        if isinstance(frame, TextDelta):
            return self._text.feed(frame.text)
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
        if isinstance(frame, End):
            return self._text.flush() + self._assembler.end(
                frame.finish_reason,
                frame.usage,
                model=frame.model,
                response_id=frame.response_id,
                raw=frame.raw,
            )
        return []


class SchemaText:
    """Follows the JSON text of one reply and feeds what it finds to an assembler."""

    def __init__(self, assembler: FrameAssembler) -> None:
        self._assembler = assembler
        self._state = self._head
        self._held = ""
        self._name = ""
        self._key = 0
        self._scanner = ObjectScanner()
        self._string = JSONString()

    def feed(self, text: str) -> list[StreamFrame]:
        """The frames that a fragment makes due."""
        frames: list[StreamFrame] = []
        rest: str | None = self._held + text
        self._held = ""
        while rest:
            before = self._state
            rest = self._state(rest, frames)
            if rest and self._state == before and before != self._words:
                self._held = rest
                break
        return frames

    def flush(self) -> list[StreamFrame]:
        """What was held back because it might have been markup, as words."""
        held, self._held = self._held, ""
        if held.strip() and self._state == self._head:
            return self._assembler.text(held)
        return []

    # Each state takes the text that is there and gives back what is left for the next one. Left
    # text in the same state means that more has to come before it can be understood.

    def _head(self, text: str, frames: list[StreamFrame]) -> str:
        stripped = text.lstrip()
        if not stripped:
            return text
        match = _HEAD.match(text)
        if match is None:
            if stripped[0] != "{" or len(text) > MAX_HEAD:
                self._state = self._words
            return text
        key = match.group(1)
        following = text[match.end()]
        if key in _TOOL_KEYS:
            self._state = self._tool
        elif key in _REPLY_KEYS and following == '"':
            self._string = JSONString()
            self._state = self._reply
            return text[match.end() + 1 :]
        elif key in _REPLY_KEYS:
            self._scanner = ObjectScanner()
            self._state = self._output
        else:
            self._state = self._words
            return text
        return text[match.end() :]

    def _words(self, text: str, frames: list[StreamFrame]) -> str:
        frames += self._assembler.text(text)
        return ""

    def _tool(self, text: str, frames: list[StreamFrame]) -> str:
        match = _TOOL.match(text)
        if match is None:
            return text
        name = pydantic_core.from_json(match.group(1))
        if name is None:
            # {"tool": null, "reply": "…"}: the answer follows.
            self._state = self._head
            return "{" + text[match.end() :] if match.group(2) == "," else ""
        self._key += 1
        frames += self._assembler.tool_call(name=name, index=self._key)
        self._state = self._arguments_key
        if match.group(2) == "}":
            self._state = self._head
            frames += self._assembler.close_block()
        return text[match.end() :]

    def _arguments_key(self, text: str, frames: list[StreamFrame]) -> str:
        match = _ARGUMENTS.match(text)
        if match is None:
            return text
        self._scanner = ObjectScanner()
        self._state = self._arguments
        return text[match.end() :]

    def _arguments(self, text: str, frames: list[StreamFrame]) -> str:
        end = self._scanner.feed(text)
        mine = text if end < 0 else text[:end]
        frames += self._assembler.tool_call(arguments=mine, index=self._key)
        if end < 0:
            return ""
        self._state = self._tail
        return text[end:]

    def _output(self, text: str, frames: list[StreamFrame]) -> str:
        if not self._scanner.started and text[0] not in "{[":
            # A number or a literal ends only where the outer object does.
            if "}" not in text:
                return text
            value, _, rest = text.partition("}")
            frames += self._assembler.text(value)
            self._state = self._head
            return rest
        end = self._scanner.feed(text)
        frames += self._assembler.text(text if end < 0 else text[:end])
        if end < 0:
            return ""
        self._state = self._tail
        return text[end:]

    def _reply(self, text: str, frames: list[StreamFrame]) -> str:
        words, rest = self._string.feed(text)
        frames += self._assembler.text(words)
        if rest is None:
            return ""
        self._state = self._tail
        return rest

    def _tail(self, text: str, frames: list[StreamFrame]) -> str:
        # The outer object's closing bracket, then perhaps another object.
        stripped = text.lstrip()
        if stripped[:1] == "}":
            self._state = self._head
            return stripped[1:]
        if stripped and stripped[0] != ",":
            self._state = self._head
        return stripped
