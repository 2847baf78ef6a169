"""Suggestions, drafts, earlier questions, the size of the field; in Chromium, without a kernel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.composing import (
    CSV,
    MODEL,
    OFFERS,
    USER,
    attached,
    composing,
    looks,
    payload,
    pick,
    sent,
)
from tests.e2e.stage import Stage


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """A page with an empty conversation and an agent that offers things."""
    with composing(browser) as stage:
        yield stage


def test_suggestions_are_asked_with_a_click(stage: Stage, results: Path) -> None:
    """They stand in the empty conversation alone."""
    looks(stage, results, "suggestions")
    stage.chat.button("What is the average mpg?").press("Enter")
    assert sent(stage, "ask") == [{"type": "ask", "text": "What is the average mpg?"}]
    expect(stage.chat.composer).to_be_focused()
    expect(stage.chat.root.locator('[data-nbagent="suggestions"]')).to_have_count(0)


def test_earlier_questions_come_back_with_the_arrows(stage: Stage) -> None:
    """Only in an empty field, or one that holds nothing but such a question."""
    texts = ["First?", "Second,\nin two lines?"]
    messages = [
        {
            **USER,
            "id": text,
            "parts": [{"kind": "text", "part": "1", "text": text, "done": True}],
        }
        for text in texts
    ]
    stage.show(offers=OFFERS, messages=messages, model=MODEL)
    composer, page = stage.chat.composer, stage.page
    composer.press("ArrowUp")
    expect(composer).to_have_value(texts[1])
    page.keyboard.press("ArrowUp")
    expect(composer).to_have_value(texts[0])
    page.keyboard.press("ArrowUp")
    expect(composer).to_have_value(texts[0])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(composer).to_have_value("")
    composer.fill("own words")
    page.keyboard.press("ArrowUp")
    expect(composer).to_have_value("own words")


def test_a_draft_outlives_its_view(stage: Stage) -> None:
    """Words and files are there when the view is made anew; another view is left alone."""
    stage.chat.composer.fill("half a ques")
    pick(stage, payload("cars.csv", "text/csv", CSV))
    expect(attached(stage)).to_have_count(1)
    stage.page.evaluate("() => { unview(); view(); }")
    expect(stage.chat.composer).to_have_value("half a ques")
    expect(attached(stage)).to_have_count(1)
    other = stage.add_view()
    expect(other.locator('textarea[aria-label="Message"]')).to_have_value("")


def test_it_grows_to_ten_lines(stage: Stage) -> None:
    """More than ten lines scroll inside."""
    composer = stage.chat.composer
    heights = []
    for lines in (1, 10, 40):
        composer.fill("\n".join(map(str, range(lines))))
        heights.append(composer.evaluate("area => area.clientHeight"))
    assert heights[0] < 50
    assert 205 < heights[1] <= heights[2] <= 226
