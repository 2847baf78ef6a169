"""CPU for a chunk through the executor and through an agent, against the same floor."""

from __future__ import annotations

from collections.abc import AsyncIterator

from nbagent import Agent, Executor, OpenAIChatClient
from tests.bench.chunks import Streams, against_floor
from tests.bench.measure import Row
from tests.bench.replies import FRAMINGS

__all__ = ["run"]


async def run(url: str) -> AsyncIterator[Row]:
    """Rows for the executor and for the agent, each with both framings."""
    for framing in FRAMINGS:
        yield await against_floor(
            url, "text", framing, what="Executor.stream", streams=_of_executor
        )
        yield await against_floor(
            url, "text", framing, wanted=2.0, what="Agent.stream", streams=_of_agent
        )


def _of_executor(client: OpenAIChatClient) -> Streams:
    executor = Executor({"openai": client})
    return lambda name: executor.stream("?", model=f"openai:{name}")


def _of_agent(client: OpenAIChatClient) -> Streams:
    executor = Executor({"openai": client})
    return lambda name: Agent(f"openai:{name}", executor=executor).stream("?")
