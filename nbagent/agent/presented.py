"""The conversation as a request shows it to the model. Pure; the history stays as it is.

A call of a tool that the request does not offer is told in words: some providers refuse a call of
a tool that they were not told of, and a model that sees one calls it again. A request always asks
for the next reply to somebody's words: several providers refuse a conversation that ends with the
model's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from nbagent.messages import (
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
)

__all__ = ["GO_ON", "presented"]

GO_ON = "Go on."
LONGEST = 2000  # characters of a result that are worth telling when its tool is gone


def presented(
    messages: Sequence[Message], known: Collection[str], reminder: str = ""
) -> tuple[Message, ...]:
    """The messages of a request.

    Args:
        messages: The conversation.
        known: The names of the tools that the request offers. Where there are some, a call that
            was made since the last question stays a call.
        reminder: Said at the end; it is no part of the conversation.
    """
    end = _turn(messages) if known else len(messages)
    shown = tuple(messages)
    if _any_strange(shown, end, known):
        shown = (*_in_words(shown[:end], known), *shown[end:])
    if not reminder and shown and shown[-1].role == "assistant":
        reminder = GO_ON
    return (*shown[:-1], *_reminded(shown[-1:], reminder)) if reminder else shown


def _reminded(last: Sequence[Message], reminder: str) -> Iterable[Message]:
    # Behind a question it is a part of that: the templates of several models refuse two messages
    # of the same side in a row.
    if last and last[0].role == "user":
        return (replace(last[0], parts=(*last[0].parts, TextPart(f"\n\n{reminder}"))),)
    return (*last, Message.user(reminder))


def _turn(messages: Sequence[Message]) -> int:
    """Where the question that is being answered stands: a wrong name in a call since then is for
    the model to read as it is, with what came of it."""
    positions = range(len(messages) - 1, -1, -1)
    return next((at for at in positions if messages[at].role == "user"), 0)


def _any_strange(messages: Sequence[Message], end: int, known: Collection[str]) -> bool:
    # Plain loops: a long conversation is looked through before each request.
    for message in messages[:end]:
        if message.role == "assistant":
            for part in message.parts:
                if isinstance(part, ToolCall) and part.name not in known:
                    return True
    return False


def _in_words(messages: Iterable[Message], known: Collection[str]) -> Iterable[Message]:
    for message in messages:
        if message.role == "assistant":
            yield _said(message, known)
        elif message.role == "tool":
            yield from _told(message, known)
        else:
            yield message


def _said(message: Message, known: Collection[str]) -> Message:
    if all(call.name in known for call in message.tool_calls):
        return message
    # Reasoning is proven together with the call that it led to, so it goes with it.
    parts = (part for part in message.parts if not isinstance(part, ReasoningPart))
    return replace(message, parts=tuple(_spoken(part, known) for part in parts))


def _spoken(part: Part, known: Collection[str]) -> Part:
    if not isinstance(part, ToolCall) or part.name in known:
        return part
    return TextPart(f"\n[I called {part.name} with {part.arguments}]\n")


def _told(message: Message, known: Collection[str]) -> Iterable[Message]:
    """The results of known tools, then those of the others as somebody's words."""
    kept = tuple(result for result in message.tool_results if result.name in known)
    gone = tuple(result for result in message.tool_results if result.name not in known)
    if not gone:
        yield message
        return
    if kept:
        yield Message.tool(*kept)
    parts: list[Part] = []
    for result in gone:
        parts += [TextPart(_sentence(result)), *result.images]
    yield Message.user(*parts)


def _sentence(result: ToolResultPart) -> str:
    verb = "failed" if result.error else "gave"
    text = result.text if len(result.text) <= LONGEST else result.text[: LONGEST - 1] + "…"
    return f"[{result.name} {verb}: {text}]\n"
