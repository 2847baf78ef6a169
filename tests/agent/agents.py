"""Agents on scripted models, and the two promises that every test may check."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nbagent import (
    Agent,
    ApprovalRequested,
    Executor,
    Message,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    StreamItem,
    ToolFinished,
    ToolOutput,
    ToolProgress,
    ToolQueued,
    ToolStarted,
    tool,
)
from nbagent.testing import Reply, ScriptedClient, reply_calls, reply_text

ENDS = (RunFinished, RunFailed, RunCancelled)


def scripted(*replies: Any, always: Any = None, **options: Any) -> tuple[Agent, ScriptedClient]:
    """An agent on a scripted model, and that model's client."""
    client = ScriptedClient(replies, always=always)
    return Agent("scripted:any", executor=Executor({"scripted": client}), **options), client


def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


async def slow(n: int) -> int:
    """Awaits a few times."""
    for _ in range(3):
        await asyncio.sleep(0)
    return n


@tool(approve=True)
async def quick() -> str:
    """Needs a yes."""
    await asyncio.sleep(0)
    return "quick"


async def yes(request: Any) -> bool:
    """Says yes after a moment."""
    await asyncio.sleep(0)
    return True


CALLS = (("slow", {"n": 1}), ("add", {"a": 1, "b": 2}), ("quick", {}))


def three_steps() -> tuple[Any, ...]:
    """Replies of a run of three steps with parallel calls; the ids of the first come again."""
    return (
        reply_calls(*CALLS, text="First.", pieces=2),
        reply_calls(*CALLS, pieces=2),
        reply_text("Done now.", pieces=3, reasoning="Hm."),
    )


async def stopped_at(agent: Agent, turns: int) -> list[StreamItem]:
    """What is told of a run that is stopped so many turns of the loop after its beginning."""
    reading = asyncio.ensure_future(collected(agent))
    for _ in range(turns):
        await asyncio.sleep(0)
    agent.stop()
    return await reading


async def collected(agent: Agent, question: str = "Go.") -> list[StreamItem]:
    """All items of one run."""
    return [item async for item in agent.stream(question)]


def assert_well_formed(items: Sequence[StreamItem]) -> None:
    """One run: a start, its end and that last; each step and call that starts has its end."""
    assert isinstance(items[0], RunStarted)
    assert [type(item) for item in items if isinstance(item, RunStarted)] == [RunStarted]
    assert isinstance(items[-1], ENDS)
    assert sum(isinstance(item, ENDS) for item in items) == 1
    assert {item.run_id for item in items if hasattr(item, "run_id")} == {items[0].run_id}
    started = [item.step for item in items if isinstance(item, StepStarted)]
    finished = [item.step for item in items if isinstance(item, StepFinished)]
    assert started == finished == list(range(1, len(started) + 1))
    _assert_calls_well_formed(items)


def _assert_calls_well_formed(items: Iterable[StreamItem]) -> None:
    going: dict[str, bool] = {}
    over: set[str] = set()
    asked: set[str] = set()
    for item in items:
        if isinstance(item, ApprovalRequested):
            asked.add(item.tool_call_id)
        elif isinstance(item, ToolQueued):
            # Once, and once more after a yes.
            again = item.tool_call_id in asked
            assert item.tool_call_id not in over and (item.tool_call_id in going) is again
            asked.discard(item.tool_call_id)
            going[item.tool_call_id] = False
        elif isinstance(item, ToolStarted):
            assert going[item.tool_call_id] is False
            going[item.tool_call_id] = True
        elif isinstance(item, (ToolProgress, ToolOutput)):
            assert going[item.tool_call_id]
        elif isinstance(item, ToolFinished):
            del going[item.tool_call_id]
            over.add(item.tool_call_id)
    assert not going


def assert_valid(messages: Sequence[Message]) -> None:
    """Each call has one result, in the messages right after it; no id comes twice."""
    seen: set[str] = set()
    waiting: set[str] = set()
    for message in messages:
        if message.role == "tool":
            for result in message.tool_results:
                waiting.remove(result.tool_call_id)
        else:
            assert not waiting, f"no result of {waiting} before {message}"
        for call in message.tool_calls:
            assert call.tool_call_id not in seen
            seen.add(call.tool_call_id)
            waiting.add(call.tool_call_id)
        assert message.parts, "a message without content"
    assert not waiting


def other_tasks() -> set[asyncio.Task[Any]]:
    """Tasks of this loop beside the test's own."""
    return asyncio.all_tasks() - {asyncio.current_task()}


def words(*parts: Any) -> Reply:
    """A reply of exactly these frames and gates."""
    return Reply(frames=parts)


async def until(reached: Callable[[], object]) -> None:
    """Waits until something is so; at most a minute."""
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.002)
