"""The images and files of a person's question, as ops."""

from __future__ import annotations

from collections.abc import Sequence

from nbagent.messages import FilePart, ImagePart
from nbagent.widget.thumbnails import thumbnail
from nbagent.widget.values import repair
from nbagent.widget.wire import Op

__all__ = ["attachment_ops"]

# A page shows these as a thumbnail; of everything else, and of what is too much, name and size.
_SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp")
_TOGETHER = 2_000_000  # bytes of the thumbnails of one question


def attachment_ops(
    message: str, attachments: Sequence[ImagePart | FilePart], first: int
) -> list[Op]:
    """Adds them to a message, as its parts from ``first`` on."""
    ops: list[Op] = []
    left = _TOGETHER
    for number, part in enumerate(attachments, first):
        small = _small(part)
        if small is not None and len(small[1]) > left:
            small = None
        left -= len(small[1]) if small is not None else 0
        ops.append(_attachment(message, str(number), part, small))
    return ops


def _attachment(
    message: str, part: str, attached: ImagePart | FilePart, small: tuple[str, bytes] | None
) -> Op:
    data = attached.data or b""
    return {
        "op": "attachment",
        "message": message,
        "part": part,
        "name": repair(_name(attached)),
        "media_type": repair(attached.media_type),
        "size": len(data),
        "bundle": {"data": {small[0]: small[1]}, "metadata": {}} if small is not None else None,
    }


def _name(attached: ImagePart | FilePart) -> str:
    if isinstance(attached, FilePart):
        return attached.name
    return attached.name or attached.url or "image"


def _small(attached: ImagePart | FilePart) -> tuple[str, bytes] | None:
    if attached.media_type not in _SHOWN or not attached.data:
        return None
    return thumbnail(attached.media_type, attached.data)
