"""Markdown and text: complete, and nothing breaks out of its block."""

import re

import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbagent.exporting.markdown import as_markdown, closed, fenced
from nbagent.exporting.text import as_text
from tests.exporting.transcripts import call, conversation, message, place, shown, transcript
from tests.widget.scripts import whole_run

PIECES = ["You", "Agent", "What is the average mpg?", "summary", "KeyError", "KeyError: 'mgp'"]
PIECES += ["Which column?", "cars.csv", "I look at the", "Four rows", "StreamTruncated"]


@pytest.mark.parametrize("form", [as_text, as_markdown])
def test_everything_is_there(form: object) -> None:
    """Who speaks, what was called and what came of it."""
    assert callable(form)
    said = form(conversation())
    for piece in PIECES:
        assert piece in said.replace("\\", ""), piece
    run = form(shown(*whole_run()))
    for piece in ("What is the average mpg?", '{"column": "weight"}', "23.5"):
        assert piece in run


def test_cards_are_folded() -> None:
    """A call is a <details> with its state and time; pictures are there where they are wanted."""
    said = as_markdown(conversation())
    assert "<details><summary><strong>summary</strong>" in said
    assert said.count("<details>") == said.count("</details>")
    assert "data:" not in said
    assert "data:image/png;base64," in as_markdown(conversation(), images=True)


def test_fences_hold() -> None:
    """A result with code fences in it does not end the block that it stands in."""
    card = call("a", "f", {}, text="```\n````\n**bold**")
    said = as_markdown(transcript(message("m", "assistant", place("a")), calls=[card]))
    assert "`````\n```\n````\n**bold**\n`````" in said


def test_a_broken_code_block_ends_with_its_words() -> None:
    """A reply that was cut inside of a code block does not swallow what follows."""
    assert closed("a\n```python\nx = 1") == "a\n```python\nx = 1\n```"
    assert closed("~~~~\n```\n") == "~~~~\n```\n\n~~~~"
    assert closed("```\nx\n```\ny") == "```\nx\n```\ny"


def test_html_is_words_and_code_stays_code() -> None:
    """Elements are escaped outside of code; comparisons and addresses are as they were."""
    assert closed("<b>x</b> a < b `<i>` <https://x.org>") == (
        "&lt;b>x&lt;/b> a < b `<i>` <https://x.org>"
    )
    assert closed("```\n<b>\n```") == "```\n<b>\n```"
    assert closed("</details>") == "&lt;/details>"


@given(st.text(st.sampled_from("<>`~ab/!?\n -"), max_size=60))
def test_no_html_comes_through(words: str) -> None:
    """A reader of Markdown that lets HTML pass finds none that a model wrote."""
    html = str(mistune.create_markdown(escape=False)(closed(words)))
    known = r"/?(p|pre|code|em|strong|ul|ol|li|h[1-6]|hr|br|blockquote|a)\b[^<>]*/?>"
    assert re.findall(rf"<(?!{known})[a-zA-Z/!?]", html) == []


@given(st.text(st.sampled_from("`a\n~ "), max_size=40))
def test_any_text_in_a_fence(words: str) -> None:
    """A block of code holds whatever stands in it."""
    html = str(mistune.html(f"{fenced(words)}\n\nEND"))
    assert html.endswith("<p>END</p>\n")


def test_empty() -> None:
    """Before the first question there is at least a name."""
    assert as_text(transcript()) == as_markdown(transcript()) == "Agent (openai:gpt-5)"
