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
# Which turns the code of a holder waits for: two runs whose tools ask one another's agents would
# wait in a circle.
_wanted: dict[object, list[Turn]] = {}
_circle_guard = threading.Lock()


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
            held = self._want()
            place: concurrent.futures.Future[None] = concurrent.futures.Future()
            self._waiting.append(place)
        try:
            await asyncio.wrap_future(place)
        except BaseException:
            # Only a place that was already given the turn cannot be cancelled any more.
            if not place.cancel():
                self.give()
            raise
        finally:
            self._want_no_more(held)

    def seize(self) -> bool:
        """Takes it if nobody has it, for what is done at once and without a loop."""
        with self._guard:
            free = self._holder is None
            if free:
                self._holder = object()
        return free

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

    def _want(self) -> frozenset[object]:
        held = _held.get()
        with _circle_guard:
            if self._leads_to(held):
                raise AgentBusy(
                    "Two questions wait for one another: a tool of each asked the agent that "
                    "answers the other. Ask another agent: agent.fork() makes one."
                )
            for holder in held:
                _wanted.setdefault(holder, []).append(self)
        return held

    def _want_no_more(self, held: frozenset[object]) -> None:
        with _circle_guard:
            for holder in held:
                _wanted[holder].remove(self)
                if not _wanted[holder]:
                    del _wanted[holder]

    def _leads_to(self, held: frozenset[object]) -> bool:
        """Whether this turn is given only after one of those that the caller holds."""
        holder = self._holder
        return holder in held or any(turn._leads_to(held) for turn in _wanted.get(holder, ()))

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
