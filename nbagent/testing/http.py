"""The little HTTP/1.1 of `FakeServer`: reads a request, writes a reply piece by piece."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import pairwise
from typing import Any

from nbagent.testing.replies import Gate, Reply

__all__ = ["Disconnect", "Request", "ResponseWriter", "read_request"]


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The client closed the connection in mid-reply.

    ``at`` is `time.monotonic` in seconds, ``offset`` the number of body bytes sent until then.
    """

    at: float
    offset: int


@dataclass(slots=True)
class Request:
    """A request as the server got it. Header names are in lower case.

    ``body`` is decoded from JSON, or the bytes where it is not JSON, or None. Headers are left
    out of the repr: they carry the key.
    """

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: Any
    received: float
    disconnected: Disconnect | None = None
    sent: int = 0
    _left: threading.Event = field(default_factory=threading.Event, repr=False)

    def wait_disconnected(self, timeout: float = 10.0) -> Disconnect:
        """Block until the client has closed the connection before the reply's end.

        Raises:
            TimeoutError: It did not within ``timeout`` seconds.
        """
        if not self._left.wait(timeout) or self.disconnected is None:
            raise TimeoutError(f"The client kept the connection open for {timeout} s.")
        return self.disconnected

    def mark_disconnected(self) -> None:
        """Note that the client has gone. The server calls this."""
        self.disconnected = Disconnect(time.monotonic(), self.sent)
        self._left.set()


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None when the client has closed it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    raw = b"".join([piece async for piece in _body(reader, headers)])
    return Request(method, path, headers, _decoded(raw), time.monotonic())


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[bytes]:
    if "chunked" not in headers.get("transfer-encoding", ""):
        yield await reader.readexactly(int(headers.get("content-length", "0")))
        return
    while size := int((await reader.readline()).split(b";")[0], 16):
        yield await reader.readexactly(size)
        await reader.readline()
    await reader.readline()


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw


class ResponseWriter:
    """Writes one reply to a connection: head, pieces, end, or the break that is scripted."""

    def __init__(self, writer: asyncio.StreamWriter, reply: Reply, request: Request) -> None:
        self._writer = writer
        self._reply = reply
        self._request = request
        self._keep = True

    async def write(self, pieces: Iterable[bytes | Gate]) -> bool:
        """Send the whole reply. True when the connection can serve another request."""
        if self._reply.break_at == -1:
            return self._break()
        self._writer.write(self._head())
        for piece in _cut(pieces, self._reply.cut):
            if isinstance(piece, Gate):
                await self._writer.drain()
                await piece.passed()
            elif not await self._piece(piece):
                return self._break()
        return await self._finish()

    def _head(self) -> bytes:
        headers = {"content-type": "text/event-stream", "server": "nbagent.testing"}
        if self._reply.chunked:
            headers["transfer-encoding"] = "chunked"
        elif isinstance(self._reply.body, bytes) and self._reply.break_at is None:
            headers["content-length"] = str(len(self._reply.body))
        else:
            headers["connection"] = "close"
        self._keep = "connection" not in headers
        headers.update(self._reply.headers)
        reason = HTTPStatus(self._reply.status).phrase if self._reply.status in _KNOWN else "Error"
        lines = [f"HTTP/1.1 {self._reply.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    async def _piece(self, piece: bytes) -> bool:
        """Send a piece; False when the scripted break is reached (what is before it is sent)."""
        room = self._reply.break_at
        kept = piece if room is None else piece[: max(0, room - self._request.sent)]
        if kept:
            self._writer.write(b"%x\r\n%b\r\n" % (len(kept), kept) if self._reply.chunked else kept)
            await self._writer.drain()
            self._request.sent += len(kept)
        if self._reply.delay:
            await asyncio.sleep(self._reply.delay)
        return len(kept) == len(piece)

    async def _finish(self) -> bool:
        if self._reply.break_at is not None:
            return self._break()
        if self._reply.chunked:
            self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()
        return self._keep

    def _break(self) -> bool:
        if self._reply.reset:
            linger = struct.pack("ii", 1, 0)  # on, 0 seconds: closing sends a reset
            handle: socket.socket = self._writer.get_extra_info("socket")
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.close()
        return False


_KNOWN = frozenset(status.value for status in HTTPStatus)


def _cut(pieces: Iterable[bytes | Gate], cut: object) -> Iterator[bytes | Gate]:
    """The pieces as they are, or their bytes cut at ``cut`` instead; gates stay where they are."""
    if cut is None:
        yield from pieces
        return
    waiting, start = b"", 0
    for piece in (*pieces, None):
        if isinstance(piece, bytes):
            waiting += piece
            continue
        yield from _recut(waiting, start, cut)
        start, waiting = start + len(waiting), b""
        if piece is not None:
            yield piece


def _recut(data: bytes, start: int, cut: Any) -> Iterator[bytes]:
    """``data``, whose first byte has the offset ``start``, cut at these offsets."""
    every = range(1, len(data))
    inside = every if cut == "every byte" else sorted({p - start for p in cut} & set(every))
    edges = [0, *inside, len(data)]
    for left, right in pairwise(edges):
        if right > left:
            yield data[left:right]
