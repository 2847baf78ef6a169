"""Frames as Ollama's chat streams them: one JSON object a line, calls whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nbagent.frames import End, ReasoningDelta, TextDelta, ToolCallDelta
from nbagent.testing.replies import Gate, ScriptItem

__all__ = ["encode_ollama", "encode_tags"]

# Ollama has no reasons of other names.
REASONS = {"length": "length"}
MOMENT = "2026-01-01T00:00:00.000000Z"


def encode_ollama(frames: Iterable[ScriptItem], model: str) -> Iterator[bytes | Gate]:
    """The pieces of a streamed chat, one for each frame; gates pass through.

    A call is sent when its last fragment has come. Arguments that are no JSON object are sent as
    text, which Ollama itself never does: it shows none of a call that it cannot read.
    """
    items = tuple(frames)
    calls: dict[str, str] = {}
    last = {
        item.tool_call_id: number
        for number, item in enumerate(items)
        if isinstance(item, ToolCallDelta)
    }
    for number, item in enumerate(items):
        if isinstance(item, Gate):
            yield item
        elif isinstance(item, TextDelta):
            yield _line(model, {"content": item.text})
        elif isinstance(item, ReasoningDelta):
            yield _line(model, {"content": "", "thinking": item.text})
        elif isinstance(item, ToolCallDelta):
            arguments = calls.get(item.tool_call_id, "") + item.arguments
            calls[item.tool_call_id] = arguments
            if last[item.tool_call_id] == number:
                yield _line(model, {"content": "", "tool_calls": [_call(item, arguments)]})
        elif isinstance(item, End):
            yield _end(model, item)


def encode_tags(models: Sequence[str]) -> dict[str, Any]:
    """The answer to ``GET /api/tags``."""
    return {
        "models": [
            {
                "name": name,
                "model": name,
                "modified_at": MOMENT,
                "size": 1,
                "digest": "0" * 64,
                "details": {"format": "gguf", "family": "scripted", "families": ["scripted"]},
            }
            for name in models
        ]
    }


def _call(frame: ToolCallDelta, arguments: str) -> dict[str, Any]:
    try:
        value = json.loads(arguments or "{}")
    except ValueError:
        value = arguments
    function = {"name": frame.name, "arguments": value}
    return {"id": frame.tool_call_id, "function": function}


def _end(model: str, frame: End) -> bytes:
    return _line(
        model,
        {"content": ""},
        done_reason=REASONS.get(frame.finish_reason, "stop"),
        done=True,
        total_duration=3,
        load_duration=1,
        prompt_eval_count=frame.usage.input_tokens,
        prompt_eval_duration=1,
        eval_count=frame.usage.output_tokens,
        eval_duration=1,
    )


def _line(model: str, message: Mapping[str, Any], **last: Any) -> bytes:
    value = {
        "model": model,
        "created_at": MOMENT,
        "message": {"role": "assistant", **message},
        "done": False,
        **last,
    }
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
