"""What a question may be made of: words, and whatever a notebook has to show.

Figures, images, tables, paths, bytes and open files become parts here, where they are asked: a
figure is drawn on the thread that asks. No library is imported for it. A text stays words, also
one that looks like a path or an address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from nbagent.agent.attached import attached
from nbagent.errors import ConfigurationError, UnsupportedCapability
from nbagent.messages import FilePart, ImagePart, Message, Part, TextPart
from nbagent.models import Capability, Model

__all__ = ["Content", "Question", "content_of", "in_words", "refuse_unseen"]

# Anything that can be shown, alone or in a list: the libraries' own types are not imported here.
Question: TypeAlias = str | Part | Sequence[Any] | Any
Content: TypeAlias = tuple[str | Part, ...]
PARTS = (str, TextPart, ImagePart, FilePart)


def content_of(question: Question) -> Content:
    """The parts of a question.

    Args:
        question: Words; an image, file, figure, table, path, bytes or open file; or a list of
            these.

    Raises:
        ConfigurationError: It is empty, or has something that cannot be shown to a model: what it
            is, and what to give instead.
    """
    items = tuple(question) if isinstance(question, (list, tuple)) else (question,)
    content = tuple(item if isinstance(item, PARTS) else attached(item) for item in items)
    if all(_blank(item) for item in content):
        raise ConfigurationError("There is nothing to ask: the question is empty.")
    return content


def refuse_unseen(model: Model, content: Content) -> None:
    """Before anything is said: a picture for a model without eyes would stay in the conversation.

    Raises:
        UnsupportedCapability: The model sees no images, or reads no files of this kind.
    """
    for part in content:
        if isinstance(part, ImagePart) and Capability.IMAGES not in model.capabilities:
            raise UnsupportedCapability(
                f"{model} cannot see images. Take a model that can, describe the image in words, "
                "or give what it was drawn from: a DataFrame, say."
            )
        if isinstance(part, FilePart) and _is_unread(part, model):
            raise UnsupportedCapability(
                f"{model} cannot read the file {part.name!r} ({part.media_type}). Take a model "
                "that can, or give its text."
            )


def in_words(message: Message) -> Message:
    """The message with its files of text as words: every model reads these.

    In the conversation they stay files, so that a page shows them as such.
    """
    if message.role == "user":
        # A plain loop: a long conversation is looked through before each request.
        for part in message.parts:
            if _is_text(part):
                return replace(message, parts=tuple(map(_as_words, message.parts)))
    return message


def _as_words(part: Part) -> Part:
    if not isinstance(part, FilePart) or not _is_text(part):
        return part
    text = part.data.decode("utf-8", "replace")
    name = part.name.replace('"', "'")
    return TextPart(f'<file name="{name}">\n{text}\n</file>')


def _is_text(part: Part) -> bool:
    return isinstance(part, FilePart) and part.media_type.startswith("text/")


def _is_unread(part: FilePart, model: Model) -> bool:
    wanted = Capability.IMAGES if part.media_type.startswith("image/") else Capability.FILES
    return not _is_text(part) and wanted not in model.capabilities


def _blank(item: str | Part) -> bool:
    text = item.text if isinstance(item, TextPart) else item
    return isinstance(text, str) and not text.strip()
