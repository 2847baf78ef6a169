"""One call: what it tells, what becomes of what it raises, and that its end is the end."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator

from nbagent import (
    Tool,
    ToolContext,
    ToolFinished,
    ToolOutput,
    ToolProgress,
    ToolQueued,
    ToolStarted,
    tool,
)
from nbagent.agent.approval import Approvals
from nbagent.agent.call_runner import CallRunner
from nbagent.messages import ToolCall
from nbagent.tools import Inline


def runner(*functions: Any) -> tuple[CallRunner, list[Any]]:
    """A runner with these tools, and what it tells."""
    told: list[Any] = []
    tools = {made.name: made for made in map(Tool.of, functions)}
    return CallRunner(tools, Inline(), Approvals(), False, told.append, "run_1"), told


async def test_what_a_call_tells() -> None:
    """Queued, started, progress and output, finished: in this order, under one id."""

    def show(context: ToolContext) -> int:
        context.progress(0.5, "half")
        context.display("hello")
        return 3

    run, told = runner(show)
    record = await run.run(ToolCall("c1", "show"))
    kinds = [ToolQueued, ToolStarted, ToolProgress, ToolOutput, ToolFinished]
    assert [type(event) for event in told] == kinds
    assert {event.tool_call_id for event in told} == {"c1"}
    assert (record.state, record.result, record.elapsed > 0) == ("done", 3, True)
    assert told[-1].result is record.outcome


async def test_a_thread_that_goes_on_after_a_stop_is_not_heard() -> None:
    """What a function shows after its call was stopped comes from nobody: the end is the end."""
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()

    @tool(thread=True)
    def linger(context: ToolContext) -> None:
        """Goes on."""
        begun.set()
        go_on.wait(60)
        context.progress(1.0, "late")
        print("late")  # noqa: T201 - what tools do
        over.set()

    run, told = runner(linger)
    kept: list[Any] = []
    running = asyncio.ensure_future(run.run(ToolCall("c1", "linger"), kept.append))
    await asyncio.to_thread(begun.wait, 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    go_on.set()
    await asyncio.to_thread(over.wait, 5)
    assert [type(event) for event in told] == [ToolQueued, ToolStarted, ToolFinished]
    assert told[-1].state == kept[0].state == "cancelled"


async def test_a_stop_lets_a_tool_clean_up() -> None:
    """A cancelled coroutine ends its ``finally`` before its call is over."""
    order: list[str] = []
    begun = asyncio.Event()

    async def careful() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.02)
            order.append("cleaned")

    run, told = runner(careful)
    running = asyncio.ensure_future(run.run(ToolCall("c1", "careful")))
    await begun.wait()
    running.cancel()
    await asyncio.wait({running})
    assert order == ["cleaned"]
    assert isinstance(told[-1], ToolFinished)


def _explodes(value: int) -> int:
    raise RuntimeError("a validator of the person's own")


async def test_what_is_not_foreseen_is_a_failed_call() -> None:
    """A validator that raises anything and an executor that was shut down fail the call alone."""
    pool = concurrent.futures.ThreadPoolExecutor(1)
    pool.shutdown()

    @tool(run_on=pool)
    def late() -> None:
        """Comes too late."""

    @tool(approve=True)
    def odd(n: Annotated[int, AfterValidator(_explodes)]) -> None:
        """Has an odd validator."""

    run, _ = runner(late, odd)
    records = [await run.run(ToolCall("1", "late")), await run.run(ToolCall("2", "odd", '{"n":1}'))]
    assert [record.state for record in records] == ["failed", "failed"]
    assert "shutdown" in records[0].text
    assert "validator of the person's own" in records[1].text


async def test_interrupted_tool() -> None:
    """A kernel interrupt ends the call alone, which is then cancelled."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    run, _ = runner(interrupted)
    record = await run.run(ToolCall("c1", "interrupted"))
    assert record.state == "cancelled"
    assert "interrupted by the user" in record.text
    assert record.part().error


async def test_timeout() -> None:
    """A call that takes longer than its tool allows has failed."""

    @tool(timeout=0.01)
    async def sleepy() -> None:
        """Sleeps."""
        await asyncio.sleep(3600)

    run, _ = runner(sleepy)
    record = await run.run(ToolCall("c1", "sleepy"))
    assert (record.state, "timeout" in record.text) == ("failed", True)
