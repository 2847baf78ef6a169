"""A stream of many chunks against the plain loop: the measure that several benchmarks share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, TypeAlias

import httpx

from nbagent.providers import OpenAIChatClient
from tests.bench.floor import plain_loop
from tests.bench.measure import Row, alternate, consume, cpu_of
from tests.bench.replies import model

__all__ = ["CHUNKS", "Streams", "against_floor", "cpu_of_a_chunk", "of_client"]

CHUNKS = 20_000
# Enough for pools, certificates and caches to be there before the clock runs.
WARM_UP = 200

#: Gives a stream of a model's reply.
Streams: TypeAlias = Callable[[str], AsyncIterator[Any]]


def of_client(client: OpenAIChatClient) -> Streams:
    """The streams of the client alone."""
    return lambda name: client.stream("?", model=name)


async def against_floor(
    url: str,
    kind: str,
    framing: str,
    *,
    wanted: float | None = None,
    what: str = "client",
    streams: Callable[[OpenAIChatClient], Streams] = of_client,
) -> Row:
    """Microseconds of CPU for a chunk.

    Args:
        url: The server's base URL.
        kind: What the reply is made of; see `tests.bench.replies`.
        framing: How it is framed.
        wanted: The most that the ratio may be.
        what: What is measured, for the row's name.
        streams: Makes the streams that are measured from a client.
    """
    client = OpenAIChatClient("key", url)
    async with httpx.AsyncClient() as http:
        ours = partial(cpu_of_a_chunk, streams(client), kind, framing)
        floor = partial(cpu_of_a_chunk, partial(plain_loop, http, url), kind, framing)
        taken = await alternate(ours, floor)
    await client.aclose()
    name = f"{what}: {kind}, {framing}"
    return Row(name, taken[0], "µs a chunk", taken[1], wanted)


async def cpu_of_a_chunk(streams: Streams, kind: str, framing: str) -> float:
    """Microseconds of CPU that one long reply takes for each of its chunks."""
    await consume(streams(model(kind, WARM_UP, framing)), WARM_UP)
    long = model(kind, CHUNKS, framing)
    return await cpu_of(lambda: consume(streams(long), CHUNKS)) / CHUNKS * 1e6
