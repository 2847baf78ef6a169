"""Messages in the form of Anthropic's Messages API. Pure."""

from __future__ import annotations

import base64
import re
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
    ToolResultPart,
)
from nbagent.providers.arguments import arguments_object
from nbagent.providers.origin import own_reasoning
from nbagent.providers.wire_names import fitting_name, wire_ids

__all__ = ["REDACTED", "encode_messages", "encode_system", "user_first"]

# The id of a reasoning part whose signature is the data of a redacted_thinking block: such a
# block has no text, as a thinking block has none whose display was omitted.
REDACTED = "redacted"
LONGEST_ID = 64
BEGINNING = "(Here the conversation goes on.)"
ROLES = {"user": "user", "tool": "user", "assistant": "assistant"}
THINKING = frozenset({"thinking", "redacted_thinking"})
DATA_URL = re.compile(r"data:([^;,]+);base64,(.*)", re.DOTALL)

Block = dict[str, Any]


def encode_system(prompt: Prompt) -> str:
    """The instructions, which stand apart from the messages: all that are in the prompt."""
    texts = (message.text for message in prompt.messages if message.role == "system")
    return "\n\n".join(text for text in texts if text.strip())


def encode_messages(prompt: Prompt) -> list[dict[str, Any]]:
    """The ``messages`` of a request: roles in turn, nothing empty, results first.

    Raises:
        UnsupportedCapability: A file is of a kind that the API does not read.
    """
    ids = wire_ids(prompt, limit=LONGEST_ID, refused=r"[^a-zA-Z0-9_-]")
    encoded: list[dict[str, Any]] = []
    for message in prompt.messages:
        role = ROLES.get(message.role)
        content = _content(message, ids) if role else []
        if not content:
            continue
        if encoded and encoded[-1]["role"] == role:
            encoded[-1]["content"] += content
        else:
            encoded.append({"role": role, "content": content})
    for turn in encoded:
        # The results have to stand before anything else in the turn after the calls.
        turn["content"].sort(key=lambda block: block["type"] != "tool_result")
    return encoded


def user_first(encoded: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages with a word of the user's at the start, which is gone where they were cut."""
    if not encoded or encoded[0]["role"] == "user":
        return encoded
    return [{"role": "user", "content": [{"type": "text", "text": BEGINNING}]}, *encoded]


def _content(message: Message, ids: Mapping[str, str]) -> list[Block]:
    if message.role == "assistant":
        return _assistant(message, ids)
    return [block for part in message.parts if (block := _part(part, ids)) is not None]


def _assistant(message: Message, ids: Mapping[str, str]) -> list[Block]:
    blocks: list[Block] = []
    for part in message.parts:
        if isinstance(part, ReasoningPart):
            blocks += _reasoning(message, part)
        elif isinstance(part, ToolCall):
            blocks.append(_call(part, ids))
        elif isinstance(part, TextPart) and part.text.strip():
            blocks.append({"type": "text", "text": part.text})
    # A turn that was stopped while it was thinking; no turn may end in a thought.
    while blocks and blocks[-1]["type"] in THINKING:
        blocks.pop()
    return blocks


def _reasoning(message: Message, part: ReasoningPart) -> list[Block]:
    if not own_reasoning(message, part, "claude"):
        return []
    if part.id == REDACTED:
        return [{"type": "redacted_thinking", "data": part.signature}]
    unfinished = message.finish_reason is None and message.model is None
    if unfinished and not part.text and not message.tool_calls:
        # Only the End tells what a block without text is, and a reply that was stopped has none.
        # Nothing needs the thought when no result is to follow.
        return []
    return [{"type": "thinking", "thinking": part.text, "signature": part.signature}]


def _call(call: ToolCall, ids: Mapping[str, str]) -> Block:
    return {
        "type": "tool_use",
        "id": _identity(call.tool_call_id, ids),
        "name": fitting_name(call.name),
        "input": arguments_object(call.arguments),
    }


def _identity(tool_call_id: str, ids: Mapping[str, str]) -> str:
    return ids.get(tool_call_id, tool_call_id)


def _part(part: Part, ids: Mapping[str, str]) -> Block | None:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text} if part.text.strip() else None
    if isinstance(part, ToolResultPart):
        return _result(part, ids)
    if isinstance(part, ImagePart):
        return _image(part)
    if isinstance(part, FilePart):
        return _file(part)
    return None


def _result(result: ToolResultPart, ids: Mapping[str, str]) -> Block:
    block: Block = {
        "type": "tool_result",
        "tool_use_id": _identity(result.tool_call_id, ids),
    }
    text: Iterable[Part] = (TextPart(result.text),) if result.text.strip() else ()
    if result.images:
        parts = (*text, *result.images)
        block["content"] = [value for part in parts if (value := _part(part, ids)) is not None]
    elif result.text.strip():
        block["content"] = result.text
    if result.error:
        block["is_error"] = True
    return block


def _image(part: ImagePart) -> Block:
    if part.url and not (found := DATA_URL.match(part.url)):
        return {"type": "image", "source": {"type": "url", "url": part.url}}
    if part.url and found:
        return _base64("image", *found.groups())
    return _base64("image", part.media_type, base64.b64encode(part.data or b"").decode())


def _file(part: FilePart) -> Block:
    if part.media_type.startswith("image/"):
        return _image(ImagePart(part.data, part.media_type))
    if part.media_type == "application/pdf":
        block = _base64("document", part.media_type, base64.b64encode(part.data).decode())
        return {**block, "title": part.name}
    try:
        text = part.data.decode()
    except UnicodeDecodeError as error:
        raise UnsupportedCapability(
            f"The file {part.name!r} ({part.media_type}) cannot be sent to Anthropic: it reads "
            "PDF files, images and UTF-8 text. Convert it, or send what matters of it as text."
        ) from error
    source = {"type": "text", "media_type": "text/plain", "data": text}
    return {"type": "document", "source": source, "title": part.name}


def _base64(kind: str, media_type: str, data: str) -> Block:
    return {"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}}
