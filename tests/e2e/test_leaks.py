"""Nothing stays behind in the page: of a view that is closed, and of a widget that is gone.

Counted by the browser itself after its garbage was collected: nodes that hang nowhere count too.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession

from tests.e2e.settling import settle
from tests.e2e.stage import Stage

COUNTED = ("Nodes", "JSEventListeners")
# One round before the counting: what is made once a page stays, rightly.
ROUNDS = 100
MANY = """async ([transcript, rounds]) => {
  for (let round = 0; round < rounds; round += 1) {
    show(transcript);
    await new Promise(requestAnimationFrame);
    window.end();
  }
}"""
VIEWS = """async (rounds) => {
  for (let round = 0; round < rounds; round += 1) {
    view();
    await new Promise(requestAnimationFrame);
    unview();
  }
}"""


def transcript() -> dict[str, Any]:
    """Something of all that a page shows, also while it goes on."""
    common: dict[str, Any] = {"error": None, "created": 1, "usage": None}
    words = "# A\n\nSome **words** and `code`, $x^2$.\n\n```python\nprint(1)\n```\n\n"
    words += "| a | b |\n|-|-|\n| 1 | 2 |"
    call: dict[str, Any] = {
        "tool_call_id": "c",
        "name": "risky",
        "arguments": '{"a": [1, 2]}',
        "state": "awaiting-approval",
        "outputs": [{"kind": "stream", "name": "stdout", "text": "\x1b[31mred\x1b[0m"}],
        "bundle": {"data": {"text/html": "<b>x</b>", "text/plain": "x"}, "metadata": {}},
        "text": "x",
        "progress": {"fraction": 0.5, "text": "half"},
        "problem": None,
        "started": 1,
        "elapsed": None,
        "error": None,
    }
    done = call | {"tool_call_id": "d", "state": "done", "elapsed": 1}
    text = {"kind": "text", "part": "1", "text": words, "done": True}
    growing = {"kind": "text", "part": "4", "text": "And **so", "done": False}
    parts = [text, *({"kind": "call", "part": p, "tool_call_id": p} for p in "cd"), growing]
    question = common | {"id": "q", "role": "user", "state": "done", "parts": [text]}
    question["versions"] = {"index": 0, "count": 2}
    answer = common | {"id": "a", "role": "assistant", "state": "streaming", "parts": parts}
    return {
        "status": "running",
        "model": "m",
        "always": ["other"],
        "messages": [question, answer],
        "calls": {"c": call, "d": done},
        "shown": [{"name": "df", "summary": "a table"}],
    }


def counted(stage: Stage, session: CDPSession) -> dict[str, int]:
    """What there is in the page, after everything that can go has gone: no more goes."""
    before: dict[str, int] = {}
    while True:
        settle(stage.page)
        stage.page.wait_for_timeout(300)
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        now = {m["name"]: int(m["value"]) for m in metrics if m["name"] in COUNTED}
        if before and all(now[name] >= before[name] for name in COUNTED):
            return before
        before = now


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """A page of its own."""
    context = browser.new_context()
    yield Stage(context)
    context.close()


def test_a_hundred_views_leave_nothing(stage: Stage):
    """Views of one widget that lives on: mounted and taken away."""
    session = stage.page.context.new_cdp_session(stage.page)
    session.send("Performance.enable")
    stage.show(**transcript())
    stage.page.evaluate(VIEWS, 5)
    before = counted(stage, session)
    stage.page.evaluate(VIEWS, ROUNDS)
    after = counted(stage, session)
    # A view has some hundreds of nodes and dozens of listeners: one left behind would be seen.
    assert after["Nodes"] - before["Nodes"] < 50, (before, after)
    assert after["JSEventListeners"] - before["JSEventListeners"] < 10, (before, after)
    assert stage.errors == []


def test_a_hundred_widgets_leave_nothing(stage: Stage):
    """Widgets with a view each, made and ended: the model is listened to by nobody, too."""
    session = stage.page.context.new_cdp_session(stage.page)
    session.send("Performance.enable")
    stage.page.evaluate(MANY, [transcript(), 5])
    before = counted(stage, session)
    stage.page.evaluate(MANY, [transcript(), ROUNDS])
    after = counted(stage, session)
    assert after["Nodes"] - before["Nodes"] < 50, (before, after)
    assert after["JSEventListeners"] - before["JSEventListeners"] < 10, (before, after)
    assert stage.page.evaluate("listeners.size") == 0
    assert stage.errors == []
