"""The page's main thread in Chromium: streaming, long replies, long talks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench.measure import Row
from tests.bench.page_costs import SCENARIOS
from tests.browser import find
from tests.e2e.conftest import ARGUMENTS

__all__ = ["run"]

# Milliseconds of CPU that one task may take: what is longer holds up a key or a frame.
LONGEST_TASK = 50.0
# A step at the end of a reply of 200 kB against one at its beginning.
GROWTH = 1.5
KEY_MS = 16.0
# All that was measured is kept here, beside what the tests count.
RESULTS = Path(__file__).parents[2] / "test-results"


async def run(url: str) -> AsyncIterator[Row]:
    """Every scenario of `page_costs`, in a browser of its own."""
    for row in await asyncio.to_thread(lambda: list(_rows())):
        yield row


def _rows() -> Iterator[Row]:
    path = find()
    if path is None:
        yield Row("page", 0.0, "ms", note="no Chromium on PATH")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        RESULTS.mkdir(exist_ok=True)
        for name, scenario in SCENARIOS.items():
            cost = scenario(browser)
            file = RESULTS / f"page-{name.replace(' ', '-')}.json"
            file.write_text(json.dumps(cost.summary(), indent=1))
            wanted = KEY_MS if name == "typing" else LONGEST_TASK
            if cost.tasks:
                yield Row(f"page, {name}: longest task", cost.worst_task, "ms", wanted=wanted)
                yield Row(f"page, {name}: all tasks", cost.cpu, "ms")
            if "ratio" in cost.extra:
                yield Row(f"page, {name}: end/begin", cost.extra["ratio"], "", wanted=GROWTH)
            for key, value in cost.extra.items():
                if key.startswith("under_"):
                    yield Row(f"page, {name}: {key}", value, "ms")
        browser.close()
