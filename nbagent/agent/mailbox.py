"""Carries events from the thread that makes them to the loop that reads them, in batches."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

__all__ = ["Mailbox"]

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Any thread puts; the loop it was made on takes everything there is at once.

    Waking the other loop costs more than an event, so it is woken once for all that gathers
    before it looks.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._items: deque[T] = deque()
        self._arrived = asyncio.Event()
        self._woken = False

    def put(self, item: T) -> None:
        """Leaves an item. Cheap, never waits, from any thread."""
        self._items.append(item)
        if not self._woken:
            self._woken = True
            self._wake()

    async def take(self) -> list[T]:
        """All items that are there, at least one; waits for it."""
        while not self._items:
            await self._arrived.wait()
            # Cleared before the items are taken: an item that comes in between wakes again.
            self._arrived.clear()
            self._woken = False
        batch: list[T] = []
        while self._items:
            batch.append(self._items.popleft())
        return batch

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._arrived.set)
        except RuntimeError:
            # The reader's loop was closed: nobody will ever take anything, so nothing is kept.
            self._items = deque(maxlen=0)
