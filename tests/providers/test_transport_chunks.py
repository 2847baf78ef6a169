"""Replies in chunks on real sockets: merged, broken, used again, encrypted, behind a proxy."""

import asyncio
import os
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path

import httpcore
import pytest

from nbagent.errors import StreamTruncated
from nbagent.providers import OpenAIChatClient, connections
from nbagent.providers.transport import BodyLost, Timeouts, Transport
from nbagent.testing import FakeServer, Gate, Reply, reply_text
from tests.providers.asking import client_of, frames_of, text_of

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
WORDS = [b"word %d, " % number for number in range(500)]
CHUNKS = b"".join(b"%x\r\n%b\r\n" % (len(word), word) for word in WORDS)
LAST = b"0\r\n\r\n"


class Server:
    """Answers each request with the same pieces, one write each, and counts connections."""

    def __init__(self, *pieces, context=None, closes=False, resets=False):
        self.connections = 0
        self.closed = threading.Event()
        self._pieces = pieces
        self._context = context
        self._ends = closes or resets
        self._resets = resets
        self._socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self):
        """Where it is."""
        return self._socket.getsockname()[1]

    def _serve(self):
        while True:
            try:
                accepted, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._converse, args=(accepted,), daemon=True).start()

    def _converse(self, connection):
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_side=True)
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                while _asked(connection):
                    for piece in self._pieces:
                        if isinstance(piece, threading.Event):
                            piece.wait()
                        elif callable(piece):
                            piece(connection)
                        else:
                            connection.sendall(piece)
                    if self._ends:
                        break
            except ConnectionError:
                pass  # the client had enough: that is what some tests are about
            if self._resets:
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.closed.set()


def _asked(connection):
    """Whether a whole request came; its body is always the same."""
    request = b""
    while not request.endswith(b"{}"):
        data = connection.recv(65536)
        if not data:
            return False
        request += data
    return True


@contextmanager
def transport_to(server) -> Iterator[Transport]:
    """A transport of its own for one test."""
    yield Transport(f"http://127.0.0.1:{server.port}", Timeouts(5, 5, 5))
    server._socket.close()


async def pieces_of(transport):
    """The pieces in which a reply's body comes."""
    async with transport.open("POST", "/", headers={}, content=b"{}") as reply:
        return [piece async for piece in reply.chunks()]


async def test_many_chunks_come_in_few_pieces():
    """What a read has brought comes as one; every byte of it, in order, reply after reply."""
    with transport_to(Server(HEAD + CHUNKS, LAST)) as transport:
        for _ in range(3):
            pieces = await pieces_of(transport)
            assert b"".join(pieces) == b"".join(WORDS)
            assert len(pieces) < 20
        await transport.aclose()


async def test_the_connection_serves_the_next_request():
    """Replies in chunks leave their connection as open as others do."""
    server = Server(HEAD, CHUNKS, LAST)
    with transport_to(server) as transport:
        for _ in range(5):
            await pieces_of(transport)
        assert server.connections == 1
        await transport.aclose()
        assert await asyncio.to_thread(server.closed.wait, 10)


async def test_half_a_chunk_is_not_waited_for():
    """Its bytes are there before the rest of it comes, which here it never does."""
    never = threading.Event()
    with transport_to(Server(HEAD, b"5\r\nhello\r\n1", b"0\r\nhalf of", never)) as transport:
        async with transport.open("POST", "/", headers={}, content=b"{}") as reply:
            seen = b""
            async with aclosing(reply.chunks()) as chunks:
                while seen != b"hellohalf of":
                    seen += await anext(chunks)
        await transport.aclose()
    never.set()


@pytest.mark.parametrize("end", [b"", b"5", b"5\r", b"5\r\nhal", b"5\r\nwhole", b"5\r\nwhole\r\n"])
@pytest.mark.parametrize("how", ["closes", "resets"])
async def test_a_server_that_goes_in_the_middle(end, how):
    """Between chunks or within one, closed or reset, the reply is lost and not finished."""
    with transport_to(Server(HEAD, b"2\r\nhi\r\n", end, **{how: True})) as transport:
        with pytest.raises(BodyLost):
            await pieces_of(transport)
        await transport.aclose()


async def test_chunks_that_are_none():
    """The parser's own complaint is in the error."""
    with transport_to(Server(HEAD, b"2\r\nhi\r\nsize\r\n")) as transport:
        with pytest.raises(BodyLost, match="illegal chunk header"):
            await pieces_of(transport)
        await transport.aclose()


async def test_cancelling_leaves_no_connection_open():
    """The pool has none any more, and the server finds that the client has gone."""
    paused = threading.Event()
    server = Server(HEAD, CHUNKS, paused)
    with transport_to(server) as transport:
        task = asyncio.create_task(pieces_of(transport))
        while not server.connections:
            await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert transport._pool()._transport._pool.connections == []
        paused.set()
        assert await asyncio.to_thread(server.closed.wait, 10)
        await transport.aclose()


CERTIFICATE = Path(__file__).with_name("untrusted.pem")


def tls_server(*pieces, **options):
    """A server whose connections are encrypted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return Server(*pieces, context=context, **options)


def trusting():
    """What trusts it."""
    context = ssl.create_default_context(cafile=str(CERTIFICATE))
    context.check_hostname = False
    return context


def _garbage(connection):
    with socket.socket(fileno=os.dup(connection.fileno())) as raw:
        raw.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))


def _unwrapped(connection):
    with suppress(OSError):
        connection.unwrap()


async def braces():
    """The body of a request."""
    yield b"{}"


async def asked(pool, server, sent=None):
    """The pieces of a body, read once it was ``sent``, and the error that ended it."""
    url = (b"https", b"127.0.0.1", server.port, b"/")
    headers = [(b"host", b"x"), (b"content-length", b"2")]
    response = await connections.send(pool, "POST", url, headers, braces(), {})
    pieces = []
    if sent is not None:
        assert await asyncio.to_thread(sent.wait, 10)
    try:
        async for piece in response.aiter_stream():
            pieces.append(piece)  # noqa: PERF401 - what came before an error counts
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
        return pieces, type(error)
    finally:
        await response.aclose()
    return pieces, None


async def test_replies_over_tls():
    """Many small records are merged as well, on a connection that is used again."""
    chunks = [b"%x\r\n%b\r\n" % (len(word), word) for word in WORDS]
    sent = threading.Event()
    server = tls_server(HEAD, *chunks, lambda _: sent.set(), LAST)
    pool = connections.opened(trusting(), 1)
    for _ in range(2):
        sent.clear()
        pieces, error = await asked(pool, server, sent)
        assert b"".join(pieces) == b"".join(WORDS)
        assert error is None
        assert len(pieces) < 100
    assert server.connections == 1
    await pool.aclose()
    server._socket.close()


@pytest.mark.parametrize("end", ["garbage", "cut", "closed"])
async def test_an_encrypted_stream_that_breaks(end):
    """What was readable is read, and the error is httpcore's own, also where it lets TLS's out."""
    never = threading.Event()
    last = {"garbage": (_garbage, never), "cut": (), "closed": (_unwrapped,)}[end]
    server = tls_server(HEAD, CHUNKS, *last, closes=True)
    ours = await asked(connections.opened(trusting(), 1), server)
    plain = await asked(httpcore.AsyncConnectionPool(ssl_context=trusting()), server)
    assert b"".join(ours[0]) == b"".join(plain[0]) == b"".join(WORDS)
    assert ours[1] is (httpcore.ReadError if end == "garbage" else httpcore.RemoteProtocolError)
    assert plain[1] in (ours[1], ssl.SSLError)
    never.set()
    server._socket.close()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_a_proxy_of_the_environment(variable, monkeypatch):
    """Requests go through it, and not to hosts that are excepted."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with FakeServer(always=reply_text("Through a proxy", pieces=9)) as proxy:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        client = OpenAIChatClient("k", "http://model.invalid/v1")
        assert text_of(await frames_of(client)) == "Through a proxy"
        assert proxy.requests[0].path == "http://model.invalid/v1/chat/completions"
        await client.aclose()


async def test_one_client_after_a_break_and_a_stop():
    """A stream that broke and one that was left do not trouble the next."""
    broken = Reply(frames=reply_text("Hello there", pieces=5).frames, break_at=700)
    left = Reply(frames=(*reply_text("Hello there", pieces=5).frames[:3], Gate()))
    with FakeServer([broken, left, "Well"]) as server:
        client = client_of(server)
        with pytest.raises(StreamTruncated):
            await frames_of(client)
        async with aclosing(client.stream("?", model="m")) as frames:
            await anext(frames)
        assert await asyncio.to_thread(server.requests[1].wait_disconnected, 10)
        assert text_of(await frames_of(client)) == "Well"
        await client.aclose()
