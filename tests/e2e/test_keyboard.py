"""The keyboard: the composer is the person's while they type in it, the notebook is not moved."""

from playwright.sync_api import expect

from nbagent.frames import End, TextDelta
from nbagent.testing import FakeServer, Gate, Reply
from tests.e2e.chat import open_chat
from tests.e2e.lab import Lab


def test_enter_sends_and_shift_enter_breaks_the_line(lab: Lab, model: FakeServer):
    """Two lines are one question; Enter sends it and empties the composer."""
    chat = open_chat(lab, model, "enter", "1")
    model.add("Read.")
    chat.composer.click()
    lab.page.keyboard.type("first")
    lab.page.keyboard.press("Shift+Enter")
    lab.page.keyboard.type("second")
    expect(chat.composer).to_have_value("first\nsecond")
    assert not model.requests
    lab.page.keyboard.press("Enter")
    expect(chat.words()).to_have_text("Read.")
    expect(chat.composer).to_have_value("")
    assert model.requests[0].body["messages"][-1]["content"] == "first\nsecond"
    assert lab.prompt(1) in ("[ ]:", "")


def test_the_notebooks_shortcuts_do_not_fire_in_the_composer(lab: Lab, model: FakeServer):
    """Letters that mean something to JupyterLab are letters here: no cell comes, goes or runs."""
    chat = open_chat(lab, model, "shortcuts", "1", "2")
    before = lab.sources()
    chat.composer.click()
    text = "dd a b x c v m y 1 2 z l ii 00"
    lab.page.keyboard.type(text)
    for key in ("Control+a", "ArrowDown", "ArrowUp", "Home", "End"):
        lab.page.keyboard.press(key)
    expect(chat.composer).to_have_value(text)
    expect(chat.composer).to_be_focused()
    assert lab.sources() == before
    assert [lab.prompt(index) for index in (1, 2)] == ["[ ]:", "[ ]:"]


def test_an_empty_question_is_not_sent(lab: Lab, model: FakeServer):
    """Enter on nothing, or on blanks, does nothing."""
    chat = open_chat(lab, model, "empty")
    chat.composer.click()
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.type("   ")
    lab.page.keyboard.press("Enter")
    lab.page.wait_for_timeout(300)
    assert not model.requests
    expect(chat.messages("user")).to_have_count(0)


def test_a_question_can_be_written_while_the_model_speaks(lab: Lab, model: FakeServer):
    """The composer keeps its text and its focus while a reply streams."""
    chat = open_chat(lab, model, "typing")
    gate = Gate()
    model.add(Reply(frames=[TextDelta("a ", 0), gate, TextDelta("b", 0), End("stop")]), "Next.")
    chat.ask("One")
    gate.wait_reached(60)
    chat.composer.click()
    lab.page.keyboard.type("Two")
    gate.open()
    chat.wait("idle")
    expect(chat.composer).to_have_value("Two")
    expect(chat.composer).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(chat.words().last).to_have_text("Next.")


def test_the_widget_is_usable_by_keyboard_and_name(lab: Lab, model: FakeServer):
    """Send and Stop are buttons with names; the composer and the cards can be reached by Tab."""
    chat = open_chat(lab, model, "names")
    chat.composer.fill("Hello")
    expect(chat.button("Send")).to_be_enabled()
    gate = Gate()
    model.add(Reply(frames=[gate, TextDelta("Hi.", 0), End("stop")]))
    chat.button("Send").click()
    expect(chat.button("Stop")).to_be_visible()
    gate.open()
    chat.wait("idle")
    expect(chat.words()).to_have_text("Hi.")
    expect(chat.button("Stop")).to_have_count(0)
    expect(chat.button("Copy").first).to_be_attached()
