"""One reply in one page: what it cost there, and when it was whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

from tests.bench.side.loads import Load
from tests.bench.side.model import Model, Sent
from tests.bench.side.shown import lost

__all__ = ["PROBE", "Measured", "measure"]

PROBE = Path(__file__).with_name("probe.js")
#: Seconds without a change after which a page is held to be done.
QUIET = 2.5
#: The same for a page that has not shown everything yet.
LONG_QUIET = 10.0
#: Seconds that a page gets after the last byte.
PATIENCE = 75.0
METRICS = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
LONG_FRAME = 50.0


@dataclass(frozen=True)
class Measured:
    """What one load cost. Times are in ms.

    Attributes:
        lost: Characters that were sent and are not shown.
        whole: From the last byte that was sent to the reply's text being all there.
        lag: The same to the last change in the reply, colours of code and the like included.
        settled: The same to the last change anywhere in the page.
        main: The main thread's time, and ``script``, ``layout`` and ``style`` in it.
        idle: What of ``main`` an idle page would have used, its frames being counted.
        long_tasks: Tasks over 50 ms; ``longest_task`` the longest of them.
        worst_frame: The longest time between two frames; ``slow_frames`` those over 50 ms.
        messages: What the server sent, and its ``bytes``.
        sending: From the first byte to the last.
    """

    lost: int
    whole: float
    lag: float
    settled: float
    main: float
    script: float
    layout: float
    style: float
    idle: float
    long_tasks: int
    longest_task: float
    worst_frame: float
    slow_frames: int
    messages: int
    bytes: int
    sending: float

    def as_json(self) -> dict[str, Any]:
        """For the file of results."""
        return {k: round(v, 1) if isinstance(v, float) else v for k, v in asdict(self).items()}


def measure(page: Page, model: Model, load: Load, reply: str, ask: Callable[[], None]) -> Measured:
    """Asks, waits until the page is quiet, and says what it cost.

    Args:
        page: With `PROBE` in it, at rest.
        model: Where the reply comes from.
        load: The reply.
        reply: Selects the replies in the page; the last one is looked at.
        ask: Asks for the load.

    Raises:
        TimeoutError: The reply was never asked for, or the page never came to rest.
    """

    def missing() -> int:
        return lost(load.text, page.evaluate("reply => sideProbe.words(reply)", reply) or "")

    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    idle = _idle(page, session, reply)
    model.forget()
    page.evaluate("reply => sideProbe.begin(reply)", reply)
    before = _metrics(session)
    ask()
    sent = model.sent(load.seconds + PATIENCE)
    after = _rest(page, session, missing)
    cost = {name: (after[name] - before[name]) * 1000 for name in METRICS}
    probe = page.evaluate("() => { sideProbe.end(); return sideProbe; }")
    origin = page.evaluate("() => performance.timeOrigin")
    return _measured(probe, origin, sent, cost, idle, missing())


def _measured(
    probe: dict[str, Any],
    origin: float,
    sent: Sent,
    cost: dict[str, float],
    idle: float,
    missing: int,
) -> Measured:
    """Everything on the page's clock, from the first byte to the last change."""
    first, last = sent["first"] * 1000 - origin, sent["last"] * 1000 - origin
    end = probe["settled"]
    frames = _gaps(probe["frames"], first, end)
    tasks = [duration for at, duration in probe["long"] if first <= at <= end]
    return Measured(
        lost=missing,
        whole=probe["whole"] - last,
        lag=probe["last"] - last,
        settled=end - last,
        main=cost["TaskDuration"],
        script=cost["ScriptDuration"],
        layout=cost["LayoutDuration"],
        style=cost["RecalcStyleDuration"],
        idle=idle * (end - first) / 1000,
        long_tasks=len(tasks),
        longest_task=max(tasks, default=0.0),
        worst_frame=max(frames, default=0.0),
        slow_frames=sum(gap > LONG_FRAME for gap in frames),
        messages=probe["messages"],
        bytes=probe["bytes"],
        sending=last - first,
    )


def _idle(page: Page, session: CDPSession, reply: str) -> float:
    """What the main thread uses in a second of frames without a change, in ms."""
    page.evaluate("reply => sideProbe.begin(reply)", reply)
    page.wait_for_timeout(200)
    before = _metrics(session)
    page.wait_for_timeout(1000)
    after = _metrics(session)
    page.evaluate("() => sideProbe.end()")
    return (after["TaskDuration"] - before["TaskDuration"]) * 1000


def _rest(page: Page, session: CDPSession, missing: Callable[[], int]) -> dict[str, float]:
    """The metrics at the reply's last change, after which it was quiet.

    Raises:
        TimeoutError: It never was, or the page never showed anything.
    """
    deadline = time.monotonic() + PATIENCE
    known, since, metrics, quiet = 0.0, time.monotonic(), _metrics(session), QUIET
    while time.monotonic() < deadline:
        last = page.evaluate("() => sideProbe.last")
        if last != known:
            known, since, metrics, quiet = last, time.monotonic(), _metrics(session), QUIET
        elif known and time.monotonic() - since > quiet:
            if quiet == LONG_QUIET or not missing():
                return metrics
            quiet = LONG_QUIET
        page.wait_for_timeout(100)
    raise TimeoutError(
        f"{PATIENCE:g} s after the last byte the page still changed, "
        f"and {missing()} characters were not shown"
    )


def _metrics(session: CDPSession) -> dict[str, float]:
    found = session.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in found}


def _gaps(frames: list[float], begin: float, end: float) -> list[float]:
    """The times between frames from ``begin`` to the first frame after ``end``."""
    return [
        later - earlier for earlier, later in pairwise(frames) if later >= begin and earlier <= end
    ]
