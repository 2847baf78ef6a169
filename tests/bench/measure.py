"""How everything is measured: CPU of this process, in alternation, medians."""

from __future__ import annotations

import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeAlias

__all__ = ["ROUNDS", "Row", "alternate", "consume", "cpu_of"]

ROUNDS = 5

Measure: TypeAlias = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Row:
    """One line of the table. ``ours`` and ``floor`` are in ``unit``.

    Without a floor, ``wanted`` is the most that ``ours`` may be; with one, the most that their
    ratio may be.
    """

    name: str
    ours: float
    unit: str
    floor: float | None = None
    wanted: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours to the floor."""
        return self.ours / self.floor if self.floor else None

    @property
    def within(self) -> bool:
        """Whether it is as wanted; also where nothing is."""
        measured = self.ratio if self.floor else self.ours
        return self.wanted is None or measured is None or measured <= self.wanted


async def alternate(*measures: Measure, rounds: int = ROUNDS) -> list[float]:
    """The median of each measure, taken in turns, so that a slow minute is slow for all."""
    taken: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for measure, values in zip(measures, taken, strict=True):
            values.append(await measure())
    return [median(values) for values in taken]


async def cpu_of(work: Callable[[], Awaitable[Any]]) -> float:
    """Seconds of CPU that this process spends on one run, all its threads together."""
    gc.collect()
    begun = time.process_time()
    await work()
    return time.process_time() - begun


async def consume(items: AsyncIterator[Any], at_least: int) -> None:
    """Reads to the end.

    Raises:
        AssertionError: Fewer items came than must have.
    """
    count = 0
    async for _ in items:
        count += 1
    assert count >= at_least, f"{count} items came instead of {at_least}"
