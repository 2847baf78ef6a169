"""Calls that begin while the reply still streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from nbagent import (
    End,
    Limits,
    RunCancelled,
    RunFailed,
    RunLimitReached,
    StreamTruncated,
    TextDelta,
    ToolCallDelta,
    ToolFinished,
    ToolStarted,
    tool,
    tool_loop,
)
from nbagent.testing import Gate, reply_calls
from tests.agent.agents import (
    CALLS,
    add,
    assert_valid,
    assert_well_formed,
    collected,
    other_tasks,
    quick,
    scripted,
    slow,
    stopped_at,
    until,
    words,
    yes,
)

FIRST = ToolCallDelta("c1", "add", '{"a": 1, "b": 2}', 0)
SECOND = ToolCallDelta("c2", "slow", '{"n": 7}', 1)


def gated(gate: Gate, *after: Any) -> Any:
    """A reply whose first call is whole before the gate, for words come behind it."""
    return words(FIRST, TextDelta("And then", 1), gate, *after)


REST = (ToolCallDelta("c2", "slow", '{"n": 7}', 2), End("tool_calls"))


async def test_a_call_runs_before_the_reply_has_ended() -> None:
    """Its result is there while the model still writes the next call; then all goes on as ever."""
    gate = Gate()
    agent, _ = scripted(gated(gate, *REST), "Done.", tools=[add, slow], early_start=True)
    items: list[Any] = []
    async for item in agent.stream("Go."):
        items.append(item)
        if isinstance(item, ToolFinished) and item.tool_call_id == "c1":
            assert not any(isinstance(i, End) for i in items)
            gate.open()
    assert_well_formed(items)
    assert [call.result for call in agent.calls] == [3, 7]
    assert [r.text for r in agent.history[2].tool_results] == ["3", "7"]
    assert_valid(agent.history)
    assert not other_tasks()


async def test_off_by_default() -> None:
    """Without the option nothing begins before the reply has ended."""
    agent, _ = scripted(reply_calls(("add", {"a": 1, "b": 2})), "Done.", tools=[add])
    items = [item async for item in agent.stream("Go.")]
    kinds = [type(item) for item in items]
    assert kinds.index(End) < kinds.index(ToolStarted)


async def test_a_stream_that_fails_later_keeps_what_was_done() -> None:
    """The result is in the calls and in the history, validly; what did not begin says so."""
    gate = Gate()
    agent, _ = scripted(
        gated(gate), "Go on.", tools=[add, slow], early_start=True
    )  # no End: it breaks off
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    asking = asyncio.ensure_future(agent.ask("Go."))
    await until(lambda: any(isinstance(item, ToolFinished) for item in heard))
    await until(gate._reached.is_set)
    gate.open()
    with pytest.raises(StreamTruncated):
        await asking
    assert [(c.tool_call_id, c.state, c.result) for c in agent.calls] == [("c1", "done", 3)]
    (result,) = agent.history[-1].tool_results
    assert (result.text, result.error) == ("3", False)
    assert agent.history[-2].finish_reason is None
    assert_valid(agent.history)
    assert (await agent.ask("And?")).text == "Go on."
    assert not other_tasks()


async def test_a_call_that_still_runs_when_the_stream_fails_is_stopped() -> None:
    """No tool outlives its reply; its card and its record say that it was cancelled."""
    begun, gate = asyncio.Event(), Gate()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    broken = words(ToolCallDelta("c1", "wait", "{}", 0), TextDelta("and", 1), gate)
    agent, _ = scripted(broken, tools=[wait], early_start=True)
    reading = asyncio.ensure_future(collected(agent))
    await begun.wait()
    gate.open()
    items = await reading
    assert_well_formed(items)
    assert [call.state for call in agent.calls] == ["cancelled"]
    assert_valid(agent.history)
    assert not other_tasks()


@pytest.mark.parametrize("turns", range(0, 60, 3))
async def test_stopped_at_any_moment(turns: int) -> None:
    """Left at any turn of the loop: events and history whole, no task left."""
    replies = reply_calls(*CALLS, pieces=2), reply_calls(*CALLS, pieces=2), "Done."
    agent, _ = scripted(*replies, tools=[add, slow, quick], approver=yes, early_start=True)
    items = await stopped_at(agent, turns)
    if items:
        assert_well_formed(items)
    assert_valid(agent.history)
    recorded = {call.tool_call_id for call in agent.calls}
    finished = {item.tool_call_id for item in items if isinstance(item, ToolFinished)}
    assert finished <= recorded
    assert not other_tasks()


async def test_approval_is_waited_for_as_ever() -> None:
    """A call that needs a yes does not run without one, early or not."""
    ran = []

    @tool(approve=True)
    def delete() -> str:
        """Deletes."""
        ran.append(1)
        return "gone"

    agent, _ = scripted(reply_calls(("delete", {})), "Well.", tools=[delete], early_start=True)
    assert (await agent.ask("Go.")).text == "Well."
    assert agent.calls[-1].state == "denied"
    assert not ran


async def test_no_more_begin_than_may() -> None:
    """The limit on calls holds for those that begin early, too; what ran is recorded."""
    gate = Gate()
    agent, _ = scripted(
        gated(gate, *REST), tools=[add, slow], early_start=True, limits=Limits(tool_calls=1)
    )
    with pytest.raises(RunLimitReached):
        async for item in agent.stream("Go."):
            if isinstance(item, ToolFinished):
                gate.open()
            if isinstance(item, RunFailed):
                raise item.error
    assert [call.result for call in agent.calls] == [3]
    assert [r.error for r in agent.history[-1].tool_results] == [False, True]
    assert_valid(agent.history)


async def test_unknown_tools_wait_for_the_end() -> None:
    """A call that nothing is there for is refused as ever."""
    agent, _ = scripted(reply_calls(("nothing", {})), "Well.", tools=[add], early_start=True)
    assert (await agent.ask("Go.")).text == "Well."
    assert "no tool named" in agent.calls[-1].text


async def test_only_what_a_transform_lets_through_begins() -> None:
    """A call that the strategy took out of the stream is never run."""

    async def first_only(frames: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for frame in frames:
            if getattr(frame, "tool_call_id", "c1") == "c1":
                yield frame

    replies = words(FIRST, SECOND, End("tool_calls")), "Done."
    agent, _ = scripted(
        *replies, tools=[add, slow], early_start=True, strategy=tool_loop(transform=first_only)
    )
    await agent.ask("Go.")
    assert [call.name for call in agent.calls] == ["add"]


async def test_in_a_session_of_ones_own() -> None:
    """`early_start=` of a request; calls that nobody waits for are given up by what comes next."""
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    replies = reply_calls(("wait", {})), reply_calls(("add", {"a": 1, "b": 2})), "Done."
    agent, _ = scripted(*replies, tools=[wait, add])
    async with agent.session() as session:
        session.user("Go.")
        async for _ in session.stream(early_start=True):
            pass
        await begun.wait()
        session.user("Never mind, add.")
        async for _ in session.stream(early_start=True):
            pass
        (record,) = await session.run_tools()
        assert record.result == 3
        assert_valid(session.messages)
    assert [call.state for call in agent.calls] == ["cancelled", "done"]
    await asyncio.sleep(0)
    await until(lambda: not other_tasks())


async def test_left_with_break_and_never_waited_for() -> None:
    """A session's block that ends stops what it began."""
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    agent, _ = scripted(reply_calls(("wait", {})), tools=[wait])
    async with agent.session() as session:
        session.user("Go.")
        async for _ in session.stream(early_start=True):
            pass
        await begun.wait()
    assert [call.state for call in agent.calls] == ["cancelled"]
    assert_valid(agent.history)
    assert not other_tasks()


async def test_a_stop_ends_what_began() -> None:
    """Stop while the reply streams and a tool runs: both end."""
    begun, gate = asyncio.Event(), Gate()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    reply = words(ToolCallDelta("c1", "wait", "{}", 0), TextDelta("and", 1), gate, End("stop"))
    agent, client = scripted(reply, tools=[wait], early_start=True)
    reading = asyncio.ensure_future(collected(agent))
    await begun.wait()
    agent.stop()
    items = await reading
    assert isinstance(items[-1], RunCancelled)
    assert_well_formed(items)
    assert client.closed == 1
    assert [call.state for call in agent.calls] == ["cancelled"]
