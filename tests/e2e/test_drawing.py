"""The strategy drawn in a notebook, with the running node lit; and the bar of a map."""

from urllib.parse import unquote

from playwright.sync_api import expect

from nbagent.frames import End, TextDelta
from nbagent.testing import FakeServer, Gate, Reply
from tests.e2e.lab import Lab, wait_for

LIT = "#ffe08a"
SETUP = """
from nbagent import Agent, Executor, OpenAIChatClient, plan_and_do
client = OpenAIChatClient(api_key="test", base_url="{url}")
executor = Executor({{"openai": client}})
agent = Agent("openai:scripted", executor=executor, strategy=plan_and_do())
agent.draw()
"""
DEFAULT = """
other = Agent("openai:scripted", executor=executor)
other.draw()
reply = await other.ask("And you?")
"""
MAPPED = "results = await other.map([f'Question {n}' for n in range(5)]); results"


def drawing(lab: Lab, index: int = 0) -> str:
    """The source of the picture that JupyterLab made of the drawing, once it is there."""
    image = lab.page.locator(".jp-RenderedMermaid img").nth(index)
    expect(image).to_be_visible()
    return unquote(str(image.get_attribute("src")))


def test_the_running_node_is_lit(lab: Lab, model: FakeServer) -> None:
    """In the cell where it was drawn, while another cell asks; and nothing is when it is over."""
    cells = [SETUP.format(url=model.url), "reply = await agent.ask('Go.')", DEFAULT, MAPPED]
    lab.open(cells, name="drawing")
    lab.run(0)
    assert "plan" in drawing(lab) and LIT not in drawing(lab)
    gate = Gate()
    model.add(Reply(frames=[TextDelta("1. Look.", 0), gate, End("stop")]), "Done.", "I am another.")
    lab.run(1, wait=False)
    gate.wait_reached(60)
    wait_for(lambda: LIT in drawing(lab), what="the lit node")
    lab.screenshot("drawing-lit")
    gate.open()
    lab.wait_done(1)
    wait_for(lambda: LIT not in drawing(lab), what="the node to go out")
    lab.run(2)
    assert not lab.errors_of(2)
    wait_for(lambda: LIT not in drawing(lab, 1), what="the default strategy's drawing")
    model.add(*[f"Answer {number}" for number in range(5)])
    lab.run(3)
    assert "<MapResults: 5 replies>" in lab.text(3)
    bar = lab.page.locator('progress[aria-label="agent.map"]')
    expect(bar).to_have_attribute("value", "5")
    lab.screenshot("drawing-and-map")
