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
from typing import Generic, Protocol, TypeVar

from nbagent.tools.interrupts import interrupted, interruptible

__all__ = ["Inline", "Job", "OwnThread", "Place", "Pool"]

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
        return await make()


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
        """Run the coroutine on a new thread with a loop of its own."""
        return await self.run(lambda: asyncio.run(_await(make)), started)


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
        """Run the coroutine on a worker with a loop of its own."""
        return await self.run(lambda: asyncio.run(_await(make)), started)


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


async def _await(make: Callable[[], Awaitable[T]]) -> T:
    return await make()
