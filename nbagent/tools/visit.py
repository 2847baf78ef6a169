"""A coroutine visiting the home loop from another one."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from nbagent.tools.interrupts import Stepwise, interrupted

__all__ = ["Visit"]

T = TypeVar("T")


class Visit(Generic[T]):
    """One awaitable on another loop, its outcome carried back.

    Until it has begun, cancelling ``outcome`` takes it back.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        make: Callable[[], Awaitable[T]],
        started: Callable[[], None],
    ) -> None:
        self.outcome: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._loop = loop
        self._make = make
        self._started = started
        self._task: asyncio.Task[None] | None = None

    @property
    def begun(self) -> bool:
        """Whether it is under way on the loop."""
        return self.outcome.running()

    def begin(self) -> None:
        """On the loop: start the awaitable as a task, unless it was taken back."""
        if self.outcome.set_running_or_notify_cancel():
            self._task = self._loop.create_task(self._attend())

    def leave(self) -> None:
        """Nobody waits any more: take it back, or end the task if it is still going."""
        if not self.outcome.cancel() and not self.outcome.done() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _attend(self) -> None:
        try:
            self._started()
            value = await Stepwise(self._make())
        except KeyboardInterrupt as error:
            self.outcome.set_exception(interrupted(error))
        except BaseException as error:  # stored for the one who waits, not swallowed
            self.outcome.set_exception(error)
            if isinstance(error, asyncio.CancelledError):
                raise
        else:
            self.outcome.set_result(value)
