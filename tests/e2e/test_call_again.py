"""Retry in a tool card: the call runs again on what the kernel has now, and the answer goes on."""

from typing import Any

from playwright.sync_api import Locator, expect

from nbagent.testing import FakeServer, reply_calls
from tests.e2e.chat import Card, Chat, open_chat
from tests.e2e.lab import Lab
from tests.e2e.test_branches import versions
from tests.e2e.test_conversation import in_both_themes

SETUP = '''
import pandas as pd
df = pd.DataFrame({"weight": [3504, 3693, 3436], "milage": [18.0, 15.0, 18.0]})

@tool
def mean(column: str) -> float:
    """The mean of a column."""
    print("looking at", column)
    return float(df[column].mean())

@tool(approve=True)
def drop(column: str) -> int:
    """Drops a column, and says how many are left."""
    df.drop(columns=column, inplace=True)
    return df.shape[1]
'''
MEND = 'df.rename(columns={"milage": "mpg"}, inplace=True)'


def retry(card: Card) -> Locator:
    """The button of a card."""
    card.open()
    return card.root.get_by_role("button", name="Retry", exact=True)


def test_the_data_are_mended_and_the_call_retried(lab: Lab, model: FakeServer):
    """The person mends the data in a cell; the call succeeds on the live object, the model reads
    the new result alone and goes on; what was there is the version before."""
    chat = open_chat(lab, model, "call-again", MEND, tools="mean, drop", setup=SETUP)
    both = reply_calls(
        ("mean", {"column": "weight"}), ("mean", {"column": "mpg"}), text="I look at both."
    )
    model.add(both, "There is no column mpg.", "It is about cars.", "It is **17.0** mpg.")
    chat.ask("What is the average mpg?")
    chat.wait("idle")
    chat.ask("What is it about?")
    chat.wait("idle")
    failed = chat.card("mean", 1)
    failed.wait("failed")
    old = failed.id
    expect(retry(failed)).to_have_attribute("aria-disabled", "false")
    in_both_themes(lab, "retry-failed")
    lab.run(1)
    retry(failed).focus()
    lab.page.keyboard.press("Enter")
    expect(versions(chat)).to_contain_text("2 / 2")
    chat.wait("idle")
    expect(chat.messages("user")).to_have_count(1)
    again = chat.card("mean", 1)
    again.wait("done")
    assert again.id != old
    expect(again.root.locator("button[aria-expanded]")).to_be_focused()
    expect(again.part("output")).to_contain_text("looking at mpg")
    expect(again.part("result")).to_contain_text("17.0")
    expect(chat.words()).to_have_text(["I look at both.", "It is 17.0 mpg."])
    expect(chat.card("mean").root).to_have_attribute("data-state", "done")
    in_both_themes(lab, "retried")
    # On a real socket: the answer up to the call as the model wrote it, and the new result alone.
    first, told = model.requests[1].body["messages"], model.requests[-1].body["messages"]
    assert told[:-1] == first[:-1]
    assert told[-1] == {**first[-1], "content": "17.0"}
    assert "mpg'" in first[-1]["content"]
    assert "about cars" not in str(told)
    assert lab.kernel("[[c.state, c.result] for c in agent.calls]") == [
        ["done", 3544.3333333333335],
        ["done", 17.0],
    ]
    chat.button("Previous version").click()
    expect(versions(chat)).to_contain_text("1 / 2")
    expect(chat.card("mean", 1).root).to_have_attribute("data-tool-call-id", old)
    expect(chat.card("mean", 1).root).to_have_attribute("data-state", "failed")
    expect(chat.words()).to_have_text("It is about cars.")
    chat.button("Next version").click()
    expect(versions(chat)).to_contain_text("2 / 2")
    expect(chat.words().last).to_have_text("It is 17.0 mpg.")


def test_approval_is_asked_again(lab: Lab, model: FakeServer):
    """A call that was denied is retried: the card waits for a yes, its arguments can be edited."""
    chat = open_chat(lab, model, "call-again-approval", tools="mean, drop", setup=SETUP)
    model.add(reply_calls(("drop", {"column": "weight"})), "As you like.", "One is left.")
    chat.ask("Drop the weight")
    chat.wait("waiting")
    chat.card("drop").root.get_by_role("button", name="Deny").click()
    chat.wait("idle")
    retry(chat.card("drop")).click()
    chat.wait("waiting")
    card = chat.card("drop")
    card.wait("awaiting-approval")
    in_both_themes(lab, "retried-approval")
    card.root.get_by_role("button", name="Approve", exact=True).click()
    chat.wait("idle")
    card.wait("done")
    expect(card.part("result")).to_contain_text("1")
    assert tools_told(model)[-1] == "1"
    assert lab.kernel("list(df.columns)") == ["milage"]


def test_a_call_that_succeeded_is_retried_from_its_menu(lab: Lab, model: FakeServer):
    """It has no button of its own; a tool that is gone is refused in words, and nothing is lost."""
    chat = open_chat(
        lab, model, "call-again-menu", "agent.tools.remove('mean')", tools="mean, drop", setup=SETUP
    )
    model.add(reply_calls(("mean", {"column": "weight"})), "It is 3544.", "Still 3544.")
    chat.ask("What is the mean weight?")
    chat.wait("idle")
    expect(retry(chat.card("mean"))).to_have_count(0)
    from_menu(lab, chat)
    expect(versions(chat)).to_contain_text("2 / 2")
    chat.wait("idle")
    expect(chat.words()).to_have_text("Still 3544.")
    lab.run(1)
    chat.button("More for mean").click()
    lab.page.get_by_role("menuitem", name="Retry").click()
    expect(chat.root).to_contain_text("the agent has no tool 'mean' any more")
    in_both_themes(lab, "retry-refused")
    expect(versions(chat)).to_contain_text("2 / 2")
    expect(chat.words()).to_have_text("Still 3544.")
    assert len(model.requests) == 3


def from_menu(lab: Lab, chat: Chat) -> None:
    """Retry, by keyboard."""
    chat.button("More for mean").focus()
    lab.page.keyboard.press("Enter")
    in_both_themes(lab, "retry-menu")
    lab.page.keyboard.press("End")
    expect(lab.page.get_by_role("menuitem", name="Retry")).to_be_focused()
    lab.page.keyboard.press("Enter")


def tools_told(model: FakeServer) -> list[Any]:
    """What the last request says of calls."""
    messages = model.requests[-1].body["messages"]
    return [message["content"] for message in messages if message["role"] == "tool"]
