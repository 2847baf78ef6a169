"""Any list of messages, made into a conversation that every provider accepts. Pure.

Providers want each call followed at once by exactly one result, ids that do not come twice, no
result without its call, and no message that says nothing. Stops, edits, forks and conversations
from elsewhere break these rules; here they are restored, with as little change as that needs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nbagent.errors import ConfigurationError
from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
)

__all__ = ["INTERRUPTED", "NOT_RUN", "history_of", "repaired", "says_something"]

NOT_RUN = "This call was not run: the run ended before it."
INTERRUPTED = "This call was interrupted: the kernel ended while it ran, so its end is not known."

PARTS: dict[str, tuple[type, ...]] = {
    "system": (TextPart,),
    "user": (TextPart, ImagePart, FilePart),
    "assistant": (TextPart, ReasoningPart, ToolCall),
    "tool": (ToolResultPart,),
}


def repaired(messages: Iterable[Message], text: str = NOT_RUN) -> list[Message]:
    """The conversation with one result right behind each call; what is in order stays the object.

    A result is taken from wherever it stands after its call. An id that came before is replaced,
    on the call and its result. Results of no call and messages that say nothing are left out.

    Args:
        messages: The conversation, oldest first.
        text: The result of a call that has none.
    """
    given = list(messages)
    made: list[Message] = []
    taken: set[str] = set()
    for position, message in enumerate(given):
        if message.role == "tool" or not says_something(message):
            continue
        if not message.tool_calls:
            made.append(message)
            continue
        named = _named(message, taken)
        pairs = list(zip(message.tool_calls, named.tool_calls, strict=True))
        results = _results(given, position + 1, pairs, text)
        made += [named, _kept(given, position + 1, results)]
    return made


def history_of(history: Any) -> tuple[Message, ...]:
    """The messages of a conversation that somebody wrote down, checked.

    Raises:
        ConfigurationError: It is not a list of messages, or one has parts that its role cannot
            have; the text names it.
    """
    try:
        if isinstance(history, (str, Mapping)):
            raise TypeError(f"got a {type(history).__name__}")
        messages = tuple(map(_message, history))
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise ConfigurationError(
            "history is a list of messages: Message, or mappings such as "
            f"{{'role': 'user', 'content': 'Hello'}}; {error}."
        ) from error
    for position, message in enumerate(messages):
        _check(position, message)
    return messages


def says_something(message: Message) -> bool:
    """Whether there is anything in a message."""
    return any(not isinstance(part, TextPart) or part.text for part in message.parts)


def _message(value: Any) -> Message:
    message = Message.of(value)
    if isinstance(value, Message) or message.role != "assistant":
        return message
    # Written down elsewhere, and so whole: without a reason it would pass for one that broke off.
    return replace(message, finish_reason="tool_calls" if message.tool_calls else "stop")


def _check(position: int, message: Message) -> None:
    allowed = PARTS[message.role]
    for part in message.parts:
        if not isinstance(part, allowed):
            names = " or ".join(kind.__name__ for kind in allowed)
            raise ConfigurationError(
                f"Message {position} ({message.role}) has a {type(part).__name__}; a message of "
                f"that role is made of {names}. Results of calls stand in Message.tool(…), behind "
                "the assistant's message with the calls."
            )


def _named(message: Message, taken: set[str]) -> Message:
    """The message with an id of ours for each call whose id was there before."""
    parts: list[Part] = []
    for part in message.parts:
        if isinstance(part, ToolCall):
            if not part.tool_call_id or part.tool_call_id in taken:
                part = replace(part, tool_call_id=f"call_{uuid.uuid4().hex[:24]}")
            taken.add(part.tool_call_id)
        parts.append(part)
    same = all(map(_same, parts, message.parts))
    return message if same else replace(message, parts=tuple(parts))


def _same(one: object, other: object) -> bool:
    return one is other


def _results(
    given: Sequence[Message], start: int, pairs: list[tuple[ToolCall, ToolCall]], text: str
) -> list[ToolResultPart]:
    """One result for each call: those that are there, in their order, then those that were not."""
    waiting = list(pairs)
    found: list[ToolResultPart] = []
    for message in given[start:]:
        if not waiting:
            break
        again = {call.tool_call_id for call in message.tool_calls}
        if any(call.tool_call_id in again for call, _ in waiting):
            break  # results from here on may be of the later call
        for result in message.tool_results:
            pair = next((p for p in waiting if p[0].tool_call_id == result.tool_call_id), None)
            if pair is not None:
                waiting.remove(pair)
                found.append(_of(result, pair[1]))
    left = [call for _, call in waiting]
    return found + [ToolResultPart(call.tool_call_id, call.name, text, (), True) for call in left]


def _of(result: ToolResultPart, call: ToolCall) -> ToolResultPart:
    if result.tool_call_id == call.tool_call_id and result.name == call.name:
        return result
    return replace(result, tool_call_id=call.tool_call_id, name=call.name)


def _kept(given: Sequence[Message], position: int, results: list[ToolResultPart]) -> Message:
    """The message of the results: the one that stands there, if it has exactly these."""
    there = given[position] if position < len(given) else Message("tool")
    same = len(there.parts) == len(results) and all(map(_same, there.parts, results))
    return there if there.role == "tool" and same else Message.tool(*results)
