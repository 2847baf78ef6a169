"""Who is told of everything that happens in the runs of an agent, besides the displays.

A follower is called at once, where the thing happens: a run's items on the run's loop and in its
task, a tool's start in the context that its function is then called in. So a follower may set
context variables there, which is how a tracer nests what a tool does under the tool's span. It
must return at once. What goes wrong in a follower is logged, once, and never breaks a run.

Steps of branches that stream at once are told one after the other. A follower that measures has
to hear them as they speak, and asks for it (`Following.at_once`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from nbagent.agent.events import RunStarted, StreamItem
from nbagent.agent.settings import Settings
from nbagent.messages import Message

__all__ = [
    "EVERYWHERE",
    "Everywhere",
    "Follower",
    "Followers",
    "Following",
    "Source",
    "kept_for_later",
    "told_late",
]

_log = logging.getLogger("nbagent")
# Those who follow the run that the code belongs to, and whether it tells what was kept.
_run: ContextVar[Followers | None] = ContextVar("nbagent_followers", default=None)
_late: ContextVar[bool] = ContextVar("nbagent_told_late", default=False)


class Source(Protocol):
    """Whose runs they are: an engine."""

    settings: Settings

    @property
    def followers(self) -> Followers:
        """Those who follow it."""

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
        inherited: Whether it follows the forks of the agent too.
        at_once: Whether it hears of steps as they go on, also of several at the same time.
        error: What it raised last.
    """

    follower: Follower
    kinds: frozenset[type] | None
    name: str
    inherited: bool = False
    at_once: bool = False
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

    def inherit(self, other: Followers) -> None:
        """Those of another agent that follow its forks follow this one."""
        for following in other.all:
            if following.inherited:
                self.add(following)

    def tell(self, item: StreamItem) -> None:
        """Tells all that follow such items, from any thread."""
        known = self._known
        if known[0] is not self.version or known[1] is not EVERYWHERE.version:
            self._known, self._found = (self.version, EVERYWHERE.version), {}
        if type(item) is RunStarted:
            _run.set(self)
        followers = self._found.get(type(item))
        if followers is None:
            followers = self._find(type(item))
        if followers:
            if _late.get():
                followers = tuple(one for one in followers if not one.at_once)
            self._tell(item, followers)

    def tell_at_once(self, item: StreamItem) -> None:
        """Tells those who do not wait for what is kept for later."""
        found = self._found.get(type(item)) or self._find(type(item))
        self._tell(item, (one for one in found if one.at_once))

    def _tell(self, item: StreamItem, followers: Iterable[Following]) -> None:
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


def kept_for_later(item: StreamItem) -> None:
    """An item of the code's run is told when others have ended: who measures hears it now."""
    followers = _run.get()
    if followers is not None:
        followers.tell_at_once(item)


@contextmanager
def told_late() -> Iterator[None]:
    """What is told in here was kept: who measures has heard it."""
    token = _late.set(True)
    try:
        yield
    finally:
        _late.reset(token)
