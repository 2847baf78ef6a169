"""A run as a task."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.agent.agents import assert_well_formed, other_tasks, scripted


async def test_cancelled_from_outside_before_it_began() -> None:
    """A task that somebody cancels before its first step still tells an end."""
    agent, _ = scripted("Hello.", "Hello.")
    heard: list[Any] = []
    _, done = agent._engine.start(("Go.",), heard.append)
    (task,) = other_tasks()
    task.cancel()
    await asyncio.wrap_future(done)
    assert_well_formed(heard)
    assert (await agent.ask("Hi.")).text == "Hello."


def test_stop_after_the_loop_was_closed() -> None:
    """It is without effect, and does not raise."""
    agent, _ = scripted("Hello.")

    async def begin() -> Any:
        return agent._engine.start(("Go.",))

    stop, done = asyncio.run(begin())
    stop()
    assert done.done()
