"""A timeout for reads that costs nothing while they are in time."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

__all__ = ["Watch"]


class Watch:
    """Ends a read that takes too long, by cancelling the task that waits for it.

    One timer serves all reads of a reply and is set again only when it goes off: a timeout around
    each read costs more than decoding what it brings.
    """

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[Any] | None = None
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._late: asyncio.Task[Any] | None = None

    def begin(self) -> None:
        """The current task waits from now on."""
        self._since = time.monotonic()
        self._task = asyncio.current_task()
        if self._timer is None and self.seconds is not None:
            self._timer = self._loop.call_later(self.seconds, self._look)

    def end(self) -> None:
        """It waits no longer."""
        self._task = None

    def change(self, seconds: float | None) -> None:
        """Waits that begin from now on may take so long."""
        self.close()
        self._timer, self.seconds = None, seconds

    def fired(self) -> bool:
        """Whether this watch ended the read, and nobody else cancelled the task meanwhile."""
        # Python 3.10 does not count who cancels: there it is taken to be the watch alone.
        late = self._late
        return late is not None and (sys.version_info < (3, 11) or late.uncancel() == 0)

    def close(self) -> None:
        """Looks no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        if self._task is None or self.seconds is None:
            return  # nobody waits; the next read sets the timer again
        left = self._since + self.seconds - time.monotonic()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._late = self._task
            self._task.cancel()
