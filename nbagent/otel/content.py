"""What was said, in the form of the conventions. Only used where content is to be captured."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
)

__all__ = ["input_messages", "instructions", "output_messages"]


def input_messages(messages: Iterable[Message]) -> str:
    """The conversation that the model was given."""
    made = [{"role": m.role, "parts": _parts(m)} for m in messages if m.role != "system"]
    return json.dumps(made, ensure_ascii=False)


def output_messages(message: Message) -> str:
    """The model's reply."""
    reason = message.finish_reason or "error"
    made = {"role": "assistant", "parts": _parts(message), "finish_reason": reason}
    return json.dumps([made], ensure_ascii=False)


def instructions(text: str) -> str:
    """The system message."""
    return json.dumps([{"type": "text", "content": text}], ensure_ascii=False)


def _parts(message: Message) -> list[dict[str, Any]]:
    return [_part(part) for part in message.parts]


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "text", "content": part.text}
    if isinstance(part, ReasoningPart):
        return {"type": "reasoning", "content": part.text or part.summary}
    if isinstance(part, ToolCall):
        return {
            "type": "tool_call",
            "id": part.tool_call_id,
            "name": part.name,
            "arguments": _arguments(part.arguments),
        }
    if isinstance(part, ToolResultPart):
        return {"type": "tool_call_response", "id": part.tool_call_id, "response": part.text}
    return _blob(part)


def _blob(part: ImagePart | FilePart) -> dict[str, Any]:
    modality = "image" if isinstance(part, ImagePart) else "document"
    made = {"modality": modality, "mime_type": part.media_type}
    if isinstance(part, ImagePart) and part.data is None:
        return {"type": "uri", "uri": part.url or "", **made}
    return {"type": "blob", "content": base64.b64encode(part.data or b"").decode(), **made}


def _arguments(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # the model's own text, which may be broken
        return text
