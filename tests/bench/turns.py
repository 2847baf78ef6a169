"""A conversation of 500 turns: whether the last ones cost more than the first, time and memory.

The model is scripted, so that what grows by itself (the request's own bytes) is not measured.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import AsyncIterator
from itertools import pairwise

from nbagent import Agent, Executor, tool
from nbagent.testing import ScriptedClient, reply_calls, reply_text
from tests.bench.measure import Row, cpu_of

__all__ = ["run"]

TURNS = 500
PART = 100  # turns that are taken together


@tool
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


async def run(url: str) -> AsyncIterator[Row]:
    """Rows for the time and the memory of the last turns, the floor being the second hundred."""
    times = await _times()
    # The first hundred warm things up.
    yield Row(f"turn {TURNS} of a conversation", times[-1], "µs a turn", times[1], 1.5)
    kept = await _kept()
    yield Row(f"kept after turn {TURNS}", kept[-1], "KiB a turn", kept[1], 1.2)


async def _times() -> list[float]:
    agent = _agent()
    return [await cpu_of(lambda: _turns(agent)) / PART * 1e6 for _ in range(TURNS // PART)]


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


async def _turns(agent: Agent) -> None:
    for _ in range(PART):
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
