"""Stopping a run: at every moment, once and twice, with tools that mind and that do not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nbagent import (
    End,
    RunCancelled,
    RunFinished,
    TextDelta,
)
from nbagent.testing import Gate, reply_calls
from tests.agent.agents import (
    add,
    assert_valid,
    assert_well_formed,
    collected,
    other_tasks,
    quick,
    scripted,
    slow,
    three_steps,
    words,
    yes,
)


class Cutting:
    """Runs three steps, and leaves at the n-th turn of the loop in one of several ways."""

    def __init__(self) -> None:
        self.agent, self.client = scripted(*three_steps(), tools=[add, slow, quick], approver=yes)
        self.items: list[Any] = []

    async def read(self) -> None:
        async for item in self.agent.stream("Go."):
            self.items.append(item)

    async def cut(self, turns: int, way: str) -> bool:
        """Leaves after so many turns; whether the run was still going."""
        reading = asyncio.ensure_future(self.read())
        for _ in range(turns):
            await asyncio.sleep(0)
        going = not reading.done()
        if way == "stop":
            self.agent.stop()
        elif way == "stop twice":
            self.agent.stop()
            await asyncio.sleep(0)
            self.agent.stop()
        else:
            reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        return going


@pytest.mark.parametrize("way", ["stop", "stop twice", "cancel the reader"])
async def test_stopped_at_every_await(way: str) -> None:
    """Left at any turn of the loop: events and history whole, no task left, next question works."""
    going, turns, ends = True, 0, set()
    while going:
        run = Cutting()
        going = await run.cut(turns, way)
        assert not other_tasks()
        assert not run.agent.running
        if way != "cancel the reader" and run.items:
            assert_well_formed(run.items)
            ends.add(type(run.items[-1]))
        assert_valid(run.agent.history)
        asked = len(run.client.asked)
        run.client.add("Good.")
        while (await run.agent.ask("And now?")).text != "Good.":
            pass
        assert_valid(run.agent.history)
        assert len(run.client.asked) > asked
        turns += 1
    assert turns > 40
    if way == "stop":
        assert ends == {RunCancelled, RunFinished}


async def test_stop_while_the_stream_is_open_closes_it() -> None:
    """The model's stream is closed by the time that the run's end is told."""
    gate = Gate()
    agent, client = scripted(words(TextDelta("Half", 0), gate, TextDelta("!", 0), End("stop")))
    items = []
    async for item in agent.stream("Go."):
        items.append(item)
        if isinstance(item, TextDelta):
            agent.stop()
        if isinstance(item, RunCancelled):
            assert client.closed == 1
            assert not agent.running
    assert_well_formed(items)
    assert agent.history[-1].text == "Half"


async def test_calls_that_were_stopped_are_recorded() -> None:
    """A stopped call is among the agent's calls and has a result that says so."""
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    agent, _ = scripted(reply_calls(("add", {"a": 1, "b": 2}), ("wait", {})), tools=[add, wait])
    asking = asyncio.ensure_future(agent.ask("Go."))
    await begun.wait()
    agent.stop()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert [call.state for call in agent.calls] == ["done", "cancelled"]
    one, two = agent.history[-1].tool_results
    assert (one.text, one.error) == ("3", False)
    assert "stopped" in two.text
    assert two.error


async def test_a_tool_that_does_not_want_to_end() -> None:
    """A coroutine that ignores its cancellation holds a second stop up no longer."""
    begun, free = asyncio.Event(), asyncio.Event()

    async def stubborn() -> None:
        while not free.is_set():
            begun.set()
            try:
                await free.wait()
            except asyncio.CancelledError:
                continue

    agent, _ = scripted(reply_calls(("stubborn", {})), "Next.", tools=[stubborn])
    reading = asyncio.ensure_future(collected(agent))
    await begun.wait()
    agent.stop()
    await asyncio.sleep(0.05)
    assert agent.running
    agent.stop()
    items = await asyncio.wait_for(reading, 60)
    assert_well_formed(items)
    assert_valid(agent.history)
    assert (await agent.ask("Next?")).text == "Next."
    free.set()
    while other_tasks():
        await asyncio.sleep(0)


async def test_a_tool_that_cancels_itself() -> None:
    """A tool whose own task was cancelled has a result; it is not taken for a stop."""

    async def lost() -> None:
        inner = asyncio.ensure_future(asyncio.sleep(10))
        inner.cancel()
        await inner

    agent, _ = scripted(reply_calls(("lost", {})), "So it goes.", tools=[lost])
    items = await collected(agent)
    assert_well_formed(items)
    assert isinstance(items[-1], RunFinished)
    assert agent.calls[-1].state == "cancelled"


async def test_a_stopped_call_cleans_up_though_another_ended_at_once() -> None:
    """The moment that each call has for its cleaning up is not cut short by a quicker one."""
    begun, cleaned = asyncio.Event(), asyncio.Event()

    async def careful() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.02)
            cleaned.set()

    async def quickly() -> None:
        await asyncio.Event().wait()

    agent, _ = scripted(reply_calls(("careful", {}), ("quickly", {})), tools=[careful, quickly])
    reading = asyncio.ensure_future(collected(agent))
    await begun.wait()
    agent.stop()
    await reading
    assert cleaned.is_set()
    assert not other_tasks()
