"""What the page must bear: long talks, long replies, fast streams.

Nothing here is timed, which `make bench` does: what a step touches is counted (`work.py`), and the
counts are the same on every machine.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.bench.page_costs import pieces, staged
from tests.bench.page_loads import answer, conversation, long_reply, paragraph
from tests.e2e.stage import Stage
from tests.e2e.work import WorkingStage

# What a step may touch at the most (nodes put in, boxes laid out): a key waits for no more.
ROOM_FOR_KEYS = 1500

TEXTS = """() => [...document.querySelectorAll('[data-nbagent="message"]')].map(
  (message) => message.querySelector(".nbagent-bubble, [data-nbagent=text]")?.textContent ?? "")"""

# The log has been scrolled, and stands still from one frame to the next.
RESTS = """async (end) => {
  const log = document.querySelector(".nbagent-log");
  const before = log.scrollTop;
  for (let frame = 0; frame < 10; frame += 1) await new Promise(requestAnimationFrame);
  return before < end && log.scrollTop === before;
}"""


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """A page with the probe in it."""
    stage = staged(browser)
    yield stage
    assert stage.errors == []
    stage.page.context.close()


@pytest.fixture
def working(browser: Browser) -> Iterator[WorkingStage]:
    """A page in which everything is counted."""
    stage = WorkingStage(browser)
    yield stage
    assert stage.errors == []
    stage.page.context.close()


def test_a_long_talk_is_whole_and_in_order(stage: Stage):
    """Of 1,000 messages the last are there at once, and all of them, in order, soon after."""
    talk = conversation(1000)
    stage.show(**talk)
    expect(stage.page.locator('[data-nbagent="message"]').last).to_be_in_viewport()
    expect(stage.page.locator('[data-nbagent="message"]')).to_have_count(1000)
    questions = [text for text in stage.page.evaluate(TEXTS) if text.startswith("And what")]
    assert questions == [f"And what of column {number}?" for number in range(0, 1000, 2)]


def test_text_out_of_sight_can_be_reached(stage: Stage):
    """What the browser skips is still in the page: to be found, read aloud and scrolled to."""
    stage.show(**conversation(100))
    texts = stage.page.locator('[data-nbagent="text"]')
    expect(texts).to_have_count(100)
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
    end = log.evaluate("log => log.scrollTop")
    stage.page.mouse.wheel(0, -2500)
    stage.page.wait_for_function(RESTS, arg=end)
    at = """() => { const box = document.querySelector(".nbagent-log").getBoundingClientRect();
      const message = document.elementFromPoint(box.left + box.width / 2, box.top + 200)
        .closest('[data-nbagent="message"]') ?? document.querySelector(".nbagent-log");
      window.kept = message; return message.getBoundingClientRect().top; }"""
    before = stage.page.evaluate(at)
    stage.page.evaluate("text => probe.stream([text, text, text], 100)", long_reply(6000))
    expect(stage.page.locator('[data-nbagent="message"]')).to_have_count(401)
    after = stage.page.evaluate("window.kept.getBoundingClientRect().top")
    assert abs(after - before) < 3
    expect(stage.page.get_by_role("button", name="Jump to latest")).to_be_visible()


@pytest.mark.parametrize(
    ("kind", "transcript"),
    [
        ("1000", conversation(1000)),
        ("long", {"messages": [answer(1, long_reply(200_000))]}),
        ("paragraph", {"messages": [answer(1, paragraph(200_000))]}),
    ],
    ids=["1000", "long", "paragraph"],
)
def test_first_draws_of_much_leave_room_for_keys(
    working: WorkingStage, results: Path, kind: str, transcript: Mapping[str, Any]
):
    """1,000 messages, and single ones of 200 kB, are drawn in pieces, each far below the whole."""
    work = working.counted(lambda: working.show(**transcript))
    work.save(results / f"work-mounted-{kind}.json")
    assert work.all > 5 * ROOM_FOR_KEYS
    assert work.largest < ROOM_FOR_KEYS
    assert work.largest_layout < ROOM_FOR_KEYS and work.largest_restyle < ROOM_FOR_KEYS
    if kind == "1000":  # what is out of sight is not laid out at all
        assert work.boxes < working.page.locator(".nbagent *").count() / 5


def test_keys_and_words_under_a_long_talk(browser: Browser, results: Path):
    """A key in the composer, and a word that comes, touch under 1,000 messages what they do
    under none, and nothing of what was said before."""
    typed, told = [], []
    for earlier in (0, 1000):
        stage = WorkingStage(browser)
        stage.show(**conversation(earlier))
        stage.page.get_by_label("Message", exact=True).click()
        stage.begin()
        stage.say_on(["One word. "])
        expect(stage.page.locator('[data-nbagent="message"]')).to_have_count(earlier + 1)
        stage.page.evaluate("work.counted()")
        stage.leave_alone('[data-nbagent="message"]:not([data-message-state="streaming"])')
        typed.append(stage.counted(lambda stage=stage: write(stage, "What is the mean?")))
        told.append(stage.counted(lambda stage=stage: stage.say_on(["word "] * 40)))
        assert stage.errors == []
        stage.page.context.close()
    for name, (alone, under) in {"typing": typed, "taking": told}.items():
        under.save(results / f"work-{name}.json")
        assert under.boxes > 10 * alone.boxes
        assert (under.looks, under.disturbed) == (0, 0), name
        assert (under.largest, under.largest_layout, under.largest_restyle) == (
            alone.largest,
            alone.largest_layout,
            alone.largest_restyle,
        ), name


def write(stage: Stage, text: str) -> None:
    """Types it, each key painted before the next."""
    for key in text:
        stage.page.keyboard.press(key)
        stage.page.evaluate("() => new Promise(requestAnimationFrame)")


@pytest.mark.parametrize("kind", ["mixed", "paragraph"])
def test_a_step_costs_the_same_at_the_end(working: WorkingStage, results: Path, kind: str):
    """In a reply of 200 kB a step at the end touches about what it does at the beginning."""
    text = long_reply(200_000) if kind == "mixed" else paragraph(200_000)
    steps = pieces(text, 100)
    working.show()
    working.begin()
    # The first look of everything is behind us; and from there to where the same words come again.
    working.say_on(steps[:30])
    begin = working.counted(lambda: working.say_on(steps[30:60]))
    working.say_on(pieces("".join(steps[60:-60]), 3000))
    working.page.evaluate("work.counted()")
    working.say_on(steps[-60:-30])
    end = working.counted(lambda: working.say_on(steps[-30:]))
    end.save(results / f"work-grown-{kind}.json")
    assert end.boxes > 20 * begin.boxes
    assert end.largest <= 2 * begin.largest
    assert end.all <= 1.5 * begin.all
    assert end.largest_layout <= 1.5 * begin.largest_layout
    assert end.largest_restyle <= 1.5 * begin.largest_restyle


@pytest.mark.parametrize(
    ("size", "piece", "earlier"), [(5000, 25, 0), (48_000, 1500, 0), (5000, 25, 40)]
)
def test_streams(working: WorkingStage, results: Path, size: int, piece: int, earlier: int):
    """In small pieces, in large ones and under 40 messages: steps stay small, what is there stays.

    Each node is put in about once: what was drawn is not drawn again with what follows.
    """
    working.show(**conversation(earlier))
    working.begin()
    before = working.weight
    working.page.evaluate("work.counted()")
    working.leave_alone('[data-nbagent="message"]:not([data-message-state="streaming"])')
    work = working.counted(lambda: working.say_on(pieces(long_reply(size), piece)))
    end = working.counted(working.finish)
    work.save(results / f"work-stream-{piece}-under-{earlier}.json")
    assert work.largest < ROOM_FOR_KEYS and work.largest_layout < ROOM_FOR_KEYS
    assert work.all < 4 * (working.weight - before)
    assert (work.looks, work.disturbed) == (0, 0)
    assert end.all < ROOM_FOR_KEYS / 4


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
        else:
            stage.page.wait_for_timeout(500)
        assert (keywords.count() > 0) == bool(assets)
        expect(stage.page.locator("code.language-python").first).to_contain_text("def means")
        heights.append(stage.page.locator('[data-nbagent="text"]').bounding_box())
        assert stage.errors == []
        context.close()
    assert heights[0] == heights[1]
