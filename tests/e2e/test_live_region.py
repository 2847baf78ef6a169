"""What is spoken: the live region in a real page, at a listener's pace, by a clock that we move."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import scenes
from tests.e2e.stage import Stage

WATCH = """() => {
  window.heard = [];
  const region = document.querySelector(".nbagent-spoken");
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) window.heard.push(node.textContent);
  }).observe(region, { childList: true });
}"""
START = {"op": "message_start", "id": "m", "role": "assistant", "created": 1}
END = {"op": "message_end", "id": "m", "state": "done", "usage": None, "error": None}


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """A page whose clock stands still unless it is moved."""
    context = browser.new_context()
    stage = Stage(context)
    stage.page.clock.install()
    stage.page.clock.pause_at("2100-01-01")
    yield stage
    context.close()


def words(text: str) -> dict[str, object]:
    """A piece of the answer."""
    return {"op": "text", "message": "m", "part": "0", "text": text}


def test_a_stream_is_spoken_sentence_by_sentence(stage: Stage):
    """Whole sentences, each once and in order, in few utterances; the log itself is silent."""
    stage.show(**scenes.empty())
    log = stage.page.get_by_role("log", name="Conversation")
    expect(log).to_have_attribute("aria-live", "off")
    stage.page.evaluate(WATCH)
    stage.put(START)
    sentences = [f"Sentence **number** {number} is here. " for number in range(20)]
    for sentence in sentences:
        for piece in sentence.split(" "):
            stage.put(words(f"{piece} ".replace("  ", " ")))
        stage.page.clock.run_for(40)
    stage.put(END)
    stage.page.clock.run_for(2200)
    heard: list[str] = stage.page.evaluate("heard")
    said = " ".join(" ".join(heard).split())
    wanted = " ".join(sentences).replace("*", "").split()
    assert said == " ".join(wanted) + " Done"
    assert len(heard) <= 6


def test_what_needs_the_person_is_said_once(stage: Stage):
    """An approval is spoken when it comes, not again with every change around it."""
    stage.show(**scenes.streaming())
    stage.page.evaluate(WATCH)
    call = {"op": "call", "message": "a1", "part": "c9", "tool_call_id": "d", "name": "drop_rows"}
    waits = {"op": "call_state", "tool_call_id": "d", "state": "awaiting-approval"}
    stage.put(call, waits | {"started": None, "elapsed": None})
    for _ in range(5):
        stage.put({"op": "arguments", "tool_call_id": "d", "text": " "})
        stage.page.clock.run_for(100)
    stage.page.clock.run_for(1600)
    heard = "\n".join(stage.page.evaluate("heard"))
    assert heard.count("drop_rows needs your approval") == 1


def test_of_two_views_one_speaks(stage: Stage):
    """Nothing is said twice where a conversation is shown twice."""
    stage.show(**scenes.empty())
    stage.add_view()
    stage.put(START, words("Hello there. "))
    stage.put(END)
    stage.page.clock.run_for(2000)
    spoken = stage.page.locator(".nbagent-spoken").all_inner_texts()
    assert ["Hello there." in one for one in spoken] == [True, False]
