"""The only room that knows HTTP: connection pools, timeouts, and what went wrong on the way.

It is the only importer of httpx. A user's own client may also be of a fork with the same
interface, so errors are told apart by their class names, not by httpx's classes alone.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.request import getproxies
from weakref import WeakKeyDictionary

import anyio
import httpx

from nbagent.errors import TransportError
from nbagent.providers import connections
from nbagent.providers.watch import Watch

__all__ = [
    "BodyLost",
    "BodyTimeout",
    "Download",
    "Reply",
    "Timeouts",
    "Transport",
    "download",
    "shown",
]

MAX_ERROR_BYTES = 64 * 1024
DRAIN_SECONDS = 0.2
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
KEPT_IDLE = 32
# The roots of httpx's errors, and of httpcore's below it: their names are the same from there on.
HTTP_ERRORS = frozenset(
    {"HTTPError", "StreamError", "InvalidURL"}
    | {"TimeoutException", "NetworkError", "ProtocolError", "UnsupportedProtocol"}
)


class BodyLost(TransportError):
    """The connection broke while the body was read."""


class BodyTimeout(TransportError):
    """Nothing of the body came for too long, after some had come."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds to wait; None waits for ever.

    Attributes:
        connect: For a connection, TLS included.
        first_byte: For the reply's first byte. A large prompt takes a model its time.
        idle: Between two reads of the reply; a provider's pings count as life.
    """

    connect: float | None = 15.0
    first_byte: float | None = 600.0
    idle: float | None = 120.0

    @classmethod
    def of(cls, value: float | Timeouts | None) -> Timeouts:
        """A number of seconds for each of them, None for no limit, or the timeouts themselves."""
        return value if isinstance(value, Timeouts) else cls(value, value, value)


@lru_cache(maxsize=1)
def _ssl_context() -> ssl.SSLContext:
    # Reading the certificates takes tens of milliseconds; all pools share them.
    return httpx.create_ssl_context()


class Reply:
    """A reply whose status and headers have come and whose body has not."""

    def __init__(self, response: Any, timeouts: Timeouts, where: str) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._timeouts = timeouts
        self._where = shown(where)
        self._body: AsyncIterator[bytes] = _body(response)
        self._begun = False

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body's bytes as they come.

        Raises:
            TransportError: Nothing came in time; `BodyTimeout` after some had come.
            BodyLost: The connection broke.
        """
        watch = Watch(self._timeouts.idle if self._begun else self._timeouts.first_byte)
        try:
            watch.begin()
            async for chunk in self._body:
                watch.end()
                if not self._begun:
                    self._begun = True
                    watch.change(self._timeouts.idle)
                yield chunk
                watch.begin()
        except BaseException as error:
            if watch.fired():
                raise self._too_slow(watch.seconds) from error
            if not _is_http_error(error):
                raise
            raise _body_error(error, self._where) from error
        finally:
            watch.close()

    async def read(self, limit: int) -> bytes:
        """The body, at most ``limit`` bytes of it."""
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) >= limit:
                break
        return bytes(body[:limit])

    async def read_error(self) -> bytes:
        """The body of an error answer, as far as it comes: the status says enough without it."""
        body = bytearray()
        try:
            async for chunk in self.chunks():
                body += chunk
                if len(body) >= MAX_ERROR_BYTES:
                    break
        except TransportError as error:
            body = body or bytearray(str(error).encode())
        return bytes(body[:MAX_ERROR_BYTES])

    async def drain(self) -> None:
        """Waits a moment for the body's end, so that the connection can be used again."""
        with anyio.move_on_after(DRAIN_SECONDS):
            try:
                async for _ in self._body:
                    pass
            except Exception as error:
                # The reply is complete; a connection lost behind it only is not used again.
                if not _is_http_error(error):
                    raise

    def _too_slow(self, seconds: float | None) -> TransportError:
        if self._begun:
            return BodyTimeout(
                f"{self._where} sent nothing for {seconds:g} s in the middle of its reply. "
                "Ask again, or give the client a longer timeout=Timeouts(idle=…)."
            )
        return _slow_start(self._where, seconds)


class Transport:
    """Sends requests to one base URL.

    Args:
        base_url: What paths are appended to.
        timeouts: How long to wait for what.
        http: A client to use instead of the pools made here, one for each event loop.
    """

    def __init__(self, base_url: str, timeouts: Timeouts, http: Any = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._timeouts = timeouts
        self._http = http
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = (
            WeakKeyDictionary()
        )

    @asynccontextmanager
    async def open(
        self, method: str, path: str, *, headers: Mapping[str, str], content: bytes | None = None
    ) -> AsyncIterator[Reply]:
        """Sends a request and gives its reply; leaving closes the connection if it is not done.

        Raises:
            TransportError: No reply came.
        """
        url = self.base_url + path
        # The body's timeouts are kept in Reply: httpx has one for headers and body alike.
        limits = (self._timeouts.connect, None, None, self._timeouts.connect)
        seconds = self._timeouts.first_byte
        try:
            context = self._pool().stream(
                method, url, headers=dict(headers), content=content, timeout=limits
            )
            with anyio.fail_after(seconds):
                response = await context.__aenter__()
        except TimeoutError as error:
            raise _slow_start(shown(url), seconds) from error
        except Exception as error:
            if not _is_http_error(error):
                raise
            raise _open_error(error, shown(url)) from error
        try:
            yield Reply(response, self._timeouts, url)
        finally:
            await context.__aexit__(None, None, None)

    async def aclose(self) -> None:
        """Closes this event loop's connections. A client given by the user stays open."""
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.aclose()

    def _pool(self) -> Any:
        if self._http is not None:
            return self._http
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            # A proxy cannot reach this machine's own loopback, whatever the environment says.
            remote = httpx.URL(self.base_url).host not in LOOPBACK
            pool = _proxied() if remote and _proxies() else _direct(trust_env=remote)
            self._pools[loop] = pool
        return pool


class _Direct(httpx.AsyncBaseTransport):
    """What httpx sends requests through by itself, but for `connections`."""

    def __init__(self) -> None:
        self._pool = connections.opened(_ssl_context(), KEPT_IDLE)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url, content = request.url, request.stream
        assert isinstance(content, httpx.AsyncByteStream)
        answer = await connections.send(
            self._pool,
            request.method,
            (url.raw_scheme, url.raw_host, url.port, url.raw_path),
            request.headers.raw,
            content,
            request.extensions,
        )
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    """A body of httpcore's as httpx wants it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        body: AsyncIterator[bytes] = self._stream.__aiter__()
        return body

    async def aclose(self) -> None:
        await self._stream.aclose()


def _direct(*, trust_env: bool) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=_Direct(), follow_redirects=True, trust_env=trust_env)


def _proxied() -> httpx.AsyncClient:
    # httpx alone knows which hosts go through which of them.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=KEPT_IDLE)
    return httpx.AsyncClient(verify=_ssl_context(), limits=limits, follow_redirects=True)


def _proxies() -> bool:
    return not getproxies().keys().isdisjoint({"http", "https", "all"})


@dataclass(frozen=True)
class Download:
    """A file on its way. ``total`` is its whole size in bytes, where the server says so."""

    status: int
    headers: Mapping[str, str]
    total: int | None
    reply: Reply

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """The bytes from ``offset`` on (from the start if ``status`` is 200)."""
        return self.reply.chunks()


@asynccontextmanager
async def download(
    url: str, *, offset: int = 0, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Download]:
    """Gets a file, from ``offset`` bytes on where the server can do that (status 206).

    Raises:
        TransportError: No connection, or the server answered with an error status.
    """
    transport = Transport(url, Timeouts(connect=10.0, first_byte=30.0, idle=60.0))
    sent = {"accept-encoding": "identity", **(headers or {})}
    if offset:
        sent["range"] = f"bytes={offset}-"
    try:
        async with transport.open("GET", "", headers=sent) as reply:
            if reply.status >= 400:
                raise TransportError(f"{url} answered with status {reply.status}.")
            yield Download(reply.status, reply.headers, _total(reply, offset), reply)
    finally:
        await transport.aclose()


def shown(url: str) -> str:
    """The address without the name and the password that may stand in it."""
    return re.sub(r"(?<=//)[^/@]*@", "", url)


def _body(response: Any) -> AsyncIterator[bytes]:
    # Unpacking what is not packed costs as much as decoding it. A hook of the user's own client
    # may have read the body already; then there is nothing raw any more.
    packed = response.headers.get("content-encoding", "identity") != "identity"
    whole = packed or response.is_stream_consumed
    body: AsyncIterator[bytes] = response.aiter_bytes() if whole else response.aiter_raw()
    return body


def _total(reply: Reply, offset: int) -> int | None:
    _, slash, total = reply.headers.get("content-range", "").partition("/")
    if slash and total.isdigit():
        return int(total)
    length = reply.headers.get("content-length", "")
    if not length.isdigit():
        return None
    return int(length) + (offset if reply.status == 206 else 0)


def _names(error: BaseException) -> set[str]:
    return {cls.__name__ for cls in type(error).__mro__}


def _is_http_error(error: BaseException) -> bool:
    return not _names(error).isdisjoint(HTTP_ERRORS)


def _slow_start(where: str, seconds: float | None) -> TransportError:
    return TransportError(
        f"{where} did not begin to answer within {seconds:g} s. "
        "Ask again, or give the client a longer timeout=Timeouts(first_byte=…)."
    )


def _open_error(error: Exception, url: str) -> TransportError:
    names = _names(error)
    what = str(error) or type(error).__name__
    if "ConnectTimeout" in names or "PoolTimeout" in names:
        return TransportError(f"No connection to {url} in time. Is the server up and reachable?")
    if "ConnectError" in names and ("CERTIFICATE" in what.upper() or "SSL" in what.upper()):
        return TransportError(
            f"No secure connection to {url}: {what}. Check the system's certificates, "
            "or give the client an http= client that trusts the server's."
        )
    if "ConnectError" in names:
        return TransportError(f"No connection to {url}: {what}. Is the server up and reachable?")
    if "LocalProtocolError" in names:
        # httpx repeats the header in question, and it may be the key.
        return TransportError(f"The request to {url} could not be written; check headers=.")
    if "UnsupportedProtocol" in names or "InvalidURL" in names:
        return TransportError(f"{url!r} is not an address that can be asked: {what}")
    return TransportError(f"The connection to {url} broke before the reply: {what}")


def _body_error(error: BaseException, where: str) -> BodyLost:
    what = str(error) or type(error).__name__
    return BodyLost(f"The connection to {where} broke in the middle of the reply: {what}")
