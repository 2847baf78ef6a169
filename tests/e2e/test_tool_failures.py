"""Calls that go wrong: a card that says so, a model that is told, a run that goes on."""

from typing import Any

import pytest
from playwright.sync_api import expect

from nbagent.testing import FakeServer, reply_calls
from tests.e2e.chat import open_chat
from tests.e2e.lab import Lab

TOOLS = '''
@tool
def broken(column: str) -> str:
    """Raises."""
    rows = {"mpg": 1}
    return rows[column + " is not here"]

@tool
def summary(column: str) -> str:
    """Summary of one column."""
    return f"fine: {column}"
'''

# What the model calls, and what the card and the model then must read.
CASES = {
    "raises": (("broken", {"column": "mpg"}), ["KeyError", "mpg is not here"]),
    "wrong type": (("summary", {"column": 3}), ["column", "string"]),
    "missing": (("summary", {}), ["column"]),
    "unknown tool": (("sumary", {"column": "mpg"}), ["sumary", "summary"]),
    "broken JSON": (("summary", '{"column": "mpg'), ["JSON"]),
    "not an object": (("summary", '["mpg"]'), ["object"]),
}


@pytest.mark.parametrize("case", CASES)
def test_the_card_fails_the_model_is_told_and_the_run_goes_on(
    lab: Lab, model: FakeServer, case: str
):
    """Whatever is wrong with a call, the card and the model's next request say it."""
    call, expected = CASES[case]
    name = f"fails-{case.replace(' ', '-')}"
    chat = open_chat(lab, model, name, tools="broken, summary", setup=TOOLS)
    model.add(reply_calls(call), reply_calls(("summary", {"column": "mpg"})), "Mended.")
    chat.ask("Go")
    chat.wait("idle")
    card = chat.card(call[0])
    card.wait("failed")
    card.open()
    for words in expected:
        expect(card.root).to_contain_text(words)
    lab.screenshot(name)
    expect(chat.words()).to_have_text("Mended.")
    told = tool_texts(model.requests[1].body)
    assert all(words in told[0] for words in expected), told
    assert tool_texts(model.requests[2].body)[1] == "fine: mpg"


def test_a_traceback_shows_the_persons_own_frames(lab: Lab, model: FakeServer):
    """The card has the line of the person's function, and nothing of nbagent's own code."""
    chat = open_chat(lab, model, "traceback", tools="broken, summary", setup=TOOLS)
    model.add(reply_calls(("broken", {"column": "mpg"})), "Oh.")
    chat.ask("Go")
    chat.wait("idle")
    card = chat.card("broken")
    card.open()
    expect(card.root).to_contain_text('rows[column + " is not here"]')
    text = card.root.inner_text()
    assert "nbagent/" not in text
    assert "pydantic" not in text


def tool_texts(body: dict[str, Any]) -> list[str]:
    """What the model was told about its calls."""
    return [str(m["content"]) for m in body["messages"] if m["role"] == "tool"]
