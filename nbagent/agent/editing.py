"""Changes of a conversation by hand, the same for an agent and for a session."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from nbagent.agent.repair import history_of
from nbagent.errors import ConfigurationError
from nbagent.messages import Message, MessageLike

__all__ = ["Editing"]


class Editing(ABC):
    """What has messages that can be changed.

    Each change is checked (a call belongs to an assistant's message, a result behind its call) and
    then repaired: a call whose result was taken away is given one that says so, a result without a
    call goes.
    """

    @abstractmethod
    def _get_messages(self) -> tuple[Message, ...]:
        """The conversation now."""

    @abstractmethod
    def _set_messages(self, messages: Iterable[MessageLike]) -> None:
        """Takes another conversation, already checked."""

    @contextmanager
    def edit(self) -> Iterator[list[Message]]:
        """The messages as a list to be changed in a ``with`` block; taken over at its end::

            with agent.edit() as messages:
                del messages[4:]
                messages[0] = Message.user("What is the average of mpg?")

        Nothing changes if the block raises.

        Raises:
            AgentBusy: A run is going on.
            ConfigurationError: The list has something that is no message, or not in its place.
        """
        before = self._get_messages()
        messages = list(before)
        yield messages
        checked = history_of(messages)
        if self._get_messages() != before:
            raise ConfigurationError(
                "The conversation went on while it was edited, so the edit was not taken over. "
                "Edit it again."
            )
        self._set_messages(checked)

    def drop(self, count: int = 1) -> None:
        """Takes away the last messages.

        Args:
            count: How many.

        Raises:
            AgentBusy: A run is going on.
            ConfigurationError: There are not so many.
        """
        have = len(self._get_messages())
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= have:
            raise ConfigurationError(
                f"drop() takes a number of messages from 0 to {have}, as many as there are; "
                f"got {count!r}."
            )
        self.truncate(have - count)

    def truncate(self, count: int) -> None:
        """Keeps the first ``count`` messages alone.

        Raises:
            AgentBusy: A run is going on.
        """
        with self.edit() as messages:
            del messages[count:]

    def replace(self, index: int, message: MessageLike) -> None:
        """Puts another message in the place of one; indices are those of the history.

        Raises:
            AgentBusy: A run is going on.
            ConfigurationError: There is no such message, or the new one cannot stand there.
        """
        with self.edit() as messages:
            _check_index(index, len(messages))
            messages[index : index + 1 or None] = history_of([message])

    def insert(self, index: int, message: MessageLike) -> None:
        """Puts a message before the one at ``index``.

        Raises:
            AgentBusy: A run is going on.
            ConfigurationError: It cannot stand there.
        """
        with self.edit() as messages:
            messages[index:index] = history_of([message])


def _check_index(index: int, have: int) -> None:
    if not -have <= index < have:
        raise ConfigurationError(
            f"There is no message {index}: the conversation has {have}, counted from 0."
        )
