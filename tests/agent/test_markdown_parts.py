"""Markdown in parts: what is told apart, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbagent import CodeBlock, Heading, ListItem, Paragraph
from nbagent.agent.markdown_parts import MarkdownParser, Part


def parts(text: str) -> list[Part]:
    """All parts of a text."""
    parser = MarkdownParser()
    return [part for _, found in [*parser.feed(text), *parser.flush()] for part in found]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# One #\n###### Six", [Heading(1, "One"), Heading(6, "Six")]),
        ("#tag\n####### seven", [Paragraph("#tag\n####### seven")]),
        ("#", [Heading(1, "")]),
        ("One\n===\nTwo\n---", [Heading(1, "One"), Heading(2, "Two")]),
        ("One\n\n---\nTwo", [Paragraph("One"), Paragraph("Two")]),
        ("***\n* * *", []),
        ("* a\n+ b\n- c", [ListItem(1, "a"), ListItem(1, "b"), ListItem(1, "c")]),
        ("3) three\n4) four", [ListItem(1, "three", True), ListItem(1, "four", True)]),
        ("Steps:\n- a\n- b", [Paragraph("Steps:"), ListItem(1, "a"), ListItem(1, "b")]),
        ("In\n1999. It was", [Paragraph("In\n1999. It was")]),
        ("- a\n\n  more\n\nout", [ListItem(1, "a\n\nmore"), Paragraph("out")]),
        ("1. a\n   - b\n     - c\n2. d", [
            ListItem(1, "a", True), ListItem(2, "b"), ListItem(3, "c"), ListItem(1, "d", True)
        ]),
        ("- a\n  ```py\n  x = 1\n    y\n  ```\n- b", [
            ListItem(1, "a"), CodeBlock("py", "x = 1\n  y"), ListItem(1, "b")
        ]),
        ("````md\n```\nx\n```\n````", [CodeBlock("md", "```\nx\n```")]),
        ("~~~ python title=x\n# a\n~~~", [CodeBlock("python", "# a")]),
        ("```\nnever closed\n# a", [CodeBlock("", "never closed\n# a")]),
        ("`` ` ``` x ` ``", [Paragraph("`` ` ``` x ` ``")]),
        ("```a``` b", [Paragraph("```a``` b")]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", [Paragraph("| a | b |\n|---|---|\n| 1 | 2 |")]),
        ("> # quoted", [Paragraph("> # quoted")]),
        ("# A\r\ntext\r\n", [Heading(1, "A"), Paragraph("text")]),
        ("", []),
    ],
)  # fmt: skip
def test_what_a_text_is_made_of(text: str, wanted: list[Part]) -> None:
    """Each form of heading, list and fence; whatever is none of them is a paragraph."""
    assert parts(text) == wanted


@given(st.text(alphabet="#-*`~ \n\r\tab1.)=_", max_size=60), st.integers(1, 5))
def test_any_text_in_any_pieces(text: str, size: int) -> None:
    """Nothing breaks it, no line is lost, and the pieces make no difference."""
    parser = MarkdownParser()
    lines = [line for at in range(0, len(text), size) for line in parser.feed(text[at : at + size])]
    lines += parser.flush()
    assert [part for _, found in lines for part in found] == parts(text)
    bare = [line.removesuffix("\r") for line in text.split("\n")]
    assert [line for line, _ in lines] == bare
