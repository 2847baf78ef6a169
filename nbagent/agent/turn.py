"""One run at a time for each agent, across threads and event loops."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections import deque
from contextvars import ContextVar

from nbagent.errors import AgentBusy

__all__ = ["Turn"]

# The turns that are held by whatever led to the current code: a tool that asks its own agent would
# wait for itself.
_held: ContextVar[frozenset[int]] = ContextVar("nbagent_turns", default=frozenset())


class Turn:
    """A lock that is waited for in order, from any loop."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[concurrent.futures.Future[None]] = deque()

    @property
    def taken(self) -> bool:
        """Whether a run is going on."""
        return self._taken

    async def take(self, *, wait: bool) -> None:
        """Waits for its turn.

        Args:
            wait: Whether to wait at all.

        Raises:
            AgentBusy: A run is going on and ``wait`` is False, or the caller is a tool of it.
        """
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            if id(self) in _held.get():
                raise AgentBusy(
                    "A tool asked the agent that is running it, which would wait for itself. "
                    "Ask another agent: agent.fork() makes one."
                )
            if not wait:
                raise AgentBusy(
                    "The agent is answering another question. Wait for it, call agent.stop(), or "
                    "ask with when_busy='wait'."
                )
            place: concurrent.futures.Future[None] = concurrent.futures.Future()
            self._waiting.append(place)
        try:
            await asyncio.wrap_future(place)
        except asyncio.CancelledError:
            if not place.cancelled():
                self.give()
            raise

    def give(self) -> None:
        """Hands over to the next that waits."""
        with self._guard:
            while self._waiting:
                place = self._waiting.popleft()
                if place.set_running_or_notify_cancel():
                    place.set_result(None)
                    return
            self._taken = False

    def mark(self) -> None:
        """Notes in the current context that this turn is held by it."""
        _held.set(_held.get() | {id(self)})
