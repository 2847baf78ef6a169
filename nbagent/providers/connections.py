"""A pool of HTTP connections whose chunked bodies are merged on their way to the parser.

It is httpcore's pool, the one that httpx has inside, given a network of its own through the door
that httpcore has for that (``network_backend=``). The network is httpcore's too: what comes
between is `chunks.ChunkMerger`, and only where it is certain what the parser has read so far.

This is the only importer of httpcore, which httpx depends on.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any

import httpcore

from nbagent.providers.chunks import ChunkMerger

__all__ = ["opened", "send"]

# As h11 finds the end of a head, and as httpcore tells the heads that are not the last.
_HEAD_END = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/[0-9.]+ 1(?!01)")
KEEPALIVE_SECONDS = 5.0  # as in httpx


def opened(
    ssl_context: ssl.SSLContext, keepalive: int, network: httpcore.AsyncNetworkBackend | None = None
) -> httpcore.AsyncConnectionPool:
    """A pool for HTTP/1.1, with no limit but that of the connections that are kept idle.

    Args:
        ssl_context: How servers are trusted.
        keepalive: How many idle connections are kept.
        network: What connects; httpcore's own for asyncio by default.
    """
    return httpcore.AsyncConnectionPool(
        ssl_context=ssl_context,
        max_connections=None,
        max_keepalive_connections=keepalive,
        keepalive_expiry=KEEPALIVE_SECONDS,
        network_backend=_Network(network or httpcore.AnyIOBackend()),
    )


async def send(
    pool: httpcore.AsyncConnectionPool,
    method: str,
    url: tuple[bytes, bytes, int | None, bytes],
    headers: Sequence[tuple[bytes, bytes]],
    content: AsyncIterable[bytes],
    extensions: Mapping[str, Any],
) -> httpcore.Response:
    """Sends a request.

    Args:
        pool: The pool.
        method: Its method.
        url: Scheme, host, port and target.
        headers: Its headers.
        content: Its body.
        extensions: Timeouts and the like, as httpcore has them.

    Raises:
        httpcore.NetworkError: No reply came, as one of these or of its other errors.
    """
    scheme, host, port, target = url
    request = httpcore.Request(
        method,
        httpcore.URL(scheme=scheme, host=host, port=port, target=target),
        headers=headers,
        content=content,
        extensions=dict(extensions),
    )
    response = await pool.handle_async_request(request)
    stream = response.extensions.get("network_stream")
    if isinstance(stream, _Stream):
        stream.answered(method, response)
    return response


class _Head:
    """Finds the end of a reply's head, so that the parser gets nothing of the body along with it.

    The parser may have kept bytes from before the request, if a server sends more than it was
    asked for. Then what is read now begins in the middle of something. So a head is sure only if
    it begins with its own first line, which nothing inside of a head can be.
    """

    def __init__(self) -> None:
        self._seen = bytearray()
        self._sure = True
        self.whole = False

    def cut(self, data: bytes) -> tuple[bytes, bytes]:
        """What belongs to a head, and what is behind it."""
        if self.whole:
            self.whole = self._sure = False  # the parser wants more: to it, that was no last head
        if not self._sure:
            return data, b""
        old = len(self._seen)
        self._seen += data
        end = _HEAD_END.search(self._seen, max(0, old - 2))
        if end is None:
            return data, b""
        self._sure = self._seen.startswith(b"HTTP/")
        self.whole = self._sure and not _INTERIM.match(self._seen)
        self._seen.clear()
        return data[: end.end() - old], data[end.end() - old :]


class _Stream(httpcore.AsyncNetworkStream):
    """A connection. Bytes are cut and merged where it is certain what they are part of."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._part: _Head | ChunkMerger | None = None
        self._behind = b""  # what came behind a head, for the next read
        tls = inner.get_extra_info("ssl_object")
        self._tls = tls if isinstance(tls, ssl.SSLObject) else None
        self._broken: ssl.SSLError | None = None  # what is wrong behind the bytes given last

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while True:
            data, self._behind = self._behind, b""
            data = data or await self._received(max_bytes, timeout)
            if isinstance(self._part, _Head):
                data, self._behind = self._part.cut(data)
            elif self._part is not None:
                given = self._part.feed(data)
                if data and not given:
                    continue  # half a chunk's line: of no use yet, and no bytes are an end
                data = given
            return data

    async def _received(self, max_bytes: int, timeout: float | None) -> bytes:
        """The next bytes; of TLS, whose servers send small records, all those that are at hand."""
        try:
            if self._broken is not None:
                raise self._broken
            data = await self._inner.read(max_bytes, timeout)
        except ssl.SSLError as error:
            raise httpcore.ReadError(str(error)) from error
        if self._tls is None or not data:
            return data
        records = [data]
        room = max_bytes - len(data)
        try:
            while room > 0 and (data := self._tls.read(room)):
                records.append(data)
                room -= len(data)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass  # no whole record is left
        except ssl.SSLError as error:
            self._broken = error
        return b"".join(records)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # A request. A merger that is in the middle of a body, or has met what is none, stays.
        if not isinstance(self._part, ChunkMerger) or self._part.over:
            self._part = _Head()
        await self._inner.write(buffer, timeout)

    def answered(self, method: str, response: httpcore.Response) -> None:
        """The parser has read a head: what comes from now on is the body of this reply."""
        part, self._part = self._part, None
        # The parser refuses every other transfer coding than chunked.
        chunked = any(name.lower() == b"transfer-encoding" for name, _ in response.headers)
        if method == "HEAD" or response.status in (204, 304):
            return
        if chunked and isinstance(part, _Head) and part.whole:
            self._part = ChunkMerger()

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore.AsyncNetworkBackend):
    """Another network, its connections in our streams."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        inner = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(inner)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
