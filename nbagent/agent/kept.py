"""An engine's conversation: emptied, edited, rolled back, or taken over from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from nbagent.agent.audience import Audience
from nbagent.agent.calls import CallRecord
from nbagent.agent.events import HistoryReset
from nbagent.agent.history import History
from nbagent.agent.journal import Checkpoint, Journal, calls_in
from nbagent.agent.pricing import Spent
from nbagent.agent.recount import recount
from nbagent.agent.repair import repaired
from nbagent.agent.settings import Settings
from nbagent.agent.turn import Turn
from nbagent.errors import AgentBusy
from nbagent.messages import Message, MessageLike

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
