"""The panel beside the notebook, in JupyterLab with the `sidecar` extension."""

import pytest
from playwright.sync_api import expect

from nbagent.testing import FakeServer
from tests.e2e.chat import Chat, open_chat
from tests.e2e.lab import Lab
from tests.e2e.settling import settle

PANEL = ".jupyterlab-sidecar"


@pytest.mark.usefixtures("new_page")
def test_the_panel_is_tall_and_in_step_with_the_cell(lab: Lab, model: FakeServer):
    """The log fills it, the composer stands at its bottom; both views show the same."""
    lab.page.set_viewport_size({"width": 1500, "height": 900})
    cells = ["panel = agent.sidecar('Assistant')", "panel.close()"]
    open_chat(lab, model, "sidecar", *cells)
    chat = Chat(lab.page.locator(".jp-Notebook"))  # not the panel's view
    lab.run(1)
    panel = lab.page.locator(PANEL)
    beside = Chat(panel)
    expect(beside.root).to_be_visible()
    expect(lab.page.locator(".lm-TabBar-tabLabel", has_text="Assistant").first).to_be_attached()
    model.add("Here, beside the **notebook**.", "And once more.")
    beside.ask("Where are you?")
    beside.wait("idle")
    expect(chat.words()).to_contain_text("beside the notebook")
    chat.ask("Again?")
    expect(beside.words()).to_contain_text("once more")
    whole, view, composer = (
        one.bounding_box() for one in (panel, beside.root, panel.locator(".nbagent-composer"))
    )
    assert whole is not None and view is not None and composer is not None
    assert view["height"] > whole["height"] - 8 > 600
    bottom = composer["y"] + composer["height"]
    assert 0 < whole["y"] + whole["height"] - bottom < 30
    lab.theme("light")
    settle(lab.page)
    lab.screenshot("sidecar-light")
    lab.theme("dark")
    settle(lab.page)
    lab.screenshot("sidecar-dark")
    lab.run(2)
    expect(panel).to_have_count(0)
    model.add("Still here.")
    chat.ask("And now?")
    expect(chat.words()).to_contain_text("Still here")
