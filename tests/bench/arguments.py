"""CPU for a chunk of a call's arguments through `OpenAIChatClient.stream`."""

from __future__ import annotations

from collections.abc import AsyncIterator

from tests.bench.chunks import against_floor
from tests.bench.measure import Row
from tests.bench.replies import FRAMINGS

__all__ = ["run"]


async def run(url: str) -> AsyncIterator[Row]:
    """A row for each way in which a server frames its chunks."""
    for framing in FRAMINGS:
        yield await against_floor(url, "arguments", framing, wanted=1.0)
