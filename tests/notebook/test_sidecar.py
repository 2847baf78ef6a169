"""`agent.sidecar()`: a panel with the widget in it, or clear words about what is missing."""

import sys

import pytest

from nbagent import Agent, ConfigurationError, Executor
from nbagent.testing import ScriptedClient


@pytest.fixture
def agent() -> Agent:
    """An agent that nobody has asked."""
    return Agent("test:m", executor=Executor({"test": ScriptedClient()}), name="cars")


def test_the_panel_holds_the_widget(agent: Agent):
    """It has the agent's name, and shows the very widget that a cell shows."""
    panel = agent.sidecar()
    assert (panel.title, panel.anchor) == ("cars", "right")
    [output] = panel.outputs
    view = output["data"]["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == agent.widget.model_id


def test_called_again_it_is_opened_anew(agent: Agent):
    """The panel from before goes; a title and a place can be given."""
    before = agent.sidecar()
    after = agent.sidecar("Assistant", anchor="split-right")
    assert before.comm is None
    assert (after.title, after.anchor) == ("Assistant", "split-right")


def test_without_the_package_it_says_what_to_install(agent: Agent, monkeypatch):
    """A ConfigurationError with the command."""
    monkeypatch.setitem(sys.modules, "sidecar", None)  # what `import` takes for not there
    with pytest.raises(ConfigurationError, match="pip install sidecar"):
        agent.sidecar()
