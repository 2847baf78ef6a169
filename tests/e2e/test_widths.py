"""Narrow, zoomed, spaced out, from right to left, and still: nothing is lost or covers another."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import scenes
from tests.e2e.settling import settle
from tests.e2e.stage import Stage

# What sticks out of the page or of a part that does not scroll, and words that are cut off.
STICKING = """() => {
  const scrolls = (e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
  const meant = (e) => getComputedStyle(e).textOverflow === "ellipsis" || e.closest("svg, math") ||
    e.closest(".nbagent-spoken");
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
  const log = document.querySelector(".nbagent-log");
  if (log.scrollWidth > log.clientWidth) found.push("the log scrolls sideways");
  for (const e of document.querySelectorAll(".nbagent *")) {
    if (meant(e) || e.clientWidth === 0) continue;
    const style = getComputedStyle(e);
    if (style.overflowX !== "visible" && !scrolls(e) && e.scrollWidth > e.clientWidth + 1)
      found.push(`cut off: ${e.className || e.localName} ${e.scrollWidth} > ${e.clientWidth}`);
    const box = e.getBoundingClientRect();
    let holder = e.parentElement;
    while (holder && !scrolls(holder) && !meant(holder)) holder = holder.parentElement;
    if (holder?.closest(".nbagent") && holder !== log) continue;
    if (box.right > innerWidth + 1 || box.left < -1)
      found.push(`outside: ${e.className || e.localName} ${box.left} to ${box.right}`);
  }
  return found;
}"""
# WCAG 1.4.12: what a person may set, and must be able to read on with.
SPACING = """.nbagent, .nbagent * { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important; } .nbagent p { margin-bottom: 2em !important; }"""
MOVING = """() => document.getAnimations().map((one) => one.effect.target.className)"""
TIMED = """() => [...document.querySelectorAll(".nbagent, .nbagent *")].filter((e) => {
  const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(e);
  return animationName !== "none" || transitionDuration !== "0s" || scrollBehavior === "smooth";
}).map((e) => e.className)"""


@pytest.fixture
def pages(browser: Browser) -> Iterator[Any]:
    """Makes stages of a viewport, and closes them."""
    opened = []

    def make(width: int, height: int = 800, **options: Any) -> Stage:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        opened.append(context)
        return Stage(context)

    yield make
    for context in opened:
        context.close()


def sticking(page: Page) -> list[str]:
    """What does not fit."""
    settle(page)
    found: list[str] = page.evaluate(STICKING)
    return found


@pytest.mark.parametrize("width", [320, 480, 800, 1400])
def test_nothing_sticks_out(pages: Any, width: int):
    """At each width, with margins as a notebook has them: only tables and code scroll sideways."""
    stage = pages(width)
    for name, scene in scenes.SCENES.items():
        stage.show(**scene())
        assert sticking(stage.page) == [], name


def test_zoom_of_200_percent(pages: Any, results: Path):
    """Half the room in both directions: the composer and the buttons are there to be used."""
    stage = pages(640, 480, device_scale_factor=2)
    for name, scene in scenes.SCENES.items():
        stage.show(**scene())
        assert sticking(stage.page) == [], name
        box = stage.chat.composer.bounding_box()
        assert box is not None and box["y"] + box["height"] < 480
        log = stage.page.locator(".nbagent-log").bounding_box()
        assert log is not None and log["height"] > 100, name
    stage.show(**scenes.approval())
    stage.page.screenshot(path=results / "zoomed.png")


@pytest.mark.parametrize("width", [480, 800])
def test_text_spacing(pages: Any, width: int):
    """With the line, letter and word spacing that a person may set nothing is cut off."""
    stage = pages(width)
    stage.page.add_style_tag(content=SPACING)
    for name, scene in scenes.SCENES.items():
        stage.show(**scene())
        assert sticking(stage.page) == [], name


def test_lines_of_prose_are_not_too_long(pages: Any):
    """About 75 characters, also where the widget has a whole screen."""
    stage = pages(1400)
    stage.show(**scenes.finished())
    widths = stage.page.locator(".nbagent-markdown p").evaluate_all(
        "(all) => all.map((p) => p.getBoundingClientRect().width / parseFloat("
        "getComputedStyle(p).fontSize))"
    )
    assert max(widths) < 50  # in em; a character takes about half of one


def test_from_right_to_left(pages: Any, results: Path):
    """Words written from the right begin there, those from the left do not; also in such a page."""
    stage = pages(800)
    for direction in ("ltr", "rtl"):
        stage.page.evaluate("to => { document.documentElement.dir = to }", direction)
        stage.show(**scenes.right_to_left())
        assert sticking(stage.page) == []
        right, left = (
            stage.page.get_by_text(words).evaluate("(e) => getComputedStyle(e).direction")
            for words in ("נוסעות הכי רחוק", "And a sentence from left")
        )
        assert (right, left) == ("rtl", "ltr")
        stage.page.screenshot(path=results / f"hebrew-in-{direction}.png")
    # In a page that runs from the right the question stands at the left, the answer at the right.
    bubble, send = (
        stage.page.locator(name).bounding_box() for name in (".nbagent-bubble", ".nbagent-send")
    )
    assert bubble is not None and bubble["x"] < 100
    assert send is not None and send["x"] < 100


def test_less_motion(pages: Any):
    """Nothing moves for people who asked for that, and everything is still said."""
    stage = pages(800, reduced_motion="reduce")
    for name in ("streaming", "thinking", "cards", "approval"):
        stage.show(**scenes.SCENES[name]())
        settle(stage.page)
        assert stage.page.evaluate(MOVING) == []
        assert stage.page.evaluate(TIMED) == []


# The line below the text: which of its parts are seen, and whether their words are whole.
STATUS = """() => ["model", "about"].map((name) => {
  const part = document.querySelector(`.nbagent-status-${name}`);
  return part.clientWidth > 0 && part.scrollWidth <= part.clientWidth + 1;
})"""


@pytest.mark.parametrize("width", [400, 480, 600, 900])
def test_model_and_usage_can_be_read(pages: Any, width: int):
    """Which model it is, its tools, tokens and cost are not cut, and said in full besides."""
    stage = pages(width)
    stage.show(**scenes.finished())
    assert stage.page.evaluate(STATUS) == [True, True]
    title = stage.page.locator("[data-nbagent=status]").get_attribute("title")
    assert title == f"{scenes.MODEL}\n4 tools · 12,480 tokens · $0.031"


TOPS = """() => [...document.querySelectorAll(".nbagent-log :is(button, a, pre, summary)")]
  .filter((e) => e.tabIndex >= 0 && e.checkVisibility())
  .map((e) => e.getBoundingClientRect().top)"""


def test_tab_goes_as_the_eye_does(pages: Any):
    """What can be reached by Tab follows in the order in which it is seen: buttons above code."""
    stage = pages(800)
    for name in ("code", "long_code", "finished"):
        stage.show(**scenes.SCENES[name]())
        settle(stage.page)
        tops = stage.page.evaluate(TOPS)
        # In one line they may stand a little higher or lower.
        assert all(after >= before - 12 for before, after in pairwise(tops))
