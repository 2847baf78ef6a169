"""Anthropic's streamed events to frames.

Source: "Streaming messages" of Anthropic's documentation. Events, blocks and deltas of types
that are not known are passed over, as it asks; blocks of the server's own tools and citations
are kept in the `End`'s ``raw``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from nbagent.frames import StreamFrame
from nbagent.messages import FinishReason, Usage
from nbagent.providers.anthropic_messages import REDACTED
from nbagent.providers.decoder import EventDecoder
from nbagent.providers.fields import number, text

__all__ = ["AnthropicDecoder"]

FINISH_REASONS: Mapping[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}
SAID_AT_THE_END = ("stop_reason", "stop_sequence", "stop_details")


class AnthropicDecoder(EventDecoder):
    """Events of a message to frames. The end marker is ``message_stop``."""

    provider: ClassVar[str] = "Anthropic"

    def __init__(self) -> None:
        super().__init__()
        self._kinds: dict[int | None, str] = {}
        # Calls that have arguments by now, and calls that stopped without any.
        self._with_arguments: set[int | None] = set()
        self._stopped_empty: list[int | None] = []
        self._whole_at_start: set[int | None] = set()
        self._model: str | None = None
        self._id: str | None = None
        self._counts: dict[str, Any] = {}
        self._usage = Usage()
        self._raw: dict[str, Any] = {}

    def event(self, data: dict[str, Any], name: str) -> list[StreamFrame]:
        """The frames of one event."""
        kind = data.get("type") or name
        if kind == "content_block_delta":
            return self._delta(_index(data), data["delta"])
        if kind == "content_block_start":
            return self._start(_index(data), data["content_block"])
        if kind == "content_block_stop":
            return self._stop(_index(data))
        if kind == "message_start":
            return self._begin(data["message"])
        if kind == "message_delta":
            return self._end_of_message(data)
        if kind == "message":
            # One JSON object, although a stream was asked for.
            frames = self._begin(data)
            self.done = True
            return frames
        if kind == "message_stop":
            self.done = True
        elif "error" in (kind, name) or data.get("error"):
            raise self.reported(data)
        return []

    def finish(self) -> list[StreamFrame]:
        """What is due at the end; the stream is over well if the end marker came."""
        if not self.done:
            raise self.truncated()
        reason = self._raw.get("stop_reason")
        raw = {**self._raw, "finish_reason": reason, "usage": self._counts}
        return self.assembler.end(
            FINISH_REASONS.get(reason, "other") if reason else None,
            self._usage,
            model=self._model,
            response_id=self._id,
            raw=raw,
        )

    def _begin(self, message: Mapping[str, Any]) -> list[StreamFrame]:
        self._model = text(message.get("model")) or self._model
        self._id = text(message.get("id")) or self._id
        frames: list[StreamFrame] = []
        # A message that goes on from the server's own tools may begin with whole blocks.
        for index, block in enumerate(message.get("content") or ()):
            frames += self._whole_block(index, block)
        said = {name: message.get(name) for name in SAID_AT_THE_END}
        return frames + self._end_of_message({"delta": said, "usage": message.get("usage")})

    def _whole_block(self, index: int, block: Mapping[str, Any]) -> list[StreamFrame]:
        frames = self._start(index, block)
        if block["type"] == "tool_use" and index not in self._with_arguments:
            self._with_arguments.add(index)
            frames += self.assembler.tool_call(arguments="{}", index=index)
        return frames + self._stop(index)

    def _start(self, index: int | None, block: Mapping[str, Any]) -> list[StreamFrame]:
        frames = self._close_empty()
        kind = str(block["type"])
        self._kinds[index] = kind
        if kind == "text":
            frames += self.assembler.text(text(block.get("text")), index=index)
            for citation in block.get("citations") or ():
                self._cite(index, citation)
        elif kind == "thinking":
            frames += self.assembler.reasoning(
                text(block.get("thinking")), signature=text(block.get("signature")), index=index
            )
        elif kind == "redacted_thinking":
            data = text(block["data"])
            frames += self.assembler.reasoning(signature=data, index=index, id=REDACTED)
        elif kind == "tool_use":
            frames += self._start_call(index, block)
        else:
            self._raw.setdefault("blocks", []).append(block)
        return frames

    def _start_call(self, index: int | None, block: Mapping[str, Any]) -> list[StreamFrame]:
        # The input of a block that is streamed is empty here; other servers may know it whole.
        arguments = block.get("input") or None
        if arguments is not None:
            self._with_arguments.add(index)
            self._whole_at_start.add(index)
        return self.assembler.tool_call(
            id=text(block.get("id")),
            name=text(block.get("name")),
            arguments=arguments,
            index=index,
        )

    def _delta(self, index: int | None, delta: Mapping[str, Any]) -> list[StreamFrame]:
        kind = delta.get("type")
        if kind == "text_delta":
            self.repeats = ("delta", "text")
            return self.assembler.text(text(delta["text"]), index=index)
        if kind == "input_json_delta":
            return self._arguments(index, text(delta.get("partial_json")))
        if kind == "thinking_delta":
            return self.assembler.reasoning(text(delta["thinking"]), index=index)
        if kind == "signature_delta":
            return self.assembler.reasoning(signature=text(delta["signature"]), index=index)
        if kind == "citations_delta":
            self._cite(index, delta["citation"])
        return []

    def _arguments(self, index: int | None, fragment: str) -> list[StreamFrame]:
        # The server's own tools send their input the same way.
        if self._kinds.get(index) != "tool_use" or index in self._whole_at_start:
            return []
        if fragment.strip():
            self._with_arguments.add(index)
            self.repeats = ("delta", "partial_json")
        return self.assembler.tool_call(arguments=fragment, index=index)

    def _cite(self, index: int | None, citation: Any) -> None:
        self._raw.setdefault("citations", []).append({"index": index, "citation": citation})

    def _stop(self, index: int | None) -> list[StreamFrame]:
        if self._kinds.get(index) == "tool_use" and index not in self._with_arguments:
            # A call without arguments, or one that the token limit cut before its first: a block
            # stops in both cases, so it is certain only with what follows.
            self._stopped_empty.append(index)
            return []
        return self.assembler.close_block(index=index)

    def _close_empty(self) -> list[StreamFrame]:
        waiting, self._stopped_empty = self._stopped_empty, []
        frames: list[StreamFrame] = []
        for index in waiting:
            frames += self.assembler.close_block(index=index)
        return frames

    def _end_of_message(self, data: Mapping[str, Any]) -> list[StreamFrame]:
        delta = data.get("delta") or {}
        self._raw.update({name: value for name, value in delta.items() if value is not None})
        self._count(data.get("usage"))
        reason = FINISH_REASONS.get(text(self._raw.get("stop_reason")))
        return self._close_empty() if reason in ("stop", "tool_calls") else []

    def _count(self, usage: Mapping[str, Any] | None) -> None:
        # Running totals: the last one counts. Servers that know the input only at the start write
        # 0 at the end.
        for name, value in (usage or {}).items():
            if value is not None and (value or not name.endswith("input_tokens")):
                self._counts[name] = value
        self._usage = _usage(self._counts)


def _index(data: Mapping[str, Any]) -> int | None:
    index = data.get("index")
    return None if index is None else number(index)


def _usage(counts: Mapping[str, Any]) -> Usage:
    cached = number(counts.get("cache_read_input_tokens"))
    written = number(counts.get("cache_creation_input_tokens"))
    details = counts.get("output_tokens_details") or {}
    return Usage(
        number(counts.get("input_tokens")) + cached + written,
        number(counts.get("output_tokens")),
        cached,
        number(details.get("thinking_tokens")),
    )
