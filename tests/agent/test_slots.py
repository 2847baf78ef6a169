"""How many calls run at once, and in which order those that wait."""

from __future__ import annotations

import asyncio
import threading

import pytest

from nbagent import ApprovalRequested, ConfigurationError, ToolQueued, ToolStarted, tool
from nbagent.agent.slots import Slots
from nbagent.testing import reply_calls
from tests.agent.agents import assert_well_formed, collected, scripted, until


class Gauge:
    """How many are inside at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.order: list[int] = []

    async def inside(self, n: int) -> int:
        """Stays for a moment."""
        self.order.append(n)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1
        return n


@pytest.mark.parametrize(("limit", "most"), [(1, 1), (3, 3), (16, 8)])
async def test_no_more_than_the_limit(limit: int, most: int) -> None:
    """Eight calls of one reply: so many run at once, the others are told as queued."""
    gauge = Gauge()
    calls = reply_calls(*(("inside", {"n": n}) for n in range(8)))
    agent, _ = scripted(calls, "Done.", tools=[gauge.inside], max_parallel_calls=limit)
    items = await collected(agent)
    assert_well_formed(items)
    assert gauge.most == most
    assert gauge.order == list(range(8))
    first = next(index for index, item in enumerate(items) if isinstance(item, ToolStarted))
    assert sum(isinstance(item, ToolQueued) for item in items[:first]) == 8
    assert [call.result for call in agent.calls] == list(range(8))


async def test_calls_overlap_by_default() -> None:
    """Ten threads that wait for one another all come back."""
    together = threading.Barrier(10)

    @tool(thread=True)
    def meet() -> int:
        """Waits for nine others."""
        return together.wait(60)

    agent, _ = scripted(reply_calls(*[("meet", {})] * 10), "Done.", tools=[meet])
    await agent.ask("Go.")
    assert {call.result for call in agent.calls} == set(range(10))


async def test_one_after_another_keeps_the_order() -> None:
    """With a limit of one a call that waits for its yes holds up those after it."""
    ran: list[str] = []

    @tool(approve=True)
    def write() -> None:
        """Needs a yes."""
        ran.append("write")

    def read() -> None:
        """Needs none."""
        ran.append("read")

    agent, _ = scripted(
        reply_calls(("write", {}), ("read", {})),
        "Done.",
        tools=[write, read],
        max_parallel_calls=1,
    )
    async for item in agent.stream("Go."):
        if isinstance(item, ApprovalRequested):
            await asyncio.sleep(0.05)
            assert ran == []
            agent.approve(item.tool_call_id)
    assert ran == ["write", "read"]


async def test_one_that_waits_for_a_yes_takes_no_slot() -> None:
    """With more than one the others go on meanwhile."""
    ran = asyncio.Event()

    @tool(approve=True)
    def write() -> None:
        """Needs a yes."""

    async def read() -> None:
        """Needs none."""
        ran.set()

    calls = reply_calls(("write", {}), ("write", {}), ("read", {}))
    agent, _ = scripted(calls, "Done.", tools=[write, read], max_parallel_calls=2)
    async for item in agent.stream("Go."):
        if isinstance(item, ApprovalRequested):
            await asyncio.wait_for(ran.wait(), 60)
            agent.approve(item.tool_call_id)
    assert [call.state for call in agent.calls] == ["done"] * 3


async def test_a_stop_frees_those_that_wait() -> None:
    """Calls that were queued when the run is stopped are cancelled, and none of them runs."""
    begun: list[int] = []

    async def wait(n: int) -> None:
        """Waits."""
        begun.append(n)
        await asyncio.Event().wait()

    calls = reply_calls(*(("wait", {"n": n}) for n in range(4)))
    agent, _ = scripted(calls, tools=[wait], max_parallel_calls=2)
    task = asyncio.ensure_future(collected(agent))
    await until(lambda: len(begun) == 2)
    agent.stop()
    assert_well_formed(await task)
    assert begun == [0, 1]
    assert [call.state for call in agent.calls] == ["cancelled"] * 4


async def test_a_place_that_is_left_early_is_free() -> None:
    """Who leaves the line without having run lets the next one on."""
    slots = Slots(1)
    async with slots.line_up():
        pass
    async with slots.line_up() as slot:
        await asyncio.wait_for(slot.take(), 60)
        assert slot.running


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, "many"])
def test_what_is_no_limit(wrong: object) -> None:
    """A limit that makes no sense is told where it is given."""
    with pytest.raises(ConfigurationError, match="max_parallel_calls"):
        scripted(max_parallel_calls=wrong)
