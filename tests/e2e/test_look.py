"""Pictures of the widget at three widths, light and dark: for eyes, and for a few rules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import scenes
from tests.e2e.hosts import wear_lab
from tests.e2e.stage import Stage

SHOWN = ("empty", "streaming", "approval", "question", "failed", "finished")
LONG = ("long_table", "long_code")
# Laid out, loaded and drawn: what a picture must not be taken before.
WHOLE = "() => [...document.images].every((one) => one.complete && one.naturalWidth > 0)"
# The end of the column that the log's content makes, against that of the composer's.
EDGES = """() => [".nbagent-log-content", ".nbagent-composer"].map((name) => {
  const { left, right } = document.querySelector(name).getBoundingClientRect();
  return (left + right) / 2;
})"""


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
        stage.page.wait_for_timeout(250)
        log, composer = stage.page.evaluate(EDGES)
        assert abs(log - composer) <= 8  # the log may have a scroll bar
        stage.chat.root.screenshot(path=results / f"look-{name}-{width}-{theme}.png")


def test_a_finished_answer_from_its_beginning(stage: Stage, width: int, theme: str, results: Path):
    """All of it in one picture: question, reasoning, cards, table, figure, prose and code."""
    stage.page.add_style_tag(content=".nbagent { max-height: none !important; }")
    stage.show(**scenes.finished())
    stage.page.wait_for_function(WHOLE)
    stage.page.wait_for_timeout(250)
    assert stage.chat.cards().count() == 2
    stage.page.screenshot(path=results / f"look-whole-{width}-{theme}.png", full_page=True)
