"""Where a function runs: at once (`Inline`), on a thread of its own, or on somebody's executor.

A place is asked from a coroutine and runs the function wherever it stands for. The kernel's main
thread, the one with queueing, has a module of its own: `nbagent.tools.main_thread`.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar

from nbagent.tools.interrupts import Stepwise, interrupted, interruptible

__all__ = ["Inline", "Job", "OwnThread", "Place", "Pool", "settled"]

T = TypeVar("T")


class Place(Protocol):
    """Runs functions and coroutines somewhere. ``started`` is called there as one begins."""

    async def run(self, fn: Callable[[], T], started: Callable[[], None]) -> T:
        """Run a plain function and give what it returns."""

    async def run_async(self, make: Callable[[], Awaitable[T]], started: Callable[[], None]) -> T:
        """Make an awaitable and await it there."""


class Inline:
    """Runs at once, in the thread and loop of the caller."""

    async def run(self, fn: Callable[[], T], started: Callable[[], None]) -> T:
        """Call the function here and now. The loop waits meanwhile.

        Raises:
            ToolInterrupted: A kernel interrupt (Ctrl-C) ended the function.
        """
        try:
            with interruptible():
                started()
                return fn()
        except KeyboardInterrupt as error:
            raise interrupted(error) from error

    async def run_async(self, make: Callable[[], Awaitable[T]], started: Callable[[], None]) -> T:
        """Await on the caller's loop."""
        started()
        return await Stepwise(make())


class OwnThread:
    """A thread for each call, with the caller's context variables copied.

    The threads are daemons and not a pool's: a function that was given up after its timeout must
    neither hold a pool's slot nor keep the interpreter from ending.
    """

    async def run(self, fn: Callable[[], T], started: Callable[[], None]) -> T:
        """Run the function on a new thread. Cancelling leaves it to its end, result dropped."""
        job = Job(fn, started)
        threading.Thread(target=job.run, name="nbagent-tool", daemon=True).start()
        return await asyncio.wrap_future(job.outcome)

    async def run_async(self, make: Callable[[], Awaitable[T]], started: Callable[[], None]) -> T:
        """Run the coroutine on a new thread with a loop of its own; cancelling reaches it."""
        away = _Away(make)
        job = Job(away.run, started)
        threading.Thread(target=job.run, name="nbagent-tool", daemon=True).start()
        return await away.ended(job.outcome)


class Pool:
    """An executor whose workers share this process's memory: a `ThreadPoolExecutor`."""

    def __init__(self, executor: concurrent.futures.Executor) -> None:
        self.executor = executor

    async def run(self, fn: Callable[[], T], started: Callable[[], None]) -> T:
        """Run the function on a worker. Cancelling removes it if it has not begun."""
        job = Job(fn, started)
        self.executor.submit(job.run)
        return await asyncio.wrap_future(job.outcome)

    async def run_async(self, make: Callable[[], Awaitable[T]], started: Callable[[], None]) -> T:
        """Run the coroutine on a worker with a loop of its own; cancelling reaches it."""
        away = _Away(make)
        job = Job(away.run, started)
        self.executor.submit(job.run)
        return await away.ended(job.outcome)


class Job(Generic[T]):
    """One function to run later, elsewhere, in a copy of the context it was made in.

    ``outcome`` is a `concurrent.futures.Future`: cancelling it removes a job that has not begun.
    """

    def __init__(self, fn: Callable[[], T], started: Callable[[], None]) -> None:
        self.outcome: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._fn = fn
        self._started = started
        self._context = contextvars.copy_context()

    def run(self) -> None:
        """Run the function here, unless the job was cancelled; whatever it raises is stored."""
        if self.outcome.set_running_or_notify_cancel():
            self._context.run(self._settle)

    def _settle(self) -> None:
        try:
            self._started()
            value = self._fn()
        except KeyboardInterrupt as error:
            # Carried on as it is, it would end the loop of the one who waits.
            self.outcome.set_exception(interrupted(error))
        except BaseException as error:  # stored for the one who waits, not swallowed
            self.outcome.set_exception(error)
        else:
            self.outcome.set_result(value)


class _Away(Generic[T]):
    """A coroutine on a loop of its own, on another thread than whoever waits for it."""

    def __init__(self, make: Callable[[], Awaitable[T]]) -> None:
        self._make = make
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[T] | None = None
        self._left = False

    def run(self) -> T:
        """On that thread: all of it."""
        return asyncio.run(self._attend())

    async def ended(self, outcome: concurrent.futures.Future[T]) -> T:
        """What it gives. Cancelling cancels it there, and waits for its end."""
        arrived = asyncio.wrap_future(outcome)
        try:
            await asyncio.wait({arrived})
        except asyncio.CancelledError:
            if not outcome.cancel():
                self._leave()
            await settled(arrived)
            raise
        return arrived.result()

    async def _attend(self) -> T:
        with self._guard:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            if self._left and self._task is not None:
                self._task.cancel()
        try:
            return await self._make()
        finally:
            with self._guard:
                self._loop = None

    def _leave(self) -> None:
        with self._guard:
            self._left = True
            if self._loop is not None and self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)


async def settled(arrived: asyncio.Future[Any]) -> None:
    """Waits for an outcome that nobody reads any more. Whoever cancelled may cancel this too."""
    await asyncio.wait({arrived})
    if not arrived.cancelled():
        arrived.exception()  # read, or asyncio would complain that nobody has
