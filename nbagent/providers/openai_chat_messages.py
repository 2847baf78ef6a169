"""Messages in the form of OpenAI's chat completions. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

import pydantic_core

from nbagent.messages import FilePart, ImagePart, Message, Part, Prompt, TextPart, ToolCall

__all__ = ["encode_messages"]


def encode_messages(prompt: Prompt) -> list[dict[str, Any]]:
    """The ``messages`` of a request."""
    ids = {
        call.tool_call_id: call.provider_id or call.tool_call_id
        for message in prompt.messages
        for call in message.tool_calls
    }
    encoded: list[dict[str, Any]] = []
    for message in prompt.messages:
        if message.role == "tool":
            encoded += _results(message, ids)
        elif message.role == "assistant":
            encoded += _assistant(message, ids)
        else:
            encoded.append({"role": message.role, "content": _content(message.parts)})
    return encoded


def _assistant(message: Message, ids: Mapping[str, str]) -> list[dict[str, Any]]:
    value: dict[str, Any] = {"role": "assistant", "content": message.text or None}
    if message.tool_calls:
        value["tool_calls"] = [_call(call, ids) for call in message.tool_calls]
    elif value["content"] is None:
        # A turn that was stopped before its first word says nothing, and servers refuse it empty.
        return []
    return [value]


def _call(call: ToolCall, ids: Mapping[str, str]) -> dict[str, Any]:
    function = {"name": call.name, "arguments": _arguments(call.arguments)}
    return {"id": ids[call.tool_call_id], "type": "function", "function": function}


def _arguments(arguments: str) -> str:
    # Servers parse the arguments of earlier calls and fail on what is not JSON; the model is still
    # to see what it wrote.
    try:
        whole = isinstance(pydantic_core.from_json(arguments), dict)
    except ValueError:
        whole = False
    return arguments if whole else pydantic_core.to_json({"not_json": arguments}).decode()


def _results(message: Message, ids: Mapping[str, str]) -> list[dict[str, Any]]:
    encoded: list[dict[str, Any]] = []
    images: list[Part] = []
    for result in message.tool_results:
        identity = ids.get(result.tool_call_id, result.tool_call_id)
        encoded.append({"role": "tool", "tool_call_id": identity, "content": result.text})
        images += result.images
    if images:
        # A tool message carries text alone; the pictures follow as the user's.
        encoded.append({"role": "user", "content": _content(images)})
    return encoded


def _content(parts: Iterable[Part]) -> str | list[dict[str, Any]]:
    parts = tuple(parts)
    if all(isinstance(part, TextPart) for part in parts):
        return "".join(part.text for part in parts if isinstance(part, TextPart))
    return [value for part in parts if (value := _part(part)) is not None]


def _part(part: Part) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    if isinstance(part, ImagePart):
        url = part.url or _data_url(part.media_type, part.data or b"")
        return {"type": "image_url", "image_url": {"url": url}}
    if isinstance(part, FilePart):
        data = _data_url(part.media_type, part.data)
        return {"type": "file", "file": {"filename": part.name, "file_data": data}}
    return None


def _data_url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
