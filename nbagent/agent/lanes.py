"""Branches that speak at once, told one after the other.

A display reads one reply at a time, and so does a rule of the frames: what stands between a step's
beginning and its end is of that step. So of the branches that stream at the same time one is heard
as it speaks, and what the others say is kept until it has ended its step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nbagent.agent.following import kept_for_later, told_late

__all__ = ["Lane", "Lanes"]


class Lanes:
    """The branches of one run.

    Args:
        emit: Tells everybody.
    """

    def __init__(self, emit: Callable[[Any], None]) -> None:
        self.emit = emit
        self.open: list[Lane] = []

    def lane(self) -> Lane:
        """A way for one step; to be closed when the step ends."""
        made = Lane(self)
        self.open.append(made)
        return made


class Lane:
    """What one step says.

    Args:
        lanes: The run's, of which one at a time is heard.

    Attributes:
        heard: Set when all that it said so far is told.
    """

    def __init__(self, lanes: Lanes) -> None:
        self.heard = asyncio.Event()
        if not lanes.open:
            self.heard.set()
        self._lanes = lanes
        self._kept: list[Any] = []
        self._closed = False

    def emit(self, item: Any) -> None:
        """Tells it now, or when those before have ended."""
        if self._lanes.open[0] is self:
            self._lanes.emit(item)
        else:
            kept_for_later(item)
            self._kept.append(item)

    def close(self) -> None:
        """The step has ended. Whoever waited is heard now."""
        self._closed = True
        lanes = self._lanes.open
        while lanes and lanes[0]._closed:
            lanes.pop(0)
            if lanes:
                lanes[0]._catch_up()

    def _catch_up(self) -> None:
        self.heard.set()
        kept, self._kept = self._kept, []
        with told_late():
            for item in kept:
                self._lanes.emit(item)
