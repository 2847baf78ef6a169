"""From what a tool on a server gives to a result in both its sides."""

from __future__ import annotations

import base64
import binascii
import html
import json
from typing import Any

from nbagent.errors import ToolExecutionError
from nbagent.mcp.sdk import types
from nbagent.messages import ImagePart
from nbagent.tools import DisplayOutput, MimeBundle, ToolContext, ToolResult, for_person
from nbagent.tools.for_model import LIMIT, cut

__all__ = ["failed", "result_of"]

SHOWN_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def result_of(
    name: str, given: types.CallToolResult, context: ToolContext, *, limit: int = LIMIT
) -> ToolResult:
    """The result of a call.

    The value is the structured content where there is some, else the text, else the blocks as they
    came. The first picture is in the bundle; what else there is to see is displayed.

    Args:
        name: The tool's name, for messages.
        given: What came.
        context: Takes further pictures, sounds.
        limit: Characters that the model reads.
    """
    words = "\n".join(filter(None, map(_text, given.content)))
    if not words and given.structured_content is not None:
        words = json.dumps(given.structured_content, ensure_ascii=False)
    if given.is_error:
        return failed(f"{name!r} failed: {words or 'the server does not say why'}", limit)
    pictures = [bundle for block in given.content if (bundle := _picture(block)) is not None]
    for bundle in pictures[1:]:
        if context.listener is not None:
            context.listener.output(DisplayOutput(bundle))
    value = _value(given, words)
    shown = for_person(value)
    if pictures:
        plain = {"text/plain": words or shown.data.get("text/plain", "")}
        shown = MimeBundle({**plain, **pictures[0].data})
    images = tuple(image for block in given.content if (image := _image(block)) is not None)
    return ToolResult(
        value, cut(words or "The tool gave nothing back.", limit), shown, None, images
    )


def failed(text: str, limit: int = LIMIT) -> ToolResult:
    """A result without a value that the model and the person read alike."""
    return ToolResult(
        None, cut(text, limit), MimeBundle({"text/plain": text}), ToolExecutionError(text)
    )


def _value(given: types.CallToolResult, words: str) -> Any:
    if given.structured_content is not None:
        return given.structured_content
    if all(isinstance(block, types.TextContent) for block in given.content):
        return words if given.content else None
    return list(given.content)


def _text(block: Any) -> str:
    """What a model reads of a block; a picture it sees."""
    match block:
        case types.TextContent():
            return block.text
        case types.ImageContent():
            return f"[a picture: {_kind(block)}]"
        case types.AudioContent():
            return f"[a sound: {_kind(block)}, which cannot be heard here]"
        case types.ResourceLink():
            about = f": {block.description}" if block.description else ""
            return f"[{block.name}{about}]({block.uri})"
        case types.EmbeddedResource(resource=types.TextResourceContents() as inside):
            return f"{inside.uri}:\n{inside.text}"
        case types.EmbeddedResource(resource=inside):
            return f"[{inside.uri}: {inside.mime_type or 'binary data'}]"
    return f"[{type(block).__name__}]"


def _kind(block: Any) -> str:
    return f"{block.mime_type}, {len(_bytes(block.data)):,} bytes"


def _bytes(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        return b""


def _image(block: Any) -> ImagePart | None:
    """For a model that sees."""
    if isinstance(block, types.ImageContent):
        return ImagePart(_bytes(block.data), block.mime_type)
    inside = getattr(block, "resource", None)
    if isinstance(inside, types.BlobResourceContents) and inside.mime_type in SHOWN_IMAGES:
        return ImagePart(_bytes(inside.blob), inside.mime_type)
    return None


def _picture(block: Any) -> MimeBundle | None:
    """For the person: a picture, or a player for a sound."""
    image = _image(block)
    if image is not None and image.data is not None:
        kind = image.media_type
        content = image.data.decode(errors="replace") if kind == "image/svg+xml" else image.data
        return MimeBundle({"text/plain": _text(block), kind: content})
    if isinstance(block, types.AudioContent):
        source = html.escape(f"data:{block.mime_type};base64,{block.data}", quote=True)
        player = f'<audio controls src="{source}"></audio>'
        return MimeBundle({"text/plain": _text(block), "text/html": player})
    return None
