"""Tools that change between runs and during one, and an agent that lets go of what it holds."""

from __future__ import annotations

import asyncio
import sys
import types

import pytest

from nbagent import Agent, ConfigurationError, Toolset, UnknownTool, tool
from nbagent.executor import Executor
from nbagent.testing import Gate, ScriptedClient, reply_calls
from tests.agent.agents import add, scripted, slow, until, words


def names(client: ScriptedClient, request: int) -> list[str]:
    """The tools that a request offered."""
    return [offered.name for offered in client.asked[request].tools]


async def test_between_runs() -> None:
    """Appended, removed and set anew: the next question offers what there is then."""
    agent, client = scripted(always="Yes.", tools=[add])
    await agent.ask("1")
    agent.tools.append(slow)
    await agent.ask("2")
    agent.tools.remove("add")
    await agent.ask("3")
    agent.tools = [add]
    await agent.ask("4")
    agent.tools = ()
    await agent.ask("5")
    assert [names(client, n) for n in range(5)] == [["add"], ["add", "slow"], ["slow"], ["add"], []]
    with pytest.raises(ConfigurationError):
        agent.tools = add  # type: ignore[assignment]  # a mistake to be told of


async def test_during_a_run() -> None:
    """A change counts from the next request on; the calls of this one find what it offered."""
    agent, client = scripted(
        reply_calls(("change", {}), ("add", {"a": 1, "b": 2})),
        reply_calls(("add", {"a": 1, "b": 2}), ("slow", {"n": 3})),
        "Done.",
        tools=[add],
    )

    @tool
    def change() -> None:
        """Changes the tools of the agent that runs it."""
        agent.tools = [slow]

    agent.tools.append(change)
    await agent.ask("Go.")
    assert [names(client, n) for n in range(3)] == [["add", "change"], ["slow"], ["slow"]]
    assert [call.state for call in agent.calls] == ["done", "done", "failed", "done"]
    error = agent.calls[2].error
    assert isinstance(error, UnknownTool)
    assert str(error) == "There is no tool named 'add'. The tools are: slow."


async def test_availability_is_asked_before_each_request() -> None:
    """A tool that goes away is not there in the next step, and the model reads what is."""
    open_ = [True]

    @tool
    def close() -> str:
        """Closes."""
        open_[0] = False
        return "closed"

    gated = Toolset([add], available=lambda: open_[0])
    calls = reply_calls(("add", {"a": 1, "b": 2}))
    agent, client = scripted(reply_calls(("close", {})), calls, "Done.", tools=[close, gated])
    await agent.ask("Go.")
    assert [names(client, n) for n in range(2)] == [["close", "add"], ["close"]]
    assert "The tools are: close." in agent.calls[1].text


async def test_a_toolset_is_shared_where_it_is_given() -> None:
    """Two agents with one toolset see its changes; a fork has a copy."""
    shared = Toolset([add])
    (one, _), (two, _) = scripted(tools=shared), scripted(tools=shared)
    fork = one.fork()
    shared.append(slow)
    assert one.tools is two.tools is shared
    assert fork.tools.names == ("add",)


async def test_a_function_that_is_defined_anew() -> None:
    """The run after the cell was run again offers and calls the new function."""
    module = sys.modules["a_cell"] = types.ModuleType("a_cell")
    try:
        exec("def f(x: int) -> int: return 1", module.__dict__)
        calls = reply_calls(("f", {"y": 7}))
        agent, client = scripted(calls, "Done.", tools=[module.f])
        exec("def f(y: int) -> int: return y", module.__dict__)
        await agent.ask("Go.")
    finally:
        del sys.modules["a_cell"]
    assert agent.calls[0].result == 7
    assert list(client.asked[0].tools[0].spec.parameters["properties"]) == ["y"]


async def test_a_session_runs_calls_that_another_one_was_asked_for() -> None:
    """Its tools are looked up also where it never asked a model."""
    agent, _ = scripted(reply_calls(("add", {"a": 1, "b": 2})), tools=[add])
    first = agent.session()
    first.user("Go.")
    async for _frame in first.stream():
        pass
    records = await agent.session().run_tools()
    assert [record.result for record in records] == [3]


# Letting go


class Closing(ScriptedClient):
    """Counts how often it was closed."""

    def __init__(self) -> None:
        super().__init__(always="Yes.")
        self.ends = 0

    async def aclose(self) -> None:
        self.ends += 1


async def test_an_executor_that_was_given_stays_open() -> None:
    """The agent closes clients that it made itself, and no others; then it can be asked again."""
    client = Closing()
    async with Agent("scripted:any", executor=Executor({"scripted": client})) as agent:
        await agent.ask("Hi.")
    assert client.ends == 0
    own = Agent("scripted:any", executor=Executor({"scripted": client}))
    own._own_executor = True  # as if it had been made from the environment
    await own.aclose()
    assert client.ends == 2  # on this loop and on the I/O thread's
    assert (await own.ask("Again.")).text == "Yes."


async def test_closing_stops_a_run() -> None:
    """A run that goes on is stopped first, and its history is settled."""
    gate = Gate()
    agent, client = scripted(words(gate))
    asked = asyncio.ensure_future(agent.ask("Go."))
    await until(lambda: len(client.asked) == 1)
    await agent.aclose()
    assert not agent.running
    with pytest.raises(asyncio.CancelledError):
        await asked
