"""Messages in the form of Google's Gemini API. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any

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
from nbagent.providers.origin import own_reasoning
from nbagent.providers.wire_names import fitting_name

__all__ = ["encode_contents", "encode_system", "has_levels", "user_first"]

# Gemini sends calls without ids; what we made up in their place means nothing to it.
MADE_UP = re.compile(r"call_[0-9a-f]{24}")
BEGINNING = "(Here the conversation goes on.)"
# Google's own word for calls that another model made, or that a person wrote.
NO_SIGNATURE = "skip_thought_signature_validator"
BUDGET_MODELS = re.compile(r"gemini-(1|2)[.-]|gemma")
DATA_URL = re.compile(r"data:([^;,]+);base64,(.*)", re.DOTALL)

Value = dict[str, Any]


def has_levels(model: str) -> bool:
    """Whether a model is of Gemini 3 or later.

    These think in levels instead of budgets, insist on the signatures of calls, and take images
    inside the results of calls.
    """
    return BUDGET_MODELS.search(model) is None


def encode_system(prompt: Prompt) -> Value | None:
    """The instructions, which stand apart from the contents: all that are in the prompt."""
    texts = (message.text for message in prompt.messages if message.role == "system")
    parts = [{"text": text} for text in texts if text]
    return {"parts": parts} if parts else None


def encode_contents(prompt: Prompt, *, newer: bool) -> list[Value]:
    """The ``contents`` of a request.

    Args:
        prompt: The conversation.
        newer: The model is of Gemini 3 or later; see `has_levels`.
    """
    encoded: list[Value] = []
    calls: tuple[ToolCall, ...] = ()
    results: list[ToolResultPart] = []
    for message in prompt.messages:
        if message.role == "tool":
            results += message.tool_results
            continue
        encoded += _results(results, calls, newer)
        results = []
        if message.role == "assistant":
            calls = message.tool_calls
            said = _content("model", _said(message, newer))
            # A call has to come right behind the user's turn, or a result's.
            while calls and encoded and encoded[-1]["role"] == "model":
                said[0]["parts"][:0] = encoded.pop()["parts"]
            encoded += said
        elif message.role == "user":
            encoded += _content("user", [_part(part) for part in message.parts])
    return encoded + _results(results, calls, newer)


def user_first(encoded: list[Value]) -> list[Value]:
    """The contents with a word of the user's at the start, which is gone where they were cut."""
    if not encoded or encoded[0]["role"] == "user":
        return encoded
    return [{"role": "user", "parts": [{"text": BEGINNING}]}, *encoded]


def _content(role: str, parts: Iterable[Value | None]) -> list[Value]:
    kept = [part for part in parts if part is not None]
    return [{"role": role, "parts": kept}] if kept else []


def _said(message: Message, newer: bool) -> list[Value]:
    parts: list[Value] = []
    for part in message.parts:
        if isinstance(part, ReasoningPart):
            if own_reasoning(message, part, "gemini"):
                _reasoning(part, parts)
        elif isinstance(part, ToolCall):
            parts.append(_call(part))
        elif isinstance(part, TextPart) and part.text:
            parts.append({"text": part.text})
    calls = [part for part in parts if "functionCall" in part]
    # Of calls side by side only the first is signed; one of another model never was.
    if newer and calls and not any("thoughtSignature" in part for part in calls):
        calls[0]["thoughtSignature"] = NO_SIGNATURE
    return parts


def _reasoning(part: ReasoningPart, parts: list[Value]) -> None:
    """Adds a signature where it was: on a thought, on the words before it, or alone."""
    if part.text:
        parts.append({"text": part.text, "thought": True, "thoughtSignature": part.signature})
    elif parts and set(parts[-1]) == {"text"}:
        parts[-1]["thoughtSignature"] = part.signature
    else:
        parts.append({"text": "", "thoughtSignature": part.signature})


def _call(call: ToolCall) -> Value:
    value: Value = {"name": fitting_name(call.name), "args": arguments_object(call.arguments)}
    part: Value = {"functionCall": {**_identity(call.provider_id or call.tool_call_id), **value}}
    if call.signature:
        part["thoughtSignature"] = call.signature
    return part


def _identity(name: str) -> dict[str, str]:
    return {"id": name} if name and not MADE_UP.fullmatch(name) else {}


def _results(
    results: list[ToolResultPart], calls: tuple[ToolCall, ...], newer: bool
) -> list[Value]:
    """One content for all results, in the order of the calls: without ids only that tells."""
    ids = {call.tool_call_id: call.provider_id or call.tool_call_id for call in calls}
    order = {name: position for position, name in enumerate(ids)}
    ordered = sorted(results, key=lambda each: order.get(each.tool_call_id, len(order)))
    parts = [_result(result, ids, newer) for result in ordered]
    if not newer:
        parts += [_media(image) for result in ordered for image in result.images]
    return _content("user", parts)


def _result(result: ToolResultPart, ids: Mapping[str, str], newer: bool) -> Value:
    value: Value = {
        **_identity(ids.get(result.tool_call_id, result.tool_call_id)),
        "name": fitting_name(result.name),
        "response": {"error" if result.error else "output": result.text},
    }
    if newer and result.images:
        value["parts"] = [_media(image) for image in result.images]
    return {"functionResponse": value}


def _part(part: Part) -> Value | None:
    if isinstance(part, TextPart):
        return {"text": part.text} if part.text else None
    if isinstance(part, ImagePart):
        return _media(part)
    if isinstance(part, FilePart):
        return _inline(part.media_type, base64.b64encode(part.data).decode())
    return None


def _media(image: ImagePart) -> Value:
    if not image.url:
        return _inline(image.media_type, base64.b64encode(image.data or b"").decode())
    found = DATA_URL.match(image.url)
    if found:
        return _inline(*found.groups())
    return {"fileData": {"mimeType": image.media_type, "fileUri": image.url}}


def _inline(media_type: str, data: str) -> Value:
    return {"inlineData": {"mimeType": media_type, "data": data}}
