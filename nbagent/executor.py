"""Routes a model to its client; asks again, or another model, before the first frame has come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Protocol

from nbagent import catalogue
from nbagent.errors import (
    ConfigurationError,
    ProviderError,
    TransportError,
    UnsupportedCapability,
)
from nbagent.frames import End, StreamFrame, TextDelta
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
from nbagent.providers.openai_chat_dialects import DIALECTS, OPENAI
from nbagent.waiting import Pause, Retry, Sleeper

__all__ = ["Executor", "Retry", "StreamClient", "configured"]

CLIENTS: Mapping[str, type[Client]] = {
    "anthropic": AnthropicClient,
    "gemini": GeminiClient,
    "ollama": OllamaClient,
    "openai": OpenAIChatClient,
    "responses": OpenAIResponsesClient,
}
# In `End.raw`, where another model answered than the one that was asked.
ANSWERED_BY = "answered_by"
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


class Executor:
    """Streams from any of several providers.

    Args:
        clients: The clients by provider name; a model ``"openai:gpt-5"`` goes to ``"openai"``.
        retry: When to ask again.
        fallbacks: Models to move on to when one cannot be had, by model.
        max_wait: Seconds that a provider may ask to wait. A longer wish is an error at once (or
            the next of the fallbacks) that says how long; None waits as long as it takes.
        sleep: Waits a number of seconds; for tests.
        clock: Seconds since some moment; for tests.
    """

    def __init__(
        self,
        clients: Mapping[str, StreamClient],
        *,
        retry: Retry = Retry(),  # noqa: B008 - frozen, so safely shared
        fallbacks: Mapping[str, Sequence[ModelLike]] | None = None,
        max_wait: float | None = 60.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clients = dict(clients)
        self._retry = retry
        self._fallbacks = {str(model): tuple(others) for model, others in (fallbacks or {}).items()}
        self._max_wait = max_wait
        self._sleep = sleep
        self._clock = clock
        self._pauses: dict[str, Pause] = {}

    def __repr__(self) -> str:
        return f"Executor({', '.join(sorted(self._clients))})"

    @classmethod
    def from_env(cls) -> Executor:
        """An executor with a client for every provider whose key is in the environment.

        Beside OpenAI, Anthropic and Gemini these are the providers of `DIALECTS` under their own
        names: ``openrouter`` with ``OPENROUTER_API_KEY``, ``mistral`` with ``MISTRAL_API_KEY`` and
        so on; ``vllm``, ``lmstudio`` and ``llamacpp``, which need no key, with
        ``VLLM_BASE_URL``, ``LM_STUDIO_BASE_URL`` and ``LLAMACPP_BASE_URL``. Ollama is always among
        them, whether it runs or not.
        """
        clients = {name: client() for name, client in CLIENTS.items() if configured(name)}
        others = {name: OpenAIChatClient(dialect=name) for name in DIALECTS if configured(name)}
        return cls({**others, **clients})

    def with_client(self, provider: str, client: StreamClient) -> Executor:
        """The same executor with one more client."""
        return Executor(
            {**self._clients, provider: client},
            retry=self._retry,
            fallbacks=self._fallbacks,
            max_wait=self._max_wait,
            sleep=self._sleep,
            clock=self._clock,
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
        first: ProviderError | TransportError | None = None
        for position, choice in enumerate(choices):
            seen = False
            frames = self._attempts(choice, prompt, tools, params, tell)
            try:
                async with aclosing(frames):
                    async for frame in frames:
                        seen = True
                        if position and isinstance(frame, End):
                            frame = replace(frame, raw={**frame.raw, ANSWERED_BY: str(choice)})
                        yield frame
                return
            except (ProviderError, TransportError) as error:
                last = position == len(choices) - 1
                if seen or last or not (Retry(attempts=2).allows(error, 1)):
                    raise
                first = first or error
                tell(f"{choice} cannot be had; going on with {choices[position + 1]}.")
            except UnsupportedCapability:
                if first is None:
                    raise
                # Nobody asked for this model; that the one asked for cannot be had is the news.
                tell(f"{choice} cannot do what was asked.")
        if first is not None:
            raise first

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

    def base_url(self, model: ModelLike) -> str:
        """Where requests to a model go; empty where its client does not say, or there is none."""
        wanted = Model.of(model)
        known = wanted.provider in self._clients
        return str(getattr(self._client(wanted), "base_url", "")) if known else ""

    async def aclose(self) -> None:
        """Closes the connections that its clients hold on this event loop."""
        closers = (getattr(client, "aclose", None) for client in self._clients.values())
        await asyncio.gather(*(close() for close in closers if close is not None))

    async def _attempts(
        self,
        model: Model,
        prompt: PromptLike,
        tools: tuple[Any, ...],
        params: Mapping[str, Any],
        tell: Callable[[str], None],
    ) -> AsyncGenerator[StreamFrame, None]:
        client = self._client(model)
        sleeper = self._sleeper(model, tell)
        attempt = 0
        while True:
            attempt += 1
            seen = False
            await sleeper.start()
            frames = client.stream(prompt, model=model, tools=tools, **params)
            try:
                async with aclosing(frames):
                    async for frame in frames:
                        if not seen:
                            sleeper.answered()
                            seen = True
                        yield frame
                return
            except (ProviderError, TransportError) as error:
                if seen or not self._retry.allows(error, attempt):
                    raise
                failure = error
            await sleeper.again(failure, self._retry.pause(failure, attempt))

    def _sleeper(self, model: Model, tell: Callable[[str], None]) -> Sleeper:
        name = str(model)
        pause = self._pauses.setdefault(name, Pause(self._clock))
        return Sleeper(pause, name, self._max_wait, self._sleep, self._clock, tell)

    def _client(self, model: Model) -> StreamClient:
        client = self._clients.get(model.provider)
        if client is None:
            raise self._unreachable(model)
        if isinstance(client, OpenAIChatClient) and client.dialect is OPENAI:
            # OpenAI's newer models take no tools while they reason but through its other API.
            known = catalogue.entry(model.provider, model.name) or {}
            return self._clients.get(str(known.get("api")), client)
        return client

    def _unreachable(self, model: Model) -> ConfigurationError:
        configured = f"Configured: {', '.join(sorted(self._clients)) or 'none'}."
        kind, dialect = CLIENTS.get(model.provider), DIALECTS.get(model.provider)
        if kind is not None:
            variables, client = kind.key_variables, f"{kind.__name__}(…)"
        elif dialect is not None:
            variables = dialect.key_variables or (dialect.url_variable,)
            client = f"OpenAIChatClient(…, dialect={dialect.name!r})"
        else:
            return ConfigurationError(
                f"Unknown provider {model.provider!r} in {str(model)!r}. {configured} {NO_MODEL}"
            )
        return ConfigurationError(
            f"No client for {model.provider!r}: set {' or '.join(variables)} in the environment, "
            f"or give Executor({{{model.provider!r}: {client}}}). {configured}"
        )


def configured(provider: str) -> bool:
    """Whether the environment has what a provider needs: its key, or where its server is."""
    kind = CLIENTS.get(provider)
    return kind.configured() if kind is not None else DIALECTS[provider].configured


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
