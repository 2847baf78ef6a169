"""Many streams at once against one: CPU for a chunk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

from nbagent import OpenAIChatClient
from tests.bench.measure import Row, alternate, consume, cpu_of
from tests.bench.replies import FRAMINGS, model

__all__ = ["run"]

STREAMS = 200
ROUNDS = 3
# Enough that opening the connections, about 2 ms each, is not what is measured.
CHUNKS = 1000


async def run(url: str) -> AsyncIterator[Row]:
    """A row for each framing. The floor is one stream of as many chunks as all of them."""
    client = OpenAIChatClient("key", url)
    for framing in FRAMINGS:
        many = partial(_cpu_of_a_chunk, client, STREAMS, framing)
        one = partial(_cpu_of_a_chunk, client, 1, framing)
        await many()
        taken, floor = await alternate(many, one, rounds=ROUNDS)
        yield Row(f"{STREAMS} streams at once, {framing}", taken, "µs a chunk", floor, 1.0)
    await client.aclose()


async def _cpu_of_a_chunk(client: OpenAIChatClient, streams: int, framing: str) -> float:
    """Microseconds, over the same number of chunks however many streams there are."""
    total = STREAMS * CHUNKS
    each = total // streams
    name = model("text", each, framing)

    async def together() -> None:
        await asyncio.gather(
            *(consume(client.stream("?", model=name), each) for _ in range(streams))
        )

    return await cpu_of(together) / total * 1e6
