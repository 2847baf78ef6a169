"""The transcript that lasts: in the saved notebook, in nbconvert's pages, without a kernel."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter, LatexExporter, MarkdownExporter
from nbconvert.utils.pandoc import PandocMissing
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nbagent.exporting.html import as_html
from nbagent.exporting.page import as_page
from nbagent.testing import FakeServer, reply_calls
from tests.e2e.chat import Chat, open_chat
from tests.e2e.lab import Lab, wait_for
from tests.e2e.settling import settle
from tests.e2e.test_hostile_corpus import HOOKS, LOOK, attacks, call
from tests.exporting.test_html import everywhere
from tests.exporting.transcripts import conversation, message, place, text, transcript

KERNELS = ["ipykernel", "ipykernel-6.31", "ipykernel-7.3"]
SETUP = '''
import pandas as pd
df = pd.DataFrame({"mpg": [18.0, 15.5, 24.0], "origin": ["usa", "usa", "japan"]})

@tool
def summary(column: str) -> pd.DataFrame:
    """Summary statistics of one column."""
    return df[[column]].describe()
'''
SETUP = "from nbagent import tool" + SETUP
QUESTION = "What is the average mpg?"
SECOND = "And the other one?"
STATIC = '[data-nbagent="transcript"]'


def saved(lab: Lab, name: str) -> Any:
    """The outputs of the first cell, as they stand in the saved file."""
    lab.save()
    notebook = nbformat.read(lab.server.root / f"{name}.ipynb", as_version=4)
    return notebook.cells[0].outputs


def said(lab: Lab, words: str) -> None:
    """Wait until the page's notebook has these words in the static output."""

    def there() -> bool:
        outputs = lab.outputs(0)
        return len(outputs) == 2 and words in str(outputs[0]["data"]["text/markdown"])

    wait_for(there, what=words)


def talk(lab: Lab, model: FakeServer, name: str, kernel: str = "ipykernel") -> Chat:
    """A notebook in which two questions were asked in the widget."""
    chat = open_chat(lab, model, name, tools="summary", setup=SETUP, kernel=kernel)
    model.add(
        reply_calls(("summary", {"column": "mpg"})), "It is **19.2**, on average.", "As well."
    )
    for question in (QUESTION, SECOND):
        chat.ask(question)
        chat.wait("idle")
    said(lab, "As well.")
    return chat


@pytest.mark.parametrize("kernel_version", KERNELS, indirect=True)
def test_the_saved_cell_has_the_whole_conversation(
    lab: Lab, model: FakeServer, kernel_version: str
):
    """Asked in the page, kept in the file; meanwhile the static output is not seen."""
    name = f"saved-{kernel_version}"
    chat = talk(lab, model, name, kernel_version)
    expect(chat.composer).to_be_focused()
    expect(lab.page.locator(STATIC)).to_have_count(1)
    expect(lab.page.locator(STATIC)).to_be_hidden()
    children = lab.page.locator(".jp-OutputArea-child")
    expect(children).to_have_count(2)
    expect(children.nth(0)).to_be_hidden()
    static, live = saved(lab, name)
    assert "application/vnd.jupyter.widget-view+json" in live.data
    for kind in ("text/html", "text/markdown", "text/plain"):
        for words in (QUESTION, "19.2", SECOND, "As well.", "summary"):
            assert words in static.data[kind], (kind, words)
    lab.screenshot(f"saved-live-{kernel_version}")


def test_asked_in_cells_and_shown_twice(lab: Lab, model: FakeServer):
    """By the end of the asking cell both cells that show the agent have it."""
    cells = ["reply = await agent.ask('In code.')", "display(agent)", "agent.reset()"]
    chat = open_chat(lab, model, "saved-cells", *cells)
    model.add("Said in code.")
    for index in (1, 2):
        lab.run(index)
    expect(Chat(lab.page.locator(".jp-Cell").nth(2)).messages("user")).to_have_count(1)
    expect(lab.page.locator(STATIC)).to_have_count(2)
    for index in range(2):
        expect(lab.page.locator(STATIC).nth(index)).to_be_hidden()
    for cell in (0, 2):
        assert "Said in code." in lab.outputs(cell)[0]["data"]["text/html"]
    lab.run(3)
    for cell in (0, 2):
        assert "Said in code." not in str(lab.outputs(cell)[0]["data"])
    expect(chat.messages("user").first).to_be_hidden()


def test_saved_at_once(lab: Lab, model: FakeServer):
    """Who saves as soon as the reply is there has it in the file, and nothing left to save."""
    chat = open_chat(lab, model, "saved-at-once")
    model.add("Quick words.")
    chat.ask("Quick?")
    chat.wait("idle")
    lab.save()
    path = lab.server.root / "saved-at-once.ipynb"
    # Nobody else saves: what stands there was put there by the widget.
    wait_for(lambda: "Quick words." in path.read_text(), what="the second save")


@pytest.mark.usefixtures("new_page")
def test_after_a_reload_it_follows_on(lab: Lab, model: FakeServer):
    """A page that was loaded again knows no display id: the widget puts the newest there itself."""
    chat = talk(lab, model, "saved-reload")
    lab.save()
    lab.reload()
    chat.wait("idle")
    expect(lab.page.locator(STATIC)).to_be_hidden()
    model.add("After it.")
    chat.ask("And now?")
    chat.wait("idle")
    said(lab, "After it.")
    assert "After it." in saved(lab, "saved-reload")[0].data["text/html"]
    expect(chat.composer).to_be_focused()
    expect(chat.messages()).to_have_count(3)


@pytest.mark.usefixtures("new_page")
def test_without_a_kernel_and_converted(lab: Lab, model: FakeServer, browser: Browser):
    """A fresh page shows it, trusted or not, and so do nbconvert's forms."""
    name = "saved-read"
    talk(lab, model, name)
    outputs = saved(lab, name)
    path = lab.server.root / f"{name}.ipynb"
    lab.server.end_kernels()
    lab.page.goto("about:blank")
    lab.visit(name)  # with a kernel that knows nothing of it
    static = lab.page.locator(STATIC)
    expect(static).to_be_visible()
    expect(static).to_contain_text("As well.")
    failure = lab.page.get_by_text("Error displaying widget")
    failure.wait_for(state="attached")
    expect(failure).to_be_hidden()
    expect(lab.page.locator(".jp-OutputArea-child")).to_have_count(2)
    expect(lab.page.locator(".jp-OutputArea-child").nth(1)).to_be_hidden()
    for theme in ("dark", "light"):
        lab.theme(theme)
        settle(lab.page)
        lab.screenshot(f"saved-no-kernel-{theme}")
    untrusted = nbformat.read(path, as_version=4)
    untrusted.metadata["title"] = "changed by somebody else"
    nbformat.write(untrusted, lab.server.root / "saved-untrusted.ipynb")
    lab.visit("saved-untrusted")
    notebook = lab.page.locator(".jp-Notebook")
    expect(notebook).to_contain_text("As well.")
    expect(notebook).not_to_contain_text("nbagent-transcript .nba")
    lab.screenshot("saved-untrusted")
    assert outputs[0].data["text/html"].count("<details") == 1
    converted(browser, path, lab.server.root, lab)


def converted(browser: Browser, path: Path, folder: Path, lab: Lab) -> None:
    """nbconvert's page shows the conversation; its Markdown and LaTeX hold it."""
    html, _ = HTMLExporter().from_filename(str(path))
    context = browser.new_context(viewport={"width": 1000, "height": 900}, offline=True)
    page = context.new_page()
    file = folder / "converted.html"
    file.write_text(re.sub(r'<script[^>]* src="[^"]*">\s*</script>', "", html), encoding="utf-8")
    page.goto(file.as_uri(), wait_until="domcontentloaded")
    expect(page.locator(STATIC)).to_be_visible()
    expect(page.locator(STATIC)).to_contain_text("As well.")
    expect(page.get_by_text("Out[1]:")).to_be_hidden()
    page.screenshot(path=lab.screenshot("saved-x").with_name("saved-nbconvert.png"))
    context.close()
    markdown, _ = MarkdownExporter().from_filename(str(path))
    assert QUESTION in markdown and "As well." in markdown
    latex, _ = latex_of(path)
    assert latex is None or "As well." in latex


def latex_of(path: Path) -> tuple[str | None, object]:
    """LaTeX where pandoc is installed."""
    try:
        made: tuple[str, object] = LatexExporter().from_filename(str(path))
    except PandocMissing:
        return None, None
    return made


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile."""
    context = browser.new_context(viewport={"width": 900, "height": 900})
    yield context
    context.close()


def place_in(page: Page, html: str) -> None:
    """Put HTML where a notebook puts an output's."""
    page.evaluate("html => { document.getElementById('place').innerHTML = html }", html)


def test_attacks_do_nothing(context: BrowserContext):
    """A public collection of attacks, as the page that is exported: nothing runs, nothing loads."""
    page, requests = context.new_page(), []
    page.add_init_script(HOOKS)
    page.route("**/*", lambda route: (requests.append(route.request.url), route.abort()))
    page.set_content("<!doctype html><div id=place></div>")
    page.evaluate(f"() => {{ {HOOKS} }}")
    everything = attacks()
    for at in range(0, len(everything), 300):
        batch = everything[at : at + 300]
        calls = [call(str(index), attack) for index, attack in enumerate(batch)]
        parts = [part for i, attack in enumerate(batch) for part in (text(attack), place(str(i)))]
        place_in(page, as_html(transcript(message("m", "assistant", *parts), calls=calls)))
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        page.wait_for_timeout(100)
        assert page.evaluate("window.ran") == []
        assert page.evaluate(LOOK) == []
        assert page.locator(f"#place > {STATIC}").count() == 1
        assert page.locator("#place > *").count() == 1
    assert requests == []


def test_looks(context: BrowserContext, results: Path):
    """As a page, narrow and wide, light and dark; with its style taken away; nothing sticks out."""
    page = context.new_page()
    for width, scheme in ((1400, "light"), (800, "dark"), (420, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.set_content(as_page(conversation()))
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        page.screenshot(path=results / f"export-{width}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    bare = re.sub(r"<style>.*?</style>", "", as_html(conversation()), flags=re.DOTALL)
    page.set_content(re.sub(r' (style|class|data-[a-z-]+)="[^"]*"', "", bare))
    page.screenshot(path=results / "export-bare.png", full_page=True)
    expect(page.get_by_text("drawing 392 points")).to_be_visible()


def test_hostile_pages(context: BrowserContext):
    """The same text in every place of a page: what follows it is still there."""
    page = context.new_page()
    for evil in ("</script></style></details></div></main><h1>Out</h1>", "<!--", "<plaintext>"):
        page.set_content(as_page(everywhere(evil)))
        assert page.locator("main > *").count() == 1
        assert page.locator("body > *").count() == 2
        assert json.dumps(page.locator("h1").all_inner_texts()).count("Out") <= 1
