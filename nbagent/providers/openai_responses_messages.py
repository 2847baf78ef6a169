"""Messages as the items of OpenAI's responses API. Pure."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import pydantic_core

from nbagent.json_text import to_json
from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Part,
    Prompt,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
)
from nbagent.providers.arguments import arguments_object
from nbagent.providers.wire_names import fitting_name, wire_ids

__all__ = ["encode_input", "sign"]

LONGEST_ID = 64


def encode_input(
    prompt: Prompt, *, raw_reasoning: bool = False
) -> tuple[str | None, list[dict[str, Any]]]:
    """The ``instructions`` and the ``input`` items of a request.

    The system messages at the start are the instructions; later ones stay where they are, as a
    developer's.

    Args:
        prompt: What is asked.
        raw_reasoning: Reasoning that nobody signed goes back too, in clear. OpenAI neither shows
            nor takes that; servers of open models do both.
    """
    ids = wire_ids(prompt, limit=LONGEST_ID)
    start = 0
    while start < len(prompt.messages) and prompt.messages[start].role == "system":
        start += 1
    instructions = "\n\n".join(message.text for message in prompt.messages[:start])
    items: list[dict[str, Any]] = []
    for message in prompt.messages[start:]:
        if message.role == "tool":
            items += [_result(result, ids) for result in message.tool_results]
        elif message.role == "assistant":
            items += _assistant(message, ids, raw_reasoning)
        else:
            role = "developer" if message.role == "system" else message.role
            items.append(_message(role, _content(message.parts)))
    return instructions or None, list(_once(items))


def sign(item: Mapping[str, Any]) -> str | None:
    """What has to go back of a reasoning item, as a `ReasoningPart` carries it.

    Without its encrypted content there is nothing: nobody keeps the item for us to point at.
    """
    if not item.get("encrypted_content"):
        return None
    kept = {"id": item.get("id"), "encrypted_content": item["encrypted_content"]}
    return to_json(kept).decode()


def _once(items: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """The items without a thought that comes again, as in a message that was put in twice."""
    thoughts: set[str] = set()
    for item in items:
        if item["type"] == "reasoning":
            if item["id"] in thoughts:
                continue
            thoughts.add(item["id"])
        yield item


def _message(role: str, content: Any) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": content}


def _assistant(message: Message, ids: Mapping[str, str], raw: bool) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, TextPart) and part.text:
            # As plain text: the form with output_text parts wants the id of a stored message.
            items.append(_message("assistant", part.text))
        elif isinstance(part, ToolCall):
            items.append(_call(part, ids))
        elif isinstance(part, ReasoningPart):
            items += _reasoning(part, raw)
    # A turn that was stopped while it was thinking; a thought needs the item that it led to.
    while items and items[-1]["type"] == "reasoning":
        items.pop()
    return items


def _reasoning(part: ReasoningPart, raw: bool) -> list[dict[str, Any]]:
    signed = _signed(part)
    if signed is None and not (raw and part.text and not part.signature):
        # Reasoning of another provider means nothing here.
        return []
    summary = [{"type": "summary_text", "text": part.summary}] if part.summary else []
    item: dict[str, Any] = {"type": "reasoning", "summary": summary}
    item.update(signed or {"id": part.id or f"rs_{uuid.uuid4().hex}"})
    if raw:
        # llama.cpp wants this key, empty or not.
        text = {"type": "reasoning_text", "text": part.text}
        item["content"] = [text] if part.text else []
    return [item]


def _signed(part: ReasoningPart) -> dict[str, Any] | None:
    try:
        value = pydantic_core.from_json(part.signature or "")
    except ValueError:
        return None
    if not isinstance(value, dict) or "encrypted_content" not in value:
        return None
    identity = value.get("id") or part.id or f"rs_{uuid.uuid4().hex}"
    return {"id": identity, "encrypted_content": value["encrypted_content"]}


def _call(call: ToolCall, ids: Mapping[str, str]) -> dict[str, Any]:
    value = arguments_object(call.arguments)
    unread = value.keys() == {"not_json"}
    return {
        "type": "function_call",
        "call_id": ids[call.tool_call_id],
        "name": fitting_name(call.name),
        "arguments": to_json(value).decode() if unread else call.arguments,
    }


def _result(result: ToolResultPart, ids: Mapping[str, str]) -> dict[str, Any]:
    output: Any = result.text
    if result.images:
        output = _content((TextPart(result.text), *result.images))
    return {
        "type": "function_call_output",
        "call_id": ids.get(result.tool_call_id, result.tool_call_id),
        "output": output,
    }


def _content(parts: Iterable[Part]) -> list[dict[str, Any]]:
    return [value for part in parts if (value := _part(part)) is not None]


def _part(part: Part) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        return {"type": "input_text", "text": part.text} if part.text else None
    if isinstance(part, ImagePart):
        url = part.url or _data_url(part.media_type, part.data or b"")
        return {"type": "input_image", "image_url": url, "detail": "auto"}
    if isinstance(part, FilePart):
        data = _data_url(part.media_type, part.data)
        return {"type": "input_file", "filename": part.name, "file_data": data}
    return None


def _data_url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
