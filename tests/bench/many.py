"""Many streams at once against as many one after the other: CPU for a chunk."""

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
CHUNKS = 1000


async def run(url: str) -> AsyncIterator[Row]:
    """A row for each framing. The floor opens as many connections, but never two at once."""
    client = OpenAIChatClient("key", url)
    for framing in FRAMINGS:
        at_once = partial(_cpu_of_a_chunk, client, framing, STREAMS)
        in_turn = partial(_cpu_of_a_chunk, client, framing, 1)
        await at_once()
        taken, floor = await alternate(at_once, in_turn, rounds=ROUNDS)
        yield Row(f"{STREAMS} streams at once, {framing}", taken, "µs a chunk", floor, 1.0)
    await client.aclose()


async def _cpu_of_a_chunk(client: OpenAIChatClient, framing: str, at_once: int) -> float:
    """Microseconds, over all streams, so many of them at once."""
    name = model("text", CHUNKS, framing)

    async def together() -> None:
        for _ in range(STREAMS // at_once):
            await asyncio.gather(
                *(consume(client.stream("?", model=name), CHUNKS) for _ in range(at_once))
            )

    return await cpu_of(together) / STREAMS / CHUNKS * 1e6
