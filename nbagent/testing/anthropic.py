"""Frames as Anthropic's Messages API streams them: server-sent events, block by block."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextDelta,
    ToolCallDelta,
)
from nbagent.messages import Usage
from nbagent.testing.replies import Gate, ScriptItem

__all__ = ["encode_messages"]

STOP_REASONS = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "length": "max_tokens",
    "content_filter": "refusal",
    "refusal": "refusal",
    "other": "pause_turn",
}

Key = tuple[str, str | int]


def encode_messages(frames: Iterable[ScriptItem], model: str) -> Iterator[bytes | Gate]:
    """The pieces of a streamed message, about one for each frame; gates pass through.

    A block stops with its last frame, so calls whose fragments are interleaved stay open side by
    side. A `ReasoningComplete` sends its signature.
    """
    items = tuple(frames)
    ends = {key: place for place, item in enumerate(items) if (key := _key(item)) is not None}
    usage = next((item.usage for item in items if isinstance(item, End)), Usage())
    yield _start(model, usage) + _event("ping")
    numbers: dict[Key, int] = {}
    for place, item in enumerate(items):
        if isinstance(item, Gate):
            yield item
        elif isinstance(item, End):
            yield _end(item)
        elif (key := _key(item)) is not None:
            first = key not in numbers
            number = numbers.setdefault(key, len(numbers))
            piece = _block_start(item, number) if first else b""
            piece += _delta(item, number)
            if ends[key] == place:
                piece += _event("content_block_stop", index=number)
            yield piece


def _key(item: ScriptItem) -> Key | None:
    """Which block a frame belongs to; None for what is not sent."""
    if isinstance(item, ToolCallDelta):
        return "call", item.tool_call_id
    if isinstance(item, TextDelta):
        return "text", item.index
    if isinstance(item, (ReasoningDelta, ReasoningComplete)):
        return "reasoning", item.index
    return None


def _start(model: str, usage: Usage) -> bytes:
    message: dict[str, Any] = {
        "id": "msg_scripted",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": usage.input_tokens - usage.cached_input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": usage.cached_input_tokens,
            "output_tokens": 1,
        },
    }
    return _event("message_start", message=message)


def _block_start(frame: StreamFrame, number: int) -> bytes:
    block: dict[str, Any] = {"type": "text", "text": ""}
    if isinstance(frame, ToolCallDelta):
        block = {"type": "tool_use", "id": frame.tool_call_id, "name": frame.name, "input": {}}
    elif isinstance(frame, (ReasoningDelta, ReasoningComplete)):
        block = {"type": "thinking", "thinking": "", "signature": ""}
    return _event("content_block_start", index=number, content_block=block)


def _delta(frame: StreamFrame, number: int) -> bytes:
    delta: dict[str, Any] | None = None
    if isinstance(frame, TextDelta):
        delta = {"type": "text_delta", "text": frame.text}
    elif isinstance(frame, ReasoningDelta):
        delta = {"type": "thinking_delta", "thinking": frame.text}
    elif isinstance(frame, ToolCallDelta):
        delta = {"type": "input_json_delta", "partial_json": frame.arguments}
    elif isinstance(frame, ReasoningComplete) and frame.signature:
        delta = {"type": "signature_delta", "signature": frame.signature}
    return b"" if delta is None else _event("content_block_delta", index=number, delta=delta)


def _end(frame: End) -> bytes:
    usage: dict[str, Any] = {"output_tokens": frame.usage.output_tokens}
    if frame.usage.reasoning_tokens:
        usage["output_tokens_details"] = {"thinking_tokens": frame.usage.reasoning_tokens}
    delta = {"stop_reason": STOP_REASONS[frame.finish_reason], "stop_sequence": None}
    return _event("message_delta", delta=delta, usage=usage) + _event("message_stop")


def _event(kind: str, **fields: Any) -> bytes:
    data = json.dumps({"type": kind, **fields}, ensure_ascii=False)
    return f"event: {kind}\ndata: {data}\n\n".encode()
