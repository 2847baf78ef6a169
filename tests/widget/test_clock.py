"""The real clock: order, threads, and callbacks that fail."""

import logging
import threading
import time

import pytest

from nbagent.widget.clock import ThreadClock, shared_clock


def test_order_and_delay() -> None:
    """Callbacks run at their time, in their order, on one daemon thread."""
    clock, ran, done = ThreadClock(), [], threading.Event()
    began = time.monotonic()
    clock.call_later(3600, lambda: ran.append("in an hour"))
    clock.call_later(0, lambda: ran.append("one"))
    clock.call_later(0, lambda: ran.append("two"))
    clock.call_later(0.05, lambda: ran.append("later"))
    clock.call_later(0.06, done.set)
    assert done.wait(60)
    assert ran == ["one", "two", "later"]
    assert time.monotonic() - began >= 0.05
    assert any(t.daemon for t in threading.enumerate() if t.name == "nbagent-widget")


def test_failure_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    """A callback that raises is logged, and the next one runs."""
    clock, done = ThreadClock(), threading.Event()

    def fail() -> None:
        raise RuntimeError("a defect")

    with caplog.at_level(logging.ERROR, "nbagent"):
        clock.call_later(0, fail)
        clock.call_later(0, done.set)
        assert done.wait(60)
    assert "a defect" in caplog.text


def test_one_for_all() -> None:
    """All widgets share one clock, so ten agents do not mean ten threads."""
    assert shared_clock() is shared_clock()
