"""A thousand calls in one run: nothing is left of them but what is kept on purpose."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from typing import Any

from nbagent import CallRecord, ToolFinished
from nbagent.messages import ToolCall
from nbagent.testing import reply_calls
from nbagent.tools.home import home_of
from tests.agent.agents import add, scripted

CALLS = 1000
KEPT = 8_000  # bytes a call: its record, its two parts in the history, its events while it runs


def counting(calls: int, together: int = 1) -> Any:
    """Answers with calls until there were so many, then in words."""
    asked = 0

    def reply(_: Any) -> Any:
        nonlocal asked
        asked += together
        if asked > calls:
            return "Done."
        return reply_calls(*[("add", {"a": asked, "b": 1})] * together)

    return reply


async def test_memory_of_a_thousand_calls() -> None:
    """Memory grows by the record and the history of a call; afterwards nothing waits anywhere."""
    agent, client = scripted(always=counting(CALLS, 4), tools=[add], max_steps=CALLS)
    held: dict[int, int] = {}
    threads = threading.active_count()
    done = 0
    tracemalloc.start()
    try:
        async for item in agent.stream("Go."):
            if isinstance(item, ToolFinished):
                done += 1
                client.asked.clear()  # the fake's own notes of each request
                if done in (CALLS // 2, CALLS):
                    gc.collect()
                    held[done] = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(agent.calls) == CALLS, item
    a_call = (held[CALLS] - held[CALLS // 2]) / (CALLS // 2)
    assert a_call < KEPT, f"{a_call:.0f} bytes a call"
    assert threading.active_count() <= threads
    assert not home_of(threading.current_thread()).visits


async def test_nothing_of_a_conversation_outlives_its_reset() -> None:
    """After a reset no record of a call and no call is held by anything."""
    before = _alive()
    agent, client = scripted(always=counting(100, 10), tools=[add], max_steps=11)
    await agent.ask("Go.")
    client.asked.clear()
    assert _alive() >= before + 100
    agent.reset()
    assert _alive() <= before + 10


def _alive() -> int:
    gc.collect()
    # Not by `isinstance`, which asks objects of other tests what they are.
    return sum(type(item) in (CallRecord, ToolCall) for item in gc.get_objects())
