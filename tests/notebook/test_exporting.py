"""`Agent.export` and the display of an agent."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.terminal import interactiveshell as terminal

from nbagent import Agent, ConfigurationError, Executor, StoreError, tool
from nbagent.testing import Reply, ScriptedClient, reply_calls, reply_text


@tool
def mean(column: str) -> float:
    """The mean of a column."""
    return 23.5


def scripted() -> Agent:
    """An agent that has nobody to ask but a script."""
    replies: list[Reply | str] = [reply_calls(("mean", {"column": "mpg"})), "It is **23.5**."]
    executor = Executor({"scripted": ScriptedClient(replies)})
    params = {"extra": {"api_key": "sk-very-secret"}}
    return Agent("scripted:any", tools=[mean], executor=executor, params=params)


@pytest.mark.parametrize("displayed", [False, True])
async def test_four_forms(tmp_path: Path, displayed: bool) -> None:
    """Each suffix has its form, with or without a widget; no secret is in any."""
    agent = scripted()
    if displayed:
        agent._repr_mimebundle_()
    await agent.ask("What is the mean?")
    made = {s: agent.export(tmp_path / "new" / f"chat{s}") for s in (".md", ".html", ".ipynb")}
    assert made[".md"] == tmp_path / "new" / "chat.md"
    for path in made.values():
        said = path.read_text(encoding="utf-8")
        assert "What is the mean?" in said and "23.5" in said and "secret" not in said
    # nbformat has no types.
    notebook = nbformat.read(made[".ipynb"], as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert any(cell.source == 'mean(column="mpg")' for cell in notebook.cells)
    saved = agent.export(str(tmp_path / "chat.JSON"))
    assert "secret" not in saved.read_text(encoding="utf-8")
    again = Agent.load(saved, tools=[mean], executor=agent._engine.settings.executor)
    assert [m.text for m in again.history] == [m.text for m in agent.history]
    assert (agent._widget is not None) == displayed
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(
        path.name for path in made.values()
    )


@pytest.mark.parametrize("name", ["chat.pdf", "chat", "chat.md.gz"])
def test_unknown_forms(tmp_path: Path, name: str) -> None:
    """Another suffix is refused with the four that there are, and nothing is written."""
    with pytest.raises(ConfigurationError, match=r"\.md, \.html, \.json or \.ipynb"):
        scripted().export(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written(tmp_path: Path) -> None:
    """A folder in the file's place is an error that names it, and stays."""
    (tmp_path / "chat.md").mkdir()
    with pytest.raises(StoreError, match=r"chat\.md cannot be written"):
        scripted().export(tmp_path / "chat.md")
    assert [path.name for path in tmp_path.iterdir()] == ["chat.md"]


def test_in_a_kernel_it_is_the_widget() -> None:
    """Also where the terminal's shell is imported, as IPython 8 does in every kernel."""
    assert "TerminalInteractiveShell" in vars(terminal)
    InteractiveShell.instance()  # a kernel's, to all that is asked here: none of a terminal
    try:
        agent = scripted()
        assert "text/html" in agent._repr_mimebundle_()[0]
        assert agent._engine.attended
    finally:
        InteractiveShell.clear_instance()


async def test_the_bundle_has_all_forms() -> None:
    """Who asks for the bundle (marimo, say) gets view, HTML, Markdown and text."""
    agent = scripted()
    await agent.ask("What is the mean?")
    data, _ = agent._repr_mimebundle_()
    assert {"text/html", "text/markdown", "text/plain"} <= data.keys()
    assert "<strong>23.5</strong>" in data["text/html"]
    assert json.dumps(data)


TERMINAL = """
from nbagent import Agent, Executor
from nbagent.testing import ScriptedClient
agent = Agent("scripted:any", executor=Executor({"scripted": ScriptedClient(["It is **5**."])}))
_ = agent.ask_blocking("How many?")
display(agent)
print(agent._widget, agent._engine.attended)
"""


def test_on_a_terminal_it_is_text() -> None:
    """IPython on a terminal prints the transcript; no widget waits there for an answer."""
    command = [sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt", "-c", TERMINAL]
    made = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert made.stdout.strip() == "You:\nHow many?\n\nAgent:\nIt is **5**.\nNone False"


@pytest.mark.parametrize("name", ["c.md", "c.html", "c.ipynb"])
async def test_an_export_without_a_widget_is_that_of_one(tmp_path: Path, name: str) -> None:
    """What was printed is as a terminal shows it, and halves of characters stop nothing."""

    def count() -> None:
        """Prints a bar."""
        print("1 of 2\r2 of 2")  # noqa: T201 - what a tool prints is exported

    script = [reply_calls(("count", {})), reply_text("A \ud800 half.", reasoning="H\udc00m.")]
    executor = Executor({"scripted": ScriptedClient(script)})
    agent = Agent("scripted:any", tools=[count], executor=executor)
    await agent.ask("Go \ud83d.")
    early = agent.export(tmp_path / f"early-{name}").read_text(encoding="utf-8")
    assert agent.widget is not None
    late = agent.export(tmp_path / f"late-{name}").read_text(encoding="utf-8")
    # Once, in what the model got, or not at all.
    assert early.count("1 of 2") == late.count("1 of 2") <= 1
    assert "A \ufffd half." in early and "A \ufffd half." in late
