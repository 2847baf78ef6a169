"""Pictures of the widget at three widths, light and dark: for eyes, and for a few rules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import scenes
from tests.e2e.hosts import wear_lab
from tests.e2e.settling import settle
from tests.e2e.stage import Stage

SHOWN = ("empty", "streaming", "approval", "question", "failed", "finished")
LONG = ("long_table", "long_code")
# Looked at in one width, whole.
OTHERS = ("thinking", "cards", "crowded", "code", "suggestions", "together", "delegated")
# Laid out, loaded and drawn: what a picture must not be taken before.
WHOLE = "() => [...document.images].every((one) => one.complete && one.naturalWidth > 0)"
# The end of the column that the log's content makes, against that of the composer's.
EDGES = """() => [".nbagent-log-content", ".nbagent-composer"].map((name) => {
  const { left, right } = document.querySelector(name).getBoundingClientRect();
  return (left + right) / 2;
})"""

# Where the line above the composer begins, and where what is written in it does.
BEGINNINGS = """() => [".nbagent-always", ".nbagent-composer textarea"].map((name) => {
  const part = document.querySelector(name);
  return part.getBoundingClientRect().left + parseFloat(getComputedStyle(part).paddingLeft);
})"""
# The room between the last card and the heading below it.
ROOM = """() => document.querySelector(".nbagent-piece h3").getBoundingClientRect().top -
  [...document.querySelectorAll(".nbagent-calls")].at(-1).getBoundingClientRect().bottom"""


@pytest.fixture(params=[480, 800, 1400])
def width(request: pytest.FixtureRequest) -> int:
    """The width of the window."""
    return int(request.param)


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    """A theme of JupyterLab."""
    return str(request.param)


@pytest.fixture
def stage(browser: Browser, width: int, theme: str) -> Iterator[Stage]:
    """A page as wide, in that theme, without motion."""
    size: Any = {"width": width, "height": 860}
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    stage = Stage(context)
    wear_lab(stage.page, theme)
    yield stage
    assert stage.errors == []
    context.close()


def test_pictures(stage: Stage, width: int, theme: str, results: Path):
    """Every scene as a person first sees it: at its end, nothing cut off, the columns aligned."""
    for name in (*SHOWN, *LONG):
        stage.show(**scenes.SCENES[name]())
        expect(stage.chat.composer).to_be_visible()
        stage.page.wait_for_function(WHOLE)
        settle(stage.page)
        log, composer = stage.page.evaluate(EDGES)
        assert abs(log - composer) <= 8  # the log may have a scroll bar
        if name == "approval":
            words, field = stage.page.evaluate(BEGINNINGS)
            assert abs(words - field) <= 1
        stage.chat.root.screenshot(path=results / f"look-{name}-{width}-{theme}.png")


def test_a_finished_answer_from_its_beginning(stage: Stage, width: int, theme: str, results: Path):
    """All of it in one picture: question, reasoning, cards, table, figure, prose and code."""
    stage.page.add_style_tag(content=".nbagent { max-height: none !important; }")
    stage.show(**scenes.finished())
    stage.page.wait_for_function(WHOLE)
    settle(stage.page)
    assert stage.chat.cards().count() == 2
    assert stage.page.evaluate(ROOM) >= 18
    stage.page.screenshot(path=results / f"look-whole-{width}-{theme}.png", full_page=True)


@pytest.fixture(params=["light", "dark", "dark-high-contrast"])
def wide(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Stage, str]]:
    """A page of a usual width, in each theme of JupyterLab, and the theme's name."""
    size: Any = {"width": 760, "height": 860}
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    stage = Stage(context)
    wear_lab(stage.page, request.param)
    yield stage, request.param
    assert stage.errors == []
    context.close()


def test_the_other_scenes(wide: tuple[Stage, str], results: Path):
    """What a conversation can have besides, whole: no state is without its picture."""
    stage, theme = wide
    stage.page.add_style_tag(content=".nbagent { max-height: none !important; }")
    names = OTHERS if theme != "dark-high-contrast" else ("finished", "approval", "failed")
    for name in names:
        stage.show(**scenes.SCENES[name]())
        stage.page.wait_for_function(WHOLE)
        settle(stage.page)
        stage.page.screenshot(path=results / f"look-{name}-all-{theme}.png", full_page=True)
        if name == "code":  # a footnote's mark stands in its sentence
            mark = stage.page.locator("sup").first
            assert mark.evaluate("(e) => getComputedStyle(e).display") == "inline"
        if name == "crowded":
            expect(stage.chat.messages("user").get_by_text("plot.png")).to_be_visible()
