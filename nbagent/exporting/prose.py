"""A model's Markdown as HTML.

mistune, which every Jupyter has (nbconvert needs it), reads it; what it writes goes through the
allowlist as well. HTML in the words stays words, images elsewhere become links, and formulas stay
as they were written, marked for a host that typesets them. Without the libraries the words stand
as they are.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import lru_cache
from html import escape
from typing import Any

from nbagent.exporting.sanitize import sanitizer

__all__ = ["formula", "markup_of", "plain_prose", "prose", "table_of"]

# Longer words are shown as they are: reading them would hold up the kernel.
LONGEST = 300_000
_REMEMBERED = 256
# Nobody nests deeper by hand; each level costs the reader a frame of Python's stack.
_NESTED = re.compile(r"^[ \t]*(?:>[ \t]*){30}|^[ \t]{120}", re.MULTILINE)
_INLINE_MATHS = (
    r"\$\$(?P<maths_2>(?:[^$\\]|\\[\s\S])+?)\$\$"
    r"|\$(?![\s$])(?P<maths_1>(?:[^$\\\n`]|\\.)+?)(?<!\s)\$(?!\d)"
    r"|\\\((?P<maths_3>[^\n]+?)\\\)"
    r"|\\\[(?P<maths_4>[\s\S]+?)\\\]"
)
_HEADINGS_DOWN = 2


def prose(text: str) -> str:
    """The words of a model, or of anyone who writes Markdown, as HTML."""
    return _rendered(text) or plain_prose(text)


def plain_prose(text: str) -> str:
    """Words as they are."""
    # Line breaks also where the style sheet, which keeps the spaces, is dropped.
    lines = "<br>".join(escape(text).split("\n"))
    return f'<p class="nba-words">{lines}</p>'


def formula(source: str) -> str:
    """LaTeX, for a host that typesets it and readable where none does."""
    marks = '<span class="tex2jax_process mathjax_process">{}</span>'
    return marks.format(escape(source))


def table_of(html: str) -> str | None:
    """The tables of an object's HTML; None where there are none, or no library to judge it."""
    clean = sanitizer() if "<table" in html[:LONGEST] else None
    if clean is None or len(html) > LONGEST:
        return None
    kept = clean(html)
    return kept if "<table" in kept else None


def markup_of(html: str) -> str | None:
    """What is harmless of HTML; None where no word is left, or no library is there to judge it."""
    clean = sanitizer() if len(html) <= LONGEST else None
    kept = clean(html) if clean is not None else ""
    return kept if re.sub(r"<[^>]*>", "", kept).strip() else None


@lru_cache(_REMEMBERED)
def _rendered(text: str) -> str | None:
    clean, read = sanitizer(), _reader()
    if clean is None or read is None or len(text) > LONGEST or _NESTED.search(text):
        return None
    return clean(str(read(text)))


@lru_cache(1)
def _reader() -> Callable[[str], Any] | None:
    try:
        # Optional: it comes with nbconvert, and with the extra `export`.
        mistune = importlib.import_module("mistune")
    except ImportError:
        return None
    plugins = ["table", "strikethrough", "task_lists", "footnotes", "url", _maths]
    reader: Callable[[str], Any] = mistune.create_markdown(
        renderer=_renderer(mistune), plugins=plugins
    )
    return reader


def _renderer(mistune: Any) -> Any:
    class Renderer(mistune.HTMLRenderer):  # type: ignore[misc]  # optional, so its type is Any
        """As mistune writes HTML, but for what loads or shouts."""

        def image(self, text: str, url: str, title: str | None = None) -> str:
            address = escape(url)
            return f'<a href="{address}">{text or "image"} ({address})</a>'

        def heading(self, text: str, level: int, **_: Any) -> str:
            at = min(level + _HEADINGS_DOWN, 6)
            # A reply's headings are none of the notebook's: its table of contents leaves them out.
            return f'<h{at} class="jp-toc-ignore">{text}</h{at}>\n'

        def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
            tag, side = "th" if head else "td", f' align="{align}"' if align else ""
            return f"<{tag}{side}>{text}</{tag}>\n"

        def task_list_item(self, text: str, checked: bool = False) -> str:
            box = "\u2611" if checked else "\u2610"
            return f"<li>{box} {text}</li>\n"

        def footnote_ref(self, key: str, index: int) -> str:
            return f"<sup>{index}</sup>"

        def footnote_item(self, text: str, key: str, index: int) -> str:
            return f"<li>{text}</li>\n"

        def maths(self, text: str) -> str:
            return formula(text)

    return Renderer(escape=True)


def _maths(markdown: Any) -> None:
    """Formulas, whose underscores and backslashes are no Markdown."""

    def parse(inline: Any, found: re.Match[str], state: Any) -> int:
        state.append_token({"type": "maths", "raw": found[0]})
        return found.end()

    markdown.inline.register("maths", _INLINE_MATHS, parse, before="escape")
