"""Stop, and connections that break: the partial reply stays, the next question works."""

import pytest
from playwright.sync_api import expect

from nbagent.frames import End, TextDelta, ToolCallDelta
from nbagent.testing import FakeServer, Gate, Reply, reply_error
from tests.e2e.chat import open_chat
from tests.e2e.lab import Lab, wait_for

WAITING = '''
import asyncio

@tool
async def patient() -> str:
    """Waits for ever."""
    try:
        await asyncio.sleep(3600)
    finally:
        was_cancelled = globals()["was_cancelled"] = True

@tool
def quick() -> str:
    """Answers at once."""
    return "quickly"
'''


def test_stop_closes_the_connection_at_once(lab: Lab, model: FakeServer):
    """The server sees the connection close, the text stops growing, the next question works."""
    chat = open_chat(lab, model, "stop")
    deltas = [TextDelta(f"word{number} ", 0) for number in range(3000)]
    never = Gate()
    model.add(Reply(frames=[*deltas, never, End("stop")], delay=0.02), "The next answer.")
    chat.ask("Talk")
    expect(chat.words()).to_contain_text("word5 ")
    chat.button("Stop").click()
    model.requests[0].wait_disconnected(60)
    chat.wait("idle")
    stopped = chat.said()
    assert stopped.startswith("word0 word1 word2")
    assert "word2999" not in stopped  # it was the page that ended it
    lab.screenshot("stopped")
    lab.page.wait_for_timeout(300)
    assert chat.said() == stopped
    chat.ask("And now?")
    expect(chat.words()).to_have_text("The next answer.")
    chat.wait("idle")
    history = [m["content"] for m in model.requests[1].body["messages"]]
    assert str(history[1]).startswith("word0 word1 word2")
    assert history[2] == "And now?"


def test_stop_before_the_first_word(lab: Lab, model: FakeServer):
    """A reply that has not begun is stopped as well, and leaves a usable conversation."""
    chat = open_chat(lab, model, "stop-early")
    gate = Gate()
    model.add(Reply(frames=[gate, TextDelta("never", 0), End("stop")]), "Fine.")
    chat.ask("Hello?")
    gate.wait_reached(60)
    chat.button("Stop").click()
    model.requests[0].wait_disconnected(60)
    chat.wait("idle")
    chat.ask("Again?")
    expect(chat.words().last).to_have_text("Fine.")
    assert "never" not in chat.root.inner_text()


def test_stop_while_a_tool_runs_cancels_it_and_answers_every_call(lab: Lab, model: FakeServer):
    """The running call is cancelled; each call has a result in the next request."""
    chat = open_chat(lab, model, "stop-tool", tools="patient, quick", setup=WAITING)
    frames = [ToolCallDelta("c1", "quick", "{}", 0), ToolCallDelta("c2", "patient", "{}", 1)]
    model.add(Reply(frames=[*frames, End("tool_calls")]), "Fine.")
    chat.ask("Wait")
    chat.card("patient").wait("running")
    chat.card("quick").wait("done")
    chat.button("Stop").click()
    chat.card("patient").wait("cancelled")
    chat.wait("idle")
    assert wait_for(lambda: lab.kernel("globals().get('was_cancelled', False)"), what="cancelled")
    chat.ask("Again")
    expect(chat.words().last).to_have_text("Fine.")
    sent = model.requests[1].body["messages"]
    assert [m["tool_call_id"] for m in sent if m["role"] == "tool"] == ["c1", "c2"]


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_broken_connection_is_a_clear_error(lab: Lab, model: FakeServer, reset: bool):
    """The words that came are kept, the error says what happened, the next question works."""
    chat = open_chat(lab, model, f"broken-{reset}")
    frames = [TextDelta(f"part{number} ", 0) for number in range(20)]
    model.add(Reply(frames=[*frames, End("stop")], break_at=2500, reset=reset), "Recovered.")
    chat.ask("Talk")
    chat.wait("idle")
    expect(chat.words()).to_contain_text("part0 part1")
    assert "part19" not in chat.said()
    expect(chat.answer()).to_contain_text("connection")
    lab.screenshot(f"broken-{reset}")
    chat.ask("Again")
    expect(chat.words().last).to_have_text("Recovered.")


def test_a_stream_without_its_end_never_looks_finished(lab: Lab, model: FakeServer):
    """A reply that just stops, with the connection in order, is an error too."""
    chat = open_chat(lab, model, "truncated")
    model.add(Reply(frames=[TextDelta("half", 0)]), "Whole.")
    chat.ask("Talk")
    chat.wait("idle")
    expect(chat.words()).to_have_text("half")
    expect(chat.answer()).to_contain_text("Truncated")
    expect(chat.button("Retry")).to_be_visible()
    chat.button("Retry").click()
    expect(chat.words().last).to_have_text("Whole.")


def test_a_refused_key_is_a_clear_error_without_the_key(lab: Lab, model: FakeServer):
    """401: what happened and what to do is on the page; the key is nowhere."""
    chat = open_chat(lab, model, "refused")
    model.add(reply_error(401, "Incorrect API key provided"))
    chat.ask("Hello")
    chat.wait("idle")
    expect(chat.answer()).to_contain_text("AuthenticationError")
    expect(chat.answer()).to_contain_text("API key")
    assert model.requests[0].headers["authorization"] == "Bearer test"
    assert "test" not in chat.answer().inner_text()
    lab.screenshot("refused")
