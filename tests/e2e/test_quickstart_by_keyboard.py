"""The quickstart notebook from its first cell to its last without a mouse (and a real model)."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from nbagent.frames import End, StreamFrame, ToolCallDelta
from nbagent.testing import FakeServer, Reply
from tests.e2e.chat import Chat
from tests.e2e.lab import Lab, wait_for

MODEL = '"local:qwen2.5-coder-0.5b-instruct",'
SCRIPTED = """"openai:scripted",
    executor=Executor({"openai": OpenAIChatClient(api_key="test", base_url="ADDRESS")}),"""
MEAN = {"measure": "mean", "column": "weight", "origin": "Europe"}
BY_CYLINDERS = {"column": "mpg", "by": "cylinders"}
WHERE = """() => {
  const at = document.activeElement;
  return at.closest("[data-nbagent=chat]") && (at.getAttribute("aria-label") || at.textContent);
}"""


def called(name: str, arguments: dict[str, str]) -> Reply:
    """A reply that calls a tool."""
    frames: list[StreamFrame] = [ToolCallDelta(f"call-{name}", name, json.dumps(arguments), 0)]
    return Reply(frames=[*frames, End("tool_calls")])


@pytest.fixture
def quickstart(lab: Lab, model: FakeServer, repository: Path) -> Lab:
    """The notebook as it is shipped, but for the model, open in JupyterLab."""
    shutil.copy(repository / "notebooks" / "cars.csv", lab.server.root)
    notebook = json.loads((repository / "notebooks" / "quickstart.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if source.startswith("agent = Agent("):
            assert MODEL in source
            source = source.replace(MODEL, SCRIPTED.replace("ADDRESS", model.url))
            cell["source"] = f"from nbagent import Executor, OpenAIChatClient\n\n{source}"
    (lab.server.root / "by-keyboard.ipynb").write_text(json.dumps(notebook), "utf-8")
    lab.visit("by-keyboard")
    return lab


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Presses a key until what is so named inside the widget has the focus."""
    for _ in range(60):
        found = page.evaluate(WHERE)
        if found is not None and name in found:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{name!r} cannot be reached with {key}")


@pytest.mark.usefixtures("new_page")
def test_from_the_first_cell_to_the_last(quickstart: Lab, model: FakeServer):
    """Run, ask, read, fold a card, stop, copy, save, and go on to the cells below."""
    lab, page = quickstart, quickstart.page
    sources = lab.sources()
    last = next(i for i, source in enumerate(sources) if "agent = Agent(" in source)
    for index in range(last + 1):
        page.keyboard.press("Shift+Enter")
        wait_for(lambda index=index: lab.prompt(index) != "[*]:", what=f"cell {index}")
    chat = Chat(page)
    chat.wait("idle")
    tab_to(page, "Message", "Shift+Tab")
    model.add(called("statistic", MEAN), "It is **2,433** pounds.")
    page.keyboard.type("dd: what is the average weight of European cars?")
    page.keyboard.press("Enter")
    chat.card("statistic").wait("done")
    chat.wait("idle")
    expect(chat.words().last).to_contain_text("2,433")
    expect(chat.composer).to_be_focused()
    tab_to(page, "statisticmeasure", "Shift+Tab")  # the card's header, not its menu
    header = chat.card("statistic").root.locator("button[aria-expanded]").first
    for state in ("false", "true"):
        page.keyboard.press("Enter")
        expect(header).to_have_attribute("aria-expanded", state)
    tab_to(page, "Ask again")
    notebook = lab.server.root / "by-keyboard.ipynb"
    before = notebook.stat().st_mtime
    page.keyboard.press("Control+s")
    wait_for(lambda: notebook.stat().st_mtime > before, what="the notebook is saved")
    tab_to(page, "Message")
    page.keyboard.press("Shift+Escape")  # Tab leads out as well, but past the cells
    assert page.evaluate(WHERE) is None
    assert lab.sources() == sources
    model.add(called("statistic", MEAN), "Still 2,433.")
    model.add(called("compare", BY_CYLINDERS), "Four cylinders go furthest.")
    for _ in range(len(sources)):
        page.keyboard.press("Shift+Enter")
        wait_for(lambda: "[*]:" not in prompts(lab), what="the cell")
        if prompts(lab)[-2].strip("[]:").isdigit():  # after it there is only text
            break
    assert not [error for index in range(len(sources)) for error in lab.errors_of(index)]
    assert len(model.requests) == 6


def prompts(lab: Lab) -> list[str]:
    """What stands beside each cell."""
    return [lab.prompt(index) or "" for index in range(len(lab.sources()))]
