"""A socket that is killed at any byte of a reply of 4 KB, for each of the five protocols.

Every 61st byte here; every byte with ``NBAGENT_EVERY_BYTE=1`` (a few minutes).
"""

# ruff: noqa: E501 - one case a line is easier to read and to compare

from __future__ import annotations

import os

import anyio
import pytest

from nbagent.errors import StreamTruncated, TransportError
from nbagent.frames import End, ReasoningDelta, TextDelta, ToolCallDelta
from nbagent.message_builder import MessageBuilder
from nbagent.messages import Usage
from nbagent.providers import (
    AnthropicClient,
    GeminiClient,
    OllamaClient,
    OpenAIChatClient,
    OpenAIResponsesClient,
)
from nbagent.testing import FakeServer, Reply
from nbagent.testing.server import ENCODERS

STEP = 1 if os.environ.get("NBAGENT_EVERY_BYTE") else 61
# The client, where its requests go, what its base URL ends in, and what ends a reply.
PROTOCOLS = {
    "openai_chat": (OpenAIChatClient, "/chat/completions", "/v1", b'"finish_reason": "'),
    "openai_responses": (OpenAIResponsesClient, "/responses", "/v1", b'"type": "response.completed"'),
    "anthropic": (AnthropicClient, "/v1/messages", "", b'"type": "message_stop"'),
    "gemini": (GeminiClient, ":streamGenerateContent", "", b'"finishReason"'),
    "ollama": (OllamaClient, "/api/chat", "", b'"done": true'),
}  # fmt: skip
WORDS = ("Grüße 😀, ", "the\u2028mean", " is\n", '"23.4" ', "\\ mpg. ")
FRAMES = (
    ReasoningDelta("Let me ", 0),
    ReasoningDelta("think.", 0),
    *(TextDelta(word, 1) for word in WORDS),
    ToolCallDelta("a", "summary", "", 2),
    *(ToolCallDelta("a", "summary", piece, 2) for piece in ('{"col', 'umn": "m', 'pg"', "}")),
    ToolCallDelta("b", "plot", '{"kind": "é"}', 3),
    End("tool_calls", Usage(10, 20)),
)


def stream_of(path: str) -> bytes:
    """The bytes of one reply, as the fake server sends them."""
    return b"".join(piece for piece in ENCODERS[path](FRAMES, "m") if isinstance(piece, bytes))


def replies_of(data: bytes, end: bytes) -> list[Reply]:
    """The reply killed at these bytes, in each of the ways in which a connection ends."""
    length = {"content-length": str(len(data))}
    over = max(data.rfind(end), data.rfind(end.replace(b": ", b":")))
    assert over > 0
    replies = []
    for number, at in enumerate(range(0, len(data), STEP)):
        ways = [
            Reply(body=data, break_at=at),
            Reply(body=data, break_at=at, reset=True),
            Reply(body=data, break_at=at, chunked=False, headers=length),
        ]
        if at < over:
            # A body that ends with its connection looks whole once the provider's end has come.
            ways.append(Reply(body=data, break_at=at, chunked=False))
        replies.append(ways[number % len(ways)])
        if STEP == 1:
            replies += [way for way in ways if way is not replies[-1]]
    return replies


@pytest.mark.parametrize("name", PROTOCOLS)
async def test_a_socket_killed_at_any_byte(name):
    """Always an error of the tree with exactly what was seen, never an End, never a wait."""
    kind, path, suffix, end = PROTOCOLS[name]
    data = stream_of(path)
    replies = replies_of(data, end)
    with FakeServer(replies) as server:
        client = kind("key", server.url.removesuffix("/v1") + suffix)
        for reply in replies:
            with anyio.fail_after(10):
                await _killed(client, reply)
        await client.aclose()


async def _killed(client, reply):
    builder, seen = MessageBuilder(), []
    try:
        async for frame in client.stream("hi", model="m"):
            seen.append(frame)
            builder.feed(frame)
    except StreamTruncated as error:
        partial = error.partial
        assert partial.parts == builder.message.parts, reply.break_at
        assert partial.finish_reason is None
        words = "".join(f.text for f in seen if isinstance(f, TextDelta))
        assert partial.text == words
        assert "".join(WORDS).startswith(words)
    except TransportError:
        # A reset may overtake the headers, or everything that was sent.
        assert reply.reset or reply.break_at == 0
        assert seen == []
    else:
        pytest.fail(f"the break at byte {reply.break_at} went unnoticed")
    assert not any(isinstance(frame, End) for frame in seen)
