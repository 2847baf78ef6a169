"""What all clients share: the key, the request on its way, and the decoder fed until the end.

A provider's own room adds two pure things: how a prompt is encoded and how its bytes are decoded.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pydantic_core

from nbagent.calling import Emulation
from nbagent.errors import (
    ConfigurationError,
    ProviderError,
    ProviderStreamError,
    StreamError,
    StreamTimeout,
    StreamTruncated,
    UnsupportedCapability,
)
from nbagent.frames import StreamFrame
from nbagent.json_text import to_json
from nbagent.messages import ImagePart, Part, Prompt, PromptLike, ToolResultPart, ToolSpec
from nbagent.models import Capability, Model
from nbagent.providers.decoder import Decoder
from nbagent.providers.failures import provider_error
from nbagent.providers.params import Params
from nbagent.providers.transport import (
    MAX_ERROR_BYTES,
    BodyLost,
    BodyTimeout,
    Reply,
    Timeouts,
    Transport,
    shown,
)
from nbagent.providers.unsupported import unsupported

__all__ = ["Client", "specs_of"]


class Client(ABC):
    """A client of one provider. It holds no state of a stream, so one serves any number at once.

    Args:
        api_key: The key; by default from the environment.
        base_url: Where the API is, in the sense of the provider's official SDK.
        timeout: Seconds for each wait, or `Timeouts`; None waits for ever.
        headers: Sent with every request, after the client's own.
        http: An ``httpx.AsyncClient`` (or one with its interface) to use, for proxies and
            certificates. It belongs to the caller and to one event loop.

    Raises:
        ConfigurationError: No key was given and none is in the environment.
    """

    provider: str
    label: str
    key_variables: tuple[str, ...]
    url_variable: str
    default_base_url: str

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float | Timeouts | None = Timeouts(),  # noqa: B008 - frozen, so safely shared
        headers: Mapping[str, str] | None = None,
        http: Any = None,
    ) -> None:
        url = base_url or os.environ.get(self.url_variable) or self.default_base_url
        key = api_key or self._key_from_environment(required=url == self.default_base_url)
        self._key = _sendable("The API key", key.strip())
        self._headers = {
            name: _sendable(f"The header {name!r}", value)
            for name, value in (headers or {}).items()
        }
        self._transport = Transport(url, Timeouts.of(timeout), http)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={shown(self.base_url)!r})"

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._transport.base_url

    @classmethod
    def configured(cls) -> bool:
        """Whether a key for it is in the environment."""
        return any(os.environ.get(name) for name in cls.key_variables)

    @abstractmethod
    def path(self, model: str) -> str:
        """The path of a streamed request for ``model``."""

    @abstractmethod
    def auth(self, key: str) -> dict[str, str]:
        """The headers that carry the key."""

    @abstractmethod
    def encode(
        self, prompt: Prompt, *, model: str, tools: Iterable[ToolSpec] = (), params: Params
    ) -> dict[str, Any]:
        """The body of a request."""

    @abstractmethod
    def decoder(self) -> Decoder:
        """A fresh decoder for one reply."""

    async def stream(
        self,
        prompt: PromptLike,
        *,
        model: str | Model,
        tools: Iterable[Any] = (),
        tool_calling: str | None = None,
        **params: Any,
    ) -> AsyncGenerator[StreamFrame, None]:
        """Asks the model and gives the frames of its reply as they come.

        An async generator: ``aclose()`` closes the connection.

        Args:
            prompt: A string, a list of messages or a `Prompt`.
            model: The model's name, or a `Model`.
            tools: `ToolSpec`s and anything with a ``.spec``.
            tool_calling: How tools reach the model; by default as the `Model` says.
            params: See `Params`.

        Raises:
            UnsupportedCapability: The model cannot do what was asked: as far as that is known
                nothing was sent, else the provider said so.
            TransportError: No reply came.
            ProviderError: The provider answered with an error.
            StreamError: The reply broke off, was cut, or reports an error.
        """
        asked = seen_by(model, Prompt.of(prompt))
        emulation = Emulation.of(model, specs_of(tools), tool_calling)
        asked, specs, params = emulation.encode(asked, params)
        name = model.name if isinstance(model, Model) else model
        body = self.encode(asked, model=name, tools=specs, params=Params.of(params))
        decoder: Decoder = emulation.decoder(self.decoder())
        content = to_json(body)
        async with self._transport.open(
            "POST", self.path(name), headers=self._request_headers(), content=content
        ) as reply:
            if reply.status >= 400:
                refusal = self._refused(reply, await reply.read_error())
                if (lack := unsupported(self.label, refusal)) is not None:
                    raise lack from refusal
                raise refusal
            try:
                # Closed with this generator: left to the collector, it would end in a task.
                async with aclosing(reply.chunks()) as chunks:
                    async for chunk in chunks:
                        for frame in decoder.feed(chunk):
                            yield frame
                        if decoder.error is not None:
                            raise self._redacted(decoder.error)
                        if decoder.done:
                            break
            except BodyLost as error:
                raise StreamTruncated(
                    f"{error}. What had come is in .partial; ask again.", partial=decoder.message
                ) from error
            except BodyTimeout as error:
                raise StreamTimeout(str(error), partial=decoder.message) from error
            for frame in decoder.flush():
                yield frame
            if decoder.error is not None:
                raise self._redacted(decoder.error)
            # Behind the End, so that nobody waits for a server that is slow to let go.
            await reply.drain()

    async def models(self) -> list[str]:
        """The names of the models that the provider offers.

        Raises:
            TransportError: No answer came.
            ProviderError: The provider answered with an error.
        """
        async with self._transport.open(
            "GET", self.models_path, headers=self._request_headers()
        ) as reply:
            if reply.status >= 400:
                raise self._refused(reply, await reply.read_error())
            content = await reply.read(MAX_LIST_BYTES)
        try:
            return self.listed(pydantic_core.from_json(content))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ProviderError(
                f"{self.label} answered something that is no list of models. Check that base_url "
                "is the address of that API.",
                status=reply.status,
                body=self._without_key(content[:MAX_ERROR_BYTES]).decode("utf-8", "replace"),
            ) from error

    def listed(self, answer: Any) -> list[str]:
        """The names in an answer to a request for ``models_path``."""
        return sorted(str(item["id"]) for item in answer.get("data", ()))

    async def aclose(self) -> None:
        """Closes the connections that this event loop holds."""
        await self._transport.aclose()

    models_path: str = "/models"

    def _request_headers(self) -> dict[str, str]:
        auth = self.auth(self._key) if self._key else {}
        return {
            "content-type": "application/json",
            "accept": "text/event-stream",
            **auth,
            **self._headers,
        }

    def _key_from_environment(self, *, required: bool) -> str:
        for name in self.key_variables:
            if value := os.environ.get(name):
                return value
        if required:
            raise ConfigurationError(
                f"No API key for {self.label}: set {' or '.join(self.key_variables)} in the "
                f"environment, or pass api_key= to {type(self).__name__}."
            )
        return ""

    def _refused(self, reply: Reply, content: bytes) -> ProviderError:
        content = self._without_key(content)
        return provider_error(self.label, reply.status, reply.headers, content)

    def _redacted(self, error: StreamError) -> StreamError:
        if self._key and error.args:
            error.args = (str(error.args[0]).replace(self._key, "***"), *error.args[1:])
            if isinstance(error, ProviderStreamError):
                body = self._without_key(pydantic_core.to_json(error.body))
                error.body = pydantic_core.from_json(body)
        return error

    def _without_key(self, content: bytes) -> bytes:
        # Some servers repeat the key in what they complain of.
        return content.replace(self._key.encode(), b"***") if self._key else content


UNSEEN = '(Done: the person sees the picture now. Reply like "Here is ...", in one short sentence.)'
MAX_LIST_BYTES = 4 * 1024 * 1024


def _sendable(what: str, value: str) -> str:
    # Found here, where the text can be kept out of the error: what httpx raises repeats it.
    if not (value.isascii() and (value.isprintable() or not value)):
        raise ConfigurationError(
            f"{what} has characters that no HTTP header can carry. Was it copied whole, and alone?"
        )
    return value


def seen_by(model: str | Model, prompt: Prompt) -> Prompt:
    """The prompt without the pictures in tool results, for a model that sees none.

    Their descriptions are in the results' text.

    Raises:
        UnsupportedCapability: The person sent a picture to such a model.
    """
    if not isinstance(model, Model) or Capability.IMAGES in model.capabilities:
        return prompt
    messages = []
    for message in prompt.messages:
        if any(isinstance(part, ImagePart) for part in message.parts):
            raise UnsupportedCapability(
                f"{model} cannot see images. Take another model, or describe the image in words."
            )
        messages.append(replace(message, parts=tuple(_described(part) for part in message.parts)))
    return Prompt(tuple(messages))


def _described(part: Part) -> Part:
    if not isinstance(part, ToolResultPart) or not part.images:
        return part
    return replace(part, text=f"{part.text}\n{UNSEEN}", images=())


def specs_of(tools: Iterable[Any]) -> tuple[ToolSpec, ...]:
    """The specs of what was given as tools.

    Raises:
        ConfigurationError: Something is neither a `ToolSpec` nor has one.
    """
    specs = []
    for item in tools:
        spec = item if isinstance(item, ToolSpec) else getattr(item, "spec", None)
        if not isinstance(spec, ToolSpec):
            raise ConfigurationError(
                f"{item!r} is not a tool. Decorate the function with @tool, or give a ToolSpec."
            )
        specs.append(spec)
    return tuple(specs)
