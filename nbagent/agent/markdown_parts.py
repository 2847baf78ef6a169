"""Markdown in parts while it streams: headings, list items, fenced code, paragraphs.

Read line by line, so that it makes no difference where the text was cut. Only what an answer is
made of is told apart; tables, quotes and HTML are paragraphs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["CodeBlock", "Heading", "ListItem", "MarkdownParser", "Paragraph", "Part"]

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_FENCE = re.compile(r"([ \t]*)(`{3,}(?=[^`]*$)|~{3,})[ \t]*([^\s]*)")
_ITEM = re.compile(r"([ \t]*)([-*+]|(\d{1,9})[.)])(?:([ \t]+)(.*)|$)")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` is from 1 to 6."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class ListItem:
    """An item of a list. ``level`` is 1 in the outermost list, one more in each inside it."""

    level: int
    text: str
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Fenced code; ``language`` is the first word behind the fence."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Any other text, with its line breaks."""

    text: str


Part: TypeAlias = Heading | ListItem | CodeBlock | Paragraph


@dataclass
class _Fence:
    mark: str
    indent: int
    language: str
    lines: list[str] = field(default_factory=list)


@dataclass
class _Open:
    """A paragraph or a list item that may go on."""

    lines: list[str]
    level: int = 0
    ordered: bool = False

    def part(self) -> Part:
        text = "\n".join(self.lines).strip()
        return ListItem(self.level, text, self.ordered) if self.level else Paragraph(text)


class MarkdownParser:
    """Fed Markdown in pieces, it gives each part as soon as it is certain."""

    def __init__(self) -> None:
        self._rest = ""
        self._fence: _Fence | None = None
        self._open: _Open | None = None
        self._blank = False
        # Where the texts of the lists begin that are open, the outermost first.
        self._columns: list[int] = []

    def feed(self, text: str) -> list[tuple[str, list[Part]]]:
        """Takes a piece; gives each line that is whole now, with the parts that it ended."""
        *lines, self._rest = (self._rest + text).split("\n")
        return [(line, self._line(line)) for line in map(_without_return, lines)]

    def flush(self) -> list[tuple[str, list[Part]]]:
        """The last line and the parts that end with the text."""
        line, self._rest = _without_return(self._rest), ""
        parts = self._line(line) if line else []
        fence, self._fence = self._fence, None
        if fence is not None:
            parts.append(CodeBlock(fence.language, "\n".join(fence.lines)))
        self._blank = False
        return [(line, [*parts, *self._ended()])]

    def _line(self, line: str) -> list[Part]:
        if self._fence is not None:
            return self._in_fence(self._fence, line)
        if not line.strip():
            return self._blank_line()
        blank, self._blank = self._blank, False
        fence = _FENCE.match(line)
        if fence and (len(fence[1].expandtabs(4)) <= 3 or self._columns):
            return self._opened(fence)
        if _RULE.match(line) and not self._underlines(line, blank):
            return self._ended()
        if self._underlines(line, blank):
            text = "\n".join(self._open.lines) if self._open else ""
            self._open = None
            return [Heading(1 if "=" in line else 2, text.strip())]
        heading = _HEADING.match(line)
        if heading:
            return [*self._ended(), Heading(len(heading[1]), (heading[2] or "").strip())]
        item = _ITEM.match(line)
        if item and self._begins_item(item):
            return self._item(item)
        return self._text(line, blank)

    def _underlines(self, line: str, blank: bool) -> bool:
        """Whether the line makes the paragraph above it a heading."""
        above = self._open
        return above is not None and not above.level and not blank and bool(_UNDERLINE.match(line))

    def _blank_line(self) -> list[Part]:
        self._blank = True
        # A paragraph ends here; an item may have another one, if that is indented.
        return [] if self._columns else self._closed()

    def _opened(self, fence: re.Match[str]) -> list[Part]:
        indent = len(fence[1].expandtabs(4))
        parts = self._closed()
        if not self._columns or indent < self._columns[0]:
            self._columns = []
        self._fence = _Fence(fence[2], indent, fence[3])
        return parts

    def _in_fence(self, fence: _Fence, line: str) -> list[Part]:
        mark = line.strip()
        indent = len(line) - len(line.lstrip())
        same = len(mark) >= len(fence.mark) and set(mark) == {fence.mark[0]}
        if same and indent <= fence.indent + 3:
            self._fence = None
            return [CodeBlock(fence.language, "\n".join(fence.lines))]
        taken = min(fence.indent, indent)
        fence.lines.append(line[taken:])
        return []

    def _begins_item(self, item: re.Match[str]) -> bool:
        if self._columns or self._open is None:
            return len(item[1].expandtabs(4)) <= 3 or bool(self._columns)
        # In the middle of a paragraph only what is surely meant as a list.
        return bool(item[5]) and item[3] in (None, "1")

    def _item(self, item: re.Match[str]) -> list[Part]:
        parts = self._closed()
        indent = len(item[1].expandtabs(4))
        while self._columns and indent < self._columns[-1]:
            self._columns.pop()
        width = len(item[4].expandtabs(4)) if item[4] else 1
        self._columns.append(indent + len(item[2]) + min(width, 4))
        self._open = _Open([item[5] or ""], len(self._columns), item[3] is not None)
        return parts

    def _text(self, line: str, blank: bool) -> list[Part]:
        if not blank and self._open is not None:
            self._open.lines.append(line.strip())
            return []
        inside = bool(self._columns) and len(line) - len(line.lstrip()) >= self._columns[0]
        if inside and self._open is not None:
            self._open.lines += ["", line.strip()]
            return []
        parts = self._closed() if inside else self._ended()
        self._open = _Open([line.strip()])
        return parts

    def _ended(self) -> list[Part]:
        """Ends what is open, its lists included."""
        self._columns = []
        return self._closed()

    def _closed(self) -> list[Part]:
        above, self._open = self._open, None
        return [] if above is None else [above.part()]


def _without_return(line: str) -> str:
    return line[:-1] if line.endswith("\r") else line
