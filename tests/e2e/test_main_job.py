"""The main job: a question in the widget, tools in the kernel, the answer on the page."""

from playwright.sync_api import expect

from nbagent.frames import End, TextDelta, ToolCallDelta
from nbagent.testing import FakeServer, Gate, Reply, reply_calls, reply_text
from tests.e2e.chat import Chat, open_chat
from tests.e2e.lab import Lab

TOOLS = '''
import time
import matplotlib.pyplot as plt
import pandas as pd

df = pd.DataFrame({"mpg": [18.0, 15.0, 36.0], "origin": ["USA", "USA", "Japan"]})
go = False

@tool
def summary(column: str) -> pd.DataFrame:
    """Summary statistics of one column."""
    return df[[column]].describe()

@tool
def histogram(column: str):
    """A histogram of one column."""
    figure, axes = plt.subplots()
    axes.hist(df[column])
    return figure

@tool
async def patient(seconds: float = 0.0) -> str:
    """Waits until the notebook says go."""
    import asyncio
    print("waiting")
    while not go:
        await asyncio.sleep(0.02)
    return "went"

@tool
def average(column: str) -> float:
    """The average of one column."""
    return float(df[column].mean())
'''
NAMES = "summary, histogram, patient, average"


def opened(lab: Lab, model: FakeServer, name: str, *cells: str) -> Chat:
    """A notebook with an agent that has all the tools."""
    return open_chat(lab, model, name, *cells, tools=NAMES, setup=TOOLS)


def test_text_and_arguments_stream_live_and_results_fill_their_cards(lab: Lab, model: FakeServer):
    """Every stage of a run is on the page while it lasts: words, arguments, running, results."""
    chat = opened(lab, model, "main-job")
    words, arguments = Gate(), Gate()
    model.add(
        Reply(
            frames=[
                *(TextDelta("Let me ", 0), TextDelta("look.", 0), words),
                *(ToolCallDelta("call_a", "summary", '{"column": "m', 1), arguments),
                ToolCallDelta("call_a", "summary", 'pg"}', 1),
                End("tool_calls"),
            ]
        ),
        reply_calls(("histogram", {"column": "mpg"})),
        reply_text("The **average** is 23.0.", pieces=5),
    )
    chat.ask("What is the average mpg?")
    expect(chat.messages("user")).to_contain_text("What is the average mpg?")
    expect(chat.words()).to_have_text("Let me look.")
    chat.wait("running")
    words.open()
    card = chat.card("summary")
    card.wait("streaming")
    expect(card.part("arguments")).to_contain_text("column")
    lab.screenshot("main-job-streaming")
    arguments.open()
    card.wait("done")
    assert card.id == "call_a"
    expect(card.part("result").locator("table")).to_contain_text("mean")
    figure = chat.card("histogram")
    figure.wait("done")
    image = figure.part("result").locator("img")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.complete && image.naturalWidth") > 100
    chat.wait("idle")
    expect(chat.words().last).to_have_text("The average is 23.0.")
    expect(chat.words().last.locator("strong")).to_have_text("average")
    lab.screenshot("main-job-light")
    lab.theme("dark")
    lab.screenshot("main-job-dark")
    lab.theme("light")  # the server remembers it for the tests that follow
    assert lab.kernel("agent.calls[0].result.loc['mean', 'mpg']") == 23.0


def test_a_running_tool_shows_as_running_with_what_it_prints(lab: Lab, model: FakeServer):
    """While an async tool awaits, its card says running and shows its output already."""
    chat = opened(lab, model, "running")
    model.add(reply_calls(("patient", {})), "Done.")
    chat.ask("Wait")
    card = chat.card("patient")
    card.wait("running")
    expect(card.part("output")).to_contain_text("waiting")
    lab.screenshot("running")
    lab.kernel("0", setup="go = True")
    card.wait("done")
    expect(card.part("result")).to_contain_text("went")
    chat.wait("idle")


def test_parallel_calls_have_a_card_each_and_the_model_gets_every_result(
    lab: Lab, model: FakeServer
):
    """Three calls of one reply, of two tools, give three cards and three tool messages."""
    chat = opened(lab, model, "parallel")
    calls = (
        ("average", {"column": "mpg"}),
        ("summary", {"column": "mpg"}),
        ("average", {"column": "mpg"}),
    )
    model.add(reply_calls(*calls, pieces=3), "All done.")
    chat.ask("Everything")
    chat.wait("idle")
    expect(chat.cards()).to_have_count(3)
    expect(chat.card("average", 1).part("result")).to_contain_text("23.0")
    expect(chat.words()).to_have_text("All done.")
    sent = model.requests[1].body["messages"]
    results = {m["tool_call_id"]: m["content"] for m in sent if m["role"] == "tool"}
    assert list(results) == ["call_1", "call_2", "call_3"]
    assert "23.0" in results["call_1"]
    assert "mean" in results["call_2"]


def test_reset_empties_the_page_and_the_memory(lab: Lab, model: FakeServer):
    """After agent.reset() no message is left, and the next request knows nothing of them."""
    chat = opened(lab, model, "reset", "agent.reset()")
    model.add("First.", "Second.")
    chat.ask("One")
    expect(chat.words()).to_have_text("First.")
    chat.wait("idle")
    lab.run(1)
    expect(chat.messages("user")).to_have_count(0)
    expect(chat.messages("assistant")).to_have_count(0)
    chat.ask("Two")
    expect(chat.words()).to_have_text("Second.")
    assert "One" not in str(model.requests[1].body["messages"])
