"""A run of another agent inside of a call is kept with it: its words, its calls, its reply."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from nbagent import Agent, Executor, Gone, Store, Usage
from nbagent.testing import ScriptedClient, reply_calls, reply_text
from tests.agent.agents import add


class Sum(BaseModel):
    """A sum."""

    value: int


def on(*replies: Any, **options: Any) -> Agent:
    """An agent on a scripted model."""
    client = ScriptedClient(replies, always="On.")
    return Agent("scripted:any", executor=Executor({"scripted": client}), **options)


@pytest.mark.parametrize("where", ["file", "store"])
async def test_it_comes_back(tmp_path: Path, where: str) -> None:
    """The reply is one again; what its output's type was is known, the object is gone."""
    summing = on(
        reply_calls(("add", {"a": 1, "b": 2}), usage=Usage(5, 6)),
        reply_text('{"value": 3}', usage=Usage(7, 8)),
        tools=[add],
        output=Sum,
    )
    call = reply_calls(("sums", {"request": "1 + 2?"}))
    store = Store(tmp_path / "chats.db")
    kept = {"store": store, "conversation": "sums"} if where == "store" else {}
    agent = on(call, "Three.", tools=[summing.as_tool("sums", "Sums.")], **kept)
    await agent.ask("Go.")
    executor = Executor({})
    if where == "store":
        store.flush()
        again = Agent(
            store=Store(tmp_path / "chats.db"), conversation="sums", executor=executor, tools=[]
        )
    else:
        path = agent.save(tmp_path / "chat.json")
        again = Agent.load(path, tools=[], executor=executor)
    before, after = agent.calls[0].result, again.calls[0].result
    assert before.output == Sum(value=3)
    assert isinstance(after.output, Gone) and "Sum" in repr(after.output)
    assert (after.text, after.usage, after.run_id) == (before.text, Usage(12, 14), before.run_id)
    assert after.messages == before.messages
    assert [(each.name, each.result) for each in after.calls] == [("add", 3)]
