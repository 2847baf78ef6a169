"""CPU from a socket's bytes to frames, against reading the same bytes and nothing more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from urllib.parse import urlsplit

from nbagent.providers import OpenAIChatClient
from tests.bench.chunks import CHUNKS, cpu_of_a_chunk, of_client
from tests.bench.measure import Row, alternate, consume, cpu_of
from tests.bench.replies import FRAMINGS, model

__all__ = ["run"]

READ = 64 * 1024


async def run(url: str) -> AsyncIterator[Row]:
    """A row for each framing: what chunks cost beyond plain bytes shows in their difference."""
    client = OpenAIChatClient("key", url)
    for framing in FRAMINGS:
        ours = partial(cpu_of_a_chunk, of_client(client), "text", framing)
        taken, floor = await alternate(ours, partial(_cpu_of_reading, url, framing))
        yield Row(f"socket to frames: text, {framing}", taken, "µs a chunk", floor)
    await client.aclose()


async def _cpu_of_reading(url: str, framing: str) -> float:
    """Microseconds of CPU for a chunk of a reply that is read and thrown away."""
    name = model("text", CHUNKS, framing)
    await consume(_bytes(url, name), 1)
    return await cpu_of(lambda: consume(_bytes(url, name), 1)) / CHUNKS * 1e6


async def _bytes(url: str, name: str) -> AsyncIterator[bytes]:
    """What the server sends, as plain asyncio gives it."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    content = json.dumps({"model": name}).encode()
    head = b"POST %b/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n"
    writer.write(head % (address.path.encode(), len(content)) + content)
    while data := await reader.read(READ):
        yield data
    writer.close()
