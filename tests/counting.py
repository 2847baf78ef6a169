"""What work costs as a count, which no slow machine changes: calls of functions, looks, memory."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Calls", "Watched", "counted_calls", "peak_of", "virtual_run"]


class Calls:
    """How many functions were called."""

    count = 0


@contextmanager
def counted_calls() -> Iterator[Calls]:
    """Counts the functions that this thread calls in the block, those of C included."""
    calls = Calls()

    def counted(frame: FrameType, event: str, argument: Any) -> None:
        calls.count += event in ("call", "c_call")

    before: Callable[..., Any] | None = sys.getprofile()
    collects = gc.isenabled()
    gc.disable()  # what others do when it runs is no part of the work
    sys.setprofile(counted)
    try:
        yield calls
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()


def peak_of(work: Callable[[], object]) -> int:
    """Bytes that ``work`` has at the same time at most, arrays of numpy included."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Watched:
    """A value in a large container that counts how often it is written out or compared.

    Attributes:
        looks: How often.
    """

    def __init__(self) -> None:
        self.looks = 0

    def _look(self) -> str:
        self.looks += 1
        return "watched"

    def __repr__(self) -> str:
        return self._look()

    def __str__(self) -> str:
        return self._look()

    def __eq__(self, other: object) -> bool:
        self._look()
        return self is other

    def __lt__(self, other: object) -> bool:
        self._look()
        return False

    def __hash__(self) -> int:
        self._look()
        return 1


class _VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes only, and at once, where all that runs on it waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        select = self._selector.select  # type: ignore[attr-defined]  # asyncio's own seam

        def at_once(timeout: float | None = None) -> Any:
            self._now += timeout or 0.0
            return select(0 if timeout is not None else None)

        self._selector.select = at_once  # type: ignore[attr-defined]  # as above

    def time(self) -> float:
        return self._now


def virtual_run(work: Callable[[], Any]) -> tuple[Any, float]:
    """What a coroutine gives, and how many seconds it took on a clock that nothing slows down."""
    loop = _VirtualLoop()
    try:
        return loop.run_until_complete(work()), loop.time()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
