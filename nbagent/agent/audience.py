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
        # Runs that a display was told anew, and may know by other names than those who heard them.
        self._anew: set[str] = set()
        self._full = MANY
        self._before = 0
        # A run tells on its own thread, and a display comes on the kernel's.
        self._guard = threading.RLock()

    def tell(self, item: StreamItem) -> None:
        """Tells every listener, from any thread."""
        if self._follow is not None:
            self._follow(item)
        if type(item) not in TYPED:
            self.show(item)

    def show(self, item: StreamItem) -> None:
        """Tells the displays alone: of what they have not shown before, and others have heard."""
        kind = type(item)
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
                self._anew.clear()
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

    def cut_from(self, start: int, starts: Mapping[str, int], run_id: str = "") -> None:
        """Forgets the questions from one on, and tells that they are gone.

        Args:
            start: The number of messages that stay.
            starts: By the runs of a recount, how many messages there were before each.
            run_id: The run of that question, where there may be others that were never said.
        """
        with self._guard:
            live = [run for run, (count, _) in self.asked.items() if count >= start][:1]
            live = [run_id] if run_id in self.asked else live
            for later in self._since(live):
                del self.asked[later]
            anew = [run for run, count in starts.items() if count == start and run not in live]
        known = [run for run in anew if run in self._anew]
        for number, name in enumerate([*live, *known] or anew):
            # Each display knows one of the names; whoever else hears of it hears of it once.
            (self.show if number else self.tell)(HistoryCut(name))

    def _since(self, first: list[str]) -> list[str]:
        runs = list(self.asked)
        return runs[runs.index(first[0]) :] if first else []

    def retell(self, items: Iterable[StreamItem]) -> None:
        """Tells every listener another conversation in place of this one. No run goes on."""
        with self._guard:
            self.asked.clear()
            for item in (HistoryReset(), *items) if self._listeners else ():
                self._note_anew(item)
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
                self._note_anew(item)
                listener(item)
            for item in self._told:
                listener(item)
            self._listeners.append(listener)

    def _note_anew(self, item: StreamItem) -> None:
        if isinstance(item, RunStarted):
            self._anew.add(item.run_id)

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
