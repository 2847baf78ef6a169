"""The conversation: messages, and the promise that every provider accepts them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nbagent.messages import Message, MessageLike, TextPart, ToolCall, ToolResultPart

__all__ = ["History"]

NOT_RUN = "This call was not run: the run ended before it."


class History:
    """Messages in order. Every call in it has, or will be given, exactly one result."""

    def __init__(self, messages: Iterable[MessageLike] = ()) -> None:
        self._messages: list[Message] = []
        for message in map(Message.of, messages):
            if message.role != "tool":
                self.close(NOT_RUN)
            self._messages.append(message)
        self.close(NOT_RUN)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages so far, oldest first."""
        return tuple(self._messages)

    def add(self, message: Message) -> None:
        """Appends a message. One of a model that says nothing at all is left out."""
        if message.role != "assistant" or _says_something(message):
            self._messages.append(message)

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
        """Adds results to the last reply's calls, in one message."""
        parts = tuple(results)
        if not parts:
            return
        last = self._messages[-1]
        if last.role == "tool":
            self._messages[-1] = Message.tool(*last.tool_results, *parts)
        else:
            self._messages.append(Message.tool(*parts))

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
                return question
        return None

    def clear(self) -> None:
        """Empties the conversation."""
        self._messages.clear()


def _says_something(message: Message) -> bool:
    return any(not isinstance(part, TextPart) or part.text for part in message.parts)


def _without(calls: Sequence[ToolCall], answered: set[str]) -> list[ToolCall]:
    return [call for call in calls if call.tool_call_id not in answered]
