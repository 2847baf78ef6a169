"""One run at a time for each agent, across threads and event loops."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections import deque
from contextvars import ContextVar

from nbagent.errors import AgentBusy

__all__ = ["Turn"]

# What holds the turns that led to the current code: a tool that asks its own agent would wait for
# itself.
_held: ContextVar[frozenset[object]] = ContextVar("nbagent_turns", default=frozenset())


class Turn:
    """A lock that is waited for in order, from any loop."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._holder: object | None = None
        self._waiting: deque[concurrent.futures.Future[None]] = deque()

    @property
    def taken(self) -> bool:
        """Whether a run is going on."""
        return self._holder is not None

    async def take(self, *, wait: bool) -> None:
        """Waits for its turn.

        Args:
            wait: Whether to wait at all.

        Raises:
            AgentBusy: A run is going on and ``wait`` is False, or the caller is part of it.
        """
        with self._guard:
            if self._holder is None:
                self._holder = object()
                return
            self._check(wait)
            place: concurrent.futures.Future[None] = concurrent.futures.Future()
            self._waiting.append(place)
        try:
            await asyncio.wrap_future(place)
        except BaseException:
            # Only a place that was already given the turn cannot be cancelled any more.
            if not place.cancel():
                self.give()
            raise

    def give(self) -> None:
        """Hands over to the next that waits."""
        with self._guard:
            _held.set(_held.get() - {self._holder})
            while self._waiting:
                place = self._waiting.popleft()
                if place.set_running_or_notify_cancel():
                    self._holder = object()
                    place.set_result(None)
                    return
            self._holder = None

    def mark(self) -> None:
        """Notes in the current context that the turn is held by it."""
        _held.set(_held.get() | {self._holder})

    def _check(self, wait: bool) -> None:
        if self._holder in _held.get():
            raise AgentBusy(
                "A tool (or a session's block) asked the agent that it belongs to, which would "
                "wait for itself. Ask another agent: agent.fork() makes one."
            )
        if not wait:
            raise AgentBusy(
                "The agent is answering another question. Wait for it, call agent.stop(), or "
                "ask with when_busy='wait'."
            )
