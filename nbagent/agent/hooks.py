"""Functions of a person's own that are called when something happens: ``agent.on(…)``.

A plain function is called at once, on the thread where it happens, and must return at once. Of an
``async def`` function the calls are awaited one after another on the loop that ran where it was
registered (a notebook's own), so the run does not wait for it.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import difflib
import inspect
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, TypeAlias, get_args

from nbagent.agent.events import StreamItem
from nbagent.agent.following import EVERYWHERE, Everywhere, Following, Source
from nbagent.agent.io_thread import io_loop
from nbagent.errors import ConfigurationError
from nbagent.tools import MainThread
from nbagent.tools.signature import is_async

__all__ = ["Hook", "Kind", "hook", "kinds_of", "on"]

KINDS: dict[str, type] = {kind.kind: kind for kind in get_args(StreamItem)}
Kind: TypeAlias = Any
"""A class of frames or events, its ``kind``, a union of classes, ``"*"`` for all, or several."""


class Hook:
    """A function that is called when something happens; ``remove()`` ends that.

    Attributes:
        kinds: The ``kind``s of the items that it is called with, sorted.
    """

    def __init__(
        self, home: Everywhere, kinds: frozenset[type], callback: Callable[[Any], Any]
    ) -> None:
        self.kinds = tuple(sorted(name for name, kind in KINDS.items() if kind in kinds))
        self._home = home
        self._callback = callback
        self._async = is_async(callback)
        self._place = MainThread.capture()
        self._waiting: deque[Callable[[], Awaitable[Any]]] = deque()
        self._idle: concurrent.futures.Future[None] | None = None
        self._guard = threading.Lock()
        name = getattr(callback, "__qualname__", type(callback).__name__)
        self._following = Following(self._told, kinds, f"The callback {name}")

    def __repr__(self) -> str:
        return f"<Hook {self._following.name} on {', '.join(self.kinds)}>"

    @property
    def error(self) -> BaseException | None:
        """What the function raised last; None if it never did."""
        return self._following.error

    def remove(self) -> None:
        """Calls it no more. Removing it once more does nothing."""
        self._home.remove(self._following)

    async def settled(self) -> None:
        """Waits until an async function has been called with everything so far."""
        with self._guard:
            idle = self._idle
        if idle is not None:
            await asyncio.shield(asyncio.wrap_future(idle))

    def _told(self, source: Source, item: StreamItem) -> None:
        if self._async:
            self._line_up(partial(self._callback, item))
            return
        given = self._callback(item)
        if inspect.isawaitable(given):  # a lambda around a coroutine function
            self._line_up(lambda: given)

    def _line_up(self, make: Callable[[], Awaitable[Any]]) -> None:
        with self._guard:
            self._waiting.append(make)
            if self._idle is not None:
                return
            self._idle = concurrent.futures.Future()
        asyncio.run_coroutine_threadsafe(self._work_off(self._idle), io_loop())

    async def _work_off(self, idle: concurrent.futures.Future[None]) -> None:
        while True:
            with self._guard:
                if not self._waiting:
                    self._idle = None
                    break
                make = self._waiting.popleft()
            try:
                await self._place.run_async(make, _begun)
            except (Exception, asyncio.CancelledError) as error:  # whatever the person's code does
                self._following.failed(error)
        idle.set_result(None)


def hook(home: Everywhere, kind: Kind, callback: Callable[[Any], Any]) -> Hook:
    """Calls a function when something happens among those of ``home``.

    Raises:
        ConfigurationError: There is no such kind, or nothing that can be called.
    """
    if not callable(callback):
        raise ConfigurationError(
            f"on() takes a kind and a function; got a {type(callback).__name__}: "
            'agent.on("tool_finished", print)'
        )
    made = Hook(home, kinds_of(kind), callback)
    home.add(made._following)
    return made


def on(kind: Kind, callback: Callable[[Any], Any]) -> Hook:
    """As `Agent.on`, for all agents of this process, also those made later.

    Args:
        kind: What it is called for.
        callback: Gets the frame or event.

    Raises:
        ConfigurationError: There is no such kind, or nothing that can be called.
    """
    return hook(EVERYWHERE, kind, callback)


def kinds_of(kind: Kind) -> frozenset[type]:
    """The classes of items that are meant.

    Raises:
        ConfigurationError: There is no such kind.
    """
    if kind == "*":
        return frozenset(KINDS.values())
    if isinstance(kind, str):
        return frozenset({_named(kind)})
    if isinstance(kind, type):
        below = frozenset(one for one in KINDS.values() if issubclass(one, kind))
        if below and kind is not object:
            return below
    parts = get_args(kind) or (kind if isinstance(kind, (list, tuple, set, frozenset)) else ())
    if not parts:
        raise ConfigurationError(f"{kind!r} is no kind of frame or event. {_known()}")
    return _joined(map(kinds_of, parts))


def _joined(sets: Iterable[frozenset[type]]) -> frozenset[type]:
    return frozenset[type]().union(*sets)


def _named(name: str) -> type:
    if name not in KINDS:
        close = difflib.get_close_matches(name, KINDS, n=1)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        raise ConfigurationError(f"There is no kind {name!r}.{meant} {_known()}")
    return KINDS[name]


def _known() -> str:
    return f"The kinds are: {', '.join(sorted(KINDS))}, and '*' for all."


def _begun() -> None:
    """Nobody needs to know when a callback begins."""
