"""What a tool call costs beside its function: validating, running, both sides, events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from nbagent import Agent, Executor, tool
from nbagent.testing import Reply, ScriptedClient, reply_calls
from tests.bench.measure import Row, alternate, consume, cpu_of

__all__ = ["run"]

CALLS = 1000
SIDE_BY_SIDE = 20


@tool
def trivial(number: int, word: str = "x") -> int:
    """Gives the number back."""
    return number


async def run(url: str) -> AsyncIterator[Row]:
    """One call a step, as most models do it; and many calls in each step."""
    for together in (1, SIDE_BY_SIDE):
        steps = CALLS // together
        (seconds,) = await alternate(partial(_cpu_of_a_run, steps, together), rounds=5)
        name = f"a tool call, {together} a step"
        yield Row(name, seconds / CALLS * 1e3, "ms CPU a call", wanted=1.0)


async def _cpu_of_a_run(steps: int, together: int) -> float:
    calls = [("trivial", '{"number": 1}')] * together
    replies: list[Reply | str] = [reply_calls(*calls) for _ in range(steps)]
    client = ScriptedClient([*replies, "Done."])
    executor = Executor({"scripted": client})
    agent = Agent("scripted:model", tools=[trivial], executor=executor, max_steps=steps + 1)
    return await cpu_of(lambda: consume(agent.stream("?"), CALLS))
