"""A conversation of 500 turns: whether the last ones cost more than the first, time and memory.

The model is scripted, so that what grows by itself is not in it: the request, which is encoded
anew from the whole conversation each time, and is measured apart.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import AsyncIterator
from itertools import pairwise

from nbagent import Agent, Executor, OpenAIChatClient, Prompt, tool
from nbagent.providers.params import Params
from nbagent.testing import ScriptedClient, reply_calls, reply_text
from tests.bench.measure import Row, alternate, cpu_of

__all__ = ["run"]

TURNS = 500
PART = 100  # turns that are taken together
FEW = 10  # turns that are measured at once
ENCODED = 20  # times


@tool
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


async def run(url: str) -> AsyncIterator[Row]:
    """Rows for the time and the memory of late turns, the floor being early ones."""
    late, early = await _times()
    yield Row(f"turn {TURNS} of a conversation", late, "µs a turn", early, 1.2)
    encoded = await _encoded()
    yield Row(f"encoding {TURNS} turns", encoded, "µs a request", note="beside the turn's own")
    kept = await _kept()
    yield Row(f"kept after turn {TURNS}", kept[-1], "KiB a turn", kept[1], 1.2)


async def _times() -> list[float]:
    """Microseconds of a turn, late in a conversation and early in one, measured in alternation."""
    late, early = _agent(), _agent()
    await _turns(late, TURNS)
    await _turns(early, FEW)

    async def measured(agent: Agent) -> float:
        return await cpu_of(lambda: _turns(agent, FEW)) / FEW * 1e6

    return await alternate(lambda: measured(late), lambda: measured(early), rounds=15)


async def _encoded() -> float:
    """What it costs to encode the last request, which a real client does besides."""
    agent = _agent()
    await _turns(agent, TURNS)
    prompt = Prompt(agent.history)
    client = OpenAIChatClient("key")
    tools = [add.spec]

    async def encode() -> None:
        for _ in range(ENCODED):
            client.encode(prompt, model="gpt-4o", tools=tools, params=Params())

    return await cpu_of(encode) / ENCODED * 1e6


async def _kept() -> list[float]:
    """What each part of the conversation added to the memory that is held."""
    agent = _agent()
    tracemalloc.start()
    held = [tracemalloc.get_traced_memory()[0]]
    for _ in range(TURNS // PART):
        await _turns(agent)
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    return [(after - before) / PART / 1024 for before, after in pairwise(held)]


async def _turns(agent: Agent, count: int = PART) -> None:
    for _ in range(count):
        await agent.ask("What is 1 + 2?")


def _agent() -> Agent:
    client = _Client(always=_reply)
    return Agent("scripted:any", tools=[add], executor=Executor({"scripted": client}))


class _Client(ScriptedClient):
    """Forgets what it was asked: the prompts would be most of the memory."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]  # passed on as they are
        self.asked = _Nothing()


class _Nothing(list):  # type: ignore[type-arg]  # it holds nothing
    def append(self, item: object) -> None:
        """Not kept."""


def _reply(asked: object) -> object:
    last = asked.prompt.messages[-1]  # type: ignore[attr-defined]  # an `Asked`
    if last.role == "user":
        return reply_calls(("add", {"a": 1, "b": 2}))
    return reply_text("It is 3.", pieces=4)
