"""Whatever a model, its server and a person do: the promises hold."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbagent import (
    End,
    ServerError,
)
from nbagent.testing import Reply, reply_calls, reply_text
from tests.agent.agents import (
    add,
    assert_valid,
    assert_well_formed,
    collected,
    other_tasks,
    quick,
    scripted,
    slow,
)

CALLS = st.lists(
    st.sampled_from(
        [
            ("add", {"a": 1, "b": 2}),
            ("add", '{"a": 1'),
            ("gone", {}),
            ("boom", {}),
            ("slow", {"n": 2}),
            ("quick", {}),
        ]
    ),
    min_size=1,
    max_size=3,
)
REPLIES = st.one_of(
    st.just(reply_text("Words.", pieces=2)),
    st.just(Reply(frames=(End("stop"),))),
    CALLS.map(lambda calls: reply_calls(*calls, ids=["call_0", "call_1", "call_2"])),
    CALLS.map(lambda calls: reply_calls(*calls, text="So:", pieces=3)),
)


def _cut(reply: Reply, at: int, error: bool) -> Reply:
    raises = ServerError("gone", status=500) if error else None
    return reply.with_options(frames=reply.frames[:at], raises=raises)


SCRIPTS = st.lists(
    st.one_of(REPLIES, st.builds(_cut, REPLIES, st.integers(0, 6), st.booleans())),
    min_size=1,
    max_size=8,
)


def boom() -> None:
    """Raises."""
    raise RuntimeError("boom")


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCRIPTS, st.lists(st.one_of(st.none(), st.integers(0, 60)), min_size=1, max_size=4))
def test_any_sequence_leaves_a_valid_history(script: Any, stops: Any) -> None:
    """Whatever replies, breaks and stops come: history valid, events whole, nothing left over."""

    async def play() -> None:
        agent, client = scripted(
            *script,
            always="End.",
            tools=[add, slow, quick, boom],
            approver=lambda request: len(request.tool_call_id) % 2 == 0,
        )
        for stop in stops:
            reading = asyncio.ensure_future(collected(agent))
            for _ in range(stop or 0):
                await asyncio.sleep(0)
            if stop is not None:
                agent.stop()
            assert_well_formed(await reading)
            assert_valid(agent.history)
            assert not other_tasks()
        for asked in client.asked:
            assert_valid(asked.prompt.messages)
            json.dumps([message.text for message in asked.prompt.messages])

    asyncio.run(play())
