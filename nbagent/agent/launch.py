"""A run as a task on a loop, which may be another thread's: how to stop it, and when it is over."""

from __future__ import annotations

import asyncio
import concurrent.futures

from nbagent.agent.run import Run

__all__ = ["Launch"]


class Launch:
    """One run under way.

    Args:
        run: The run.
        loop: A loop of another thread to run on; the running one by default.

    Attributes:
        loop: Where it runs.
        done: Done when the run's task is, also after a failure or a stop.
    """

    def __init__(self, run: Run, loop: asyncio.AbstractEventLoop | None) -> None:
        self.loop = loop or asyncio.get_running_loop()
        self.done: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._run = run
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        self._here = loop is None

    def begin(self) -> None:
        """Starts it. Whoever may stop it has to know it before, for the other loop is quick."""
        if self._here:
            self._begin()
        else:
            self.loop.call_soon_threadsafe(self._begin)

    def stop(self) -> None:
        """Stops it, from any thread. A second time, it no longer waits for tools to clean up."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._cancel)

    def _begin(self) -> None:
        self._task = self.loop.create_task(self._run.work())
        self._task.add_done_callback(self._over)
        if self._stopped:
            self._cancel()

    def _cancel(self) -> None:
        if self._task is None:
            self._stopped = True
        else:
            # One turn of the loop later: the work must have begun, so that its end is told.
            self.loop.call_soon(self._task.cancel)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._run.abandon()
        self.done.set_result(None)
