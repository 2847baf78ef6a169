"""Generators as tools: each yield is a step, the result is what is returned or came last."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

__all__ = ["drained", "drained_async"]


def drained(steps: Iterator[Any], step: Callable[[Any], bool]) -> Any:
    """Run a generator to its end, telling ``step`` of each yield until that says to stop.

    The result is what the generator returned, or else what came last.
    """
    last = None
    while True:
        try:
            last = next(steps)
        except StopIteration as end:
            return last if end.value is None else end.value
        if not step(last):
            return last  # nobody waits for the rest; dropping the generator closes it


async def drained_async(steps: AsyncIterator[Any], step: Callable[[Any], bool]) -> Any:
    """The same for an async generator. It has no return value: the result is what came last."""
    last = None
    async for last in steps:
        step(last)
    return last
