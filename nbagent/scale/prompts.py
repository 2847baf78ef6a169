"""Prompts from anywhere, taken one at a time and no sooner than there is room for them."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sized
from typing import Any, TypeAlias

from nbagent.errors import ConfigurationError

__all__ = ["Prompts", "Source", "count_of"]

Prompts: TypeAlias = Iterable[Any] | AsyncIterable[Any]


class Source:
    """Gives the prompts one by one, numbered from 0 on.

    Args:
        prompts: A list, a generator, an async generator: anything that can be iterated.

    Raises:
        ConfigurationError: It cannot be iterated, or is one text.
    """

    def __init__(self, prompts: Prompts) -> None:
        if isinstance(prompts, (str, bytes)):
            raise ConfigurationError(
                "map() takes many prompts, as in agent.map([prompt]); for one there is agent.ask()."
            )
        if isinstance(prompts, AsyncIterable):
            self._items: AsyncIterator[Any] = prompts.__aiter__()
        elif isinstance(prompts, Iterable):
            self._items = _stepwise(prompts)
        else:
            raise ConfigurationError(
                f"map() takes prompts that can be iterated; got a {type(prompts).__name__}."
            )
        self._given = 0
        self._over = False

    async def take(self) -> tuple[int, Any] | None:
        """The next prompt and its number; None when there are no more. Not to be called twice at
        once."""
        if self._over:
            return None
        try:
            prompt = await self._items.__anext__()
        except StopAsyncIteration:
            self._over = True
            return None
        self._given += 1
        return self._given - 1, prompt

    async def aclose(self) -> None:
        """Closes a generator that was not read to its end."""
        self._over = True
        close = getattr(self._items, "aclose", None)
        if close is not None:
            await close()


def count_of(prompts: Prompts) -> int | None:
    """How many there are, where that can be known without taking them."""
    return len(prompts) if isinstance(prompts, Sized) else None


async def _stepwise(prompts: Iterable[Any]) -> AsyncIterator[Any]:
    for prompt in prompts:
        yield prompt
