"""The keyboard's place in the page: it goes on near by when what had it is gone, never nowhere."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import scenes
from tests.e2e.settling import settle
from tests.e2e.stage import Stage

# The head of a block of code, with its buttons, counts as one line with the code.
LINE = 40
PLACE = """() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const top = at.getBoundingClientRect().top + document.querySelector(".nbagent-log").scrollTop;
  return [top, at.getAttribute("aria-label") ?? at.textContent];
}"""
ELSEWHERE = """document.body.append(
  Object.assign(document.createElement("input"), { id: "elsewhere" }))"""
WHERE = """() => {
  const at = document.activeElement;
  return at === document.body ? "" : at.getAttribute("aria-label") ?? at.textContent.trim();
}"""


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """A page of a usual size."""
    context = browser.new_context(viewport={"width": 800, "height": 900})
    stage = Stage(context)
    yield stage
    assert stage.errors == []
    context.close()


def press(page: Page, name: str, key: str = "Enter") -> None:
    """Presses a button by keyboard."""
    page.get_by_role("button", name=name, exact=True).first.focus()
    page.keyboard.press(key)


def where(stage: Stage) -> str:
    """The name of what has the focus now; empty where nothing has."""
    settle(stage.page)
    return str(stage.page.evaluate(WHERE))


def end(id: str = "a1") -> dict[str, object]:
    """The end of a message."""
    return {"op": "message_end", "id": id, "state": "cancelled", "usage": None, "error": None}


IDLE = {"op": "status", "status": "idle", "model": scenes.MODEL}


def test_stop_is_gone_and_the_composer_has_the_focus(stage: Stage):
    """After Stop, by button and by Escape, the next question can be typed."""
    stage.show(**scenes.streaming())
    press(stage.page, "Stop")
    assert stage.sent[-1]["type"] == "stop"
    stage.put(end(), IDLE)
    assert where(stage) == "Message"


@pytest.mark.parametrize("name", ["Approve", "Always approve", "Deny"])
def test_an_answered_approval_leaves_the_focus_at_its_card(stage: Stage, name: str):
    """At the card's header: the same key again folds it, and approves nothing else."""
    stage.show(**scenes.approval())
    press(stage.page, name)
    state = {"op": "call_state", "tool_call_id": "d", "state": "running"}
    stage.put(state | {"started": 1, "elapsed": None})
    assert where(stage).startswith("drop_rows")
    stage.page.keyboard.press("Enter")
    assert [one["type"] for one in stage.sent].count("approve") <= 1


def test_escape_still_stops_after_an_approval(stage: Stage):
    """The focus is still inside, so the key arrives."""
    stage.show(**scenes.approval())
    press(stage.page, "Approve")
    where(stage)
    stage.page.keyboard.press("Escape")
    assert stage.sent[-1]["type"] == "stop"


def test_the_arguments_editor_opens_and_closes_under_the_keyboard(stage: Stage):
    """Edit and Undo changes leave the focus in the card."""
    stage.show(**scenes.approval())
    card = stage.page.locator('[data-nbagent="tool-card"]')
    for name in ("Edit", "Undo changes"):
        press(stage.page, name)
        where(stage)
        expect(card.locator(":focus")).to_have_count(1)


def test_retry_and_what_is_cut(stage: Stage):
    """When the answer is taken back its Retry goes with it, and the composer has the focus."""
    stage.show(**scenes.failed())
    press(stage.page, "Retry")
    stage.put({"op": "cut", "id": "a1"})
    assert where(stage) == "Message"


def test_a_chip_that_is_taken_away(stage: Stage):
    """The focus goes to the next chip, and after the last to the composer."""
    stage.show(**scenes.crowded())
    press(stage.page, "Hide cars")
    chip = {"name": "fit", "summary": "OLS"}
    stage.put({"op": "shown", "chips": [chip]})
    assert where(stage) == "Hide fit"
    stage.page.keyboard.press("Enter")
    stage.put({"op": "shown", "chips": []})
    assert where(stage) == "Message"


def test_a_question_taken_out_of_the_queue(stage: Stage):
    """The composer has the focus, for another one."""
    stage.show(**scenes.streaming())
    for words in ("one", "two"):
        stage.chat.composer.fill(words)
        stage.page.keyboard.press("Enter")
    press(stage.page, "Take back: one")
    assert where(stage) == "Message"
    press(stage.page, "Take back: two")
    assert where(stage) == "Message"


def test_folding_a_card_keeps_the_focus(stage: Stage):
    """A header that was pressed is there to be pressed again, also while the answer grows."""
    stage.show(**scenes.streaming())
    header = stage.page.locator(".nbagent-card-header").first
    header.focus()
    for state in ("false", "true"):
        stage.page.keyboard.press("Enter")
        stage.put({"op": "text", "message": "a1", "part": "t0", "text": "gin."})
        expect(header).to_have_attribute("aria-expanded", state)
        expect(header).to_be_focused()


def test_jump_to_latest(stage: Stage):
    """The button goes when it was pressed; the composer has the focus then."""
    stage.show(**scenes.long_table())
    stage.page.locator(".nbagent-log").focus()
    stage.page.keyboard.press("Home")
    press(stage.page, "Jump to latest")
    assert where(stage) == "Message"


def test_a_focus_elsewhere_is_left_alone(stage: Stage):
    """Someone who went on to another place of the page is not called back."""
    stage.page.evaluate(ELSEWHERE)
    stage.show(**scenes.streaming())
    stage.chat.button("Stop").focus()
    stage.page.locator("#elsewhere").focus()
    stage.put(end(), IDLE)
    assert stage.page.evaluate("document.activeElement.id") == "elsewhere"
    stage.page.mouse.click(790, 890)
    stage.put({"op": "cut", "id": "a1"})
    assert where(stage) == ""


def test_tab_goes_through_everything_in_the_order_of_the_page(stage: Stage):
    """From the log to the Send button: what is seen first is reached first."""
    stage.show(**scenes.finished())
    stage.page.keyboard.press("Tab")
    tops: list[float] = []
    names: list[str] = []
    while found := stage.page.evaluate(PLACE):
        tops.append(found[0])
        names.append(found[1])
        assert len(names) < 60, "the keyboard is trapped"
        stage.page.keyboard.press("Tab")
    assert names[0] == "Conversation"
    for name in ("Edit question", "Reasoning", "Copy", "Ask again", "Message"):
        assert name in names
    inside = tops[1 : names.index("Message")]
    steps = [after - before for before, after in pairwise(inside)]
    assert min(steps) > -LINE
