"""Whatever is done with a conversation between and during its runs: every provider accepts it."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbagent import Agent, Message, ToolSpec
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
from tests.agent.conversations import MESSAGES
from tests.agent.test_any_sequence import SCRIPTS, boom
from tests.judges import judge_all

SPECS = [ToolSpec(name) for name in ("add", "slow", "quick", "boom")]
TOOLS = [add, slow, quick, boom]
NUMBER = st.integers(0, 40)
ACTIONS = st.one_of(
    st.just(("nothing", 0)),
    st.tuples(st.sampled_from(["drop", "delete", "fork", "back", "tools", "model"]), NUMBER),
    st.tuples(st.just("insert"), st.tuples(NUMBER, MESSAGES)),
    st.tuples(st.just("replace"), st.tuples(NUMBER, MESSAGES)),
)
MODELS = ("scripted:gpt-6", "scripted:claude-sonnet-5", "scripted:gemini-3-pro")


def acted(agent: Agent, name: str, value: Any) -> Agent:
    """The agent after something was done with its conversation."""
    have = len(agent.history)
    if name == "drop":
        agent.drop(value % (have + 1))
    elif name == "delete" and have:
        with agent.edit() as messages:
            del messages[value % have]
    elif name == "insert":
        agent.insert(value[0] % (have + 1), value[1])
    elif name == "replace" and have:
        agent.replace(value[0] % have, value[1])
    elif name == "fork":
        return agent.fork()
    elif name == "back" and agent.checkpoints:
        agent.rollback(agent.checkpoints[value % len(agent.checkpoints)])
    elif name == "tools":
        agent.tools = TOOLS[value % 4 :]
    elif name == "model":
        agent.model = MODELS[value % 3]
    return agent


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    script=SCRIPTS,
    rounds=st.lists(st.tuples(st.none() | st.integers(0, 50), ACTIONS), min_size=1, max_size=5),
)
def test_any_life_of_a_conversation(script: Any, rounds: Any) -> None:
    """Stops, failures, edits, drops, forks, rollbacks, other tools and models, in any order."""

    async def play() -> None:
        agent, client = scripted(
            *script, always="End.", tools=TOOLS, approver=lambda r: len(r.tool_call_id) % 2 == 0
        )
        for turns, (name, value) in rounds:
            reading = asyncio.ensure_future(collected(agent))
            for _ in range(turns or 0):
                await asyncio.sleep(0)
            if turns is not None:
                agent.stop()
            assert_well_formed(await reading)
            assert not other_tasks()
            agent = acted(agent, name, value)
            assert_valid(agent.history)
            judge_all((*agent.history, Message.user("And now?")), SPECS)
        for asked in client.asked:
            assert_valid(asked.prompt.messages)
            judge_all(asked.prompt.messages, [tool.spec for tool in asked.tools])

    asyncio.run(play())
