"""The streams to a server, with a word when they end and the child's last words kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from nbagent.mcp.last_words import LastWords
from nbagent.mcp.sdk import (
    StdioServerParameters,
    create_mcp_http_client,
    stdio_client,
    streamable_http_client,
)
from nbagent.mcp.target import Target

__all__ = ["streams"]


def streams(
    target: Target, words: LastWords | None, ended: Callable[[], None]
) -> AbstractAsyncContextManager[Any]:
    """A transport for the SDK's client.

    Args:
        target: What to connect to.
        words: Takes a child's standard error; None for an address.
        ended: Called when the server says no more, by its will or not.
    """
    return _process(target, words, ended) if words is not None else _address(target, ended)


@asynccontextmanager
async def _process(
    target: Target, words: LastWords, ended: Callable[[], None]
) -> AsyncIterator[Any]:
    program, *arguments = target.command
    child = StdioServerParameters(
        command=program,
        args=arguments,
        env=dict(target.env),
        cwd=target.cwd,
        encoding_error_handler="replace",
    )
    async with stdio_client(child, errlog=words.writer) as (read, write):
        words.handed_over()
        yield _Watched(read, ended), write


@asynccontextmanager
async def _address(target: Target, ended: Callable[[], None]) -> AsyncIterator[Any]:
    async with (
        create_mcp_http_client(dict(target.headers)) as http,
        streamable_http_client(target.url, http_client=http) as (read, write),
    ):
        yield _Watched(read, ended), write


class _Watched:
    """A stream of the SDK's that tells of its end: a dead server is known before the next call."""

    def __init__(self, inner: Any, ended: Callable[[], None]) -> None:
        self._inner = inner
        self._ended = ended

    @property
    def last_context(self) -> Any:
        return getattr(self._inner, "last_context", None)

    def __aiter__(self) -> _Watched:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._inner.__anext__()
        except StopAsyncIteration:
            self._ended()
            raise

    async def receive(self) -> Any:
        return await self._inner.receive()

    async def aclose(self) -> None:
        await self._inner.aclose()

    def close(self) -> None:
        self._inner.close()

    async def __aenter__(self) -> _Watched:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *given: Any) -> Any:
        return await self._inner.__aexit__(*given)
