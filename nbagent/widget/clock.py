"""Time for the sender: one daemon thread, shared by all widgets, that runs what is due.

The network's loop is not used for this: packing a large figure must not hold up another stream.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["Clock", "ThreadClock", "shared_clock"]

_log = logging.getLogger("nbagent")


class Clock(Protocol):
    """What a `Sender` needs of time. Everything it is given runs one at a time, in order."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Runs ``callback`` after ``delay`` seconds; may be called from any thread."""


class ThreadClock:
    """A clock with a thread, which starts when it is first needed and never ends a process late."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def now(self) -> float:
        return time.monotonic()

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        with self._changed:
            heapq.heappush(self._due, (self.now() + delay, next(self._order), callback))
            # A thread does not survive a fork; the child then starts its own.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="nbagent-widget", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            callback = self._next()
            try:
                callback()
            except Exception:
                # The thread is shared: one widget's defect must not silence the others.
                _log.exception("The widget's sender failed; what it shows may be behind.")

    def _next(self) -> Callable[[], None]:
        with self._changed:
            while not self._due or self._due[0][0] > self.now():
                self._changed.wait(self._due[0][0] - self.now() if self._due else None)
            return heapq.heappop(self._due)[2]


_shared = ThreadClock()


def shared_clock() -> ThreadClock:
    """The one clock of this process."""
    return _shared
