"""Frames as an OpenAI-compatible chat-completions server streams them: server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from nbagent.frames import (
    End,
    ReasoningDelta,
    StreamFrame,
    TextDelta,
    ToolCallDelta,
)
from nbagent.testing.replies import Gate, ScriptItem

__all__ = ["encode_chat"]

# OpenAI has no finish reasons of these names; its servers say "stop".
FINISH_REASONS = {"refusal": "stop", "other": "stop"}


def encode_chat(frames: Iterable[ScriptItem], model: str) -> Iterator[bytes | Gate]:
    """The pieces of a streamed chat completion, one for each frame; gates pass through."""
    numbers: dict[str, int] = {}
    yield _event(model, {"role": "assistant", "content": ""})
    for frame in frames:
        if isinstance(frame, Gate):
            yield frame
        elif isinstance(frame, End):
            yield _end(model, frame)
        else:
            delta = _delta(frame, numbers)
            if delta is not None:
                yield _event(model, delta)


def _delta(frame: StreamFrame, numbers: dict[str, int]) -> dict[str, Any] | None:
    """The ``delta`` object of a frame; None for frames that this protocol does not send."""
    if isinstance(frame, TextDelta):
        return {"content": frame.text}
    if isinstance(frame, ReasoningDelta):
        return {"reasoning_content": frame.text}
    if isinstance(frame, ToolCallDelta):
        return {"tool_calls": [_call(frame, numbers)]}
    return None


def _call(frame: ToolCallDelta, numbers: dict[str, int]) -> dict[str, Any]:
    """A fragment of a call: id and name come with the first one only."""
    first = frame.tool_call_id not in numbers
    number = numbers.setdefault(frame.tool_call_id, len(numbers))
    if first:
        function = {"name": frame.name, "arguments": frame.arguments}
        return {
            "index": number,
            "id": frame.tool_call_id,
            "type": "function",
            "function": function,
        }
    return {"index": number, "function": {"arguments": frame.arguments}}


def _end(model: str, frame: End) -> bytes:
    reason = FINISH_REASONS.get(frame.finish_reason, frame.finish_reason)
    usage = {
        "prompt_tokens": frame.usage.input_tokens,
        "completion_tokens": frame.usage.output_tokens,
        "total_tokens": frame.usage.input_tokens + frame.usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": frame.usage.cached_input_tokens},
        "completion_tokens_details": {"reasoning_tokens": frame.usage.reasoning_tokens},
    }
    last = _event(model, {}, finish_reason=reason)
    return last + _event(model, None, usage=usage) + b"data: [DONE]\n\n"


def _event(
    model: str,
    delta: dict[str, Any] | None,
    *,
    finish_reason: str | None = None,
    usage: dict[str, Any] | None = None,
) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    chunk: dict[str, Any] = {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": model,
        "choices": [] if delta is None else [choice],
    }
    if usage is not None:
        chunk["usage"] = usage
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"
