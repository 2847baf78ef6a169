"""Whether what a page shows is what was sent, but for the Markdown."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from markdown_it import MarkdownIt

__all__ = ["lost"]

WORD = re.compile(r"\w+|[^\w\s]")


def lost(markdown: str, shown: str) -> int:
    """How many characters of a reply are not shown, in their order.

    Words that the page adds (a copy button, the name of a language) do not count.

    Args:
        markdown: What was sent.
        shown: The words of the rendered reply.
    """
    wanted, found = WORD.findall(plain(markdown)), WORD.findall(shown)
    rest = iter(found)
    if all(word in rest for word in wanted):
        return 0
    matcher = SequenceMatcher(None, wanted, found, autojunk=False)
    kept = sum(
        len("".join(wanted[match.a : match.a + match.size]))
        for match in matcher.get_matching_blocks()
    )
    return len("".join(wanted)) - kept


def plain(markdown: str) -> str:
    """The words that a reader sees."""
    html = MarkdownIt("commonmark").enable("table").render(markdown)
    text = re.sub(r"<[^>]+>", " ", re.sub(r"</?(?:strong|code|em)>", "", html))
    for name, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(name, character)
    return text
