"""Where a conversation may be cut, so that what is left is still one. Pure.

A call is never parted from its result. The last thing that the person said stays, whatever is left
out around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbagent.messages import Message, TextPart

__all__ = ["Cut", "cut_before", "pinned", "places"]

NOTE = "[Note: {count} earlier messages of this conversation were left out here.]"
SUMMARY = (
    "[Summary of the {count} earlier messages of this conversation, which were left out here "
    "because it grew long]\n"
)


@dataclass(frozen=True)
class Cut:
    """The beginning of a conversation, replaced in what the model is given.

    Attributes:
        upto: How many messages are left out.
        instead: What stands in their place.
        made_at: How many messages the conversation had then: the usage of earlier replies says
            nothing about what is left.
        left_out: How many messages the model is not given.
        summary: The summary, where one was made.
    """

    upto: int
    instead: tuple[Message, ...]
    made_at: int
    left_out: int
    summary: str = ""

    def applied(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """What the model is given of a conversation."""
        return (*self.instead, *messages[self.upto :])

    @property
    def measured_from(self) -> int:
        """The first of what is given whose usage counts."""
        return len(self.instead) + self.made_at - self.upto


def cut_before(messages: Sequence[Message], upto: int, summary: str = "") -> Cut:
    """A cut that leaves out the messages before ``upto``, which is one of `places`.

    Args:
        messages: The whole conversation.
        upto: The first message that stays.
        summary: Of what is left out.
    """
    kept = pinned(messages, upto)
    count = upto - len(kept)
    words = SUMMARY.format(count=count) + summary if summary else NOTE.format(count=count)
    note = Message("user", (TextPart(words),))
    return Cut(upto, (note, *kept), len(messages), count, summary)


def pinned(messages: Sequence[Message], upto: int) -> tuple[Message, ...]:
    """What stays of the messages before a cut: the person's last words, if none follow them."""
    if any(message.role == "user" for message in messages[upto:]):
        return ()
    asked = (message for message in reversed(messages[:upto]) if message.role == "user")
    return tuple(next(([message] for message in asked), []))


def places(messages: Sequence[Message], start: int = 0) -> Iterator[int]:
    """Where it may be cut, from the beginning on: before a question, or before a reply.

    Never before results, and never behind the last message.
    """
    for position in range(start + 1, len(messages)):
        if messages[position].role in ("user", "assistant"):
            yield position
