"""What is streamed: how many deltas, at which rate, under how many earlier messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tests.bench.side.prose import deltas, earlier

__all__ = ["LOADS", "Load"]


@dataclass(frozen=True)
class Load:
    """One reply that every contestant shows.

    Attributes:
        name: What the command line calls it.
        count: How many deltas.
        rate: Deltas a second; None for as fast as the socket takes them.
        before: How many messages stand above it when it begins, questions and answers in turn.
    """

    name: str
    count: int
    rate: float | None = None
    before: int = 0

    @cached_property
    def deltas(self) -> Sequence[str]:
        """The reply, delta by delta; the same in every run."""
        return deltas(self.count)

    @cached_property
    def rounds(self) -> Sequence[tuple[str, str]]:
        """The earlier questions and answers."""
        return earlier(self.before // 2)

    @property
    def text(self) -> str:
        """The whole reply, in Markdown."""
        return "".join(self.deltas)

    @property
    def seconds(self) -> float:
        """How long sending takes, about."""
        return self.count / self.rate if self.rate else 0.5


#: By name.
LOADS = {
    load.name: load
    for load in (
        Load("paced", 2000, rate=100.0),
        Load("flood", 4000),
        Load("under-40", 1000, before=40),
    )
}
