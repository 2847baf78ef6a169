"""Who is told of everything that happens in the runs of an agent, besides the displays.

A follower is called at once, where the thing happens: a run's items on the run's loop and in its
task, a tool's start in the context that its function is then called in. So a follower may set
context variables there, which is how a tracer nests what a tool does under the tool's span. It
must return at once. What goes wrong in a follower is logged, once, and never breaks a run.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from nbagent.agent.events import StreamItem
from nbagent.agent.settings import Settings
from nbagent.messages import Message

__all__ = ["EVERYWHERE", "Follower", "Followers", "Following", "Source"]

_log = logging.getLogger("nbagent")


class Source(Protocol):
    """Whose runs they are: an engine."""

    settings: Settings

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation so far."""


Follower: TypeAlias = Callable[[Source, StreamItem], None]


@dataclass(eq=False)
class Following:
    """One follower.

    Attributes:
        follower: What is called.
        kinds: The classes of items that it is told; None for all.
        name: What it is called in a log.
        error: What it raised last.
    """

    follower: Follower
    kinds: frozenset[type] | None
    name: str
    error: BaseException | None = None

    def failed(self, error: BaseException) -> None:
        """Notes what it raised, and says so the first time."""
        known, self.error = self.error, error
        if known is None:
            _log.error(
                "%s raised %s; the run goes on. It is not reported again.",
                self.name,
                type(error).__name__,
                exc_info=error,
            )


class Everywhere:
    """The followers of all agents.

    Attributes:
        all: They.
        version: Another object after each change.
    """

    def __init__(self) -> None:
        self.all: tuple[Following, ...] = ()
        self.version = object()
        self._guard = threading.Lock()

    def add(self, following: Following) -> None:
        """One more."""
        with self._guard:
            self.all, self.version = (*self.all, following), object()

    def remove(self, following: Following) -> None:
        """One less; nothing happens where it is not there."""
        with self._guard:
            self.all = tuple(one for one in self.all if one is not following)
            self.version = object()


EVERYWHERE = Everywhere()


class Followers(Everywhere):
    """The followers of one agent, and those of all.

    Args:
        source: The agent's engine.
        first: Told before all others.
    """

    def __init__(self, source: Source, first: Iterable[Following] = ()) -> None:
        super().__init__()
        self._source = source
        self._first = tuple(first)
        # By class, because most items are fragments that nobody follows. Made anew on a change.
        self._found: dict[type, tuple[Following, ...]] = {}
        self._known: tuple[object, object] = (None, None)

    def tell(self, item: StreamItem) -> None:
        """Tells all that follow such items, from any thread."""
        known = self._known
        if known[0] is not self.version or known[1] is not EVERYWHERE.version:
            self._known, self._found = (self.version, EVERYWHERE.version), {}
        followers = self._found.get(type(item))
        if followers is None:
            followers = self._find(type(item))
        for following in followers:
            try:
                following.follower(self._source, item)
            except Exception as error:  # noqa: PERF203 - a person's function may raise anything, and the others are told all the same
                following.failed(error)

    def _find(self, kind: type) -> tuple[Following, ...]:
        everyone = (*self._first, *EVERYWHERE.all, *self.all)
        found = tuple(one for one in everyone if one.kinds is None or kind in one.kinds)
        self._found[kind] = found
        return found
