"""Messages in the form of OpenAI's chat completions. Pure."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pydantic_core

from nbagent.json_text import to_json
from nbagent.messages import FilePart, ImagePart, Message, Part, Prompt, TextPart, ToolCall
from nbagent.providers.openai_chat_dialects import PLAIN, Dialect
from nbagent.providers.openai_chat_reasoning import returned_reasoning
from nbagent.providers.wire_names import fitting_name, wire_ids

__all__ = ["encode_messages"]

LONGEST_ID = 40  # that OpenAI takes
SHORT_ID = re.compile(r"[A-Za-z0-9]{9}")
# Google's own word for calls that another model made, or that a person wrote.
NO_SIGNATURE = "skip_thought_signature_validator"
BRIDGE: Mapping[str, Any] = {"role": "assistant", "content": "Understood."}


def encode_messages(prompt: Prompt, dialect: Dialect = PLAIN) -> list[dict[str, Any]]:
    """The ``messages`` of a request, as servers of ``dialect`` take them."""
    ids = wire_ids(prompt, limit=LONGEST_ID)
    if dialect.short_ids:
        ids = {ours: _short(theirs) for ours, theirs in ids.items()}
    encoded: list[dict[str, Any]] = []
    for message in prompt.messages:
        if message.role == "tool":
            encoded += _results(message, ids)
        elif message.role == "assistant":
            encoded += _assistant(message, ids, dialect)
        else:
            encoded.append({"role": message.role, "content": _content(message.parts)})
    return _bridged(encoded) if dialect.bridged else encoded


def _assistant(message: Message, ids: Mapping[str, str], dialect: Dialect) -> list[dict[str, Any]]:
    value: dict[str, Any] = {"role": "assistant", "content": message.text or None}
    if message.tool_calls:
        value["tool_calls"] = [_call(call, ids, dialect) for call in message.tool_calls]
        if dialect.signature_key and not any(call.signature for call in message.tool_calls):
            value["tool_calls"][0].update(_signed(NO_SIGNATURE, dialect))
    elif value["content"] is None:
        # A turn that was stopped before its first word says nothing, and servers refuse it empty.
        return []
    return [{**value, **returned_reasoning(message, dialect)}]


def _call(call: ToolCall, ids: Mapping[str, str], dialect: Dialect) -> dict[str, Any]:
    function = {"name": fitting_name(call.name), "arguments": _arguments(call.arguments)}
    value = {"id": ids[call.tool_call_id], "type": "function", "function": function}
    if dialect.signature_key and call.signature:
        value.update(_signed(call.signature, dialect))
    return value


def _signed(signature: str, dialect: Dialect) -> dict[str, Any]:
    return {"extra_content": {dialect.signature_key: {"thought_signature": signature}}}


def _short(identity: str) -> str:
    """The same nine letters and digits for the same id."""
    if SHORT_ID.fullmatch(identity):
        return identity
    return hashlib.sha256(identity.encode()).hexdigest()[:9]


def _bridged(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    bridged: list[dict[str, Any]] = []
    for message in messages:
        if message["role"] == "user" and bridged and bridged[-1]["role"] == "tool":
            bridged.append(dict(BRIDGE))
        bridged.append(message)
    return bridged


def _arguments(arguments: str) -> str:
    # Servers parse the arguments of earlier calls and fail on what is not JSON; the model is still
    # to see what it wrote.
    try:
        whole = isinstance(pydantic_core.from_json(arguments), dict)
    except ValueError:
        whole = False
    return arguments if whole else to_json({"not_json": arguments}).decode()


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
        return {"type": "text", "text": part.text} if part.text else None
    if isinstance(part, ImagePart):
        url = part.url or _data_url(part.media_type, part.data or b"")
        return {"type": "image_url", "image_url": {"url": url}}
    if isinstance(part, FilePart):
        data = _data_url(part.media_type, part.data)
        return {"type": "file", "file": {"filename": part.name, "file_data": data}}
    return None


def _data_url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
