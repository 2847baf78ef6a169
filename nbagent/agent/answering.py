"""A typed answer from a conversation that is held step by step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from nbagent.agent.history import History
from nbagent.agent.output import Output
from nbagent.agent.output_repair import RETRIES, fitting
from nbagent.messages import Message

__all__ = ["Answering"]


class Answering(ABC):
    """The part of `Session` that asks for a value."""

    history: History
    last: Message

    @abstractmethod
    def stream(self, **options: Any) -> AsyncGenerator[Any, None]:
        """The frames of the model's reply."""

    async def output(
        self, output: Any, *, retries: int = RETRIES, reminder: str = "", **params: Any
    ) -> Any:
        """The model's answer to what was said, as a value of a type::

            async with agent.session() as session:
                session.user("Which columns are numeric?")
                columns = await session.output(list[str])

        No tools are offered. The answer is in the history; one that had to be put right is not.

        Args:
            output: A type, a JSON schema, `Sections` or an `Output`.
            retries: How often an answer that does not fit is asked for again.
            reminder: Said to the model after the conversation, in these requests alone.
            params: Parameters of these requests.

        Raises:
            ConfigurationError: ``output`` cannot be described.
            OutputInvalid: No answer fitted.
            NbagentError: A request failed; see `nbagent.errors`.
        """
        wanted = Output.of(output)

        async def ask(wrong: str = "") -> Message:
            said = "\n\n".join(filter(None, (reminder, wrong)))
            stream = self.stream(output=wanted, tools=(), reminder=said, **params)
            async with aclosing(stream) as frames:
                async for _ in frames:
                    pass
            return self.last

        return await fitting(wanted, await ask(), ask, self.history.forget, retries=retries)
