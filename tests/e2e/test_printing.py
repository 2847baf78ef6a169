"""On paper: the live widget, and a saved notebook as nbconvert's PDF shows it. Nothing is cut."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter, LatexExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nbagent.exporting.saved import saved_forms
from tests.e2e import scenes
from tests.e2e.hosts import wear_lab
from tests.e2e.settling import settle
from tests.e2e.stage import Stage
from tests.exporting.transcripts import conversation

# What has more inside than it shows.
CUT = """() => [...document.querySelectorAll(".nbagent, .nbagent *")].filter((e) => {
  const { overflowX, overflowY, textOverflow } = getComputedStyle(e);
  if (e.closest("svg, math") || textOverflow === "ellipsis" || e.clientWidth === 0) return false;
  return (overflowY !== "visible" && e.scrollHeight > e.clientHeight + 1)
    || (overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1);
}).map((e) => e.className)"""
LONG = [
    message
    for number in range(30)
    for message in (
        scenes.user(f"Question {number}?", id=f"q{number}"),
        scenes.agent(scenes.text(f"Answer {number}.\n\n" + "Words. " * 60), id=f"a{number}"),
    )
]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of a person who likes it dark."""
    context = browser.new_context(viewport={"width": 900, "height": 700}, color_scheme="dark")
    yield context
    context.close()


def pages(page: Page, path: Path) -> int:
    """Prints it; how many sheets it takes."""
    page.emulate_media(media="null")
    printed = page.pdf(path=path, format="A4")
    return printed.count(b"/Type /Page\n")


def test_the_live_widget(context: BrowserContext, results: Path):
    """All of it, dark on white, without composer and buttons; the screen stays as it was."""
    stage = Stage(context)
    wear_lab(stage.page, "dark")
    for name in ("finished", "together", "long_table", "long_code", "failed"):
        stage.show(**scenes.SCENES[name]())
        settle(stage.page)
        stage.page.emulate_media(media="print")
        assert stage.page.evaluate(CUT) == []
        for part in (".nbagent-composer", ".nbagent-footer", ".nbagent-code-copy"):
            assert not stage.page.locator(part).first.is_visible()
        ground = "getComputedStyle(document.querySelector('.nbagent')).backgroundColor"
        assert stage.page.evaluate(ground) == "rgb(255, 255, 255)"
        stage.page.emulate_media(media="screen")
        expect(stage.chat.composer).to_be_visible()
    stage.show(messages=LONG)
    expect(stage.chat.root.locator('[data-nbagent="message"]')).to_have_count(len(LONG))
    assert pages(stage.page, results / "print-live.pdf") > 4


def saved() -> Any:
    """A notebook with a conversation that was saved, and no live widget."""
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "gone"}, "text/plain": ""}
    outputs = [
        new_output("display_data", data=saved_forms(conversation(), "key")),
        new_output("display_data", data=view),
    ]
    notebook = new_notebook(cells=[new_code_cell("agent", outputs=outputs)])
    nbformat.validate(notebook)
    return notebook


def test_a_saved_notebook(context: BrowserContext, results: Path):
    """Its cards are open, its tables as ours are, and it begins below its cell."""
    html, _ = HTMLExporter().from_notebook_node(saved())
    page = context.new_page()
    page.route("http**", lambda route: route.abort())
    page.set_content(html, wait_until="domcontentloaded")
    page.emulate_media(media="print")
    closed = page.locator(".nba-card:not([open]) > .nba-title").first
    height = "(e) => e.getBoundingClientRect().height"
    assert closed.evaluate(height) > 0
    value = page.locator(".nba-arguments td").first
    assert value.evaluate("(e) => getComputedStyle(e).textAlign") == "start"
    output = page.locator(".jp-OutputArea-child").first
    assert output.evaluate("(e) => getComputedStyle(e).breakInside") == "auto"
    page.emulate_media(media="screen")
    assert closed.evaluate(height) == 0
    assert 1 < pages(page, results / "print-saved.pdf") < 5


def test_latex_takes_the_markdown():
    """Of what a cell saves the form that has the conversation, and not the one that has no page."""
    wanted = LatexExporter().default_config.NbConvertBase.display_data_priority
    forms = saved_forms(conversation(), "key")
    assert next(kind for kind in wanted if kind in forms) == "text/markdown"
