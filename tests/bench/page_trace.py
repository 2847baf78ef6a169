"""What a page's main thread did, by Chromium's own trace.

CPU time, not time by the clock, so that what else the machine does counts little.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page

__all__ = ["Cost", "traced"]

CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline"]
Event = Mapping[str, Any]
KINDS = (
    "FunctionCall",
    "FireAnimationFrame",
    "TimerFire",
    "Layout",
    "UpdateLayoutTree",
    "PrePaint",
    "Paint",
    "Layerize",
    "Commit",
    "ParseHTML",
    "MinorGC",
    "MajorGC",
    "FireIdleCallback",
    "IntersectionObserverController::computeIntersections",
)


@dataclass(frozen=True)
class Cost:
    """What one scenario cost: the probe's times, and CPU milliseconds by the trace.

    ``touched`` are no times but counts, the same on every machine.
    """

    probe: Mapping[str, Any]
    tasks: Sequence[float]
    by_kind: Mapping[str, float]
    forced: int
    extra: Mapping[str, Any] = field(default_factory=dict)
    touched: Mapping[str, Any] = field(default_factory=dict)

    @property
    def worst_task(self) -> float:
        """The longest task of the main thread, in CPU milliseconds."""
        return max(self.tasks, default=0.0)

    @property
    def cpu(self) -> float:
        """All tasks of the main thread together, in CPU milliseconds."""
        return sum(self.tasks)

    def summary(self) -> dict[str, Any]:
        """All that is worth writing down."""
        kinds = {kind: round(value, 1) for kind, value in self.by_kind.items() if value >= 1}
        told = {"cpu": round(self.cpu, 1), "worst_task": round(self.worst_task, 1)}
        return {**told, **self.probe, "forced_layouts": self.forced, "kinds": kinds, **self.extra}


def traced(browser: Browser, page: Page, work: Callable[[], Any]) -> Cost:
    """Runs ``work``, which asks the probe, under a trace."""
    browser.start_tracing(page=page, categories=CATEGORIES)
    probe = work()
    return read_trace(json.loads(browser.stop_tracing())["traceEvents"], probe)


def read_trace(events: Sequence[Event], probe: Any) -> Cost:
    """The main thread's part of a trace."""
    thread = main_thread(events)
    own = [event for event in events if (event["pid"], event["tid"]) == thread]
    tasks = [
        event["tdur"] / 1000 for event in own if event["name"] == "RunTask" and "tdur" in event
    ]
    kinds: dict[str, float] = {}
    for event in own:
        if event["ph"] == "X" and event["name"] in KINDS:
            kinds[event["name"]] = kinds.get(event["name"], 0) + event.get("tdur", 0) / 1000
    return Cost(probe or {}, tasks, kinds, forced_layouts(own), touched=touched(own))


def main_thread(events: Sequence[Event]) -> tuple[int, int]:
    """Process and thread of the page that did the most."""
    counts: dict[tuple[int, int], int] = {}
    for event in events:
        if event["name"] == "FunctionCall":
            key = (event["pid"], event["tid"])
            counts[key] = counts.get(key, 0) + 1
    return max(counts, key=lambda key: counts[key])


def touched(own: Sequence[Event]) -> dict[str, Any]:
    """What the browser had to look at again: boxes for each layout, elements for each styling."""
    layouts = [event["args"]["beginData"] for event in own if event["name"] == "Layout"]
    styled = [event["args"] for event in own if event["name"] == "UpdateLayoutTree"]
    return {
        "laid_out": [layout["dirtyObjects"] for layout in layouts],
        "boxes": max((layout["totalObjects"] for layout in layouts), default=0),
        "restyled": [args["elementCount"] for args in styled if "elementCount" in args],
    }


def forced_layouts(own: Sequence[Event]) -> int:
    """How often a script made the browser lay out at once, because it asked for a measure."""
    calls = [e for e in own if e["name"] in ("FunctionCall", "FireAnimationFrame") and "dur" in e]
    spans = [(event["ts"], event["ts"] + event["dur"]) for event in calls]
    layouts = [event for event in own if event["name"] == "Layout"]
    return sum(any(a <= event["ts"] <= b for a, b in spans) for event in layouts)
