"""The page of its own: whole, with a title, and fetching nothing."""

import re

from nbagent.exporting.page import as_page, title_of
from tests.exporting.test_html import EVIL, Look, everywhere
from tests.exporting.transcripts import conversation, message, text, transcript


def test_a_whole_page() -> None:
    """Title, model and day stand above; no address but in links and pictures."""
    page = as_page(conversation())
    assert page.startswith("<!doctype html>")
    assert "<title>What is the average mpg? The table is in `df`.</title>" in page
    assert "openai:gpt-5" in page and "2025-11-22" in page
    assert "default-src 'none'" in page
    assert not re.search(r"url\(|@import|<link|<script", page)


def test_hostile_titles() -> None:
    """The first question cannot break out of the title."""
    head, _, rest = as_page(everywhere(f"</title>{EVIL}")).partition("</head>")
    assert head.count("</title>") == 1 and "<script" not in head
    Look(rest.partition("<main>")[2].partition("</main>")[0])


def test_title_without_words() -> None:
    """A long question is cut, and without any the agent has a name."""
    long = transcript(message("m", "user", text("word " * 100)))
    assert title_of(long).endswith("…") and len(title_of(long)) <= 80
    assert title_of(transcript()) == "Agent (openai:gpt-5)"
