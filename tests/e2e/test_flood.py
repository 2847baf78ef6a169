"""Floods: a reply as fast as the socket takes it, second views, pages that come late."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from nbagent.frames import End, TextDelta
from nbagent.testing import FakeServer, Gate, Reply
from tests.e2e.chat import Chat, open_chat
from tests.e2e.lab import Lab
from tests.e2e.traffic import peak_rate

COUNT = 4000
DELTAS = [f"n{number:04} " if number % 12 else f"n{number:04}.\n\n" for number in range(COUNT)]
# Bytes of a message on the websocket besides the words in it.
ENVELOPE = 1000
NUMBERS = [f"n{number:04}" for number in range(COUNT)]


def flood(*gates: tuple[int, Gate]) -> Reply:
    """4,000 deltas, with gates in front of some of them."""
    frames: list = [TextDelta(text, 0) for text in DELTAS]
    for position, gate in reversed(gates):
        frames.insert(position, gate)
    return Reply(frames=[*frames, End("stop")])


def numbers(chat: Chat) -> list[str]:
    """The words of the whole reply in the order in which the page shows them."""
    # A reply may be over before its last words are drawn: they go in frame by frame.
    expect(chat.words()).to_contain_text(NUMBERS[-1])
    return chat.said().replace(".", " ").split()


def test_four_thousand_deltas_arrive_whole_and_few(lab: Lab, model: FakeServer, results: Path):
    """Every word is there, messages and bytes stay small, the next cell runs."""
    chat = open_chat(lab, model, "flood", "6 * 7")
    model.add(flood())
    lab.traffic.clear()
    chat.ask("Flood")
    chat.wait("idle")
    assert numbers(chat) == NUMBERS
    # On a slow machine the widget's own assets come only now: no part of a reply.
    messages = [m for m in lab.traffic.comm_messages() if "asset" not in m.data.get("content", {})]
    ops = [op for m in messages for op in m.data.get("content", {}).get("ops", ())]
    told = "".join(op["text"] for op in ops if op["op"] == "text")
    text = len("".join(DELTAS).encode())
    on_the_wire = sum(message.frame_size for message in messages)
    measured = {
        "messages": len(messages),
        "peak_per_second": peak_rate(messages),
        "websocket_per_text": round(on_the_wire / text, 3),
    }
    (results / "flood.json").write_text(json.dumps(measured))
    # Each character crosses once; what else crosses is a short envelope, at most so often.
    assert told == "Flood" + "".join(DELTAS)
    assert on_the_wire <= text * 1.1 + len(messages) * ENVELOPE
    assert measured["peak_per_second"] <= 40
    lab.run(1)
    assert lab.text(1) == "42"


def test_a_flood_while_a_cell_floods_too(lab: Lab, model: FakeServer):
    """A cell that prints as it streams loses nothing of the reply and comes to its end."""
    noisy = "import time\nfor i in range(400): print(i); time.sleep(0.005)"
    chat = open_chat(lab, model, "flood-busy", noisy, "6 * 7")
    model.add(flood())
    chat.ask("Flood")
    lab.run(1, wait=False)
    chat.wait("idle")
    lab.wait_done(1)
    assert numbers(chat) == NUMBERS
    lab.run(2)
    assert lab.text(2) == "42"


def test_a_second_view_opened_in_mid_stream_is_equal_at_the_end(lab: Lab, model: FakeServer):
    """A view that comes late has what it missed, and gets the rest."""
    chat = open_chat(lab, model, "second-view")
    middle, later = Gate(), Gate()
    model.add(flood((1500, middle), (3000, later)))
    chat.ask("Flood")
    middle.wait_reached(60)
    expect(chat.words()).to_contain_text("n1400")
    second = Chat(lab.new_view(0))
    first = Chat(lab.page.locator(".jp-Notebook"))
    expect(second.words()).to_contain_text("n1400")
    middle.open()
    later.wait_reached(60)
    lab.screenshot("second-view")
    later.open()
    for view in (first, second):
        view.wait("idle")
        assert numbers(view) == NUMBERS
    assert first.words().inner_html() == second.words().inner_html()
    model.add("Both.")
    second.ask("Both?")
    for view in (first, second):
        expect(view.words().last).to_have_text("Both.")


@pytest.mark.usefixtures("new_page")
def test_a_page_reloaded_in_mid_stream_shows_everything(lab: Lab, model: FakeServer):
    """After F5 the page has the whole reply, and goes on with it."""
    chat = open_chat(lab, model, "reload")
    middle = Gate()
    model.add(flood((2000, middle)), "Still here.")
    chat.ask("Flood")
    middle.wait_reached(60)
    expect(chat.words()).to_contain_text("n1900")
    lab.save()
    lab.reload()
    expect(chat.words()).to_contain_text("n1999")
    chat.wait("running")
    middle.open()
    chat.wait("idle")
    assert numbers(chat) == NUMBERS
    chat.ask("There?")
    expect(chat.words().last).to_have_text("Still here.")


def test_a_view_opened_after_the_end_shows_everything(lab: Lab, model: FakeServer):
    """Displaying the agent again, in another cell, shows the same conversation."""
    chat = open_chat(lab, model, "late-view", "agent")
    model.add(flood())
    chat.ask("Flood")
    chat.wait("idle")
    lab.run(1)
    cells = lab.page.locator(".jp-Cell")
    first, late = Chat(cells.nth(0)), Chat(cells.nth(1))
    expect(late.words()).to_contain_text("n3999")
    assert numbers(late) == NUMBERS
    assert late.words().inner_html() == first.words().inner_html()
