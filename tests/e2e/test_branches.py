"""The versions of a question in the page: nothing is lost by editing or asking again."""

from typing import Any

from playwright.sync_api import Browser, Locator, expect

from nbagent.testing import FakeServer, reply_calls
from tests.e2e.chat import Chat, open_chat
from tests.e2e.lab import Lab
from tests.e2e.settling import settle
from tests.e2e.stage import Stage
from tests.e2e.test_conversation import in_both_themes

TOOL = '''
@tool
def mean(column: str) -> float:
    """The mean of a column."""
    print("looking at", column)
    return 23.5
'''


def versions(chat: Chat, number: int = 0) -> Locator:
    """The line with the versions of a question."""
    return chat.messages("user").nth(number).locator('[data-nbagent="branches"]')


def edited(chat: Chat, number: int, text: str) -> None:
    """A question asked in other words."""
    chat.messages("user").nth(number).get_by_role("button", name="Edit question").click()
    chat.root.get_by_role("textbox", name="Question").fill(text)
    chat.root.get_by_role("textbox", name="Question").press("Enter")
    expect(chat.messages("user").nth(number)).to_contain_text(text)
    chat.wait("idle")


def test_versions_are_switched_by_keyboard(lab: Lab, model: FakeServer):
    """The page, the history and the calls are those of the version; the model is given it."""
    chat = open_chat(lab, model, "branches", tools="mean", setup="import nbagent" + TOOL)
    model.add(reply_calls(("mean", {"column": "mpg"})), "It is **23.5**.", "About cars.")
    chat.ask("What is the average mpg?")
    chat.wait("idle")
    chat.ask("What is it about?")
    chat.wait("idle")
    expect(versions(chat)).to_have_count(0)
    model.add("There are 398 rows.", "Three hundred and ninety-eight.", "Yes.")
    edited(chat, 0, "How many rows?")
    expect(versions(chat)).to_contain_text("2 / 2")
    chat.button("Ask again").click()
    expect(versions(chat)).to_contain_text("3 / 3")
    chat.wait("idle")
    in_both_themes(lab, "branches")
    lab.traffic.clear()
    chat.button("Previous version").focus()
    lab.page.keyboard.press("Enter")
    expect(versions(chat)).to_contain_text("2 / 3")
    expect(chat.words()).to_have_text("There are 398 rows.")
    expect(chat.button("Previous version")).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(versions(chat)).to_contain_text("1 / 3")
    expect(chat.messages("user")).to_have_count(2)
    expect(chat.words()).to_have_text("About cars.")
    # At the end of the line the focus goes to the way back.
    expect(chat.button("Next version")).to_be_focused()
    expect(chat.root.get_by_role("group", name="Version 1 of 3")).to_have_count(1)
    expect(chat.card("mean").root).to_have_attribute("data-state", "done")
    chat.card("mean").open()
    expect(chat.card("mean").part("output")).to_contain_text("looking at mpg")
    in_both_themes(lab, "branches-first")
    # What crosses is the version that was switched to, and nothing of the others.
    sent = "".join(str(message.content) for message in lab.traffic.custom_messages())
    assert "Three hundred" not in sent
    assert lab.kernel("[m.text for m in agent.history if m.role == 'user']") == [
        "What is the average mpg?",
        "What is it about?",
    ]
    assert lab.kernel("[c.result for c in agent.calls]") == [23.5]
    chat.ask("Sure?")
    chat.wait("idle")
    told = model.requests[-1].body["messages"]
    assert next(m["content"] for m in told if m["role"] == "user") == "What is the average mpg?"
    lab.kernel("agent.switch(agent.branches[0].versions[2])")
    expect(versions(chat)).to_contain_text("3 / 3")
    expect(chat.words()).to_have_text("Three hundred and ninety-eight.")


def test_not_while_a_run_goes(browser: Browser):
    """The buttons say that they do nothing then, and do nothing; at either end one does not."""
    context = browser.new_context()
    stage = Stage(context)
    said = {"kind": "text", "part": "1", "text": "A", "done": True}
    common = {"error": None, "created": 1, "usage": None, "state": "done", "parts": [said]}
    asked = common | {"id": "q", "role": "user", "versions": {"index": 0, "count": 2}}
    stage.show(messages=[asked, common | {"id": "a", "role": "assistant"}])
    chat = stage.chat
    expect(chat.button("Previous version")).to_have_attribute("aria-disabled", "true")
    expect(chat.button("Next version")).to_have_attribute("aria-disabled", "false")
    chat.button("Next version").click()
    command = {"type": "branch", "message": "q", "version": 1}
    assert command in stage.sent
    stage.put({"op": "status", "status": "running", "model": "m"})
    expect(chat.button("Next version")).to_have_attribute("aria-disabled", "true")
    chat.button("Next version").click(force=True)
    assert list(stage.sent).count(command) == 1
    context.close()


def test_the_question_stays_in_sight(browser: Browser):
    """A version that is longer than the log is shown from its question on, not from its end."""
    context = browser.new_context(viewport={"width": 900, "height": 700})
    stage = Stage(context)
    turns = [turn(f"q{number}", f"Question {number}?", "Words.\n\n" * 9) for number in range(4)]
    stage.show(messages=[message for pair in turns for message in pair])
    stage.put(*told("v", "First?", 1), *answered("v", "Short."))
    chat = stage.chat
    line = chat.root.locator('[data-nbagent="branches"]')
    expect(line).to_contain_text("2 / 2")
    chat.button("Previous version").click()
    stage.put({"op": "cut", "id": "v"}, *told("w", "First?", 0), *answered("w", "Long.\n\n" * 80))
    expect(line).to_contain_text("1 / 2")
    settle(stage.page)
    expect(line).to_be_in_viewport()
    expect(chat.button("Next version")).to_be_focused()
    chat.button("Jump to latest").click()
    expect(line).not_to_be_in_viewport()
    context.close()


def turn(name: str, question: str, answer: str) -> list[dict[str, Any]]:
    """A question and its answer, as a transcript has them."""
    common = {"error": None, "created": 1, "usage": None, "state": "done"}
    texts = (
        {"kind": "text", "part": "1", "text": text, "done": True} for text in (question, answer)
    )
    asked, said = ([text] for text in texts)
    return [
        common | {"id": name, "role": "user", "parts": asked},
        common | {"id": f"{name}a", "role": "assistant", "parts": said},
    ]


def told(name: str, question: str, index: int) -> list[dict[str, Any]]:
    """The ops of one of two versions of a question."""
    return [
        {"op": "message_start", "id": name, "role": "user", "created": 1},
        {"op": "text", "message": name, "part": "1", "text": question},
        {"op": "versions", "id": name, "index": index, "count": 2},
    ]


def answered(name: str, answer: str) -> list[dict[str, Any]]:
    """The ops of its answer."""
    identity = f"{name}a"
    return [
        {"op": "message_start", "id": identity, "role": "assistant", "created": 1},
        {"op": "text", "message": identity, "part": "1", "text": answer},
        {"op": "message_end", "id": identity, "state": "done", "usage": None, "error": None},
    ]
