"""Markdown section by section, from text, from frames, and as a strategy's transform."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nbagent import (
    CodeBlock,
    End,
    Heading,
    ListItem,
    NodeOutput,
    Paragraph,
    Section,
    TextComplete,
    TextDelta,
    markdown_parts,
    markdown_sections,
    tool_loop,
)
from nbagent.agent.sections import SectionGatherer
from tests.agent.agents import collected, scripted

TEXT = """\
Before all.

# First
Words of
two lines.

- one
  - deeper
- two

```python
# no heading
- no item
```

Second
------
1. step
   more of it
2. next

### Deeper
Text."""


async def stream(pieces: Iterable[Any]) -> AsyncIterator[Any]:
    """The pieces as a stream."""
    for piece in pieces:
        yield piece


async def test_parts_come_as_soon_as_they_are_whole() -> None:
    """Headings, items of nested lists, code and paragraphs, in their order."""
    parts = [part async for part in markdown_parts(stream(TEXT))]
    assert parts == [
        Paragraph("Before all."),
        Heading(1, "First"),
        Paragraph("Words of\ntwo lines."),
        ListItem(1, "one"),
        ListItem(2, "deeper"),
        ListItem(1, "two"),
        CodeBlock("python", "# no heading\n- no item"),
        Heading(2, "Second"),
        ListItem(1, "step\nmore of it", True),
        ListItem(1, "next", True),
        Heading(3, "Deeper"),
        Paragraph("Text."),
    ]


async def test_sections_have_their_heading_their_text_and_their_parts() -> None:
    """Headings deeper than the level are parts; what stands first has no heading."""
    sections = [section async for section in markdown_sections(stream([TEXT]), level=2)]
    assert [section.title for section in sections] == ["", "First", "Second"]
    assert sections[0] == Section(None, "Before all.", (Paragraph("Before all."),))
    assert sections[1].body.startswith("Words of\n") and sections[1].body.endswith("```")
    assert sections[2].heading == Heading(2, "Second")
    assert sections[2].body.endswith("### Deeper\nText.")
    assert sections[2].parts[-2:] == (Heading(3, "Deeper"), Paragraph("Text."))
    every = [section.title async for section in markdown_sections(stream([TEXT]))]
    assert every == ["", "First", "Second", "Deeper"]


async def test_a_section_is_given_when_the_next_one_begins() -> None:
    """Not only at the end."""
    seen: list[str] = []

    async def told() -> AsyncIterator[str]:
        yield "# A\nText.\n"
        yield "# B\n"
        seen.append("asked for more")
        yield "Text."

    async for section in markdown_sections(told()):
        seen += [section.title]
    assert seen == ["A", "asked for more", "B"]


async def test_frames_are_passed_on() -> None:
    """With the sections between them, the last one before the end."""
    frames = [TextDelta("# A\nText.", 0), TextComplete("# A\nText.", 0), End("stop")]
    items = [item async for item in markdown_sections(stream(frames))]
    assert [item for item in items if not isinstance(item, Section)] == frames
    assert items[-2] == Section(Heading(1, "A"), "Text.", (Paragraph("Text."),))


async def test_as_a_transform_of_a_strategy() -> None:
    """The sections are events of the run, the history has the text."""
    agent, _ = scripted(TEXT, strategy=tool_loop(transform=markdown_sections))
    items = await collected(agent)
    titles = [item.value.title for item in items if isinstance(item, NodeOutput)]
    assert titles == ["", "First", "Second", "Deeper"]
    assert agent.history[-1].text == TEXT


MARKDOWN = st.lists(
    st.sampled_from(
        [
            "# ",
            "## A",
            "\n",
            "\r\n",
            "```",
            "~~~py",
            "- ",
            "1. ",
            "  ",
            "word",
            "---",
            "===",
            "\t",
            "`",
        ]
    ),
    max_size=25,
).map("".join)


@given(MARKDOWN, st.lists(st.integers(1, 6), min_size=1))
def test_any_cut_gives_the_same_sections(text: str, sizes: list[int]) -> None:
    """Where the text was cut makes no difference."""
    whole, cut = (SectionGatherer(lambda heading: True) for _ in range(2))
    expected = [*whole.feed(text), *whole.flush()]
    found, at = [], 0
    for turn in range(len(text)):
        size = sizes[turn % len(sizes)]
        found += cut.feed(text[at : at + size])
        at += size
    assert [*found, *cut.flush()] == expected
