"""The images and files of a person's question, as ops."""

from __future__ import annotations

from collections.abc import Sequence

from nbagent.messages import FilePart, ImagePart
from nbagent.widget.values import repair
from nbagent.widget.views import Bundle
from nbagent.widget.wire import Op

__all__ = ["attachment_ops"]

# A page shows these as a thumbnail, if they are no larger than this; else their name and size.
_SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp")
_LARGEST = 8_000_000  # bytes


def attachment_ops(
    message: str, attachments: Sequence[ImagePart | FilePart], first: int
) -> list[Op]:
    """Adds them to a message, as its parts from ``first`` on."""
    return [
        _attachment(message, str(number), part) for number, part in enumerate(attachments, first)
    ]


def _attachment(message: str, part: str, attached: ImagePart | FilePart) -> Op:
    data = attached.data or b""
    return {
        "op": "attachment",
        "message": message,
        "part": part,
        "name": repair(_name(attached)),
        "media_type": repair(attached.media_type),
        "size": len(data),
        "bundle": _thumbnail(attached.media_type, data),
    }


def _name(attached: ImagePart | FilePart) -> str:
    if isinstance(attached, FilePart):
        return attached.name
    return attached.url or "image"


def _thumbnail(media_type: str, data: bytes) -> Bundle | None:
    if media_type not in _SHOWN or not 0 < len(data) <= _LARGEST:
        return None
    return {"data": {media_type: bytes(data)}, "metadata": {}}
