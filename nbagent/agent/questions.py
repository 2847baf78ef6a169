"""Questions of the model to the person: who is asked, what waits, and what was answered."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nbagent.agent.events import AgentEvent, QuestionAnswered, QuestionAsked
from nbagent.errors import ConfigurationError, ToolError
from nbagent.tools import Inline, Place
from nbagent.tools.signature import is_async

__all__ = ["Asker", "Nobody", "Questions", "asker_of"]

Asker: TypeAlias = Callable[[QuestionAsked], Awaitable[str] | str]
Tell: TypeAlias = Callable[[AgentEvent], None]


class Nobody(ToolError):
    """Nobody is there to answer."""


@dataclass(eq=False)
class _Waiting:
    question: QuestionAsked
    answer: concurrent.futures.Future[str] = field(default_factory=concurrent.futures.Future)


class Questions:
    """The questions of one agent.

    Attributes:
        asker: Answers in code; None leaves it to the person.
        fallback: Gives what answers where nobody reads along: a terminal, if there is one.
        place: Where an asker runs, for it may use what lives on the notebook's own loop.
    """

    def __init__(self) -> None:
        self.asker: Asker | None = None
        self.fallback: Callable[[], Asker | None] = _nobody
        self.place: Place = Inline()
        self._waiting: dict[str, _Waiting] = {}
        self._guard = threading.Lock()

    def take_after(self, other: Questions) -> None:
        """Whoever answers the other's questions answers these, in the same place."""
        self.asker, self.fallback, self.place = other.asker, other.fallback, other.place

    @property
    def waiting(self) -> tuple[QuestionAsked, ...]:
        """What has not been answered yet, oldest first."""
        with self._guard:
            return tuple(one.question for one in self._waiting.values())

    async def ask(self, question: QuestionAsked, *, attended: bool, tell: Tell) -> str:
        """The answer, however long it takes.

        Args:
            question: What is asked.
            attended: Whether anybody sees it.
            tell: Told of the question once it can be answered, and of the answer.

        Raises:
            Nobody: There is nobody who could answer.
            ConfigurationError: The asker gave what is no text.
            Exception: Whatever the asker raised.
        """
        asker = self.asker or (None if attended else self.fallback())
        if asker is None and not attended:
            raise Nobody("Nobody can be asked: the agent is not displayed and has no asker.")
        if asker is None:
            answer = await self._answered(question, tell)
        else:
            tell(question)
            answer = await self._asked(asker, question)
        tell(QuestionAnswered(question.run_id, question.tool_call_id, answer))
        return answer

    def answer(self, tool_call_id: str, text: str) -> bool:
        """Answers a waiting question, from any thread; False if none waits under that id."""
        with self._guard:
            waiting = self._waiting.pop(tool_call_id, None)
        if waiting is None or not waiting.answer.set_running_or_notify_cancel():
            return False
        waiting.answer.set_result(text)
        return True

    async def _answered(self, question: QuestionAsked, tell: Tell) -> str:
        identity, waiting = question.tool_call_id, _Waiting(question)
        with self._guard:
            if identity in self._waiting:
                raise ToolError("This call waits for an answer already: it asks one at a time.")
            # Before anybody is told: an answer from another thread may come at once.
            self._waiting[identity] = waiting
        try:
            tell(question)
            return await asyncio.wrap_future(waiting.answer)
        finally:
            with self._guard:
                if self._waiting.get(identity) is waiting:
                    del self._waiting[identity]

    async def _asked(self, asker: Asker, question: QuestionAsked) -> str:
        async def awaited(answer: Any) -> Any:
            return await answer

        if is_async(asker):
            given = await self.place.run_async(lambda: awaited(asker(question)), _begun)
        else:
            # A plain function may wait for somebody: that must not hold up the network's loop.
            given = await self.place.run(lambda: asker(question), _begun)
            if inspect.isawaitable(given):
                coroutine = given
                given = await self.place.run_async(lambda: awaited(coroutine), _begun)
        if isinstance(given, str):
            return given
        raise ConfigurationError(f"An asker answers with a text; got {type(given).__name__}.")


def asker_of(asker: Any) -> Asker | None:
    """An asker, or None.

    Raises:
        ConfigurationError: It cannot be called.
    """
    if asker is None or callable(asker):
        return asker  # type: ignore[no-any-return]  # what it gives is checked when it gives it
    raise ConfigurationError(
        f"asker is a function of a QuestionAsked that gives a text; got {type(asker).__name__}."
    )


def _nobody() -> Asker | None:
    return None


def _begun() -> None:
    """Nobody needs to know when an asker begins."""
