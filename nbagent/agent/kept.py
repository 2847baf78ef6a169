"""An engine's conversation: emptied, edited, rolled back, or taken over from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from nbagent.agent.audience import Audience
from nbagent.agent.call_ids import TakenIds
from nbagent.agent.calls import CallRecord
from nbagent.agent.events import HistoryCut, HistoryReset
from nbagent.agent.history import History
from nbagent.agent.journal import Checkpoint, Journal, calls_in
from nbagent.agent.pricing import Spent
from nbagent.agent.recount import recount, turns
from nbagent.agent.repair import repaired
from nbagent.agent.settings import Settings
from nbagent.agent.turn import Turn
from nbagent.errors import AgentBusy
from nbagent.messages import Message, MessageLike, Part

__all__ = ["Kept"]


class Kept:
    """The part of an engine that changes its conversation while no run goes on."""

    settings: Settings
    calls: list[CallRecord]
    journal: Journal
    spent: Spent
    _history: History
    _audience: Audience
    _turn: Turn
    _taken: TakenIds

    def reset(self) -> None:
        """Empties the conversation.

        Raises:
            AgentBusy: A run is going on.
        """
        with self._alone("reset"):
            self.calls.clear()
            self.journal.forget()
            self._history.clear()
            self.spent.clear()
            self._taken.clear()
            self._audience.tell(HistoryReset())

    def rewrite(self, messages: Iterable[MessageLike]) -> None:
        """Takes another conversation in place of this one; the displays show it.

        Raises:
            AgentBusy: A run is going on.
        """
        with self._alone("edit"):
            made = repaired(map(Message.of, messages))
            asked = calls_in(made)
            self.journal.set_calls(tuple(c for c in self.calls if c.tool_call_id in asked))
            self._history.replace(made)
            self._retell()

    @property
    def last_run(self) -> str:
        """The run of the last question; nothing where there is none."""
        return next(reversed(self._audience.asked or turns(self._history.messages)), "")

    def take_back(self, run_id: str) -> tuple[str | Part, ...]:
        """Takes back the question of a run and all that followed; the displays show it.

        Returns:
            What was asked; nothing where there is no such question any more.

        Raises:
            AgentBusy: A run is going on.
        """
        with self._alone("edit"):
            messages = self._history.messages
            known = self._audience.asked.get(run_id)
            start = turns(messages).get(run_id, -1) if known is None else known[0]
            first = messages[start] if 0 <= start < len(messages) else None
            if start < 0 or start > len(messages) or (first and first.role != "user"):
                return ()
            content: tuple[str | Part, ...] = first.parts if first is not None else ()
            if known is not None and (first is None or first.text != known[1].text):
                # It was refused before it was said.
                content = (*filter(None, [known[1].text]), *known[1].attachments)
            self._keep_first(start)
            self._audience.forget_from(run_id)
            self._audience.tell(HistoryCut(run_id))
            return content

    def _keep_first(self, count: int) -> None:
        kept = self._history.messages[:count]
        asked = calls_in(kept)
        self.journal.set_calls(tuple(c for c in self.calls if c.tool_call_id in asked))
        self._history.replace(kept)

    def rollback(self, checkpoint: Checkpoint) -> None:
        """Puts the conversation and its calls back to where they were; the displays show it.

        Raises:
            AgentBusy: A run is going on.
        """
        with self._alone("rollback"):
            self.journal.go(checkpoint)
            self._retell()

    def restore(self, messages: Iterable[MessageLike], calls: Iterable[CallRecord]) -> None:
        """Begins with a conversation that was saved, and the records of its calls."""
        self.calls[:] = calls
        self.journal.forget()
        self._history.replace(messages)
        self._count_anew()

    def resume(self, checkpoints: Iterable[Checkpoint], head: Checkpoint) -> None:
        """Begins where a stored conversation is."""
        self.journal.adopt(checkpoints, head)
        self._count_anew()

    def _count_anew(self) -> None:
        self.spent.clear()
        self.spent.add_earlier(self.settings.model, self._history.messages)

    @contextmanager
    def _alone(self, what: str) -> Iterator[None]:
        if not self._turn.seize():
            raise AgentBusy(
                f"A run is going on. Wait for it, or stop it with agent.stop() before the {what}."
            )
        try:
            yield
        finally:
            self._turn.give()

    def _retell(self) -> None:
        self._audience.retell(recount(self._history.messages, self.calls, str(self.settings.model)))
