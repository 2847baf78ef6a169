"""Long conversations made short for the model: by a summary, to the last messages, to a budget.

The conversation itself stays whole, for the person, the page and the saved file. What changes is
what the model is given of it (`History.context`), and the transcript says so.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nbagent.agent.cutting import Cut, cut_before, pinned, places
from nbagent.agent.events import AgentEvent, HistoryCompacted, Notice
from nbagent.agent.session import Session
from nbagent.agent.summary import INSTRUCTIONS, summarised
from nbagent.agent.tokens import context_tokens, estimated
from nbagent.errors import ConfigurationError
from nbagent.messages import Message

__all__ = ["Budget", "Compaction", "LastMessages", "Summary", "compacted", "compaction_of"]

KEEP = 0.25  # of the limit stays word for word, where a summary stands for the rest
PART = 0.5  # of the limit is what a request for a summary may be long, by the rule of thumb


class Compaction(ABC):
    """When a conversation is too long for the model, and what is then left out of it.

    One of your own needs `due` and `made`; see `Summary`, `LastMessages` and `Budget`.
    """

    @abstractmethod
    def due(self, session: Session) -> bool:
        """Whether it is to be done before the next request."""

    @abstractmethod
    async def made(self, session: Session) -> Cut | None:
        """The cut, made now whether it is due or not; None where nothing can be left out.

        Raises:
            NbagentError: The model could not be asked for a summary.
        """


@dataclass(frozen=True)
class Summary(Compaction):
    """The older part is replaced by a summary that the model itself writes.

    Args:
        at: When: a fraction of the model's context window, or a number of tokens. Models whose
            window is not known need the number, else it is done only after the provider refused
            the conversation as too long.
        keep: How many of the last messages stay word for word; by default what fits into a
            quarter of the limit.
        instructions: How the summary is to be written.

    Raises:
        ConfigurationError: ``at`` or ``keep`` is no number above zero.
    """

    at: float = 0.8
    keep: int | None = None
    instructions: str = INSTRUCTIONS

    def __post_init__(self) -> None:
        _check("Summary: at", self.at)
        _check("Summary: keep", 1 if self.keep is None else self.keep, whole=True)

    def due(self, session: Session) -> bool:
        """Whether the conversation has come to ``at``."""
        limit = self._limit(session)
        return limit is not None and _tokens(session) >= limit

    async def made(self, session: Session) -> Cut | None:
        """The cut, with the summary in it."""
        messages = session.history.messages
        upto = self._place(session, messages)
        if upto is None:
            return None
        cut = session.history.cut
        left_out = (*cut.instead, *messages[cut.upto : upto]) if cut else messages[:upto]
        limit = self._limit(session) or _tokens(session)
        text = await summarised(session, left_out, self.instructions, tokens=int(limit * PART))
        return cut_before(messages, upto, text)

    def _place(self, session: Session, messages: Sequence[Message]) -> int | None:
        if self.keep is not None:
            return _for_count(session, messages, self.keep)
        limit = self._limit(session) or _tokens(session)
        return _for_tokens(session, messages, limit * KEEP)

    def _limit(self, session: Session) -> float | None:
        if self.at > 1:
            return self.at
        window = session.settings.model.context_window
        return None if window is None else self.at * window


@dataclass(frozen=True)
class LastMessages(Compaction):
    """Only the last messages are given to the model; a note says how many are left out.

    The person's last words stay, and a call stays with its result, so that it can be one or two
    more. Each cut makes the provider read the conversation anew instead of from its cache.

    Args:
        count: How many.

    Raises:
        ConfigurationError: It is no whole number, at least 1.
    """

    count: int

    def __post_init__(self) -> None:
        _check("LastMessages: count", self.count, whole=True)

    def due(self, session: Session) -> bool:
        """Whether there are more."""
        return _for_count(session, session.history.messages, self.count) is not None

    async def made(self, session: Session) -> Cut | None:
        """The cut."""
        messages = session.history.messages
        upto = _for_count(session, messages, self.count)
        return None if upto is None else cut_before(messages, upto)


@dataclass(frozen=True)
class Budget(Compaction):
    """The oldest messages are left out when the conversation comes to so many tokens.

    Args:
        tokens: When.
        down_to: To what part of it: less is cut less often, and a cut makes the provider read the
            conversation anew.

    Raises:
        ConfigurationError: They are no numbers above zero.
    """

    tokens: int
    down_to: float = 0.5

    def __post_init__(self) -> None:
        _check("Budget: tokens", self.tokens, whole=True)
        _check("Budget: down_to", self.down_to)

    def due(self, session: Session) -> bool:
        """Whether it has come to so many tokens."""
        return _tokens(session) >= self.tokens

    async def made(self, session: Session) -> Cut | None:
        """The cut."""
        messages = session.history.messages
        upto = _for_tokens(session, messages, self.tokens * self.down_to)
        return None if upto is None else cut_before(messages, upto)


async def compacted(
    how: Compaction, session: Session, run_id: str, emit: Callable[[AgentEvent], None]
) -> bool:
    """Makes a conversation shorter for the model, and says so.

    Args:
        how: In which way.
        session: The conversation.
        run_id: The run's name on the events.
        emit: Tells them.

    Returns:
        Whether anything was left out.

    Raises:
        NbagentError: The model could not be asked for a summary.
    """
    history, before = session.history, _tokens(session)
    cut = await how.made(session)
    if cut is None:
        return False
    history.cut = cut
    given, after = len(history.context), _tokens(session)
    stead = "a summary stands" if cut.summary else "a note stands"
    text = (
        f"The conversation grew long (some {before:,} tokens): in what the model is given, {stead} "
        f"for its first {cut.left_out} messages now (some {after:,} tokens). Nothing is deleted."
    )
    emit(Notice(run_id, text))
    emit(HistoryCompacted(run_id, cut.left_out, given, before, after, cut.summary))
    return True


def compaction_of(value: Any) -> Compaction | None:
    """What an agent does about a conversation that grows long; None where it does nothing.

    Raises:
        ConfigurationError: It is no `Compaction`.
    """
    if value is None or isinstance(value, Compaction):
        return value
    kind = value.__name__ if isinstance(value, type) else type(value).__name__
    raise ConfigurationError(
        f"compaction is Summary(), LastMessages(20) or Budget(50_000); got {kind}."
    )


def _tokens(session: Session) -> int:
    history = session.history
    return context_tokens(history.context, history.cut.measured_from if history.cut else 0)


def _for_count(session: Session, messages: Sequence[Message], count: int) -> int | None:
    """The first place behind which at most so many messages follow; None where all do."""
    found = _start(session)
    if len(messages) - found <= count:
        return None
    for place in places(messages, found):
        found = place
        if len(messages) - place <= count:
            break
    return found if found > _start(session) and _gains(session, messages, found) else None


def _for_tokens(session: Session, messages: Sequence[Message], tokens: float) -> int | None:
    """The first place behind which at most so many tokens follow, or the last one there is."""
    found, rest = _start(session), estimated(messages[_start(session) :])
    # The estimate of each message, made right by what the provider measured of all together.
    tokens *= estimated(session.history.context) / max(1, _tokens(session))
    for place in places(messages, found):
        if rest <= tokens:
            break
        rest -= estimated(messages[found:place])
        found = place
    return found if found > _start(session) and _gains(session, messages, found) else None


def _gains(session: Session, messages: Sequence[Message], upto: int) -> bool:
    """Whether there is anything to leave out: more than the last question, which stays."""
    going = messages[_start(session) : upto]
    stays = pinned(messages, upto)
    return any(not any(message is one for one in stays) for message in going)


def _start(session: Session) -> int:
    return session.history.cut.upto if session.history.cut else 0


def _check(name: str, value: Any, *, whole: bool = False) -> None:
    wanted: Any = int if whole else (int, float)
    if not isinstance(value, wanted) or isinstance(value, bool) or value <= 0:
        kind = "whole number, at least 1" if whole else "number above zero"
        raise ConfigurationError(f"{name} is a {kind}; got {value!r}.")
