"""Calls while they run: a yes, a stop and an interrupt in three kernels; two tools at once."""

import pytest
from playwright.sync_api import expect

from nbagent.testing import FakeServer, reply_calls
from tests.e2e.chat import Chat, open_chat
from tests.e2e.lab import PANEL, Lab

KERNELS = pytest.mark.parametrize(
    "kernel_version", ["ipykernel", "ipykernel-6.31", "ipykernel-7.3"], indirect=True
)
INTERRUPT = f"async () => {{ {PANEL} await panel.sessionContext.session.kernel.interrupt(); }}"
TOOLS = '''
import asyncio, time
import matplotlib.pyplot as plt

@tool(approve=True)
def drop(table: str, limit: int = 1) -> str:
    """Drops a table."""
    return f"dropped {table}"

@tool
async def patient() -> str:
    """Waits for ever."""
    await asyncio.sleep(3600)

@tool
def stubborn() -> str:
    """Works for a minute on the main thread."""
    print("working")
    deadline = time.time() + 60
    while time.time() < deadline:
        time.sleep(0.05)
    return "worked"

@tool(thread=True)
def draw(name: str) -> None:
    """Prints, plots and sleeps."""
    for step in range(3):
        print(f"{name} prints {step}")
        time.sleep(0.1)
    plt.plot([1, 2, 3])
    time.sleep(0.1)
    plt.title(f"title of {name}")
'''
NAMES = "drop, patient, stubborn, draw"
CELL = "reply = await agent.ask('Go'); print(reply.text, [c.state for c in agent.calls])"


def opened(lab: Lab, model: FakeServer, kernel: str, name: str, *cells: str) -> Chat:
    """A notebook with an agent that has all the tools."""
    return open_chat(
        lab, model, f"{name}-{kernel}", *cells, tools=NAMES, setup=TOOLS, kernel=kernel
    )


@KERNELS
def test_a_yes_and_a_stop_while_the_cell_that_asked_awaits(
    lab: Lab, model: FakeServer, kernel_version: str
):
    """The page answers and stops a run that a cell waits for, whatever the kernel."""
    chat = opened(lab, model, kernel_version, "yes", CELL, CELL)
    model.add(reply_calls(("drop", {"table": "cars"})), "Dropped it.", reply_calls(("patient", {})))
    lab.run(1, wait=False)
    chat.card("drop").wait("awaiting-approval")
    chat.wait("waiting")
    assert lab.prompt(1) == "[*]:"
    chat.button("Approve").click()
    chat.card("drop").wait("done")
    lab.wait_done(1)
    assert lab.text(1).strip() == "Dropped it. ['done']"
    lab.run(2, wait=False)
    chat.card("patient").wait("running")
    chat.button("Stop").click()
    chat.card("patient").wait("cancelled")
    chat.wait("idle")
    lab.wait_done(2)
    assert "CancelledError" in lab.text(2)
    assert lab.kernel("[c.state for c in agent.calls]") == ["done", "cancelled"]


@KERNELS
def test_an_interrupt_ends_the_tool_and_the_run_goes_on(
    lab: Lab, model: FakeServer, kernel_version: str
):
    """The interrupt button, with no cell running and with one that awaits: the card is cancelled,
    the model is told, and it answers."""
    chat = opened(lab, model, kernel_version, "interrupt", CELL)
    model.add(reply_calls(("stubborn", {})), "You stopped it.")
    chat.ask("Work")
    card = chat.card("stubborn")
    expect(card.part("output")).to_contain_text("working")
    lab.page.evaluate(INTERRUPT)
    card.wait("cancelled")
    chat.wait("idle")
    expect(chat.words()).to_have_text("You stopped it.")
    assert "interrupted by the user" in str(model.requests[1].body["messages"])
    model.add(reply_calls(("stubborn", {})), "Again.")
    lab.run(1, wait=False)
    card = chat.card("stubborn", 1)
    expect(card.part("output")).to_contain_text("working")
    lab.page.evaluate(INTERRUPT)
    card.wait("cancelled")
    lab.wait_done(1)
    assert lab.text(1).strip() == "Again. ['cancelled', 'cancelled']"
    lab.screenshot(f"interrupted-{kernel_version}")


def test_two_tools_at_once_show_each_their_own(lab: Lab, model: FakeServer):
    """Two calls that print, plot and sleep at the same time: nothing of one in the other's card,
    nothing in a cell."""
    chat = opened(lab, model, "ipykernel", "two", "print('quiet')")
    model.add(reply_calls(("draw", {"name": "Ann"}), ("draw", {"name": "Bob"})), "Drawn.")
    chat.ask("Draw")
    chat.wait("idle")
    for number, (own, other) in enumerate((("Ann", "Bob"), ("Bob", "Ann"))):
        output = chat.card("draw", number).part("output")
        expect(output).to_contain_text(f"{own} prints 2")
        expect(output.locator("img")).to_have_count(1)
        assert other not in chat.card("draw", number).part("output").inner_text()
    told = [str(m["content"]) for m in model.requests[1].body["messages"] if m["role"] == "tool"]
    assert ["title of Ann" in told[0], "title of Bob" in told[0]] == [True, False]
    assert ["title of Ann" in told[1], "title of Bob" in told[1]] == [False, True]
    lab.run(1)
    assert lab.text(1).strip() == "quiet"
    assert len(lab.outputs(0)) == 2  # the widget, and what the cell keeps of it
    lab.screenshot("two-tools-at-once")


def test_edits_that_do_not_fit_come_back_to_the_person(lab: Lab, model: FakeServer):
    """Arguments that the tool does not take: the card waits on, the page says why."""
    chat = opened(lab, model, "ipykernel", "edits")
    model.add(reply_calls(("drop", {"table": "cars", "limit": "2"})), "Done.")
    chat.ask("Drop")
    card = chat.card("drop")
    card.wait("awaiting-approval")
    lab.kernel(
        "0",
        setup="from nbagent.widget.commands import Approve\n"
        f"agent._obey(Approve({card.id!r}, '{{\"table\": 5}}', False))",
    )
    expect(chat.root).to_contain_text("table: expected")
    card.wait("awaiting-approval")
    lab.kernel("0", setup=f'agent.approve({card.id!r}, arguments=\'{{"table": "b"}}\')')
    card.wait("done")
    expect(card.part("result")).to_contain_text("dropped b")
