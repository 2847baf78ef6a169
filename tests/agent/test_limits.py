"""Limits of a run: each ends it clearly, and leaves a conversation that goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nbagent import (
    ConfigurationError,
    End,
    Limits,
    Model,
    Price,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunLimitReached,
    TextDelta,
    Usage,
    register_model,
)
from nbagent.agent.limits import Clock, Tally
from nbagent.agent.pricing import Spent
from nbagent.testing import Gate, reply_calls, reply_text
from tests.agent.agents import (
    add,
    assert_valid,
    assert_well_formed,
    collected,
    other_tasks,
    scripted,
    slow,
    words,
)

CALLS = reply_calls(("add", {"a": 1, "b": 2}), usage=Usage(100, 10))
PRICED = register_model(Model("scripted", "priced"), Price(1_000_000, 2_000_000, 100_000))


async def _failed(agent: Any) -> RunLimitReached:
    items = await collected(agent)
    assert_well_formed(items)
    end = items[-1]
    assert isinstance(end, RunFailed)
    assert isinstance(end.error, RunLimitReached)
    assert_valid(agent.history)
    return end.error


@pytest.mark.parametrize(
    ("limits", "used"),
    [
        (Limits(steps=3), 3),
        (Limits(tokens=200), 220),
        (Limits(input_tokens=250), 300),
        (Limits(output_tokens=20), 20),
        (Limits(tool_calls=2), 3),
    ],
)
async def test_each_limit_ends_the_run_by_its_name(limits: Limits, used: int) -> None:
    """The error says which limit, how much was used and how much was allowed; history is valid."""
    agent, client = scripted(always=CALLS, tools=[add], limits=limits)
    error = await _failed(agent)
    (name, allowed) = next((n, v) for n, v in vars(limits).items() if v is not None)
    assert (error.limit, error.used, error.allowed) == (name, used, allowed)
    assert name in str(error)
    # And it goes on from there: the next question has limits of its own.
    client.add(reply_text("Done."))
    assert (await agent.ask("Go on.")).text == "Done."


async def test_calls_that_would_be_too_many_are_not_run() -> None:
    """All calls of the reply are refused, and the history says why."""
    twice = reply_calls(("add", {"a": 1, "b": 2}), ("add", {"a": 3, "b": 4}))
    agent, _ = scripted(CALLS, twice, tools=[add], limits=Limits(tool_calls=2))
    await _failed(agent)
    assert len(agent.calls) == 1
    assert [r.error for r in agent.history[-1].tool_results] == [True, True]
    assert "as many calls as it may" in agent.history[-1].tool_results[0].text


async def test_an_answer_beyond_a_limit_is_still_an_answer() -> None:
    """What is paid for already is not thrown away."""
    agent, _ = scripted(reply_text("Long.", usage=Usage(500, 500)), limits=Limits(tokens=100))
    assert (await agent.ask("Go.")).text == "Long."


async def test_cost() -> None:
    """Dollars by the price table, cached input at its own price, in reply, agent and limit."""
    first = reply_calls(("add", {"a": 1, "b": 2}), usage=Usage(10, 1, cached_input_tokens=4))
    agent, _ = scripted(first, "Three.", always=CALLS, tools=[add])
    agent.model = PRICED  # the settings' own way of changing it
    reply = await agent.ask("1 + 2?")
    assert reply.cost == pytest.approx(6 * 1 + 4 * 0.1 + 2 + 10 + 2)
    assert agent.cost == reply.cost
    agent.limits = Limits(cost=50)
    error = await _failed(agent)
    assert error.limit == "cost"
    assert error.used == pytest.approx(120)
    assert "$120 of $50" in str(error)
    assert agent.cost == pytest.approx(120 + (reply.cost or 0))


async def test_cost_of_a_model_without_a_price() -> None:
    """It is None, and a limit on it is refused with the way out, at the start and later."""
    agent, client = scripted("Hello.")
    reply = await agent.ask("Hello?")
    assert reply.cost is None
    assert agent.cost is None
    with pytest.raises(ConfigurationError, match=r"register_model\(.*scripted:any"):
        agent.limits = Limits(cost=1)
    with pytest.raises(ConfigurationError, match="price"):
        scripted(limits=Limits(cost=1))
    with pytest.raises(ConfigurationError, match="price"):
        await agent.ask("Again?", limits=Limits(cost=1))
    priced, client = scripted("Hello.", limits=None)
    priced.model = PRICED
    priced.limits = Limits(cost=1)
    priced.model = "scripted:any"
    with pytest.raises(ConfigurationError, match="price"):
        await priced.ask("Hello?")
    assert not client.asked
    assert priced.history == ()


async def test_local_models_cost_nothing() -> None:
    """What runs on one's own machine has a price: none."""
    spent = Spent()
    agent, _ = scripted(reply_text("Hi.", usage=Usage(5, 5)))
    reply = (await agent.ask("Hi.")).messages[-1]
    spent.add(Model.of("local:qwen"), reply)
    assert spent.cost == 0


async def test_time_is_up_while_the_reply_streams() -> None:
    """The connection closes, what had come is kept, and the reason is the time, not a stop."""
    gate = Gate()
    reply = words(TextDelta("Half", 0), gate, TextDelta("!", 0), End("stop"))
    agent, client = scripted(reply, limits=Limits(seconds=0.05))
    error = await _failed(agent)
    assert error.limit == "seconds"
    assert error.used >= 0.05
    assert client.closed == 1
    assert agent.history[-1].text == "Half"
    assert not other_tasks()


async def test_time_is_up_while_a_tool_runs() -> None:
    """The call is stopped and says so; the next question works."""

    async def wait() -> None:
        await asyncio.Event().wait()

    agent, _ = scripted(reply_calls(("wait", {})), "Hello.", tools=[wait])
    with pytest.raises(RunLimitReached, match="seconds"):
        await agent.ask("Go.", limits=Limits(seconds=0.05))
    assert agent.calls[-1].state == "cancelled"
    assert_valid(agent.history)
    assert (await agent.ask("Hello?")).text == "Hello."


async def test_a_stop_before_the_time_is_up_is_a_stop() -> None:
    """The clock says nothing that did not happen."""
    gate = Gate()
    agent, _ = scripted(words(TextDelta("Half", 0), gate, End("stop")), limits=Limits(seconds=60))
    items = []
    async for item in agent.stream("Go."):
        items.append(item)
        if isinstance(item, TextDelta):
            agent.stop()
    assert isinstance(items[-1], RunCancelled)


async def test_limits_of_one_question_go_before_the_agents() -> None:
    """What the question does not say is as of the agent."""
    agent, _ = scripted(always=CALLS, tools=[add], limits=Limits(tokens=10_000), max_steps=9)
    with pytest.raises(RunLimitReached) as steps:
        await agent.ask("Go.", limits=Limits(steps=2))
    assert (steps.value.limit, steps.value.used) == ("steps", 2)
    with pytest.raises(RunLimitReached) as more:
        await agent.ask("Go.", limits=Limits(steps=50, tokens=500))
    assert (more.value.limit, more.value.used) == ("tokens", 550)
    items = [item async for item in agent.stream("Go.", limits=Limits(tool_calls=1))]
    assert isinstance(items[-1], RunFailed)
    assert "tool_calls" in str(items[-1].error)


async def test_without_usage_tokens_are_estimated_for_the_limit_alone() -> None:
    """A server that reports nothing does not lift the limit, and its usage stays what it said."""
    silent = reply_calls(("slow", {"n": 1}), usage=Usage(0, 0))
    frames = tuple(End("tool_calls") if isinstance(f, End) else f for f in silent.frames)
    agent, client = scripted(
        always=silent.with_options(frames=frames), tools=[slow], limits=Limits(tokens=300)
    )
    error = await _failed(agent)
    assert error.limit == "tokens"
    assert agent.usage == Usage()
    assert 2 < len(client.asked) < 20


async def test_a_fork_has_the_same_limits() -> None:
    """A copy of an agent is limited as it is."""
    agent, _ = scripted(always=CALLS, tools=[add], limits=Limits(tool_calls=1))
    with pytest.raises(RunLimitReached, match="tool_calls"):
        await agent.fork().ask("Go.")


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"tokens": 1.5}, {"cost": -1}, {"seconds": True}])
def test_what_is_no_limit(wrong: dict[str, Any]) -> None:
    """Each mistake names the field and what it wants."""
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        Limits(**wrong)
    with pytest.raises(ConfigurationError, match=r"Limits\("):
        scripted(limits=wrong)


async def test_the_run_inside_counts_for_the_run_around_it() -> None:
    """A tally looks at the limits of the one that it is nested in, too."""
    around = Tally(Limits(tokens=10))
    inside = Tally(Limits(), Spent(around.spent), around)
    inside.step()
    agent, _ = scripted(reply_text("Hi.", usage=Usage(9, 2)))
    inside.spent.add(agent.model, (await agent.ask("Hi.")).messages[-1])
    with pytest.raises(RunLimitReached, match="11 of 10"):
        inside.step()


async def test_a_clock_without_seconds_never_rings() -> None:
    """No limit costs no timer."""
    with Clock(None) as clock:
        await asyncio.sleep(0)
    assert clock.error is None


async def test_no_limit_changes_nothing() -> None:
    """The default is as before."""
    agent, _ = scripted(CALLS, "Three.", tools=[add], limits=Limits())
    items = await collected(agent)
    assert isinstance(items[-1], RunFinished)
