"""OpenAI's own SDK on the same socket, where it is installed: for comparison, no mark."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx

from tests.bench.chunks import Streams, cpu_of_a_chunk
from tests.bench.floor import plain_loop
from tests.bench.measure import Row, alternate
from tests.bench.replies import FRAMINGS

try:
    import openai
except ImportError:  # a comparison, not a dependency
    openai = None  # type: ignore[assignment]  # the module's name, without the module

__all__ = ["run"]


async def run(url: str) -> AsyncIterator[Row]:
    """A row for each framing."""
    if openai is None:
        yield Row("OpenAI SDK", 0.0, "µs a chunk", note="not installed: pip install openai")
        return
    client = openai.AsyncOpenAI(api_key="key", base_url=url)
    async with httpx.AsyncClient() as http:
        for framing in FRAMINGS:
            ours = partial(cpu_of_a_chunk, _streams(client), "text", framing)
            floor = partial(cpu_of_a_chunk, partial(plain_loop, http, url), "text", framing)
            taken = await alternate(ours, floor, rounds=3)
            yield Row(f"OpenAI SDK: text, {framing}", taken[0], "µs a chunk", taken[1])
    await client.close()


def _streams(client: Any) -> Streams:
    async def stream(name: str) -> AsyncIterator[Any]:
        messages = [{"role": "user", "content": "?"}]
        chunks = await client.chat.completions.create(model=name, messages=messages, stream=True)
        async for chunk in chunks:
            yield chunk.choices[0].delta.content

    return stream
