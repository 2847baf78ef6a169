"""Markdown section by section while it streams: out of frames or text, and as an answer's form."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from nbagent.agent.markdown_parts import Heading, MarkdownParser, Part
from nbagent.agent.transform import FRAMES
from nbagent.frames import End, TextComplete, TextDelta

__all__ = ["Section", "SectionGatherer", "markdown_parts", "markdown_sections"]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it.

    Attributes:
        heading: None for what stands before the first heading.
        body: The Markdown below the heading, as it came.
        parts: What is in it: `Heading` (a deeper one), `ListItem`, `CodeBlock`, `Paragraph`.
    """

    heading: Heading | None
    body: str
    parts: tuple[Part, ...] = ()

    @property
    def title(self) -> str:
        """The heading's text; empty without a heading."""
        return "" if self.heading is None else self.heading.text


class _Reader(Protocol):
    """Fed text, it gives what is whole."""

    def feed(self, text: str) -> list[Any]: ...
    def flush(self) -> list[Any]: ...
    def pause(self) -> list[Any]: ...


async def markdown_parts(stream: AsyncIterable[Any]) -> AsyncIterator[Any]:
    """Each heading, list item, code block and paragraph as soon as it is whole.

    Args:
        stream: Texts, or frames. Frames are passed on with the parts between them, so that this
            is a ``transform=`` of `stream_with_tools` too.
    """
    async for item in _read(stream, _PartReader()):
        yield item


async def markdown_sections(stream: AsyncIterable[Any], *, level: int = 6) -> AsyncIterator[Any]:
    """Each `Section` as soon as the next one begins or the text ends.

    Args:
        stream: Texts, or frames. Frames are passed on with the sections between them, so that
            this is a ``transform=`` of `stream_with_tools` too.
        level: Headings deeper than this begin no section; they are parts of the one around them.
    """
    async for item in _read(stream, SectionGatherer(lambda heading: heading.level <= level)):
        yield item


async def _read(stream: AsyncIterable[Any], reader: _Reader) -> AsyncIterator[Any]:
    ended = False
    async for item in stream:
        if isinstance(item, str):
            for found in reader.feed(item):
                yield found
            continue
        if isinstance(item, End):
            ended = True
            for found in reader.flush():
                yield found
        if isinstance(item, FRAMES):
            yield item
        if isinstance(item, TextDelta):
            for found in reader.feed(item.text):
                yield found
        elif isinstance(item, TextComplete):
            for found in reader.pause():
                yield found
    for found in () if ended else reader.flush():
        yield found


class _PartReader:
    """Gives the parts alone."""

    def __init__(self) -> None:
        self._parser = MarkdownParser()

    def feed(self, text: str) -> list[Part]:
        return [part for _, parts in self._parser.feed(text) for part in parts]

    def flush(self) -> list[Part]:
        return [part for _, parts in self._parser.flush() for part in parts]

    pause = flush


class SectionGatherer:
    """Fed Markdown in pieces, it gives each section when it is whole.

    Args:
        begins: Whether a heading begins a section.
    """

    def __init__(self, begins: Callable[[Heading], bool]) -> None:
        self._parser = MarkdownParser()
        self._begins = begins
        self._heading: Heading | None = None
        self._lines: list[str] = []
        self._parts: list[Part] = []

    def feed(self, text: str) -> list[Section]:
        """The sections that a piece ends."""
        return self._gathered(self._parser.feed(text))

    def pause(self) -> list[Section]:
        """The sections that end where one block of text does; the last one may go on."""
        return self._gathered(self._parser.flush())

    def flush(self) -> list[Section]:
        """The sections that end with the text."""
        return [*self.pause(), *self._closed(None)]

    def _gathered(self, lines: list[tuple[str, list[Part]]]) -> list[Section]:
        sections: list[Section] = []
        for line, parts in lines:
            begun = False
            for part in parts:
                if isinstance(part, Heading) and self._begins(part):
                    if not line.lstrip().startswith("#"):  # its text stands in the lines above
                        del self._lines[-1 - part.text.count("\n") :]
                    sections += self._closed(part)
                    begun = True
                else:
                    self._parts.append(part)
            if not begun:
                self._lines.append(line)
        return sections

    def _closed(self, following: Heading | None) -> list[Section]:
        body = "\n".join(self._lines).strip("\n")
        section = Section(self._heading, body, tuple(self._parts))
        self._heading, self._lines, self._parts = following, [], []
        return [section] if section.heading is not None or body.strip() else []
