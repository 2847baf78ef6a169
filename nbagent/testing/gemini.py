"""Frames as Gemini streams them: server-sent events, each a piece of the generated content."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from nbagent.frames import End, ReasoningComplete, ReasoningDelta, TextDelta, ToolCallDelta
from nbagent.testing.replies import Gate, ScriptItem

__all__ = ["encode_content"]

FINISH_REASONS = {
    "stop": "STOP",
    "tool_calls": "STOP",
    "length": "MAX_TOKENS",
    "content_filter": "SAFETY",
    "refusal": "PROHIBITED_CONTENT",
    "other": "OTHER",
}


def encode_content(frames: Iterable[ScriptItem], model: str) -> Iterator[bytes | Gate]:
    """The pieces of a generated content, about one for each frame; gates pass through.

    Gemini sends a call whole: it goes out with the call's last fragment. One whose arguments are
    no JSON object never goes out; the reply then finishes as MALFORMED_FUNCTION_CALL.
    """
    items = tuple(frames)
    calls = _calls(items)
    malformed = False
    for place, item in enumerate(items):
        if isinstance(item, Gate):
            yield item
        elif isinstance(item, End):
            yield _end(model, item, malformed)
        elif isinstance(item, TextDelta):
            yield _chunk(model, [{"text": item.text}])
        elif isinstance(item, ReasoningDelta):
            yield _chunk(model, [{"text": item.text, "thought": True}])
        elif isinstance(item, ReasoningComplete) and item.signature:
            signed = {"text": "", "thought": True, "thoughtSignature": item.signature}
            yield _chunk(model, [signed])
        elif place in calls:
            call = calls[place]
            malformed = malformed or call is None
            if call is not None:
                yield _chunk(model, [{"functionCall": call}])


def _calls(items: tuple[ScriptItem, ...]) -> dict[int, dict[str, Any] | None]:
    """The calls by the place of their last fragment; None for one that cannot be sent."""
    ends: dict[str, int] = {}
    arguments: dict[str, str] = {}
    names: dict[str, str] = {}
    for place, item in enumerate(items):
        if isinstance(item, ToolCallDelta):
            name = item.tool_call_id
            ends[name] = place
            names[name] = names.get(name) or item.name
            arguments[name] = arguments.get(name, "") + item.arguments
    return {place: _call(name, names[name], arguments[name]) for name, place in ends.items()}


def _call(identity: str, name: str, arguments: str) -> dict[str, Any] | None:
    try:
        value = json.loads(arguments or "{}")
    except ValueError:
        return None
    return {"id": identity, "name": name, "args": value} if isinstance(value, dict) else None


def _end(model: str, frame: End, malformed: bool) -> bytes:
    reason = "MALFORMED_FUNCTION_CALL" if malformed else FINISH_REASONS[frame.finish_reason]
    written = frame.usage.output_tokens - frame.usage.reasoning_tokens
    usage = {
        "promptTokenCount": frame.usage.input_tokens,
        "candidatesTokenCount": written,
        "totalTokenCount": frame.usage.input_tokens + frame.usage.output_tokens,
    }
    if frame.usage.cached_input_tokens:
        usage["cachedContentTokenCount"] = frame.usage.cached_input_tokens
    if frame.usage.reasoning_tokens:
        usage["thoughtsTokenCount"] = frame.usage.reasoning_tokens
    return _chunk(model, [{"text": ""}], finishReason=reason, usage=usage)


def _chunk(
    model: str,
    parts: list[dict[str, Any]],
    *,
    usage: dict[str, Any] | None = None,
    **fields: Any,
) -> bytes:
    candidate = {"content": {"parts": parts, "role": "model"}, **fields, "index": 0}
    chunk: dict[str, Any] = {"candidates": [candidate]}
    if usage is not None:
        chunk["usageMetadata"] = usage
    chunk |= {"modelVersion": model, "responseId": "scripted"}
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\r\n\r\n"
