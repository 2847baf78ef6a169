"""Replies packed by gzip or deflate, and replies that the user's own client has read already."""

from __future__ import annotations

import gzip
import json
import zlib

import httpx
import pytest

from nbagent.errors import StreamError
from nbagent.frames import End, TextDelta
from nbagent.providers import OpenAIChatClient
from nbagent.testing import FakeServer, Reply
from tests.providers.recorded import sse

STREAM = sse(
    *(json.dumps({"choices": [{"delta": {"content": word}}]}) for word in ("Grü", "ße ", "😀")),
    '{"choices": [{"delta": {}, "finish_reason": "stop"}]}',
    "[DONE]",
)
PACKED = {"gzip": gzip.compress(STREAM), "deflate": zlib.compress(STREAM), "identity": STREAM}


async def text_of(client: OpenAIChatClient) -> str:
    """The words of a reply that has to end."""
    frames = [frame async for frame in client.stream("?", model="m")]
    assert isinstance(frames[-1], End)
    return "".join(frame.text for frame in frames if isinstance(frame, TextDelta))


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("cut", [None, "every byte"])
async def test_packed_replies(packing, cut):
    """They are unpacked as they come, wherever they are cut."""
    reply = Reply(body=PACKED[packing], headers={"content-encoding": packing}, cut=cut)
    with FakeServer([reply]) as server:
        assert await text_of(OpenAIChatClient("k", server.url)) == "Grüße 😀"


@pytest.mark.parametrize("packing", PACKED)
async def test_a_packed_reply_that_breaks_off(packing):
    """Half of it is never a whole reply."""
    body = PACKED[packing][:-40]
    for chunked in (True, False):
        reply = Reply(body=body, headers={"content-encoding": packing}, chunked=chunked)
        with FakeServer([reply]) as server, pytest.raises(StreamError) as caught:
            await text_of(OpenAIChatClient("k", server.url))
        assert "Grüße 😀".startswith(caught.value.partial.text)


async def test_a_hook_that_reads_the_reply_first():
    """A user's own client may log whole replies: the reply is then read from what it kept."""

    async def read(response: httpx.Response) -> None:
        await response.aread()

    for packing, body in PACKED.items():
        reply = Reply(body=body, headers={"content-encoding": packing})
        with FakeServer([reply]) as server:
            async with httpx.AsyncClient(event_hooks={"response": [read]}) as http:
                assert await text_of(OpenAIChatClient("k", server.url, http=http)) == "Grüße 😀"


async def test_a_transport_without_a_socket():
    """A user's own transport, as tests and proxies have it."""
    http = httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, content=STREAM))
    )
    assert await text_of(OpenAIChatClient("k", "http://x/v1", http=http)) == "Grüße 😀"
    await http.aclose()
