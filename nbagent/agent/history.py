"""The conversation: messages, and the promise that every provider accepts them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import takewhile

from nbagent.agent.cutting import Cut
from nbagent.agent.presented import Presenter
from nbagent.agent.repair import NOT_RUN, repaired, says_something
from nbagent.messages import Message, MessageLike, ToolCall, ToolResultPart

__all__ = ["NOT_RUN", "History"]


class History:
    """Messages in order. Every call in it has, or will be given, exactly one result."""

    def __init__(self, messages: Iterable[MessageLike] = ()) -> None:
        self._messages = repaired(map(Message.of, messages))
        self._all: tuple[Message, ...] | None = None
        self._length = len(self._messages)
        # How often it was changed before its last message.
        self.edits = 0
        self._presenter = Presenter()
        self._watchers: list[Callable[[int], None]] = [self._presenter.changed]
        # What stands for the beginning, in what the model is given; see `compaction`.
        self.cut: Cut | None = None

    @property
    def context(self) -> tuple[Message, ...]:
        """What the model is given: all messages, or a shorter beginning and the rest."""
        return self.cut.applied(self._messages) if self.cut is not None else self.messages

    def presented(self, known: Collection[str], reminder: str = "") -> tuple[Message, ...]:
        """What a request shows of it; each message is looked at once, however many requests.

        Args:
            known: The names of the tools that the request offers.
            reminder: Said at the end.
        """
        return self._presenter.presented(self._messages, self.cut, known, reminder)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages so far, oldest first."""
        if self._all is None:
            self._all = tuple(self._messages)
        return self._all

    def __len__(self) -> int:
        return len(self._messages)

    def since(self, start: int) -> tuple[Message, ...]:
        """The messages from the ``start``-th on."""
        return tuple(self._messages[start:])

    def watch(self, watcher: Callable[[int], None]) -> None:
        """Tells it of each change, with the number of messages at the start that stayed.

        Args:
            watcher: Called on the thread of the change; must return at once.
        """
        self._watchers.append(watcher)

    def add(self, message: Message) -> None:
        """Appends a message. One that says nothing at all is left out: providers refuse it."""
        if says_something(message):
            self._messages.append(message)
            self._changed(len(self._messages) - 1)

    def extend(self, messages: Iterable[Message]) -> None:
        """Appends several messages, as one change."""
        start = len(self._messages)
        self._messages += filter(says_something, messages)
        self._changed(start)

    @property
    def open_calls(self) -> tuple[ToolCall, ...]:
        """The calls of the last reply that have no result yet."""
        answered: set[str] = set()
        # Backward, and no further than the last reply: some servers' ids come again and again.
        for message in reversed(self._messages):
            if message.role == "assistant":
                return tuple(_without(message.tool_calls, answered))
            answered.update(result.tool_call_id for result in message.tool_results)
        return ()

    def answer(self, results: Iterable[ToolResultPart]) -> None:
        """Adds results to the last reply's calls, in one message and in the order of these."""
        parts = tuple(results)
        if not parts:
            return
        last = self._messages[-1]
        if last.role == "tool":
            self._messages[-1] = Message.tool(*self._in_order((*last.tool_results, *parts)))
        else:
            self._messages.append(Message.tool(*parts))
        self._changed(len(self._messages) - 1)

    def _in_order(self, results: Iterable[ToolResultPart]) -> list[ToolResultPart]:
        # Some servers tell the results of calls side by side apart by nothing else.
        calls = self._messages[-2].tool_calls
        place = {call.tool_call_id: number for number, call in enumerate(calls)}
        return sorted(results, key=lambda result: place.get(result.tool_call_id, len(place)))

    def close(self, text: str) -> None:
        """Gives every open call a result that says ``text``."""
        self.answer(
            ToolResultPart(call.tool_call_id, call.name, text, error=True)
            for call in self.open_calls
        )

    def drop_last_question(self) -> Message | None:
        """Takes back the last thing the person said and all that followed; gives it."""
        for position in range(len(self._messages) - 1, -1, -1):
            if self._messages[position].role == "user":
                question = self._messages[position]
                del self._messages[position:]
                self._changed(position)
                return question
        return None

    def replace(self, messages: Iterable[MessageLike]) -> None:
        """Other messages instead of these, repaired."""
        made = repaired(map(Message.of, messages))
        pairs = zip(self._messages, made, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))
        self._messages[:] = made
        self._changed(same)

    def forget(self, message: Message) -> None:
        """Takes one message out, if it is there; the very object, not one that is equal."""
        self.replace(known for known in self._messages if known is not message)

    def clear(self) -> None:
        """Empties the conversation."""
        self._messages.clear()
        self._changed(0)

    def _changed(self, start: int) -> None:
        before, self._length = self._length, len(self._messages)
        if start < before - 1 or self._length < before:
            self.edits += 1
        self._all = None
        if self.cut is not None and start < self.cut.upto:
            self.cut = None  # what it stands for is no longer what was said
        for watcher in self._watchers:
            watcher(start)


def _without(calls: Sequence[ToolCall], answered: set[str]) -> list[ToolCall]:
    return [call for call in calls if call.tool_call_id not in answered]
