"""`MainThread`: plain functions on the kernel's main thread, asked for from any other.

Notebook state, pyplot and SQLite connections expect the main thread; the agent's network I/O
lives on another. A job goes into a queue and the *home* loop (ipykernel's) is woken. While a cell
blocks that loop the jobs wait: that is the state ``queued``. What happens then:

* The cell itself waits for an agent (``ask_blocking``): it calls `MainThread.pump`, and the main
  thread executes the waiting plain functions from there. Coroutines cannot run on a blocked loop;
  they run on the loop of the one who asks, which is free and has nothing of the notebook's.
* There is no home loop (a plain script), it was closed, or it stopped, and after a moment nobody
  pumps either: nobody would ever come. Plain functions then run on a thread of their own,
  coroutines on the asker's loop.
* The asker is on the home thread already: the function runs directly.

One thing is beyond help: a coroutine that had begun on the home loop rests while that loop is
blocked. `MainThread.visited` says that there is one.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from nbagent.tools.home import CHECK_SECONDS, home_of
from nbagent.tools.place import Inline, Job, OwnThread, settled
from nbagent.tools.visit import Visit

__all__ = ["MainThread"]

T = TypeVar("T")


class MainThread:
    """A place: the thread it was captured on, reached through that thread's event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None, thread: threading.Thread) -> None:
        self._loop = loop
        self._thread = thread
        self._home = home_of(thread)
        self._visits: set[Visit[Any]] = set()

    @classmethod
    def capture(cls) -> MainThread:
        """The calling thread, with the loop that runs on it now, if one does.

        Call it on the thread that tools are meant for. In a notebook any cell will do: ipykernel
        runs cells inside its loop.
        """
        try:
            loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        return cls(loop, threading.current_thread())

    @property
    def visited(self) -> bool:
        """Whether the caller is at home, and one of our coroutines is under way on the loop here.

        Whoever blocks this thread until that coroutine has ended waits for ever.
        """
        return self._at_home() and any(visit.begun for visit in tuple(self._visits))

    async def run(self, fn: Callable[[], T], started: Callable[[], None]) -> T:
        """Run a plain function on the home thread and give what it returns.

        Jobs run one after another. Cancelling removes one that has not begun; one that runs goes
        on to its end and its result is dropped.

        Raises:
            ToolInterrupted: A kernel interrupt ended the function.
        """
        if self._at_home():
            return await Inline().run(fn, started)
        job = Job(fn, started)
        self._put(job)
        arrived = asyncio.wrap_future(job.outcome)
        try:
            while not (await asyncio.wait({arrived}, timeout=CHECK_SECONDS))[0]:
                # `cancel` takes the job back only if it has not begun.
                if not self._reachable() and job.outcome.cancel():
                    return await OwnThread().run(fn, started)
            return arrived.result()
        finally:
            job.outcome.cancel()

    async def run_async(self, make: Callable[[], Awaitable[T]], started: Callable[[], None]) -> T:
        """Await something on the home loop. Cancelling cancels it there, and waits for its end.

        Raises:
            ToolInterrupted: A kernel interrupt hit the coroutine.
        """
        loop = self._loop
        if loop is None or self._at_home() or self._blocked_or_gone():
            return await Inline().run_async(make, started)
        visit: Visit[T] = Visit(loop, make, started)
        self._visits.add(visit)
        self._home.visits.add(visit)
        loop.call_soon_threadsafe(visit.begin)
        arrived = asyncio.wrap_future(visit.outcome)
        try:
            while not (await asyncio.wait({arrived}, timeout=CHECK_SECONDS))[0]:
                if self._blocked_or_gone():
                    visit.outcome.cancel()
            if visit.outcome.cancelled():  # taken back before it began: see `Home.pump`
                return await Inline().run_async(make, started)
            return arrived.result()
        except asyncio.CancelledError:
            visit.leave()
            await settled(arrived)
            raise
        finally:
            self._visits.discard(visit)
            self._home.visits.discard(visit)
            visit.leave()

    def pump(self, done: concurrent.futures.Future[Any]) -> None:
        """Wait for ``done`` on the home thread and execute queued plain functions meanwhile.

        For a cell or script that blocks on an agent running elsewhere. On any other thread this
        only waits. The outcome of ``done`` is not read.

        Raises:
            KeyboardInterrupt: The person interrupted the waiting. (An interrupt that hits a tool
                ends that tool only.)
        """
        if self._at_home():
            self._home.pump(done)
        else:
            concurrent.futures.wait([done])

    def _at_home(self) -> bool:
        return threading.current_thread() is self._thread

    def _loop_runs(self) -> bool:
        return self._loop is not None and self._loop.is_running()

    def _reachable(self) -> bool:
        return self._home.pumping > 0 or self._loop_runs()

    def _blocked_or_gone(self) -> bool:
        return self._home.pumping > 0 or not self._loop_runs()

    def _put(self, job: Job[Any]) -> None:
        self._home.put(job)
        if self._loop is not None and not self._loop.is_closed():
            # One job a turn: between two of them the loop serves the page and the cells.
            self._loop.call_soon_threadsafe(self._home.run_next)
