"""Versions as a tree of plain values: for a file, and for another agent that goes on with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nbagent.agent.calls import CallRecord
from nbagent.agent.journal import Checkpoint, Journal
from nbagent.agent.versions import Left, Versions
from nbagent.messages import Message

__all__ = ["Limb", "Place", "grow", "tree_of"]


@dataclass(frozen=True, slots=True)
class Limb:
    """A version that the conversation does not go on with.

    Attributes:
        messages: The question and everything that followed.
        calls: The records of the calls in them.
        places: The questions among them that have versions themselves.
    """

    messages: tuple[Message, ...]
    calls: tuple[CallRecord, ...]
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A question with several versions.

    Attributes:
        start: How many messages stand before it.
        current: Which of the versions goes on where this place was found; None for none.
        others: The other ones, in their order.
    """

    start: int
    current: int | None
    others: tuple[Limb, ...]


def tree_of(versions: Versions, path: Sequence[Message], since: int = 0) -> tuple[Place, ...]:
    """All versions of the questions of a conversation, and of those in these versions.

    Args:
        versions: What is known of them; it has noted where the conversation is.
        path: The conversation.
        since: The first question that is looked at.
    """
    places = []
    for start in range(since, len(path) + 1) if versions.forks else ():
        fork = versions.fork_before(path, start)
        if fork is None:
            continue
        current = fork.number_of(path[start]) if start < len(path) else None
        others = [left for number, left in enumerate(fork.left) if number != current]
        places.append(Place(start, current, tuple(_limb(versions, path, start, o) for o in others)))
    return tuple(places)


def _limb(versions: Versions, path: Sequence[Message], start: int, left: Left) -> Limb:
    messages = left.messages
    places = tree_of(versions, (*path[:start], *messages), start + 1)
    return Limb(messages, left.calls, places)


def grow(
    versions: Versions, journal: Journal, places: Iterable[Place], on: Checkpoint | None
) -> None:
    """Takes over a tree.

    Args:
        versions: Where it goes.
        journal: Is given a checkpoint for each version.
        places: The tree.
        on: The conversation that it was of, as it is here.
    """
    path = on.messages if on is not None else ()
    for place in places:
        start = place.start
        left = []
        for limb in place.others:
            tip = Checkpoint(on, start, limb.messages, limb.calls)
            journal.graft(tip)
            left.append(Left(limb.messages[0], start, tip))
            grow(versions, journal, limb.places, tip)
        if place.current is not None and on is not None and start < len(path):
            left.insert(place.current, Left(path[start], start, on))
        if left:
            versions.put(left)
