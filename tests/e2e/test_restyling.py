"""What a reply that grows makes the browser style anew: what it brings, and nothing around it."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import scenes
from tests.e2e.stage import Stage

#: The reason that Chromium gives when a selector asks what an element holds.
HELD = "Affected by :has()"
CATEGORY = "disabled-by-default-devtools.timeline.invalidationTracking"
START = {"op": "message_start", "id": "m", "role": "assistant", "created": 1}
BLOCKS = "## A heading\n\nSome *words*.\n\n| a |\n|---|\n| 1 |\n\n```python\nx = 1\n```\n\n"


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """A page."""
    context = browser.new_context()
    yield Stage(context)
    context.close()


def test_blocks_that_come_leave_what_holds_them_as_it_is(stage: Stage, browser: Browser):
    """No selector asks what the page's elements hold: all of them would be styled anew."""
    stage.show(**scenes.empty())
    stage.put(START)
    browser.start_tracing(page=stage.page, categories=[CATEGORY])
    for _ in range(8):
        stage.put({"op": "text", "message": "m", "part": "0", "text": BLOCKS})
        stage.page.wait_for_timeout(60)
    expect(stage.page.locator("h2")).to_have_count(8)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    tracked = [e["args"]["data"] for e in events if e["name"] == "StyleRecalcInvalidationTracking"]
    assert tracked
    held = Counter(data["nodeName"] for data in tracked if data.get("reason") == HELD)
    assert held == {}
