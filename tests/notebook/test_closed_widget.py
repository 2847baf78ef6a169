"""A widget that was closed, by the person or by ipywidgets: the agent is displayed all the same."""

from __future__ import annotations

from nbagent import Agent, Executor
from nbagent.testing import ScriptedClient


async def test_another_one_takes_its_place() -> None:
    """It has the conversation, follows it, and the closed one hears nothing any more."""
    executor = Executor({"scripted": ScriptedClient(always="Said.")})
    agent = Agent("scripted:any", executor=executor)
    first = agent.widget
    assert agent.widget is first
    await agent.ask("1?")
    first.close()
    second = agent.widget
    assert second is not first
    assert agent._repr_mimebundle_() is not None
    agent.show([1], name="table")
    await agent.ask("2?")
    counts = [len(widget.snapshot_now()[1]["messages"]) for widget in (first, second)]
    assert counts == [2, 4]
    assert "shown" not in first.snapshot_now()[1]
    assert [chip["name"] for chip in second.snapshot_now()[1]["shown"]] == ["table"]
    first.close()
    second.close()
