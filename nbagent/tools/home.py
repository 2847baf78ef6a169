"""A thread that functions are sent to: what waits to run there, and who pumps.

Shared by everybody who is at home on the same thread: a cell that waits for one agent must also
run what another agent, asked by a tool of the first, sends to its thread.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections import deque
from typing import Any
from weakref import WeakKeyDictionary

from nbagent.tools.interrupts import interrupted, interruptible
from nbagent.tools.place import Job
from nbagent.tools.visit import Visit

__all__ = ["CHECK_SECONDS", "Home", "home_of"]

CHECK_SECONDS = 0.25  # how often a waiting call looks whether the home loop is still there
_guard = threading.Lock()


class Home:
    """The jobs of one thread.

    Attributes:
        visits: Coroutines on the thread's loops, or on their way there.
        pumping: How many wait by `pump` at the moment, one inside another.
    """

    def __init__(self) -> None:
        self.visits: set[Visit[Any]] = set()
        self.pumping = 0
        self._jobs: deque[Job[Any]] = deque()
        self._changed = threading.Condition()

    def put(self, job: Job[Any]) -> None:
        """Lets a job wait for its turn; from any thread."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()

    def run_next(self) -> None:
        """On a loop of the thread itself: run the job that has waited longest, if there is one."""
        with self._changed:
            job = self._take()
            more = bool(self._jobs)
        if more:
            # Not only as often as it was woken: a loop that has gone has woken nobody.
            asyncio.get_running_loop().call_soon(self.run_next)
        if job is not None:
            _run(job)

    def pump(self, done: concurrent.futures.Future[Any]) -> None:
        """On the thread itself: run what waits, until ``done`` is done."""
        done.add_done_callback(lambda _: self._wake())
        self.pumping += 1
        try:
            # Coroutines that wait for the loop we block would wait for ever: back to their askers.
            for visit in tuple(self.visits):
                visit.outcome.cancel()
            # Also where a loop turned SIGINT into something else than an exception: we block it.
            with interruptible():
                while (job := self._next(done)) is not None:
                    _run(job)
        finally:
            self.pumping -= 1

    def _next(self, done: concurrent.futures.Future[Any]) -> Job[Any] | None:
        with self._changed:
            while not done.done():
                job = self._take()
                if job is not None:
                    return job
                # A timeout, because on Windows an endless wait cannot be interrupted.
                self._changed.wait(CHECK_SECONDS)
        return None

    def _take(self) -> Job[Any] | None:
        while self._jobs:
            job = self._jobs.popleft()
            if not job.outcome.cancelled():
                return job
        return None

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


_homes: WeakKeyDictionary[threading.Thread, Home] = WeakKeyDictionary()


def home_of(thread: threading.Thread) -> Home:
    """The home on a thread, the same for everybody."""
    with _guard:
        return _homes.setdefault(thread, Home())


def _run(job: Job[Any]) -> None:
    try:
        with interruptible():
            job.run()
    except KeyboardInterrupt as error:
        # It came just before the function's first or after its last step. Whoever runs jobs (the
        # kernel's loop, a pump) goes on; whoever waits for this one hears of it.
        if not job.outcome.done():
            job.outcome.set_exception(interrupted(error))
