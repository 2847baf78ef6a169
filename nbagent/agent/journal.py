"""Checkpoints: each change of a conversation as a step that one can go back to.

A checkpoint holds what it added to the one before it, so all of them together hold each message
once. After a rollback the conversation goes on from there; what came after stays where it is, a
branch that one can go back to as well.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from nbagent.agent.calls import CallRecord
from nbagent.agent.cutting import Cut
from nbagent.agent.history import History
from nbagent.agent.interrupted import interrupted
from nbagent.messages import Message, ToolCall

__all__ = ["Checkpoint", "Journal", "calls_in"]

LABEL = 60  # characters


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Checkpoint:
    """A moment of a conversation, to which `Agent.rollback` goes back.

    Attributes:
        parent: The one before it.
        kept: How many messages of that one are still there.
        added: The messages that came.
        calls: The records of calls that came.
        made: When, in epoch seconds.
        id: Its name.
    """

    parent: Checkpoint | None
    kept: int
    added: tuple[Message, ...]
    calls: tuple[CallRecord, ...] = ()
    made: float = field(default_factory=time.time)
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:16])

    def __repr__(self) -> str:
        return f"<Checkpoint {self.id}: {self.label}; {len(self)} messages>"

    def __len__(self) -> int:
        """How many messages the conversation has at this moment."""
        return self.kept + len(self.added)

    @property
    def label(self) -> str:
        """What happened, in a few words."""
        if not len(self):
            return "emptied"
        # What came may stand in place of the last message: results are gathered in one.
        goes_on = self.parent is None or self.kept >= len(self.parent) - 1
        return _label(self.added[-1]) if self.added and goes_on else "changed"

    @property
    def settled(self) -> bool:
        """Whether every call has its result at this moment."""
        last = self.added[-1] if self.added else None
        return last is None or not last.tool_calls

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation as it was."""
        pieces: list[tuple[Message, ...]] = []
        end = len(self)
        for checkpoint in self._back():
            if checkpoint.kept < end:
                pieces.append(checkpoint.added[: end - checkpoint.kept])
                end = checkpoint.kept
        return tuple(message for piece in reversed(pieces) for message in piece)

    @property
    def all_calls(self) -> tuple[CallRecord, ...]:
        """The records of the calls that are in the conversation at this moment, one of each."""
        asked = calls_in(self.messages)
        back = [call for checkpoint in self._back() for call in reversed(checkpoint.calls)]
        # Versions share calls, and some servers' ids come again in each: the last one counts.
        last: dict[str, CallRecord] = {}
        for call in back:
            if call.tool_call_id in asked:
                last.setdefault(call.tool_call_id, call)
        return tuple(reversed(last.values()))

    def _back(self) -> Iterator[Checkpoint]:
        checkpoint: Checkpoint | None = self
        while checkpoint is not None:
            yield checkpoint
            checkpoint = checkpoint.parent


class Journal:
    """Makes a checkpoint of each change of a history.

    Args:
        history: The conversation.
        calls: The records of its calls, to which more are added before their results are.

    Attributes:
        head: Where the conversation is; None before the first message.
    """

    def __init__(self, history: History, calls: list[CallRecord]) -> None:
        self.head: Checkpoint | None = None
        self._all: dict[str, Checkpoint] = {}
        self._history = history
        self._calls = calls
        self._seen = len(calls)
        self._target: Checkpoint | None = None
        self._listeners: list[Callable[[Checkpoint], None]] = []
        if len(history):
            self._note(Checkpoint(None, 0, history.messages, tuple(calls)))
        history.watch(self._changed)

    @property
    def cut(self) -> Cut | None:
        """What the model is given in place of the beginning; see `compaction`."""
        return self._history.cut

    @cut.setter
    def cut(self, cut: Cut | None) -> None:
        fits = cut is not None and cut.upto <= len(self._history)
        self._history.cut = cut if fits else None

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """All that one can go back to, oldest first, those of other branches too."""
        return tuple(each for each in tuple(self._all.values()) if each.settled)

    @property
    def everything(self) -> tuple[Checkpoint, ...]:
        """All, oldest first, those with calls under way too."""
        return tuple(self._all.values())

    def get(self, identity: str) -> Checkpoint | None:
        """The checkpoint of that name."""
        return self._all.get(identity)

    def listen(self, listener: Callable[[Checkpoint], None]) -> None:
        """Tells it where the conversation is, after each change; sometimes once more.

        Args:
            listener: Called on the thread of the change; must return at once.
        """
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[Checkpoint], None]) -> None:
        """Tells it no longer."""
        self._listeners.remove(listener)

    def adopt(self, checkpoints: Iterable[Checkpoint], head: Checkpoint) -> None:
        """Goes on with a stored conversation, its checkpoints in place of its own."""
        self._all = {each.id: each for each in checkpoints}
        self.go(head)

    def graft(self, checkpoint: Checkpoint) -> None:
        """One more to go back to, where the conversation has not been."""
        self._all[checkpoint.id] = checkpoint

    def place_of(self, message: Message) -> tuple[Checkpoint, int] | None:
        """The checkpoint that added this very message, and where it stands in what that added."""
        for checkpoint in reversed(tuple(self._all.values())):
            for at, added in enumerate(checkpoint.added):
                if added is message:
                    return checkpoint, at
        return None

    def tell_again(self) -> None:
        """Tells the listeners where the conversation is: something else of it has changed."""
        if self.head is not None:
            self._tell(self.head)

    def forget(self) -> None:
        """Drops all checkpoints."""
        self._all.clear()
        self.head, self._seen = None, 0

    def go(self, target: Checkpoint) -> None:
        """Puts the conversation and its calls back to where they were.

        A call that was under way then is given a result that says so.
        """
        calls = target.all_calls
        messages, left = interrupted(target.messages, calls)
        self.set_calls(calls)
        self._calls += left
        self._target = target
        self._history.replace(messages)

    def set_calls(self, calls: tuple[CallRecord, ...]) -> None:
        """Other records of calls; none of them is new to a checkpoint."""
        self._calls[:] = calls
        self._seen = len(calls)

    def _changed(self, start: int) -> None:
        target, self._target = self._target, None
        if target is not None:
            self.head, start = target, _same(target.messages, self._history.messages)
            if start == len(target) == len(self._history):
                return self._tell(target)  # what was repaired of it makes another checkpoint
        new, self._seen = tuple(self._calls[self._seen :]), len(self._calls)
        return self._note(Checkpoint(self.head, start, self._history.since(start), new))

    def _note(self, checkpoint: Checkpoint) -> None:
        self._all[checkpoint.id] = checkpoint
        self.head = checkpoint
        self._tell(checkpoint)

    def _tell(self, checkpoint: Checkpoint) -> None:
        for listener in tuple(self._listeners):
            listener(checkpoint)


def _label(last: Message) -> str:
    if last.role == "tool":
        return f"called: {_short(', '.join(result.name for result in last.tool_results))}"
    if last.role == "user":
        return f"asked: {_short(last.text)}"
    if last.role == "system":
        return f"told: {_short(last.text)}"
    verb = "answered" if last.finish_reason is not None else "left off"
    names = ", ".join(call.name for call in last.tool_calls)
    return f"{verb}: {_short(last.text or names)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LABEL else line[: LABEL - 1] + "…"


def _same(one: Iterable[Message], other: Iterable[Message]) -> int:
    """How many messages at the start are the same objects."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))


def calls_in(messages: Iterable[Message]) -> set[str]:
    """The ids of the calls in a conversation."""
    return {
        part.tool_call_id
        for message in messages
        for part in message.parts
        if isinstance(part, ToolCall)
    }
