"""Memory over a long reply: what is held beyond the reply's own text."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import AsyncIterator

from nbagent import Agent, Executor, OpenAIChatClient
from tests.bench.chunks import Streams, of_client
from tests.bench.measure import Row
from tests.bench.replies import model, text_length

__all__ = ["run"]

CHUNKS = 200_000
# From here on all that is made once has been made.
FIRST = 20_000


async def run(url: str) -> AsyncIterator[Row]:
    """Rows for the client and for the agent. The floor is the text, one byte a character."""
    client = OpenAIChatClient("key", url)
    text = (text_length(CHUNKS) - text_length(FIRST)) / 1024
    for name, streams in (("client", of_client(client)), ("Agent", _of_agent(client))):
        grown = await _grown(streams) / 1024
        yield Row(f"{name}: memory, {FIRST:,} to {CHUNKS:,}", grown, "KiB held", text)
    await client.aclose()


def _of_agent(client: OpenAIChatClient) -> Streams:
    executor = Executor({"openai": client})
    return lambda name: Agent(f"openai:{name}", executor=executor).stream("?")


async def _grown(streams: Streams) -> int:
    """Bytes held in the last chunk more than in chunk `FIRST`."""
    held: list[int] = []
    count = 0
    gc.collect()
    tracemalloc.start()
    try:
        async for _ in streams(model("text", CHUNKS)):
            count += 1
            if count in (FIRST, CHUNKS):
                held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    return held[1] - held[0]
