"""An engine's conversation: emptied, edited, rolled back, or taken over from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from nbagent.agent.audience import Audience
from nbagent.agent.call_again import CallAgain, found
from nbagent.agent.call_ids import TakenIds
from nbagent.agent.calls import CallRecord
from nbagent.agent.events import HistoryReset
from nbagent.agent.history import History
from nbagent.agent.journal import Checkpoint, Journal
from nbagent.agent.pricing import Spent
from nbagent.agent.recount import said, turns
from nbagent.agent.repair import repaired
from nbagent.agent.settings import Settings
from nbagent.agent.turn import Turn
from nbagent.agent.version_tree import Place, grow
from nbagent.agent.versions import BranchVersion, Left, Versions, records_of
from nbagent.errors import AgentBusy, ConfigurationError
from nbagent.messages import Message, MessageLike, Part

__all__ = ["Kept"]


class Kept:
    """The part of an engine that changes its conversation while no run goes on."""

    settings: Settings
    calls: list[CallRecord]
    journal: Journal
    versions: Versions
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
            self.versions.clear()
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
            if not set(map(id, made)) & set(map(id, self._history.messages)):
                self.versions.clear()  # another conversation, to which they do not belong
            self.journal.set_calls(records_of(self.calls, made))
            self._history.replace(made)
            self._retell()

    @property
    def last_run(self) -> str:
        """The run of the last question; nothing where there is none."""
        return next(reversed(self._audience.asked or turns(self._history.messages)), "")

    def take_back(self, run_id: str, *, same: bool = False) -> tuple[str | Part, ...]:
        """Takes back the question of a run and all that followed; the displays show it.

        It is kept as a version of whatever is asked in its place.

        Args:
            run_id: The run.
            same: Whether the same is asked again: without an answer it is then not worth keeping.

        Returns:
            What was asked; nothing where there is no such question any more.

        Raises:
            AgentBusy: A run is going on.
        """
        with self._alone("edit"):
            messages = self._history.messages
            known, start = self._audience.asked.get(run_id), self._start_of(run_id)
            first = messages[start] if 0 <= start < len(messages) else None
            if start < 0 or start > len(messages) or (first and first.role != "user"):
                return ()
            content: tuple[str | Part, ...] = first.parts if first is not None else ()
            if known is not None and (first is None or first.text != known[1].text):
                # It was refused before it was said.
                content = (*filter(None, [known[1].text]), *known[1].attachments)
            self.versions.ask_anew(start, keep=not same or len(messages) > start + 1)
            self._keep_first(start)
            self._audience.cut_from(start, turns(messages), run_id)
            return content

    def question_of(self, tool_call_id: str) -> int:
        """Where the question stands in whose answer a call is, as the displays know it.

        Raises:
            ConfigurationError: The conversation has no such call, or nobody asked for it.
        """
        messages = self._history.messages
        at, _ = found(messages, tool_call_id)
        live = [count for count, _ in self._audience.asked.values() if count <= at]
        start = max(live or (start for start in turns(messages).values() if start <= at))
        if messages[start].role != "user":
            raise ConfigurationError(
                f"The call {tool_call_id!r} stands before the first question of the conversation, "
                "so there is no answer to go on with."
            )
        return start

    def begin_again(self, tool_call_id: str) -> CallAgain:
        """Takes back the answer that a call is in, and all that followed; the displays show it.

        It is kept as a version of the one that goes on from the call. Whoever calls it holds the
        turn.

        Raises:
            ConfigurationError: The conversation has no such call.
        """
        start, messages = self.question_of(tool_call_id), self._history.messages
        again = CallAgain.of(messages, self.calls, start, tool_call_id)
        self.versions.ask_anew(start)
        self._keep_first(start)
        self._audience.cut_from(start, turns(messages))
        return again

    def show_again(self, run_id: str, again: CallAgain) -> None:
        """Tells the displays what an answer that goes on from a call had said before it."""
        records = {record.tool_call_id: record for record in again.calls}
        for item in said(run_id, again.messages[1:], records):
            self._audience.show(item)

    def _keep_first(self, count: int) -> None:
        kept = self._history.messages[:count]
        self.journal.set_calls(records_of(self.calls, kept))
        self._history.replace(kept)

    def switch(self, version: BranchVersion) -> None:
        """Goes on with another version of a question; the displays show it.

        Raises:
            AgentBusy: A run is going on.
            ConfigurationError: The conversation has no such version any more.
        """
        with self._alone("switch"):
            found = self.versions.find(version)
            if found is None:
                raise ConfigurationError(
                    f"The conversation has no {version!r} any more. agent.branches has those that "
                    "can be switched to."
                )
            start, left = found
            if left is not None:
                self.versions.leave()
                self._take_up(start, left)
                self._retell_from(start)

    def switch_run(self, run_id: str, number: int) -> bool:
        """Goes on with the ``number``-th version, from 0, of a run's question.

        Returns:
            Whether it does: not while a run goes on, and not with a version that is gone.
        """
        start = self._start_of(run_id)
        point = next((each for each in self.versions.points if each.index == start), None)
        if point is None or not 0 <= number < len(point.versions):
            return False
        try:
            self.switch(point.versions[number])
        except AgentBusy:
            return False
        return True

    def _start_of(self, run_id: str) -> int:
        """How many messages stand before a run's question; -1 where it is not known."""
        known = self._audience.asked.get(run_id)
        return turns(self._history.messages).get(run_id, -1) if known is None else known[0]

    def _take_up(self, start: int, left: Left) -> None:
        before = self._history.messages[:start]
        if left.start == start and all(map(_same, before, left.tip.messages)):
            self.journal.go(left.tip)
        else:  # what stands before it was changed since
            messages = (*before, *left.messages)
            self.journal.set_calls((*records_of(self.calls, before), *left.calls))
            self._history.replace(messages)
        if left.cut is not None:
            self.journal.cut = left.cut

    def _retell_from(self, start: int) -> None:
        """Tells the displays the conversation from its question at ``start`` on."""
        messages = self._history.messages
        items = self.versions.retold(messages, str(self.settings.model))
        self._audience.retell_from(start, turns(messages), items)

    def rollback(self, checkpoint: Checkpoint) -> None:
        """Puts the conversation and its calls back to where they were; the displays show it.

        Raises:
            AgentBusy: A run is going on.
        """
        with self._alone("rollback"):
            self.journal.go(checkpoint)
            self._retell()

    def restore(
        self,
        messages: Iterable[MessageLike],
        calls: Iterable[CallRecord],
        places: Iterable[Place] = (),
        failures: Iterable[tuple[Message, BaseException]] = (),
    ) -> None:
        """Begins with a conversation that was saved, its calls and its other versions.

        Args:
            messages: What was said.
            calls: The records of the calls in them.
            places: The questions with several versions.
            failures: How runs failed, by the message that was the last of each.
        """
        self.calls[:] = calls
        self.journal.forget()
        self.versions.clear()
        self._history.replace(messages)
        grow(self.versions, self.journal, places, self.journal.head)
        self.versions.note_failures(failures)
        self._count_anew()

    def resume(
        self,
        checkpoints: Iterable[Checkpoint],
        head: Checkpoint,
        forks: Iterable[Sequence[Left]] = (),
        failures: Iterable[tuple[Message, BaseException]] = (),
    ) -> None:
        """Begins where a stored conversation is.

        Args:
            checkpoints: All that one can go back to.
            head: Where it is.
            forks: The versions of its questions.
            failures: How runs failed, by the message that was the last of each.
        """
        self.journal.adopt(checkpoints, head)
        for left in forks:
            self.versions.put(left)
        self.versions.note_failures(failures)
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
        model = str(self.settings.model)
        self._audience.retell(self.versions.retold(self._history.messages, model))


def _same(one: Message, other: Message) -> bool:
    return one is other
