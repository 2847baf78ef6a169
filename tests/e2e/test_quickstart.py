"""The quickstart notebook in JupyterLab with the embedded model; and that model killed."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.e2e.lab import Lab, wait_for

pytestmark = [
    pytest.mark.model,
    pytest.mark.timeout(900),
    pytest.mark.usefixtures("new_page"),
]
MINUTES = 180_000  # milliseconds: two busy cores are slow
CHILDREN = (
    "[p.pid for p in psutil.Process().children(recursive=True)"
    " if any('child.py' in part for part in p.cmdline())]"
)


@pytest.fixture
def quickstart(lab: Lab, repository: Path) -> Lab:
    """The notebook as it is shipped, open in JupyterLab."""
    for name in ("quickstart.ipynb", "cars.csv"):
        shutil.copy(repository / "notebooks" / name, lab.server.root)
    lab.visit("quickstart")
    return lab


def agent_index(lab: Lab) -> int:
    """The number of the cell that makes and shows the agent."""
    return next(i for i, source in enumerate(lab.sources()) if source.startswith("agent = Agent("))


def test_the_quickstart_from_its_first_cell_to_its_questions(quickstart: Lab):
    """A number, a table and a figure: asked in the widget, shown in cards, told in words."""
    lab = quickstart
    shown = agent_index(lab)
    for index in range(shown + 1):
        lab.run(index)
    assert not [error for index in range(shown + 1) for error in lab.errors_of(index)]
    lab.screenshot("quickstart-empty")
    chat = Chat(lab.page)
    chat.ask("What is the average horsepower of Japanese cars?")
    card = chat.card("statistic")
    expect(card.root).to_have_attribute("data-state", "done", timeout=MINUTES)
    expect(card.part("result")).to_contain_text("79.84")
    chat.wait("idle", timeout=180)
    expect(chat.words().last).to_contain_text("79.84")
    lab.screenshot("quickstart-number")
    chat.ask("Compare the weight of cars by origin")
    table = chat.card("compare")
    expect(table.root).to_have_attribute("data-state", "done", timeout=MINUTES)
    expect(table.part("result").locator("table")).to_contain_text("Europe")
    chat.wait("idle", timeout=180)
    chat.ask("Plot mpg against weight")
    figure = chat.card("plot")
    expect(figure.root).to_have_attribute("data-state", "done", timeout=MINUTES)
    expect(figure.part("result").locator("img")).to_be_visible()
    chat.wait("idle", timeout=180)
    lab.screenshot("quickstart-figure")
    for index in range(shown + 1, len(lab.sources())):
        lab.run(index)
    assert not [o for i in range(len(lab.sources())) for o in lab.errors_of(i)]
    assert lab.kernel("list(agent.calls[-1].result.columns)") == ["count", "mean", "min", "max"]


def test_killing_the_model_in_mid_stream_leaves_the_kernel_whole(lab: Lab):
    """A clear error, the partial words kept, the variables alive, the next question answered."""
    cell = "from nbagent import Agent\nimport psutil\nkept = 41\n"
    cell += "agent = Agent('local:qwen2.5-coder-0.5b-instruct')\nagent"
    lab.open([cell, "kept + 1"], name="killed")
    lab.run(0)
    chat = Chat(lab.page)
    chat.wait("idle")
    chat.ask("Write a Python module with ten functions on strings, each with a docstring.")
    wait_for(lambda: chat.words().count() and len(chat.said()) > 60, 180, "the first words")
    [child] = lab.kernel(CHILDREN)
    os.kill(child, signal.SIGKILL)
    chat.wait("idle", timeout=60)
    partial = chat.said()
    assert len(partial) > 60
    expect(chat.answer()).to_contain_text("embedded model")
    lab.screenshot("killed")
    lab.run(1)
    assert lab.text(1) == "42"
    chat.ask("Say the word hello.")
    wait_for(lambda: chat.messages().count() == 2, 180, "the next answer")
    wait_for(lambda: chat.words().count() and chat.said().strip(), 180, "the next answer's words")
    chat.wait("idle", timeout=180)
    assert lab.kernel(CHILDREN) != [child]
    lab.screenshot("killed-and-back")
