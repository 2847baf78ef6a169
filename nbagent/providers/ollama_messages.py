"""Messages in the form of Ollama's chat. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from nbagent.errors import UnsupportedCapability
from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Part,
    Prompt,
    ReasoningPart,
    TextPart,
    ToolCall,
)
from nbagent.providers.arguments import arguments_object
from nbagent.providers.wire_names import fitting_name, wire_ids

__all__ = ["encode_messages"]

LONGEST_ID = 200  # Ollama has no limit of its own


def encode_messages(prompt: Prompt) -> list[dict[str, Any]]:
    """The ``messages`` of a request.

    Raises:
        UnsupportedCapability: There is an image given by its address, or a file.
    """
    ids = wire_ids(prompt, limit=LONGEST_ID)
    encoded: list[dict[str, Any]] = []
    for message in prompt.messages:
        if message.role == "tool":
            encoded += _results(message, ids)
        elif message.role == "assistant":
            encoded += _assistant(message, ids)
        else:
            encoded.append(_message(message.role, message.parts))
    return encoded


def _message(role: str, parts: Iterable[Part]) -> dict[str, Any]:
    parts = tuple(parts)
    text = "".join(part.text for part in parts if isinstance(part, TextPart))
    value: dict[str, Any] = {"role": role, "content": text}
    if any(isinstance(part, FilePart) for part in parts):
        raise UnsupportedCapability(
            "Ollama takes no files. Put their text into the message, or give pages as images."
        )
    if images := [_image(part) for part in parts if isinstance(part, ImagePart)]:
        value["images"] = images
    return value


def _assistant(message: Message, ids: Mapping[str, str]) -> list[dict[str, Any]]:
    value = _message("assistant", message.parts)
    # What another provider signed is no thought of this model.
    thoughts = [
        part.text
        for part in message.parts
        if isinstance(part, ReasoningPart) and part.text and not part.signature
    ]
    if thoughts:
        value["thinking"] = "".join(thoughts)
    if message.tool_calls:
        value["tool_calls"] = [_call(call, ids) for call in message.tool_calls]
    # A turn that was stopped before its first word says nothing.
    return [value] if value["content"] or len(value) > 2 else []


def _call(call: ToolCall, ids: Mapping[str, str]) -> dict[str, Any]:
    function = {"name": fitting_name(call.name), "arguments": arguments_object(call.arguments)}
    return {"id": ids[call.tool_call_id], "type": "function", "function": function}


def _results(message: Message, ids: Mapping[str, str]) -> list[dict[str, Any]]:
    encoded: list[dict[str, Any]] = []
    images: list[Part] = []
    for result in message.tool_results:
        value = {"role": "tool", "content": result.text, "tool_name": fitting_name(result.name)}
        # Versions before 0.12 pass over the id; newer ones tell parallel calls apart by it.
        value["tool_call_id"] = ids.get(result.tool_call_id, result.tool_call_id)
        encoded.append(value)
        images += result.images
    if images:
        # Most templates show a tool's text alone; the pictures follow as the user's.
        encoded.append(_message("user", images))
    return encoded


def _image(part: ImagePart) -> str:
    if part.data is not None:
        return base64.b64encode(part.data).decode()
    head, comma, data = (part.url or "").partition(",")
    if head.startswith("data:") and head.endswith(";base64") and comma:
        return data
    raise UnsupportedCapability(
        "Ollama does not fetch images from the web. Give the image's bytes: ImagePart(data=…)."
    )
