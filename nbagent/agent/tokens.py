"""How many tokens a conversation is, without asking anybody: a rule of thumb.

What a provider reported of its last reply is exact up to there; only what was added since is
estimated. Languages differ: English has some four characters a token, German three, Chinese one.
"""

from __future__ import annotations

from collections.abc import Iterable

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

__all__ = ["context_tokens", "estimated"]

CHARACTERS = 4  # a token
IMAGE = 1500  # tokens of a picture of the size that models look at
PAGE = 2000  # tokens of a page of a PDF, which is some 50 KB
PAGE_BYTES = 50_000
ENVELOPE = 4  # tokens around a message, or a part of it


def estimated(messages: Iterable[Message]) -> int:
    """The tokens of messages, estimated."""
    return sum(ENVELOPE + _part(part) for message in messages for part in message.parts)


def context_tokens(messages: tuple[Message, ...], measured_from: int = 0) -> int:
    """The tokens of a conversation: by the last reply's own usage, and what came after it.

    Args:
        messages: What the next request carries.
        measured_from: The first of them whose usage counts; earlier replies were to a longer
            conversation.
    """
    for position in range(len(messages) - 1, measured_from - 1, -1):
        usage = messages[position].usage
        if usage.input_tokens:
            known = usage.input_tokens + usage.output_tokens
            return known + estimated(messages[position + 1 :])
    return estimated(messages)


def _part(part: Part) -> int:
    if isinstance(part, (TextPart, ReasoningPart)):
        return len(part.text) // CHARACTERS
    if isinstance(part, ToolCall):
        return (len(part.name) + len(part.arguments)) // CHARACTERS
    if isinstance(part, ToolResultPart):
        return len(part.text) // CHARACTERS + IMAGE * len(part.images)
    if isinstance(part, ImagePart):
        return IMAGE
    return _file(part)


def _file(part: FilePart) -> int:
    if part.media_type.startswith("text/"):
        return len(part.data) // CHARACTERS
    return IMAGE if part.media_type.startswith("image/") else PAGE * (1 + _pages(part))


def _pages(part: FilePart) -> int:
    return len(part.data) // PAGE_BYTES
