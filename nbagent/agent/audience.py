"""The displays of an agent: told of every run, and told the whole of it when they come late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from itertools import dropwhile, groupby
from typing import TypeAlias

from nbagent.agent.events import (
    HistoryCut,
    HistoryReset,
    OutputElement,
    PartialOutput,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StreamItem,
)
from nbagent.frames import ReasoningDelta, TextDelta, ToolCallDelta

__all__ = ["ENDS", "Audience", "Listener"]

ENDS = (RunFinished, RunFailed, RunCancelled)
TYPED = (PartialOutput, OutputElement)
# Nearly all that is told, and nothing but told.
_DELTAS = (TextDelta, ReasoningDelta, ToolCallDelta)

Listener: TypeAlias = Callable[[StreamItem], None]

# So many items are kept before the fragments of a text among them are joined.
MANY = 4096


class Audience:
    """Listeners, and what the run that is going on has told so far.

    Args:
        count: Gives how many messages the conversation has.
        follow: Told first of everything, values of a type included, which displays are not.
        placed: Gives the beginning of a run, with so many messages before it, as displays see it.

    Attributes:
        asked: By the runs that were told, how many messages there were before the question, and it.
    """

    def __init__(
        self,
        count: Callable[[], int],
        follow: Listener | None = None,
        placed: Callable[[RunStarted, int], RunStarted] | None = None,
    ) -> None:
        self._count = count
        self._placed = placed
        self._follow = follow
        self.asked: dict[str, tuple[int, RunStarted]] = {}
        self._listeners: list[Listener] = []
        # Kept while a run goes on: what its tools showed is in no message of the history.
        self._told: list[StreamItem] = []
        self._full = MANY
        self._before = 0
        # A run tells on its own thread, and a display comes on the kernel's.
        self._guard = threading.RLock()

    def tell(self, item: StreamItem) -> None:
        """Tells every listener, from any thread."""
        if self._follow is not None:
            self._follow(item)
        kind = type(item)
        if kind in TYPED:
            return
        with self._guard:
            if kind in _DELTAS:
                self._keep(item)
            elif isinstance(item, RunStarted):
                self._before = self._count()
                if self._placed is not None:
                    item = self._placed(item, self._before)
                self.asked[item.run_id] = (self._before, item)
                self._told, self._full = [item], MANY
            elif isinstance(item, ENDS):
                self._told = []
            elif isinstance(item, HistoryReset):
                self.asked.clear()
            else:
                self._keep(item)
            for listener in self._listeners:
                listener(item)

    def _keep(self, item: StreamItem) -> None:
        if self._told:
            self._told.append(item)
            if len(self._told) >= self._full:
                self._told = _joined(self._told)
                self._full = len(self._told) + MANY

    def forget_from(self, run_id: str) -> None:
        """Forgets where the questions of a run and of all later ones were asked."""
        with self._guard:
            runs = list(self.asked)
            for later in runs[runs.index(run_id) if run_id in self.asked else 0 :]:
                del self.asked[later]

    def retell(self, items: Iterable[StreamItem]) -> None:
        """Tells every listener another conversation in place of this one. No run goes on."""
        with self._guard:
            self.asked.clear()
            for item in (HistoryReset(), *items) if self._listeners else ():
                for listener in self._listeners:
                    listener(item)

    def retell_from(
        self, start: int, starts: Mapping[str, int], items: Iterable[StreamItem]
    ) -> None:
        """Tells every listener another end of the conversation in place of one. No run goes on.

        Args:
            start: The number of messages that stayed.
            starts: By the runs of ``items``, how many messages there were before each.
            items: The whole conversation; those before ``start`` are passed over.
        """
        with self._guard:
            # By the name of the run that was told live, and by that of one that was told anew.
            names = [run for run, (count, _) in self.asked.items() if count >= start][:1]
            names += [run for run, count in starts.items() if count == start and run not in names]
            self.asked = {run: place for run, place in self.asked.items() if place[0] < start}
            new = dropwhile(lambda item: not _begins(item, starts, start), items)
            for item in (*map(HistoryCut, names), *new):
                if isinstance(item, RunStarted):
                    self.asked[item.run_id] = (starts[item.run_id], item)
                for listener in self._listeners:
                    listener(item)

    def join(
        self, listener: Listener, earlier: Callable[[int | None], Iterable[StreamItem]]
    ) -> None:
        """One more listener. It is told what was said earlier, then the run that is going on.

        Args:
            listener: Told each item; must return at once.
            earlier: Gives the items of the conversation's first so many messages, or of all.
        """
        with self._guard:
            for item in earlier(self._before if self._told else None):
                listener(item)
            for item in self._told:
                listener(item)
            self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """One listener less."""
        with self._guard:
            self._listeners.remove(listener)


def _begins(item: StreamItem, starts: Mapping[str, int], start: int) -> bool:
    return isinstance(item, RunStarted) and starts[item.run_id] >= start


def _joined(items: Iterable[StreamItem]) -> list[StreamItem]:
    """The items, with one delta for each run of deltas of the same text."""
    joined: list[StreamItem] = []
    for index, run in groupby(items, lambda i: i.index if type(i) is TextDelta else None):
        if index is None:
            joined += run
        else:
            joined.append(TextDelta("".join(i.text for i in run if type(i) is TextDelta), index))
    return joined
