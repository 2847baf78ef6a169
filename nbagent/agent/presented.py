"""The conversation as a request shows it to the model. Pure; the history stays as it is.

A call of a tool that the request does not offer is told in words: some providers refuse a call of
a tool that they were not told of, and a model that sees one calls it again. A request always asks
for the next reply to somebody's words: several providers refuse a conversation that ends with the
model's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from nbagent.agent.content import in_words
from nbagent.agent.cutting import Cut
from nbagent.messages import (
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
)

__all__ = ["GO_ON", "Presenter", "presented"]

GO_ON = "Go on."
LONGEST = 2000  # characters of a result that are worth telling when its tool is gone
# So many sets of tools are remembered; nodes of one graph offer different ones in turn.
SETS = 4


class Presenter:
    """Presents one conversation again and again, and looks at each message once.

    Messages do not change, so what was found out about them holds until the conversation is edited
    before them.
    """

    def __init__(self) -> None:
        self._told: dict[frozenset[str], _Told] = {}
        self._looked = 0
        self._question = 0
        self._worded: tuple[Message, Message] | None = None

    def changed(self, start: int) -> None:
        """Forgets what it knows of the messages from the ``start``-th on."""
        self._told = {known: told for known, told in self._told.items() if told.upto <= start}
        if self._question >= start:
            self._looked = self._question = 0
        self._looked = min(self._looked, start)

    def presented(
        self,
        messages: Sequence[Message],
        cut: Cut | None,
        known: Collection[str],
        reminder: str = "",
    ) -> tuple[Message, ...]:
        """What `presented` gives of the conversation behind its cut, texts of files in words.

        Args:
            messages: The whole conversation; since the last time only what was told to `changed`
                is another.
            cut: What stands for its beginning.
            known: As for `presented`.
            reminder: As for `presented`.
        """
        begin = cut.upto if cut is not None else 0
        end = max(begin, self._last_question(messages))
        told = self._of(frozenset(known), cut, end)
        told.made.extend(_earlier(messages[told.upto : end], known))
        told.upto = end
        asked = (self._in_words(message) for message in messages[end : end + 1])
        turn: tuple[Message, ...] = (*asked, *messages[end + 1 :])
        if not known:
            turn = tuple(_in_words(turn, known))
        return _reminded((*told.made, *turn), reminder)

    def _of(self, known: frozenset[str], cut: Cut | None, end: int) -> _Told:
        told = self._told.pop(known, None)
        if told is None or told.cut is not cut or told.upto > end:
            told = _Told(cut)
            if cut is not None:
                told.made.extend(map(in_words, cut.instead))
                told.upto = cut.upto
        self._told[known] = told  # the last one used stands last
        if len(self._told) > SETS:
            del self._told[next(iter(self._told))]
        return told

    def _last_question(self, messages: Sequence[Message]) -> int:
        for position in range(len(messages) - 1, self._looked - 1, -1):
            if messages[position].role == "user":
                self._question = position
                break
        self._looked = len(messages)
        return self._question

    def _in_words(self, message: Message) -> Message:
        if self._worded is None or self._worded[0] is not message:
            self._worded = message, in_words(message)
        return self._worded[1]


@dataclass
class _Told:
    """The beginning of a conversation as one set of tools has it, before the last question."""

    cut: Cut | None
    upto: int = 0
    made: list[Message] = field(default_factory=list)


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
    return _reminded((*_in_words(messages[:end], known), *messages[end:]), reminder)


def _reminded(shown: tuple[Message, ...], reminder: str) -> tuple[Message, ...]:
    if not reminder and shown and shown[-1].role == "assistant":
        reminder = GO_ON
    if not reminder:
        return shown
    # Behind a question it is a part of that: the templates of several models refuse two messages
    # of the same side in a row.
    if shown and shown[-1].role == "user":
        last = shown[-1]
        return (*shown[:-1], replace(last, parts=(*last.parts, TextPart(f"\n\n{reminder}"))))
    return (*shown, Message.user(reminder))


def _turn(messages: Sequence[Message]) -> int:
    """Where the question that is being answered stands: a wrong name in a call since then is for
    the model to read as it is, with what came of it."""
    positions = range(len(messages) - 1, -1, -1)
    return next((at for at in positions if messages[at].role == "user"), 0)


def _earlier(messages: Iterable[Message], known: Collection[str]) -> Iterable[Message]:
    return _in_words(map(in_words, messages), known)


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
