"""Routes a model to its client; asks again, or another model, before the first frame has come."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

from nbagent.errors import (
    ConfigurationError,
    NbagentError,
    ProviderError,
    TransportError,
)
from nbagent.frames import StreamFrame, TextDelta
from nbagent.message_builder import MessageBuilder
from nbagent.messages import Message, PromptLike
from nbagent.models import Model, ModelLike
from nbagent.providers import (
    AnthropicClient,
    GeminiClient,
    OllamaClient,
    OpenAIChatClient,
    OpenAIResponsesClient,
)
from nbagent.providers.client import Client

__all__ = ["Executor", "Retry", "StreamClient"]

CLIENTS: Mapping[str, type[Client]] = {
    "anthropic": AnthropicClient,
    "gemini": GeminiClient,
    "ollama": OllamaClient,
    "openai": OpenAIChatClient,
    "responses": OpenAIResponsesClient,
}
RETRIED_STATUSES = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
NO_MODEL = (
    "Set OPENAI_API_KEY (or another provider's key), or install the embedded model with "
    "pip install 'nbagent[local]'."
)


class StreamClient(Protocol):
    """What the executor needs of a client."""

    def stream(
        self, prompt: PromptLike, *, model: str | Model, tools: Iterable[Any] = (), **params: Any
    ) -> AsyncGenerator[StreamFrame, None]: ...

    async def models(self) -> list[str]: ...


@dataclass(frozen=True)
class Retry:
    """When to ask again: only before the first frame, and by status, never by words.

    Attributes:
        attempts: How often to ask in all; 1 never asks again.
        base: Seconds that the first pause lasts at most; it doubles each time.
        cap: Seconds that any pause lasts at most.
    """

    attempts: int = 4
    base: float = 0.5
    cap: float = 30.0

    def allows(self, error: NbagentError, attempt: int) -> bool:
        """Whether to ask again after ``attempt`` attempts that ended in ``error``."""
        if attempt >= self.attempts:
            return False
        if isinstance(error, ProviderError):
            return error.status in RETRIED_STATUSES
        return isinstance(error, TransportError)

    def pause(self, error: NbagentError, attempt: int) -> float:
        """Seconds to wait: what the provider asks for, else full jitter."""
        asked = getattr(error, "retry_after", None)
        if asked is not None:
            return float(asked)
        return random.uniform(0.0, min(self.cap, self.base * 2 ** (attempt - 1)))


class Executor:
    """Streams from any of several providers.

    Args:
        clients: The clients by provider name; a model ``"openai:gpt-5"`` goes to ``"openai"``.
        retry: When to ask again.
        fallbacks: Models to move on to when one cannot be had, by model.
        sleep: Waits a number of seconds; for tests.
    """

    def __init__(
        self,
        clients: Mapping[str, StreamClient],
        *,
        retry: Retry = Retry(),
        fallbacks: Mapping[str, Sequence[ModelLike]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clients = dict(clients)
        self._retry = retry
        self._fallbacks = {str(model): tuple(others) for model, others in (fallbacks or {}).items()}
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"Executor({', '.join(sorted(self._clients))})"

    @classmethod
    def from_env(cls) -> Executor:
        """An executor with a client for every provider whose key is in the environment.

        Ollama needs no key, so it is always among them, whether it runs or not.
        """
        return cls({name: client() for name, client in CLIENTS.items() if client.configured()})

    def with_client(self, provider: str, client: StreamClient) -> Executor:
        """The same executor with one more client."""
        return Executor(
            {**self._clients, provider: client},
            retry=self._retry,
            fallbacks=self._fallbacks,
            sleep=self._sleep,
        )

    @property
    def providers(self) -> tuple[str, ...]:
        """The names of the providers that it has clients for."""
        return tuple(sorted(self._clients))

    async def stream(
        self,
        prompt: PromptLike,
        *,
        model: ModelLike,
        tools: Iterable[Any] = (),
        notify: Callable[[str], None] | None = None,
        **params: Any,
    ) -> AsyncGenerator[StreamFrame, None]:
        """The frames of the model's reply; an async generator, ``aclose()`` ends the request.

        Args:
            prompt: A string, a list of messages or a `Prompt`.
            model: ``"provider:name"`` or a `Model`.
            tools: `ToolSpec`s and anything with a ``.spec``.
            notify: Told in words when it waits to ask again, or moves on to another model.
            params: As every client takes them, ``tool_calling`` included.

        Raises:
            NbagentError: As the client raises; see `nbagent.errors`.
        """
        tell = notify or _silent
        choices = [Model.of(model), *map(Model.of, self._fallbacks.get(str(model), ()))]
        tools = tuple(tools)
        for position, choice in enumerate(choices):
            seen = False
            frames = self._attempts(choice, prompt, tools, params, tell)
            try:
                async with aclosing(frames):
                    async for frame in frames:
                        seen = True
                        yield frame
                return
            except (ProviderError, TransportError) as error:
                last = position == len(choices) - 1
                if seen or last or not (Retry(attempts=2).allows(error, 1)):
                    raise
                tell(f"{choice} cannot be had; going on with {choices[position + 1]}.")

    async def stream_text(
        self, prompt: PromptLike, *, model: ModelLike, **params: Any
    ) -> AsyncGenerator[str, None]:
        """The words of the reply alone, as they come."""
        frames = self.stream(prompt, model=model, **params)
        async with aclosing(frames):
            async for frame in frames:
                if isinstance(frame, TextDelta):
                    yield frame.text

    async def execute(
        self, prompt: PromptLike, *, model: ModelLike, tools: Iterable[Any] = (), **params: Any
    ) -> Message:
        """The whole reply as a message."""
        frames = self.stream(prompt, model=model, tools=tools, **params)
        async with aclosing(frames):
            builder = MessageBuilder()
            async for frame in frames:
                builder.feed(frame)
            return builder.message

    async def models(self) -> list[str]:
        """What the configured providers offer, as ``"provider:name"``.

        Raises:
            NbagentError: A provider did not answer.
        """
        names = sorted(self._clients)
        lists = await asyncio.gather(*(_offered(self._clients[name]) for name in names))
        return [
            f"{name}:{model}" for name, found in zip(names, lists, strict=True) for model in found
        ]

    async def _attempts(
        self,
        model: Model,
        prompt: PromptLike,
        tools: tuple[Any, ...],
        params: Mapping[str, Any],
        tell: Callable[[str], None],
    ) -> AsyncGenerator[StreamFrame, None]:
        client = self._client(model)
        attempt = 0
        while True:
            attempt += 1
            seen = False
            frames = client.stream(prompt, model=model, tools=tools, **params)
            try:
                async with aclosing(frames):
                    async for frame in frames:
                        seen = True
                        yield frame
                return
            except (ProviderError, TransportError) as error:
                if seen or not self._retry.allows(error, attempt):
                    raise
                pause = self._retry.pause(error, attempt)
                tell(f"{error} Trying again in {pause:.1f} s.")
            await self._sleep(pause)

    def _client(self, model: Model) -> StreamClient:
        client = self._clients.get(model.provider)
        if client is not None:
            return client
        known = ", ".join(sorted(self._clients)) or "none"
        kind = CLIENTS.get(model.provider)
        if kind is None:
            raise ConfigurationError(
                f"Unknown provider {model.provider!r} in {str(model)!r}. Configured: {known}. "
                f"{NO_MODEL}"
            )
        raise ConfigurationError(
            f"No client for {model.provider!r}: set {' or '.join(kind.key_variables)} in the "
            f"environment, or give Executor({{{model.provider!r}: {kind.__name__}(…)}}). "
            f"Configured: {known}."
        )


async def _offered(client: StreamClient) -> list[str]:
    try:
        return await client.models()
    except TransportError:
        # Nobody said that this one is there; a server on this machine that does not run.
        if getattr(client, "optional", False):
            return []
        raise


def _silent(text: str) -> None:
    """Nobody wants to be told."""
