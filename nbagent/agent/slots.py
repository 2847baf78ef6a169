"""How many calls of a reply run at once: the rest waits, queued, in the model's order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["MANY", "Slots"]

MANY = 16  # calls at once, where nobody says another number


class Slots:
    """A limited number of places to run in.

    A call lines up as soon as it is known, and takes a slot only when it is ready to run: one that
    waits for a person's yes holds nobody up. With one slot alone calls run strictly one after
    another, in the order in which they lined up, so there it does.

    Args:
        limit: How many run at once.
    """

    def __init__(self, limit: int = MANY) -> None:
        self.limit = limit
        self._line: list[Slot] = []

    @asynccontextmanager
    async def line_up(self) -> AsyncIterator[Slot]:
        """A place in the line, kept until the block is left."""
        slot = Slot(self)
        self._line.append(slot)
        try:
            yield slot
        finally:
            self._line.remove(slot)
            self.advance()

    def advance(self) -> None:
        """Lets those run that are ready, as far as there is room."""
        room = self.limit - sum(slot.running for slot in self._line)
        for slot in self._line:
            if room <= 0 or (self.limit == 1 and slot.turn is None):
                return
            if slot.turn is not None and not slot.running and not slot.turn.done():
                slot.running = True
                slot.turn.set_result(None)
                room -= 1


class Slot:
    """One call's place in the line.

    Attributes:
        turn: Done when it is this call's turn; None until the call is ready.
        running: Whether it has a slot.
    """

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self.turn: asyncio.Future[None] | None = None
        self.running = False

    async def take(self) -> None:
        """Waits until there is room. The slot is given back at the end of `Slots.line_up`."""
        self.turn = asyncio.get_running_loop().create_future()
        self._slots.advance()
        await self.turn
