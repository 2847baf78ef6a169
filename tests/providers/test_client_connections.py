"""Connections of a client: timeouts, closing, cancelling, many at once, a client of one's own."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import asyncio
from contextlib import aclosing, suppress

import httpx
import httpx2
import pytest

from nbagent.errors import (
    RateLimited,
    StreamTimeout,
    StreamTruncated,
    TransportError,
)
from nbagent.frames import End, TextDelta
from nbagent.messages import Message
from nbagent.providers import Timeouts
from nbagent.testing import (
    FakeServer,
    Gate,
    Reply,
    reply_bytes,
    reply_error,
    reply_text,
)
from tests.providers.asking import client_of, frames_of, text_of


async def test_the_first_byte_may_take_so_long():
    """A server that does not answer is given up."""
    with FakeServer([reply_bytes(Gate())]) as server:
        client = client_of(server, timeout=Timeouts(first_byte=0.1))
        with pytest.raises(TransportError, match=r"did not begin to answer within 0\.1 s"):
            await frames_of(client)


async def test_a_stream_that_falls_silent():
    """Words, then nothing: the error has the words."""
    with FakeServer([Reply(frames=(TextDelta("Hel", 0), Gate()))]) as server:
        client = client_of(server, timeout=Timeouts(idle=0.5))
        with pytest.raises(StreamTimeout, match=r"nothing for 0\.5 s") as caught:
            await frames_of(client)
        assert caught.value.partial == Message.assistant("Hel")
        server.requests[0].wait_disconnected(60)


async def test_pings_count_as_life():
    """A stream that only pings for longer than the timeout is alive."""
    pings = [b": ping\n\n"] * 24
    done = b'data: {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    with FakeServer([reply_bytes(*pings, done, delay=0.05)]) as server:
        frames = await frames_of(client_of(server, timeout=Timeouts(idle=1.0)))
    assert text_of(frames) == "Hi"


async def test_closing_the_generator_closes_the_connection():
    """The server sees it at once."""
    with FakeServer([Reply(frames=(TextDelta("Hel", 0), Gate()))]) as server:
        frames = client_of(server).stream("hi", model="m")
        assert await anext(frames) == TextDelta("Hel", 0)
        await frames.aclose()
        server.requests[0].wait_disconnected(60)


@pytest.mark.parametrize("where", ["before the headers", "before a frame", "between frames"])
async def test_cancelling_closes_the_connection_and_frees_the_pool(where):
    """Cancelled anywhere, the server sees it, and the one connection of the pool is free again."""
    gate = Gate()
    held = {
        "before the headers": Reply(frames=(gate,)),
        "before a frame": reply_bytes(b": ping\n\n", gate),
        "between frames": Reply(frames=(TextDelta("Hel", 0), gate)),
    }[where]
    limits = httpx.Limits(max_connections=1)
    with FakeServer([held, "Hi"]) as server:
        async with httpx.AsyncClient(limits=limits, trust_env=False) as http:
            client = client_of(server, http=http)
            task = asyncio.create_task(frames_of(client))
            await asyncio.to_thread(gate.wait_reached)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            server.requests[0].wait_disconnected(60)
            assert text_of(await asyncio.wait_for(frames_of(client), 60)) == "Hi"


async def test_cancelling_at_any_moment():
    """A task cancelled after any number of turns of the loop leaves a client that works."""
    with FakeServer(always=reply_text("Hello there", pieces=5)) as server:
        client = client_of(server)
        for turns in range(40):
            task = asyncio.create_task(frames_of(client))
            for _ in range(turns * 3):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                assert text_of(await task) == "Hello there"
        assert text_of(await frames_of(client)) == "Hello there"
        await client.aclose()


async def test_two_hundred_at_once_do_not_mix():
    """One client holds no state of a stream."""

    def echo(request):
        return reply_text(request.body["messages"][0]["content"] * 20, pieces=20)

    with FakeServer(always=echo) as server:
        client = client_of(server)
        replies = await asyncio.gather(*(frames_of(client, f"<{n}>") for n in range(200)))
        await client.aclose()
    assert [text_of(frames) for frames in replies] == [f"<{n}>" * 20 for n in range(200)]


async def test_the_end_does_not_wait_for_a_slow_server():
    """A server that keeps the connection after its end marker delays nothing."""
    done = b'data: {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    with FakeServer([reply_bytes(done, Gate()), "again"]) as server:
        client = client_of(server)
        async with aclosing(client.stream("hi", model="m")) as frames:
            start = asyncio.get_running_loop().time()
            async for frame in frames:
                if isinstance(frame, End):
                    assert asyncio.get_running_loop().time() - start < 0.15
                    break
        assert text_of(await frames_of(client)) == "again"


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
async def test_a_http_client_of_ones_own(library):
    """Either library's client is used, left open, and its errors are ours."""
    replies = [
        "Hi",
        reply_error(429),
        Reply(frames=(TextDelta("Hel", 0),), break_at=300),
        Reply(break_at=-1),
    ]
    async with library.AsyncClient(headers={"x-proxy": "yes"}, trust_env=False) as http:
        with FakeServer(replies) as server:
            client = client_of(server, http=http)
            assert text_of(await frames_of(client)) == "Hi"
            assert server.requests[0].headers["x-proxy"] == "yes"
            with pytest.raises(RateLimited):
                await frames_of(client)
            with pytest.raises(StreamTruncated):
                await frames_of(client)
            with pytest.raises(TransportError):
                await frames_of(client)
            await client.aclose()
            assert not http.is_closed
        with pytest.raises(TransportError, match="Is the server up"):
            await frames_of(client)
