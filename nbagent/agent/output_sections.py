"""`Sections`: an answer in Markdown whose sections are named beforehand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nbagent.agent.events import OutputElement, PartialOutput
from nbagent.agent.markdown_parts import Heading
from nbagent.agent.sections import Section, SectionGatherer
from nbagent.errors import ConfigurationError, OutputInvalid
from nbagent.output_schema import OutputSchema

__all__ = ["Sections"]

NAMED = "Answer in Markdown with exactly these sections, each under its heading, in this order:"
NOTHING_ELSE = "Write nothing before the first heading."
FREE = "Answer in Markdown, in sections with headings."
# What models put around a title: numbers, emphasis, a colon.
_EMPHASIS = re.compile(r"[*_`]+")
_NUMBER = re.compile(r"^\s*\d+[.)]\s+")
_WRAPPER = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*(?:markdown|md)[ \t]*$")


class Sections:
    """An answer in Markdown with sections: each is handed over as soon as it is whole::

        report = Sections({"Summary": "two sentences", "Next steps": "a numbered list"})
        async for item in agent.stream("How did sales go?", output=report):
            if isinstance(item, OutputElement):
                print(item.value.title, item.value.parts)

    The value is a tuple of `Section`; what a model says before the first title is none of them,
    and without titles is one without a heading. An answer without one of the titles, with them in
    another order, or with nothing below one of them goes back to the model.

    Args:
        titles: The sections' titles; or mappings of titles to what belongs below each. Without
            any, every heading of the answer begins a section.
        level: The level of their headings.
        schema: More about the form, told to the model as it is.
        example: An answer as it should be, told to the model as it is.
        name: What the answer is called.

    Raises:
        ConfigurationError: A title is empty or comes twice, or there is no such level.
    """

    schema: OutputSchema | None = None

    def __init__(
        self,
        *titles: str | Mapping[str, str],
        level: int = 2,
        schema: str = "",
        example: str = "",
        name: str = "answer",
    ) -> None:
        self.name = name
        self._titles: dict[str, str] = {}
        for title in titles:
            told = {title: ""} if isinstance(title, str) else dict(title)
            if doubled := told.keys() & self._titles.keys():
                raise ConfigurationError(f"Sections: {doubled.pop()!r} is there twice.")
            self._titles.update(told)
        if not all(map(_bare, self._titles)) or level not in range(1, 7):
            raise ConfigurationError("Sections: titles are texts, and level is from 1 to 6.")
        self._level = level
        self._more = (schema, example)

    def __repr__(self) -> str:
        return f"Sections({', '.join(map(repr, self._titles))})"

    def instructions(self) -> str:
        """The form in words."""
        mark = "#" * self._level
        lines = [NAMED] if self._titles else [FREE]
        for title, about in self._titles.items():
            lines.append(f"\n{mark} {title}")
            lines += [f"({about})"] if about else []
        lines += [f"\n{NOTHING_ELSE}"] if self._titles else []
        form, example = self._more
        lines += [f"\nIts form:\n{form}"] if form else []
        lines += [f"\nFor example:\n{example}"] if example else []
        return "\n".join(lines)

    def value(self, text: str) -> tuple[Section, ...]:
        """The sections of a whole answer.

        Raises:
            OutputInvalid: They are not those that were asked for.
        """
        gatherer = self._gatherer()
        sections = (*gatherer.feed(text), *gatherer.flush())
        errors = self._wrong(sections)
        if errors:
            raise OutputInvalid.of(self.name, text, errors)
        return tuple(self._asked_for(sections))

    def checked(self, value: Any) -> tuple[Section, ...]:
        """Sections that somebody else made.

        Raises:
            OutputInvalid: They are not those that were asked for.
        """
        sections = tuple(value) if isinstance(value, (list, tuple)) else ()
        if not sections or not all(isinstance(section, Section) for section in sections):
            raise OutputInvalid.of(self.name, repr(value), ["It has no sections."])
        errors = self._wrong(sections)
        if errors:
            raise OutputInvalid.of(self.name, repr(value), errors)
        return sections

    def reader(self, run_id: str) -> SectionsReader:
        """What reads one answer while it streams."""
        return SectionsReader(self._gatherer(), self._asked_for, run_id)

    def _asked_for(self, sections: Iterable[Section]) -> list[Section]:
        """The sections without what stands before the first of those that are named."""
        return [each for each in sections if each.heading is not None or not self._titles]

    def _gatherer(self) -> _Unwrapped:
        wanted = {_bare(title) for title in self._titles}
        current = 0

        def begins(heading: Heading) -> bool:
            nonlocal current
            begun = _bare(heading.text) in wanted or not wanted or heading.level <= current
            current = heading.level if begun else current
            return begun

        return _Unwrapped(SectionGatherer(begins))

    def _wrong(self, sections: Sequence[Section]) -> list[str]:
        bare = [_bare(section.title) for section in sections]
        bodies = {_bare(section.title): section.body.strip() for section in sections}
        errors = [f"The section {t!r} is missing." for t in self._titles if _bare(t) not in bare]
        errors += [
            f"There is nothing below the heading {title!r}."
            for title in self._titles
            if bodies.get(_bare(title)) == ""
        ]
        wanted = [_bare(title) for title in self._titles]
        if not errors and [title for title in dict.fromkeys(bare) if title in wanted] != wanted:
            errors.append(f"The sections are in another order than {', '.join(self._titles)}.")
        return errors if sections else [*errors, "The answer is empty."]


class SectionsReader:
    """Gives each section as an element of the answer."""

    def __init__(
        self,
        gatherer: _Unwrapped,
        asked_for: Callable[[Iterable[Section]], list[Section]],
        run_id: str,
    ) -> None:
        self._gatherer = gatherer
        self._asked_for = asked_for
        self._run_id = run_id
        self._count = 0

    def feed(self, text: str) -> list[PartialOutput | OutputElement]:
        """The events that a fragment makes due."""
        return self._told(self._gatherer.feed(text))

    def flush(self) -> list[PartialOutput | OutputElement]:
        """The events that are due when the text is over."""
        return self._told(self._gatherer.flush())

    def _told(self, found: list[Section]) -> list[PartialOutput | OutputElement]:
        sections = self._asked_for(found)
        first, self._count = self._count, self._count + len(sections)
        return [
            OutputElement(self._run_id, first + position, section)
            for position, section in enumerate(sections)
        ]


class _Unwrapped:
    """Takes away the fence that models put around a whole answer in Markdown."""

    def __init__(self, gatherer: SectionGatherer) -> None:
        self._gatherer = gatherer
        self._first: str | None = ""  # the first line until it is whole
        self._mark = ""
        self._held = ""

    def feed(self, text: str) -> list[Section]:
        if self._first is not None:
            self._first += text
            stripped = self._first.lstrip("\n")
            if "\n" not in stripped:
                return []
            return self._begin(stripped)
        return self._gatherer.feed(self._without_end(text))

    def flush(self) -> list[Section]:
        found = [] if self._first is None else self._begin(self._first.lstrip("\n"))
        rest, self._held = self._held, ""
        if rest.strip() != self._mark or not self._mark:
            found += self._gatherer.feed(rest)
        return found + self._gatherer.flush()

    def _begin(self, text: str) -> list[Section]:
        line, _, rest = text.partition("\n")
        wrapper = _WRAPPER.match(line.rstrip("\r"))
        self._first, self._mark = None, wrapper[1] if wrapper else ""
        return self._gatherer.feed(self._without_end(rest if wrapper else text))

    def _without_end(self, text: str) -> str:
        """The text but for what may be the closing fence."""
        if not self._mark:
            return text
        text, self._held = self._held + text, ""
        start = text.rfind(f"\n{self._mark[0]}")
        if start >= 0 and not text[start:].strip().strip(self._mark[0]):
            text, self._held = text[:start], text[start:]
        elif text.endswith("\n"):
            text, self._held = text[:-1], "\n"
        return text


def _bare(title: str) -> str:
    words = _NUMBER.sub("", _EMPHASIS.sub("", title)).split()
    return " ".join(words).rstrip(" :").casefold()
