"""The page in Chromium, without a kernel: what streaming, long replies and long talks cost it."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.bench.page_loads import answer, conversation, long_reply, paragraph
from tests.bench.page_trace import Cost, traced
from tests.e2e.stage import Stage

__all__ = ["SCENARIOS", "pieces", "staged"]

PROBE = (Path(__file__).parent / "page_probe.js").read_text()
GATHERED = 50  # milliseconds between two messages of the kernel


def staged(browser: Browser, *, width: int = 900, height: int = 800) -> Stage:
    """A stage with the probe in it; whoever asks closes its context."""
    context = browser.new_context(viewport={"width": width, "height": height})
    return Stage(context, hooks=PROBE)


def streaming(browser: Browser, texts: Sequence[str], every: float, earlier: int = 0) -> Cost:
    """A reply that comes message by message, under so many earlier messages."""
    stage = staged(browser)
    stage.show(**conversation(earlier))
    stage.page.wait_for_timeout(400)
    stage.page.evaluate("probe.begin()")
    ask = "([texts, every]) => probe.stream(texts, every)"
    cost = traced(browser, stage.page, lambda: stage.page.evaluate(ask, [list(texts), every]))
    stage.page.context.close()
    return cost


def pieces(text: str, size: int) -> list[str]:
    """The text in pieces of this size."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def paced(browser: Browser) -> Cost:
    """2,000 deltas at 100 a second: 400 messages of the kernel (a tenth of the time: 40)."""
    return streaming(browser, pieces(long_reply(2000 * 5), 25), GATHERED)


def full_speed(browser: Browser) -> Cost:
    """4,000 deltas as fast as they come: about 16 messages of 1.5 kB."""
    return streaming(browser, pieces(long_reply(4000 * 6), 1500), GATHERED)


def under_40(browser: Browser) -> Cost:
    """1,000 deltas at 100 a second, under 40 earlier messages."""
    return streaming(browser, pieces(long_reply(1000 * 5), 25), GATHERED, earlier=40)


def under_1000(browser: Browser) -> Cost:
    """The same under 1,000 messages."""
    return streaming(browser, pieces(long_reply(1000 * 5), 25), GATHERED, earlier=1000)


def growing(browser: Browser, text: str) -> Cost:
    """What a step costs at the beginning and at the end of a reply of 200 kB."""
    stage = staged(browser)
    stage.show()
    stage.page.evaluate("probe.begin()")

    def stream(texts: Sequence[str], every: float, *, ends: bool = False) -> Any:
        ask = "([texts, every, ends]) => probe.stream(texts, every, ends)"
        return stage.page.evaluate(ask, [list(texts), every, ends])

    steps = pieces(text, 100)
    last = len(steps) - 80
    first = traced(browser, stage.page, lambda: stream(steps[:60], 25))
    stream(pieces("".join(steps[60:last]), 3000), 16)
    later = traced(browser, stage.page, lambda: stream(steps[last : last + 60], 25))
    end = traced(browser, stage.page, lambda: stream(steps[last + 60 :], 25, ends=True))
    stage.page.context.close()
    extra = {"first_cpu": round(first.cpu, 1), "ratio": round(later.cpu / first.cpu, 2)}
    extra["end_worst"] = round(end.worst_task, 1)
    return Cost(later.probe, later.tasks, later.by_kind, later.forced, extra)


def grown(browser: Browser) -> Cost:
    """A step of a mixed reply of 200 kB."""
    return growing(browser, long_reply(200_000))


def grown_paragraph(browser: Browser) -> Cost:
    """A step of one unbroken paragraph of 200 kB."""
    return growing(browser, paragraph(200_000))


def mounting(browser: Browser, transcript: Mapping[str, Any]) -> Cost:
    """The first mount of a transcript."""
    stage = staged(browser)
    whole = {"status": "idle", "model": "stand-in", "always": [], "messages": [], "calls": {}}
    text = json.dumps({**whole, **transcript})
    cost = traced(
        browser, stage.page, lambda: stage.page.evaluate("text => probe.show(text)", text)
    )
    stage.page.context.close()
    return cost


def mounted_1000(browser: Browser) -> Cost:
    """1,000 messages of all kinds at once."""
    return mounting(browser, conversation(1000))


def mounted_long(browser: Browser) -> Cost:
    """One message of 200 kB at once."""
    return mounting(browser, {"messages": [answer(1, long_reply(200_000))]})


def mounted_paragraph(browser: Browser) -> Cost:
    """One message that is one paragraph of 200 kB."""
    return mounting(browser, {"messages": [answer(1, paragraph(200_000))]})


def typing(browser: Browser, count: int = 1000) -> Cost:
    """40 keys in the composer under 1,000 messages."""
    stage = staged(browser)
    stage.show(**conversation(count))
    stage.page.wait_for_timeout(3000)
    stage.page.get_by_label("Message", exact=True).click()
    stage.page.wait_for_timeout(300)

    def type_words() -> None:
        stage.page.keyboard.type("What is the mean of the second column?!", delay=40)
        stage.page.wait_for_timeout(100)

    cost = traced(browser, stage.page, type_words)
    stage.page.context.close()
    return cost


def taking(browser: Browser) -> Cost:
    """Milliseconds to take in a message of the kernel under 1,000 messages, and under none."""
    costs = {}
    for earlier in (0, 1000):
        stage = staged(browser)
        stage.show(**conversation(earlier))
        stage.page.wait_for_timeout(3000)
        stage.page.evaluate("probe.begin()")
        stage.page.evaluate("probe.taking(500)")
        costs[f"under_{earlier}"] = stage.page.evaluate("probe.taking(500)")
        stage.page.context.close()
    return Cost({}, [], {}, 0, costs)


SCENARIOS: Mapping[str, Callable[[Browser], Cost]] = {
    "paced": paced,
    "full speed": full_speed,
    "under 40": under_40,
    "under 1000": under_1000,
    "grown": grown,
    "grown paragraph": grown_paragraph,
    "mounted 1000": mounted_1000,
    "mounted long": mounted_long,
    "mounted paragraph": mounted_paragraph,
    "typing": typing,
    "taking": taking,
}
