"""The embedded model as a client: the server is started when the first question comes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import Any, ClassVar

from nbagent.errors import ConfigurationError, StreamTruncated, TransportError
from nbagent.frames import StreamFrame
from nbagent.local.artefact import EMBEDDED
from nbagent.local.server import Endpoint, LocalServer, shared_server
from nbagent.messages import PromptLike
from nbagent.models import Model
from nbagent.providers.openai_chat import OpenAIChatClient, OpenAIChatDecoder

__all__ = ["DEFAULT_MODEL", "LocalClient"]

DEFAULT_MODEL = EMBEDDED.name
LABEL = "The embedded model"
# llama.cpp closes a connection that was kept alive about one time in four when the next request
# comes right after a stream (measured: 27 of 120); a new one on loopback costs nothing.
HEADERS = {"connection": "close"}
DEATH_SECONDS = 0.5


class _EmbeddedDecoder(OpenAIChatDecoder):
    provider: ClassVar[str] = LABEL


class _EmbeddedClient(OpenAIChatClient):
    provider = "local"
    label = LABEL

    def decoder(self) -> _EmbeddedDecoder:
        """A fresh decoder for one reply."""
        return _EmbeddedDecoder()


class LocalClient:
    """A client of the embedded model, or of any GGUF file.

    A model is named `DEFAULT_MODEL`, or by the path of a GGUF file. The server is started by the
    first question and started again when it has died.

    Args:
        server: Gives the server of a path, or of None for the embedded model.
    """

    def __init__(self, server: Callable[[str | None], LocalServer] = shared_server) -> None:
        self._server = server
        self._clients: dict[LocalServer, tuple[Endpoint, _EmbeddedClient]] = {}

    async def stream(
        self, prompt: PromptLike, *, model: str | Model, tools: Iterable[Any] = (), **params: Any
    ) -> AsyncGenerator[StreamFrame, None]:
        """The frames of the reply; see `nbagent.providers.client.Client.stream`.

        Raises:
            ConfigurationError: The name is no model, or xllamacpp is not installed.
            LocalModelError: The weights are not to be had, or the server did not start.
            StreamTruncated: The model's process died in the middle.
        """
        # llama.cpp would sample at 0.8; a model this small chooses its tools better without dice.
        params = {"temperature": 0.0, **params}
        wanted = _as_model(model)
        server = self._server(_path_of(wanted.name))
        for last in (False, True):
            client = self._client(server, await server.ensure())
            seen = False
            frames = client.stream(prompt, model=wanted, tools=tools, **params)
            try:
                async with aclosing(frames):
                    async for frame in frames:
                        seen = True
                        yield frame
                return
            except StreamTruncated as error:
                raise await _explained(error, server) from error
            except TransportError:
                # It may have died just before: then it is started again, once.
                if seen or last or not await _is_dead(server):
                    raise

    async def models(self) -> list[str]:
        """The name of the embedded model; nothing is started for it."""
        return [DEFAULT_MODEL]

    async def aclose(self) -> None:
        """Closes the connections; the server stays for others."""
        for _, client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    def _client(self, server: LocalServer, endpoint: Endpoint) -> _EmbeddedClient:
        known, client = self._clients.get(server, (None, None))
        if client is None or known != endpoint:
            # The client of a process that is gone holds no connection.
            client = _EmbeddedClient(endpoint.api_key, endpoint.base_url, headers=HEADERS)
            self._clients[server] = endpoint, client
        return client


def _as_model(model: str | Model) -> Model:
    if isinstance(model, Model):
        return model
    return Model.of(model if model.startswith("local:") else f"local:{model}")


def _path_of(name: str) -> str | None:
    """The path that a model's name gives, or None for the embedded model."""
    if name == DEFAULT_MODEL:
        return None
    if name.endswith(".gguf") or os.sep in name or Path(name).exists():
        return name
    raise ConfigurationError(
        f"There is no embedded model {name!r}. Use 'local:{DEFAULT_MODEL}', or the path of a GGUF "
        "file, as in 'local:/models/bigger.gguf'."
    )


async def _is_dead(server: LocalServer) -> bool:
    """Whether the process is gone; its connections break a moment before it is."""
    for _ in range(10):
        if not server.alive:
            return True
        await asyncio.sleep(DEATH_SECONDS / 10)
    return False


async def _explained(error: StreamTruncated, server: LocalServer) -> StreamTruncated:
    if not await _is_dead(server):
        return error
    return StreamTruncated(
        f"The embedded model's process {server.fate} in the middle of its reply. Your variables "
        "are safe; ask again and it is started anew. What had come is in .partial.",
        partial=error.partial,
    )
