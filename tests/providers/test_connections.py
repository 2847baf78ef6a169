"""Our connections beside httpcore's own: whatever a server sends, both give the same."""

import ssl
from contextlib import asynccontextmanager

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbagent.providers import connections
from tests.cutting import cut

CONTEXT = ssl.create_default_context()
URL = (b"http", b"model.test", None, b"/v1")
BODY = b"5\r\nhello\r\n1\r\n \r\n5;x=y\r\nworld\r\n0\r\n\r\n"
EVENTS = b"".join(b"9\r\ndata: %d\n\n\r\n" % number for number in range(10, 13)) + b"0\r\n\r\n"
# To a reader who is lost within it, what follows the blank line is a body.
HOSTILE = b"1d\r\nHTTP/1.1 100 \n\n3\r\nabc\r\n0\r\n\r\r\n1\r\n \r\n0\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Written(httpcore.AsyncMockBackend):
    """A network that says what it was told to, and counts its connections."""

    def __init__(self, pieces):
        super().__init__(pieces)
        self.connections = 0

    async def connect_tcp(self, *arguments, **named):
        self.connections += 1
        return await super().connect_tcp(*arguments, **named)


async def nothing():
    """The body of a request without one."""
    return
    yield b""


def pools(network):
    """httpcore's own pool, and ours."""
    plain = httpcore.AsyncConnectionPool(
        network_backend=network, max_keepalive_connections=32, keepalive_expiry=5
    )
    return plain, connections.opened(CONTEXT, 32, network)


@asynccontextmanager
async def answer(pool, method="POST"):
    """The answer to a request; ours are sent in our way."""
    response = await connections.send(pool, method, URL, [(b"host", b"x")], nothing(), {})
    try:
        yield response
    finally:
        await response.aclose()


async def heard(pieces, methods, pool):
    """What each request gives: status, headers and body, or the kind of error."""
    told = []
    for method in methods:
        body = bytearray()
        try:
            async with answer(pool, method) as response:
                told.append((response.status, response.headers))
                async for piece in response.aiter_stream():
                    body += piece
            told.append(bytes(body))
        except (httpcore.ProtocolError, httpcore.NetworkError) as error:
            told.append((bytes(body), type(error)))
    await pool.aclose()
    return told


REPLIES = st.sampled_from(
    [
        CHUNKED + BODY,
        CHUNKED + EVENTS,
        CHUNKED + HOSTILE,
        CHUNKED.replace(b"\r\n", b"\n") + BODY,
        CHUNKED.replace(b"OK", b"").replace(b"Tr", b"tR").replace(b"chunk", b"Chunk") + BODY,
        CHUNKED + b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
        CHUNKED + b"5\r\nhello\r\nzz\r\n",
        CHUNKED + b"5\r\nhel",
        CHUNKED.replace(b"1.1", b"1.0") + BODY,
        CHUNKED.replace(b"chunked", b"gzip, chunked") + BODY,
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + CHUNKED + BODY,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 \r\n\r\n" + CHUNKED + BODY,
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n" + CHUNKED + BODY,
        b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n5\r\nhello\r\n0",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n5\r\nup to the end of the connection",
        b"HTTP/1.1 429 \r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY,
        b"\r\n",
        b"junk",
        b"",
    ]
)


@given(st.lists(REPLIES, min_size=1, max_size=4), st.data())
async def test_nothing_is_different(replies, data):
    """Replies of every kind one after the other on one connection, cut anywhere, cut off too."""
    whole = b"".join(replies)[: data.draw(st.sampled_from([None, -1, -3, -9]))]
    edges = [sum(map(len, replies[:n])) for n in range(len(replies))]
    places = data.draw(st.lists(st.integers(0, len(whole)), max_size=12))
    # As a rule a server answers when it is asked: a read brings nothing of the next answer.
    places += edges if data.draw(st.booleans()) else []
    pieces = [piece for piece in cut(whole, places) if piece]
    methods = data.draw(st.lists(st.sampled_from(["POST", "GET", "HEAD"]), min_size=1, max_size=4))
    plain, ours = [await heard(pieces, methods, pool) for pool in pools(Written(pieces))]
    assert ours == plain


async def test_heads_of_interim_replies_are_passed_over():
    """Behind them the body's chunks are merged all the same."""
    chunks = b"".join(b"1\r\n%c\r\n" % letter for letter in b"abcdefgh")
    hints = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    whole = hints + CHUNKED + chunks
    for places in [], [9, 60], range(1, len(hints + CHUNKED)):
        _, pool = pools(Written(cut(whole, places)))
        async with answer(pool) as response:
            assert await anext(response.aiter_stream()) == b"abcdefgh"
        await pool.aclose()


async def test_a_connection_is_followed_from_one_reply_to_the_next():
    """Chunks are merged in each reply, behind counted and empty ones too, on one connection."""
    chunks = b"".join(b"1\r\n%c\r\n" % letter for letter in b"abcdefgh")
    many = [CHUNKED, chunks, b"0\r\n\r\n"]
    counted = [b"HTTP/1.1 400 Bad\r\nContent-Length: 4\r\n\r\nno", b"no"]
    network = Written([*many, *many, *counted, *many, b"HTTP/1.1 204 \r\n\r\n", *many])
    _, pool = pools(network)
    told = []
    for _ in range(6):
        async with answer(pool) as response:
            told.append([piece async for piece in response.aiter_stream()])
    assert told == [*[[b"abcdefgh"]] * 2, [b"no", b"no"], [b"abcdefgh"], [], [b"abcdefgh"]]
    assert network.connections == 1
    await pool.aclose()


@pytest.mark.parametrize("early", [b"HTTP/1.1 100 ", b"HTTP/1.1 200 OK\r\nX: "])
async def test_a_head_begun_before_the_question(early):
    """Where it is not certain what the parser has, it gets the bytes as they are."""
    body = b"5\r\nhello\r\n1\r\n \r\n"  # 16 bytes that look like chunks
    pieces = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno" + early]
    pieces += [b"HTTP/1.1 200 OK\r\n\r\n" + CHUNKED + b"10\r\n", body, b"\r\n0\r\n\r\n"]
    plain, ours = [await heard(pieces, ["POST"] * 2, pool) for pool in pools(Written(pieces))]
    assert ours == plain
