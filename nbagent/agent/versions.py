"""Versions of a question: what was asked again keeps what it was before, and all that followed.

The versions of a question hang on the message before it, whatever else becomes of the conversation:
they are there whenever that message is. Of each version only the checkpoint is kept at which it was
left, so that versions share what they share, and no message is kept twice. How a run failed is in
no message either: it is noted here, so that an answer that is told again says so again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from nbagent.agent.calls import CallRecord
from nbagent.agent.cutting import Cut
from nbagent.agent.events import RunFailed, RunStarted, StreamItem
from nbagent.agent.history import History
from nbagent.agent.journal import Checkpoint, Journal, calls_in
from nbagent.agent.recount import Failures, recount, turns
from nbagent.messages import Message

__all__ = ["BranchPoint", "BranchVersion", "Failure", "Fork", "Left", "Versions", "records_of"]

SHORT = 40  # characters


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BranchVersion:
    """One way in which a conversation went on from a question.

    Attributes:
        messages: The question and everything that followed it.
        calls: The records of the calls in them, with their live results.
    """

    messages: tuple[Message, ...]
    calls: tuple[CallRecord, ...] = ()

    def __repr__(self) -> str:
        line = " ".join(self.question.text.split())
        short = line if len(line) <= SHORT else line[: SHORT - 1] + "…"
        return f"<BranchVersion {short!r}: {len(self.messages)} messages>"

    @property
    def question(self) -> Message:
        """What was asked."""
        return self.messages[0]


@dataclass(frozen=True, slots=True, eq=False)
class BranchPoint:
    """A question that was asked in more than one way, or more than once.

    Attributes:
        index: Where it stands in the history.
        versions: All of them, oldest first.
        current: Which of them the conversation goes on with; None where it ends before it.
    """

    index: int
    versions: tuple[BranchVersion, ...]
    current: int | None


@dataclass(frozen=True, slots=True)
class Left:
    """A version where the conversation left it.

    Attributes:
        first: Its question.
        start: Where that stood.
        tip: The conversation as it was then.
        cut: What the model was given in place of the beginning.
    """

    first: Message
    start: int
    tip: Checkpoint
    cut: Cut | None = None

    @property
    def messages(self) -> tuple[Message, ...]:
        """The question and everything that followed it."""
        return self.tip.messages[self.start :]

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """The records of its calls."""
        return records_of(self.tip.all_calls, self.messages)


@dataclass(slots=True)
class Fork:
    """All versions that hang on one message; None for the beginning of the conversation."""

    anchor: Message | None
    left: list[Left] = field(default_factory=list)

    def number_of(self, first: Message) -> int | None:
        """Which of the versions begins with this very message."""
        return next((n for n, known in enumerate(self.left) if known.first is first), None)


@dataclass(frozen=True, slots=True)
class Failure:
    """How a run failed.

    Attributes:
        message: What was said last in it.
        error: Why.
        place: The checkpoint that this came with, and where it stands in what was added there;
            None where there is none.
    """

    message: Message
    error: BaseException
    place: tuple[Checkpoint, int] | None


class Versions:
    """The versions of the questions of one conversation.

    Args:
        history: The conversation.
        journal: Its checkpoints; listened to before anybody else does.
        calls: The records of its calls.
    """

    def __init__(self, history: History, journal: Journal, calls: list[CallRecord]) -> None:
        self._history = history
        self._calls = calls
        self._journal = journal
        # By the message they hang on, which each holds on to: its id cannot be another's.
        self._forks: dict[int, Fork] = {}
        self._head = journal.head
        self._unkept: Message | None = None
        # By the last message before it, which is held on to for the same reason.
        self._failures: dict[int, Failure] = {}
        self._began = 0
        journal.listen(self._moved)

    @property
    def points(self) -> tuple[BranchPoint, ...]:
        """The questions of the conversation that have several versions, in its order."""
        messages = self._history.messages
        return tuple(self._point(start, messages) for start in self._places(messages))

    def at(self, start: int) -> tuple[int, int]:
        """Which of how many versions a question at ``start`` is, or would be; both from 1."""
        fork = self.fork_before(self._history.messages, start) if self._forks else None
        if fork is None:
            return 1, 1
        first = self._history.since(start)[:1]
        number = fork.number_of(first[0]) if first else None
        count = len(fork.left) + (number is None)
        return (count if number is None else number + 1), count

    def find(self, version: BranchVersion) -> tuple[int, Left | None] | None:
        """Where a version stands, and where it was left; the current one was not. None if gone."""
        messages = self._history.messages
        for start in self._places(messages):
            fork = self.fork_before(messages, start)
            number = fork.number_of(version.question) if fork is not None else None
            current = start < len(messages) and messages[start] is version.question
            if fork is not None and (current or number is not None):
                return start, None if current or number is None else fork.left[number]
        return None

    def ask_anew(self, start: int, *, keep: bool = True) -> None:
        """The question at ``start`` is about to be asked anew: it and what followed is kept.

        Args:
            start: Where it stands.
            keep: Whether it is worth it: a question that nothing followed, asked again as it was,
                is the same version.
        """
        messages = self._history.messages
        if start >= len(messages):
            return  # it was refused before it was said
        if keep:
            anchor = messages[start - 1] if start else None
            self._forks.setdefault(_key(anchor), Fork(anchor))
        self._unkept = None if keep else messages[start]
        self.leave()

    def leave(self) -> None:
        """Notes where the conversation is, before it goes elsewhere."""
        if self._journal.head is not None:
            self._note(self._journal.head, self._journal.cut)

    def clear(self) -> None:
        """Forgets all versions."""
        self._forks.clear()
        self._failures.clear()

    def told(self, item: StreamItem) -> None:
        """Notes how a run failed, in which something was said."""
        if isinstance(item, RunFailed) and len(self._history) > self._began:
            self.note_failures([(self._history.messages[-1], item.error)])
            self._journal.tell_again()

    def note_failures(self, known: Iterable[tuple[Message, BaseException]]) -> None:
        """Notes how runs failed, by the message that was the last of each."""
        for message, error in known:
            self._failures[id(message)] = Failure(message, error, self._journal.place_of(message))

    @property
    def failures(self) -> Failures:
        """How runs failed, by the id of the message that was the last then."""
        return {key: failure.error for key, failure in self._failures.items()}

    @property
    def failed(self) -> tuple[Failure, ...]:
        """All failures that are known."""
        return tuple(self._failures.values())

    def retold(self, messages: Sequence[Message], model: str) -> Iterator[StreamItem]:
        """A recount, each question of which says which of its versions it is."""
        starts = turns(self._history.messages)
        for item in recount(messages, self._calls, model, self.failures):
            if isinstance(item, RunStarted) and item.run_id in starts:
                item = self.placed(item, starts[item.run_id])
            yield item

    def placed(self, item: RunStarted, start: int) -> RunStarted:
        """The beginning of a run that says which version its question is."""
        self._began = start
        version, versions = self.at(start)
        return replace(item, version=version, versions=versions) if versions > 1 else item

    def fork_before(self, messages: Sequence[Message], start: int) -> Fork | None:
        """The versions of a conversation's question at ``start``."""
        if not 0 <= start <= len(messages):
            return None
        return self._forks.get(_key(messages[start - 1] if start else None))

    @property
    def forks(self) -> tuple[Fork, ...]:
        """All that are known, also where the message that they hang on is gone."""
        return tuple(self._forks.values())

    def put(self, left: Sequence[Left]) -> None:
        """Takes over the versions of a question that were saved; there are some."""
        start, tip = left[0].start, left[0].tip
        anchor = tip.messages[start - 1] if start else None
        self._forks[_key(anchor)] = Fork(anchor, list(left))

    def _places(self, messages: Sequence[Message]) -> list[int]:
        if not self._forks:
            return []
        return [n for n in range(len(messages) + 1) if self._is_place(messages, n)]

    def _is_place(self, messages: Sequence[Message], start: int) -> bool:
        asked = start == len(messages) or messages[start].role == "user"
        return asked and self.fork_before(messages, start) is not None

    def _point(self, start: int, messages: Sequence[Message]) -> BranchPoint:
        fork = self.fork_before(messages, start)
        versions = [BranchVersion(left.messages, left.calls) for left in fork.left] if fork else []
        current = None
        if fork is not None and start < len(messages):
            number = fork.number_of(messages[start])
            current = len(versions) if number is None else number
            calls = records_of(self._calls, messages[start:])
            versions[current : current + 1] = [BranchVersion(tuple(messages[start:]), calls)]
        return BranchPoint(start, tuple(versions), current)

    def _moved(self, checkpoint: Checkpoint) -> None:
        before, self._head = self._head, checkpoint
        if checkpoint is before:
            return
        goes_on = checkpoint.parent is before and before is not None
        if before is None or (goes_on and len(checkpoint) >= len(before) <= checkpoint.kept + 1):
            return
        self._note(before, None)
        self._unkept = None

    def _note(self, tip: Checkpoint, cut: Cut | None) -> None:
        """The versions that a moment of the conversation has were last seen there."""
        messages = tip.messages if self._forks else ()
        for start in self._places(messages):
            fork = self.fork_before(messages, start)
            if fork is None or start >= len(messages):
                continue
            number = fork.number_of(messages[start])
            if number is None and messages[start] is not self._unkept:
                fork.left.append(Left(messages[start], start, tip, cut))
            elif number is not None and fork.left[number].tip is not tip:
                fork.left[number] = Left(messages[start], start, tip, cut)


def records_of(
    records: Sequence[CallRecord], messages: Iterable[Message]
) -> tuple[CallRecord, ...]:
    """Those of the records whose calls are in the messages."""
    asked = calls_in(messages)
    return tuple(record for record in records if record.tool_call_id in asked)


def _key(anchor: Message | None) -> int:
    return 0 if anchor is None else id(anchor)
