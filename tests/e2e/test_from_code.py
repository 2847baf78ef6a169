"""The agent from code, beside its widget; and cells that block the kernel."""

import pytest
from playwright.sync_api import expect

from nbagent.frames import End, TextDelta
from nbagent.testing import FakeServer, Gate, Reply, reply_calls
from tests.e2e.chat import open_chat
from tests.e2e.lab import Lab, wait_for

TOOLS = '''
import threading, time

@tool
def where() -> str:
    """The name of the thread that it runs on."""
    global ran
    ran = time.time()
    return threading.current_thread().name
'''
# Deaf until a file is there: the only way to tell it anything.
BLOCKING = """
import pathlib, time
print("blocked")
while not pathlib.Path("{go}").exists():
    time.sleep(0.05)
ended = time.time()
"""
KERNELS = pytest.mark.parametrize(
    "kernel_version", ["ipykernel", "ipykernel-6.31", "ipykernel-7.3"], indirect=True
)


@KERNELS
def test_await_ask_in_a_cell_shows_in_the_same_widget(
    lab: Lab, model: FakeServer, kernel_version: str
):
    """What code asks streams into the widget while its cell runs; the reply is the cell's."""
    cell = "reply = await agent.ask('From code?'); print(reply.text, agent.calls[-1].result)"
    chat = open_chat(
        lab,
        model,
        f"code-{kernel_version}",
        cell,
        tools="where",
        setup=TOOLS,
        kernel=kernel_version,
    )
    gate = Gate()
    model.add(
        reply_calls(("where", {})),
        Reply(frames=[TextDelta("It ", 0), gate, TextDelta("works.", 0), End("stop")]),
    )
    lab.run(1, wait=False)
    expect(chat.messages("user")).to_contain_text("From code?")
    chat.card("where").wait("done")
    expect(chat.words()).to_have_text("It")
    gate.open()
    lab.wait_done(1)
    assert lab.text(1).split() == ["It", "works.", "MainThread"]
    chat.wait("idle")
    expect(chat.words()).to_have_text("It works.")


@KERNELS
def test_while_a_cell_blocks_text_streams_and_calls_are_queued(
    lab: Lab, model: FakeServer, kernel_version: str
):
    """A question asked before shows its words while a cell blocks; its call runs after it."""
    go = lab.server.root / f"go-{kernel_version}"
    chat = open_chat(
        lab,
        model,
        f"blocks-{kernel_version}",
        BLOCKING.format(go=go),
        tools="where",
        setup=TOOLS,
        kernel=kernel_version,
    )
    gate = Gate()
    call = reply_calls(("where", {}), text="I shall look.")
    model.add(Reply(frames=[TextDelta("Hm. ", 0), gate, *call.frames]), "Looked.")
    chat.ask("Look")
    gate.wait_reached(60)
    lab.run(1, wait=False)
    wait_for(lambda: "blocked" in lab.text(1), what="the cell blocks")
    assert lab.prompt(1) == "[*]:"
    gate.open()
    chat.card("where").wait("queued")
    expect(chat.words().first).to_contain_text("I shall look.")
    assert lab.prompt(1) == "[*]:"
    lab.screenshot(f"queued-{kernel_version}")
    go.touch()
    chat.card("where").wait("done")
    expect(chat.card("where").part("result")).to_contain_text("MainThread")
    chat.wait("idle")
    expect(chat.words().last).to_have_text("Looked.")
    lab.wait_done(1)
    assert lab.kernel("ran >= ended")


def test_ask_blocking_streams_into_the_widget_while_its_cell_runs(lab: Lab, model: FakeServer):
    """Without await, too: the cell waits for the reply, the widget shows it growing."""
    cell = "print(agent.ask_blocking('Blocking?').text)"
    chat = open_chat(lab, model, "ask-blocking", cell, tools="where", setup=TOOLS)
    gate = Gate()
    model.add(
        reply_calls(("where", {})),
        Reply(frames=[TextDelta("Slow ", 0), gate, TextDelta("words.", 0), End("stop")]),
    )
    lab.run(1, wait=False)
    expect(chat.words()).to_have_text("Slow")
    assert lab.prompt(1) == "[*]:"
    gate.open()
    lab.wait_done(1)
    assert lab.text(1).strip() == "Slow words."
    assert lab.kernel("agent.calls[-1].result") == "MainThread"


def test_an_agent_used_before_it_is_displayed_shows_what_was_said(lab: Lab, model: FakeServer):
    """The widget of an agent that was asked in code first has the whole conversation."""
    lab.open(
        [
            "from nbagent import Agent, Executor, OpenAIChatClient\n"
            f"client = OpenAIChatClient(api_key='test', base_url='{model.url}')\n"
            "agent = Agent('openai:scripted', executor=Executor({'openai': client}))\n"
            "reply = await agent.ask('Before?')",
            "agent",
        ],
        name="before",
    )
    model.add("Said before.", "Said after.")
    lab.run(0)
    lab.run(1)
    expect(lab.page.locator('[data-nbagent="text"]').last).to_have_text("Said before.")
    lab.page.locator('textarea[aria-label="Message"]').fill("After?")
    lab.page.keyboard.press("Enter")
    expect(lab.page.locator('[data-nbagent="text"]').last).to_have_text("Said after.")
