"""What an object shows of itself, as HTML: a picture, a table, words, or its text.

An object's own HTML may hold anything, so only its tables are taken, through the allowlist; of
what a tool's own card drew, its words and headings as well. A
picture is an ``<img>`` with its bytes in it: what a drawing (SVG) holds of scripts and addresses
is dead there.
"""

from __future__ import annotations

import base64
import re
from html import escape
from typing import Any

from nbagent.exporting.prose import formula, markup_of, prose, table_of
from nbagent.exporting.words import image_in, own_markup, size
from nbagent.widget.sgr import html, plain
from nbagent.widget.views import Bundle

__all__ = ["Room", "bundle_html", "code", "image_of"]

# What `sgr.html` writes: words are escaped, so nothing else looks like it.
_SPAN = re.compile(r'<span style="[^"]*">')
_INK = re.compile(r'(?<=[ "])color: (#[0-9a-f]{6})')
_GROUND = re.compile(r"background-color: #[0-9a-f]{6}")


class Room:
    """How many bytes of pictures there may still be in all.

    Args:
        limit: None for as many as there are.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.left = limit

    def take(self, count: int) -> bool:
        """Whether there was room for so many bytes, which is then taken."""
        if self.left is None:
            return True
        if count > self.left:
            return False
        self.left -= count
        return True


def code(text: str) -> str:
    """Text as it stands, its terminal colours included."""
    # The style stands here too, for hosts that drop the style sheet and not this.
    return f'<pre style="white-space: pre-wrap">{_SPAN.sub(_readable, html(text))}</pre>'


def _readable(span: re.Match[str]) -> str:
    """A coloured span, its colour named for the style sheet, which mixes it with the text's own.

    A ground shines through: what is written on it has a colour that was chosen for the page's.
    """
    named = _INK.sub(r"\g<0>; --k: \g<1>", span[0])
    return _GROUND.sub(r"\g<0>4d", named)


def bundle_html(bundle: Bundle, room: Room) -> str:
    """A MIME bundle as HTML that can do nothing."""
    data = bundle["data"]
    image = image_in(bundle)
    if image is not None:
        return _image(bundle, *image, room)
    if isinstance(data.get("text/html"), str) and (table := table_of(data["text/html"])):
        return f'<div class="nba-table">{table}</div>'
    if (markup := own_markup(bundle)) and (words := markup_of(markup)):
        return f'<div class="nba-prose">{words}</div>'
    if isinstance(data.get("text/markdown"), str):
        return f'<div class="nba-prose">{prose(data["text/markdown"])}</div>'
    if isinstance(data.get("text/latex"), str):
        return f"<p>{formula(data['text/latex'])}</p>"
    return code(str(data.get("text/plain", ", ".join(data))))


def image_of(mime: str, content: bytes) -> str:
    """An address that has the picture in it."""
    return f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"


def _image(bundle: Bundle, mime: str, content: bytes, room: Room) -> str:
    words = escape(plain(str(bundle["data"].get("text/plain", ""))) or "image", quote=True)
    if not room.take(len(content)):
        return f"<p><em>An image of {size(len(content))} is left out here: {words}</em></p>"
    width = _width(bundle["metadata"].get(mime))
    return f'<p><img src="{image_of(mime, content)}" alt="{words}"{width}></p>'


def _width(hints: Any) -> str:
    width = hints.get("width") if isinstance(hints, dict) else None
    if isinstance(width, (int, float)) and 0 < width < 10_000:
        return f' width="{round(width)}"'
    return ""
