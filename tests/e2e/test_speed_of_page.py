"""What the page must bear: long talks, long replies, fast streams.

Times go to test-results; asserted are only counts, ratios and what is in the page, with generous
bounds, since the machine may have other things to do.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.bench.page_costs import SCENARIOS, pieces, staged
from tests.bench.page_loads import answer, conversation, long_reply, paragraph
from tests.bench.page_trace import Cost
from tests.e2e.stage import Stage

TEXTS = """() => [...document.querySelectorAll('[data-nbagent="message"]')].map(
  (message) => message.querySelector(".nbagent-bubble, [data-nbagent=text]")?.textContent ?? "")"""


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """A page with the probe in it."""
    stage = staged(browser)
    yield stage
    assert stage.errors == []
    stage.page.context.close()


def measured(browser: Browser, results: Path, *names: str) -> dict[str, Cost]:
    """The scenarios' costs, written down too."""
    costs = {name: SCENARIOS[name](browser) for name in names}
    for name, cost in costs.items():
        file = results / f"page-{name.replace(' ', '-')}.json"
        file.write_text(json.dumps(cost.summary(), indent=1))
    return costs


def test_a_long_talk_is_whole_and_in_order(stage: Stage):
    """Of 1,000 messages the last are there at once, and all of them, in order, soon after."""
    talk = conversation(1000)
    stage.show(**talk)
    expect(stage.page.locator('[data-nbagent="message"]').last).to_be_in_viewport()
    expect(stage.page.locator('[data-nbagent="message"]')).to_have_count(1000, timeout=30_000)
    questions = [text for text in stage.page.evaluate(TEXTS) if text.startswith("And what")]
    assert questions == [f"And what of column {number}?" for number in range(0, 1000, 2)]


def test_text_out_of_sight_can_be_reached(stage: Stage):
    """What the browser skips is still in the page: to be found, read aloud and scrolled to."""
    stage.show(**conversation(100))
    texts = stage.page.locator('[data-nbagent="text"]')
    expect(texts).to_have_count(100, timeout=10_000)
    expect(texts.nth(1)).to_contain_text("The mean of the second group")
    assert "The mean of the second group" in texts.nth(61).inner_text()
    assert stage.page.evaluate("window.find('column 4?')")
    question = stage.page.get_by_role("log").get_by_text("And what of column 2?")
    question.scroll_into_view_if_needed()
    expect(question).to_be_in_viewport()
    assert question.inner_text() == "And what of column 2?"


def test_the_reader_stays_where_they_read(stage: Stage):
    """While older messages are drawn and new words come, what was scrolled to does not move."""
    stage.show(**conversation(400))
    stage.page.evaluate("probe.begin()")
    log = stage.page.get_by_role("log")
    log.hover()
    stage.page.mouse.wheel(0, -2500)
    stage.page.wait_for_timeout(400)
    at = """() => { const box = document.querySelector(".nbagent-log").getBoundingClientRect();
      const message = document.elementFromPoint(box.left + box.width / 2, box.top + 200)
        .closest('[data-nbagent="message"]') ?? document.querySelector(".nbagent-log");
      window.kept = message; return message.getBoundingClientRect().top; }"""
    before = stage.page.evaluate(at)
    stage.page.evaluate("text => probe.stream([text, text, text], 100)", long_reply(6000))
    stage.page.wait_for_timeout(2500)
    after = stage.page.evaluate("window.kept.getBoundingClientRect().top")
    assert abs(after - before) < 3
    expect(stage.page.get_by_role("button", name="Jump to latest")).to_be_visible()


def test_first_draws_of_much_leave_room_for_keys(browser: Browser, results: Path):
    """1,000 messages, and single ones of 200 kB, are drawn in pieces, each far below the whole."""
    costs = measured(browser, results, "mounted 1000", "mounted long", "mounted paragraph")
    for name, cost in costs.items():
        assert cost.worst_task < 0.5 * cost.cpu, name
        assert cost.worst_task < 250, name


def test_keys_under_a_long_talk(browser: Browser, results: Path):
    """A key in the composer costs about the same under 1,000 messages as under none."""
    (cost,) = measured(browser, results, "typing").values()
    assert cost.worst_task < 50


@pytest.mark.parametrize("kind", ["grown", "grown paragraph"])
def test_a_step_costs_the_same_at_the_end(browser: Browser, results: Path, kind: str):
    """In a reply of 200 kB a step at the end costs about what it does at the beginning."""
    (cost,) = measured(browser, results, kind).values()
    assert cost.extra["ratio"] < 2.5


def test_streams(browser: Browser, results: Path):
    """Streams at 100 deltas a second and at full speed, under nothing and under 40 messages."""
    costs = measured(browser, results, "paced", "full speed", "under 40")
    for name, cost in costs.items():
        assert cost.worst_task < 100, name
        assert cost.cpu < 1000 * 20, name


def test_taking_in_words_does_not_depend_on_what_was_said(browser: Browser, results: Path):
    """A message of the kernel costs little more under 1,000 messages than under none."""
    (cost,) = measured(browser, results, "taking").values()
    assert cost.extra["under_1000"] < 10 * cost.extra["under_0"] + 0.2


def test_a_long_paragraph_looks_as_one(stage: Stage):
    """Lines are cut where the browser breaks them: nothing moves when the paragraph is whole."""
    stage.show()
    stage.page.evaluate("probe.begin()")
    text = paragraph(30_000)
    stage.page.evaluate("texts => probe.stream(texts, 16, false)", pieces(text, 1000))
    paragraphs = stage.page.locator('[data-nbagent="text"] p')
    boxes = stage.page.locator(".nbagent-lines")
    assert boxes.count() > 4
    growing = paragraphs.bounding_box()
    stage.put({"op": "part_done", "message": "live", "part": "0"})
    expect(boxes).to_have_count(0)
    whole: Any = paragraphs.bounding_box()
    assert growing is not None and abs(whole["height"] - growing["height"]) < 1
    assert paragraphs.count() == 1


def test_colours_come_when_they_are_there_and_move_nothing(browser: Browser):
    """Code is readable before its colours, which change no measure; without them it stays plain."""
    heights = []
    for assets in (["maths", "highlight"], []):
        context = browser.new_context()
        stage = Stage(context, assets=assets)
        stage.show(messages=[answer(1, long_reply(3000))])
        keywords = stage.page.locator("code .hljs-keyword")
        if assets:
            expect(keywords.first).to_be_visible()
        stage.page.wait_for_timeout(500)
        assert (keywords.count() > 0) == bool(assets)
        expect(stage.page.locator("code.language-python").first).to_contain_text("def means")
        heights.append(stage.page.locator('[data-nbagent="text"]').bounding_box())
        assert stage.errors == []
        context.close()
    assert heights[0] == heights[1]
