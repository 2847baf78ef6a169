"""Runs that failed, in a file and in a store: they are told again as they were told at first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbagent import (
    Agent,
    Executor,
    InvalidRequest,
    RunContext,
    Store,
    TextDelta,
    ToolExecutionError,
    stream_with_tools,
)
from nbagent.testing import Reply
from tests.agent.graphs import straight
from tests.agent.test_recount import picture
from tests.agent.test_versions import asked_again
from tests.store.agents import agent_on
from tests.store.opened import opened

REFUSED = InvalidRequest("It says no. Ask in other words.", status=400, body={"key": "sk-secret"})


def errors(agent: Agent) -> list[Any]:
    """What a display that comes now shows of how the answers ended."""
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    answers = [m for m in picture(heard)["messages"] if m["role"] == "assistant"]
    return [(answer["state"], answer["error"]) for answer in answers]


async def broken(context: RunContext, value: str) -> str:
    """A step of somebody's own that does not work."""
    raise LookupError("no such \ud800 row")


async def raises_for_a_tool(context: RunContext, value: str) -> str:
    """A step that a tool of somebody's own breaks."""
    error = ToolExecutionError("The tool raised.")
    error.__notes__ = ["Look at the data."]  # type: ignore[attr-defined]  # new in Python 3.11
    raise error from ValueError("no rows")


async def failed_twice(**options: Any) -> Agent:
    """An agent whose first question failed, was asked again, and whose next one failed too."""
    half = Reply([TextDelta("Half", 0)], raises=REFUSED)
    agent, _ = agent_on(half, "Whole.", Reply([], raises=REFUSED), always="On.", **options)
    with pytest.raises(InvalidRequest):
        await agent.ask("One?")
    await asked_again(agent, 0)
    with pytest.raises(InvalidRequest):
        await agent.ask("Two?")
    return agent


async def test_a_file_tells_how_runs_failed(tmp_path: Path) -> None:
    """Each version ends as it did, also where nothing had been said; and the file is written on."""
    agent = await failed_twice()
    for _ in range(2):
        agent = Agent.load(agent.save(tmp_path / "c.json"), executor=Executor({}))
        done, failed = errors(agent)
        assert done == ("done", None)
        assert failed[0] == "failed"
        assert (failed[1]["type"], failed[1]["message"]) == ("InvalidRequest", str(REFUSED))
        agent.switch(agent.branches[0].versions[0])
        assert errors(agent) == [failed]
        agent.switch(agent.branches[0].versions[1])


async def test_a_store_tells_how_runs_failed(tmp_path: Path) -> None:
    """They are in the store as soon as they end, whatever stands where; a fork's are in its own."""
    path = tmp_path / "c.db"
    agent = await failed_twice(store=Store(path), conversation="cars")
    shown = errors(agent)
    other = opened(path, after=agent)
    assert errors(other) == shown
    fork = other.fork()
    fork.store = Store(tmp_path / "fork.db")
    assert fork.conversation is not None
    assert errors(opened(tmp_path / "fork.db", fork.conversation, fork)) == shown
    await other.ask("Three?")
    other.switch(other.branches[0].versions[0])
    assert errors(opened(path, after=other)) == [shown[1]]


@pytest.mark.parametrize("step", [broken, raises_for_a_tool])
async def test_errors_of_others_are_told_as_before(tmp_path: Path, step: Any) -> None:
    """The same type, words, traceback and what to do, from the file and from the store."""
    strategy = straight(stream_with_tools(), step)
    agent, _ = agent_on("Hm.", strategy=strategy, store=Store(tmp_path / "c.db"), conversation="c")
    with pytest.raises((LookupError, ToolExecutionError)):
        await agent.ask("Go.")
    ((state, error),) = shown = errors(agent)
    assert (state, error["type"]) == ("failed", "LookupError" if step is broken else "ValueError")
    assert ("in broken" in error["traceback"]) == (step is broken)
    assert error["hint"] == ("" if step is broken else "Look at the data.")
    path = agent.save(tmp_path / "c.json")
    assert errors(Agent.load(path, executor=Executor({}), strategy=strategy)) == shown
    ((state, stored),) = errors(opened(tmp_path / "c.db", "c", agent, strategy=strategy))
    # Written as the run ended: the frames of whoever asked are added to it only after that.
    assert ("in broken" in stored.pop("traceback")) == (step is broken)
    del error["traceback"]
    assert (state, stored) == ("failed", error)


async def test_what_an_error_carries_is_not_saved(tmp_path: Path) -> None:
    """A provider's whole answer may hold anything: only what was told is in the file."""
    agent = await failed_twice(store=Store(tmp_path / "c.db"), conversation="cars")
    assert "sk-secret" not in agent.save(tmp_path / "c.json").read_text()
    agent.store.flush()  # type: ignore[union-attr]  # it has one
    agent.store.close()  # type: ignore[union-attr]  # as above
    assert b"sk-secret" not in (tmp_path / "c.db").read_bytes()


async def test_an_older_file_loads_as_before(tmp_path: Path) -> None:
    """Where the file does not say how a run ended badly, it is told as stopped."""
    agent = await failed_twice()
    path = agent.save(tmp_path / "c.json")
    document = json.loads(path.read_text())
    assert document["messages"][-1].pop("failed")["type"] == "InvalidRequest"
    path.write_text(json.dumps(document))
    states = [state for state, _ in errors(Agent.load(path, executor=Executor({})))]
    assert states == ["done", "cancelled"]
