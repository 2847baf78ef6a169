"""What a turn costs does not depend on how many there were before it."""

from __future__ import annotations

from typing import Any

from nbagent import Agent, FilePart, tool
from nbagent.testing import reply_calls, reply_text
from tests.agent.agents import scripted
from tests.counting import counted_calls

TABLE = FilePart(b"a,b\n1,2", "text/csv", "table.csv")


@tool
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


def replies(asked: Any) -> Any:
    """A call, then words."""
    if asked.prompt.messages[-1].role == "user":
        return reply_calls(("add", {"a": 1, "b": 2}))
    return reply_text("It is 3.")


async def test_a_late_turn_calls_no_more_functions_than_an_early_one() -> None:
    """Counted, not timed: turn 150 and turn 15 of one conversation, files of text included."""
    agent, _ = scripted(always=replies, tools=[add])
    await _turns(agent, 15)
    early = await _calls(agent)
    await _turns(agent, 134)
    late = await _calls(agent)
    assert early > 100
    assert late < early * 1.02, (early, late)


async def _turns(agent: Agent, count: int) -> None:
    for _ in range(count):
        await agent.ask(["What is 1 + 2?", TABLE])


async def _calls(agent: Agent) -> int:
    """How many functions one turn calls, those of C included."""
    with counted_calls() as calls:
        await agent.ask(["What is 1 + 2?", TABLE])
    return calls.count
