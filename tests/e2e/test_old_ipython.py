"""IPython 8, which many notebooks still run on: the agent is its widget there, too."""

import pytest
from playwright.sync_api import expect

from nbagent.testing import FakeServer, reply_calls
from tests.e2e.chat import open_chat
from tests.e2e.lab import Lab

TOOLS = '''
@tool
def squares(count: int):
    """The first squares."""
    print("counting")
    display({"shown": count})
    return [n * n for n in range(count)]
'''


@pytest.mark.parametrize("kernel_version", ["ipython-8"], indirect=True)
def test_an_agent_is_displayed_and_answers(lab: Lab, model: FakeServer, kernel_version: str):
    """Asked in the widget and from a cell; the tool's print, display and result are in its card."""
    cell = "reply = await agent.ask('And from code?'); print(reply.text)"
    chat = open_chat(
        lab, model, "ipython-8", cell, tools="squares", setup=TOOLS, kernel=kernel_version
    )
    assert lab.kernel("__import__('IPython').version_info[0]") == 8
    shown = [output["data"].keys() for output in lab.outputs(0) if "data" in output]
    assert any("application/vnd.jupyter.widget-view+json" in kinds for kinds in shown)
    model.add(reply_calls(("squares", {"count": 4})), "It is **9**.")
    chat.ask("What is the last one?")
    card = chat.card("squares")
    card.wait("done")
    expect(card.part("output")).to_contain_text("counting")
    expect(card.part("output")).to_contain_text("'shown': 4")
    expect(card.part("result")).to_contain_text("[0, 1, 4, 9]")
    chat.wait("idle")
    expect(chat.words()).to_have_text("It is 9.")
    model.add("From code, too.")
    lab.run(1)
    assert lab.text(1).strip() == "From code, too."
    expect(chat.words()).to_have_text("From code, too.")
