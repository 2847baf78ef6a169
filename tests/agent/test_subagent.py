"""Agents that are tools of one another."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field

from nbagent import (
    ApprovalRequested,
    ConfigurationError,
    Limits,
    NestedItem,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunLimitReached,
    RunStarted,
    TextDelta,
    ToolFinished,
    ToolSchemaError,
    Usage,
    tool,
)
from nbagent.agent.subagent import DEEPEST
from nbagent.testing import Gate, Reply, reply_calls, reply_text
from tests.agent.agents import (
    add,
    assert_valid,
    assert_well_formed,
    collected,
    other_tasks,
    scripted,
    stopped_at,
    until,
    words,
)


def asks(request: str = "1 + 2?", name: str = "cars") -> Reply:
    """A reply that asks the other agent."""
    return reply_calls((name, {"request": request}))


def inner(items: list[Any]) -> list[Any]:
    """What the nested run told."""
    return [item.item for item in items if isinstance(item, NestedItem)]


@tool(approve=True)
def delete(what: str) -> str:
    """Deletes something."""
    return f"{what} is gone"


async def test_an_agent_is_a_tool_as_it_is() -> None:
    """The model sees a name, a description and one parameter; the answer is the result."""
    cars, client = scripted("23.4", name="cars", description="Knows cars.", instructions="Brief.")
    boss, asked = scripted(asks("The average?"), "It is 23.4.", tools=[cars])
    reply = await boss.ask("What is the average?")
    assert reply.text == "It is 23.4."
    (spec,) = (t.spec for t in asked.asked[0].tools)
    assert spec.name == "cars"
    assert spec.description.startswith("Knows cars.\n")
    assert list(spec.parameters["properties"]) == ["request"]
    assert [m.text for m in client.prompts[0].messages] == ["Brief.", "The average?"]
    assert boss.calls[-1].result.text == "23.4"
    assert boss.calls[-1].text == "23.4"
    assert cars.history == ()


async def test_its_run_is_nested_in_the_call() -> None:
    """Every item of the inner run comes inside the call, whole and well-formed by itself."""
    cars, _ = scripted(reply_calls(("add", {"a": 1, "b": 2})), "Three.", tools=[add], name="cars")
    boss, _ = scripted(asks(), "It is three.", tools=[cars])
    items = await collected(boss)
    assert_well_formed(items)
    assert_well_formed(inner(items))
    (call,) = (item for item in items if isinstance(item, ToolFinished))
    nested = [item for item in items if isinstance(item, NestedItem)]
    assert {item.tool_call_id for item in nested} == {call.tool_call_id}
    assert items.index(nested[-1]) < items.index(call)
    assert isinstance(nested[0].item, RunStarted)
    assert isinstance(nested[-1].item, RunFinished)


async def test_calls_side_by_side_do_not_mix() -> None:
    """Each has a conversation of its own; the agent's own stays as it was."""
    cars, client = scripted(always=lambda asked: f"<{asked.prompt.messages[-1].text}>", name="cars")
    both = reply_calls(("cars", {"request": "a"}), ("cars", {"request": "b"}))
    boss, _ = scripted(both, "Done.", tools=[cars])
    await boss.ask("Go.")
    assert [call.text for call in boss.calls] == ["<a>", "<b>"]
    assert [len(prompt.messages) for prompt in client.prompts] == [1, 1]


async def test_kept_it_remembers() -> None:
    """With ``keep`` it is the agent itself: one call after the other in one conversation."""
    cars, client = scripted("One.", "Two.")
    both = reply_calls(("ask_cars", {"request": "1"}), ("ask_cars", {"request": "2"}))
    boss, _ = scripted(both, "Done.", tools=[cars.as_tool("ask_cars", "Knows cars.", keep=True)])
    await boss.ask("Go.")
    assert [m.text for m in cars.history] == ["1", "One.", "2", "Two."]
    assert len(client.prompts[1].messages) == 3
    assert cars.usage == Usage(20, 2)


async def test_asked_with_fields() -> None:
    """A pydantic model is the schema; what does not fit goes back to the model."""

    class Trip(BaseModel):
        """Where to."""

        city: str = Field(description="The city.")
        days: int = 1

    guide, client = scripted("Nice.")
    boss, _ = scripted(
        reply_calls(("guide", {"town": "Rome"})),
        reply_calls(("guide", {"city": "Rome", "days": 3})),
        "Done.",
        tools=[guide.as_tool("guide", input=Trip)],
    )
    await boss.ask("Go.")
    assert [call.state for call in boss.calls] == ["failed", "done"]
    assert "city" in boss.calls[0].text
    assert [p.messages[-1].text for p in client.prompts] == ['{"city":"Rome","days":3}']
    with pytest.raises(ConfigurationError, match="pydantic model"):
        guide.as_tool("guide", input=dict)  # type: ignore[arg-type]  # the mistake under test


async def test_a_typed_answer() -> None:
    """What the inner agent gives as a value is read as JSON, and is in the result itself."""

    class Car(BaseModel):
        name: str
        mpg: float

    cars, _ = scripted('{"name": "beetle", "mpg": 25}', output=Car, name="cars")
    boss, _ = scripted(asks(), "Done.", tools=[cars])
    await boss.ask("Go.")
    assert boss.calls[-1].result.output == Car(name="beetle", mpg=25)
    assert '"beetle"' in boss.calls[-1].text


async def test_usage_counts_in_the_outer_run() -> None:
    """Tokens of both are in the reply, the agent's usage and its limits."""
    cars, _ = scripted(reply_text("Three.", usage=Usage(1000, 100)), name="cars")
    boss, _ = scripted(asks(), "It is three.", tools=[cars])
    reply = await boss.ask("Go.")
    assert reply.usage == boss.usage == Usage(1020, 102)

    cars, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2}), usage=Usage(1000, 100)), tools=[add], name="cars"
    )
    boss, _ = scripted(asks(), tools=[cars], limits=Limits(tokens=500))
    with pytest.raises(RunLimitReached, match="1,111 of 500"):
        await boss.ask("Go.")
    # The inner run ended for the same reason, before it asked again.
    assert "limit of tokens" in boss.calls[-1].text


async def test_an_error_of_the_inner_run_is_the_calls_result() -> None:
    """The outer run goes on, and its model knows what happened."""
    cars, _ = scripted(always=reply_calls(("add", {"a": 1, "b": 2})), tools=[add], max_steps=2)
    boss, _ = scripted(asks(name="ask_agent"), "It failed.", tools=[cars])
    items = await collected(boss)
    assert_well_formed(items)
    assert isinstance(inner(items)[-1], RunFailed)
    assert boss.calls[-1].state == "failed"
    assert "RunLimitReached" in boss.calls[-1].text
    assert boss.history[-1].text == "It failed."


async def test_a_stop_stops_the_inner_run() -> None:
    """Its stream is closed, its end is told inside the call, and no task is left."""
    gate = Gate()
    cars, client = scripted(words(TextDelta("Half", 0), gate), name="cars")
    boss, _ = scripted(asks(), tools=[cars])
    items: list[Any] = []
    async for item in boss.stream("Go."):
        items.append(item)
        if isinstance(item, NestedItem) and isinstance(item.item, TextDelta):
            boss.stop()
    assert_well_formed(items)
    assert isinstance(items[-1], RunCancelled)
    assert isinstance(inner(items)[-1], RunCancelled)
    assert client.closed == 1
    assert_valid(boss.history)
    assert not other_tasks()


async def test_stopped_by_itself() -> None:
    """An inner agent that somebody stops is a call that was cancelled; the outer run goes on."""
    gate = Gate()
    cars, _ = scripted(words(TextDelta("Half", 0), gate))
    boss, _ = scripted(asks(), "Well.", tools=[cars.as_tool("cars", keep=True)])
    items: list[Any] = []
    async for item in boss.stream("Go."):
        items.append(item)
        if isinstance(item, NestedItem) and isinstance(item.item, TextDelta):
            cars.stop()
    assert isinstance(items[-1], RunFinished)
    assert boss.calls[-1].state == "cancelled"


@pytest.mark.parametrize("turns", range(0, 80, 4))
async def test_stopped_at_any_moment(turns: int) -> None:
    """Left at any turn of the loop: both runs' events are whole, and nothing is left behind."""
    cars, _ = scripted(
        *[reply_calls(("add", {"a": 1, "b": 2})), "Three."] * 2, tools=[add], name="cars"
    )
    both = reply_calls(("cars", {"request": "a"}), ("cars", {"request": "b"}))
    boss, _ = scripted(both, "Done.", tools=[cars])
    items = await stopped_at(boss, turns)
    if items:
        assert_well_formed(items)
    runs: dict[str, list[Any]] = {}
    for item in items:
        if isinstance(item, NestedItem):
            runs.setdefault(item.tool_call_id, []).append(item.item)
    for told in runs.values():
        assert_well_formed(told)
    assert_valid(boss.history)
    assert not other_tasks()


async def test_approvals_reach_whoever_reads_the_outer_stream() -> None:
    """A request of the inner run is one of the outer run, under an id of its own."""
    cars, inside = scripted(
        reply_calls(("delete", {"what": "x"})), "Gone.", tools=[delete], name="cars"
    )
    boss, outside = scripted(asks(), "Done.", tools=[cars])
    items: list[Any] = []
    async for item in boss.stream("Go."):
        items.append(item)
        if isinstance(item, ApprovalRequested):
            assert (item.tool_call_id, item.name) == ("call_1/call_1", "cars/delete")
            assert boss.approve(item.tool_call_id, arguments='{"what": "y"}', always=True)
    assert isinstance(items[-1], RunFinished)
    assert "y is gone" in [i.result.text for i in inner(items) if isinstance(i, ToolFinished)]
    assert any(isinstance(i, ApprovalRequested) and i.name == "delete" for i in inner(items))
    # "Always" is about this tool of this agent.
    assert boss.always_approved == ("cars/delete",)
    outside.add(asks(), "Again.")
    inside.add(reply_calls(("delete", {"what": "z"})), "Gone.")
    again = await collected(boss)
    assert not any(isinstance(item, ApprovalRequested) for item in again)
    assert "z is gone" in [i.result.text for i in inner(again) if isinstance(i, ToolFinished)]


async def test_approvals_side_by_side_are_kept_apart() -> None:
    """Two inner runs whose calls have the same id: each answer reaches its own."""
    reply = reply_calls(("delete", {"what": "x"}))
    cars, _ = scripted(reply, reply, "One.", "Two.", tools=[delete], name="cars")
    both = reply_calls(("cars", {"request": "a"}), ("cars", {"request": "b"}))
    boss, _ = scripted(both, "Done.", tools=[cars])
    asked: list[str] = []
    async for item in boss.stream("Go."):
        if isinstance(item, ApprovalRequested):
            asked.append(item.tool_call_id)
            if len(asked) == 2:
                assert boss.approve(asked[0])
                assert boss.deny(asked[1], "not this one")
    assert asked == ["call_1/call_1", "call_2/call_1"]
    states = [call.result.calls[0].state for call in boss.calls]
    assert states == ["done", "denied"]


async def test_the_outer_approver_answers_and_an_own_one_goes_first() -> None:
    """An approver in code is asked about inner calls; an agent with its own asks that."""
    heard: list[str] = []

    async def yes(request: ApprovalRequested) -> bool:
        heard.append(request.name)
        return True

    async def own(request: ApprovalRequested) -> str:
        heard.append(f"own {request.name}")
        return "no"

    for approver, state in ((None, "done"), (own, "denied")):
        cars, _ = scripted(
            reply_calls(("delete", {"what": "x"})), "Ok.", tools=[delete], approver=approver
        )
        boss, _ = scripted(asks(), "Done.", tools=[cars.as_tool("cars")], approver=yes)
        await boss.ask("Go.")
        assert boss.calls[-1].result.calls[0].state == state
    assert heard == ["cars/delete", "own delete"]


async def test_deeper_down() -> None:
    """An agent in an agent in an agent: items, approvals and usage come up through all."""
    low, _ = scripted(reply_calls(("delete", {"what": "x"})), "Low.", tools=[delete], name="low")
    middle, _ = scripted(asks(name="low"), "Middle.", tools=[low], name="middle")
    top, _ = scripted(asks(name="middle"), "Top.", tools=[middle])
    items: list[Any] = []
    async for item in top.stream("Go."):
        items.append(item)
        if isinstance(item, ApprovalRequested):
            assert item.name == "middle/low/delete"
            assert item.tool_call_id.count("/") == 2
            assert top.approve(item.tool_call_id)
    assert_well_formed(items)
    assert_well_formed(inner(items))
    assert_well_formed(inner(inner(items)))
    assert isinstance(items[-1], RunFinished)
    assert items[-1].reply.usage == Usage(60, 6)


async def test_a_circle_ends() -> None:
    """An agent that asks itself without end is told so, as the result of the call."""
    agent, client = scripted(always=_again, name="me")
    agent.tools.append(agent)
    reply = await agent.ask("Go.")
    assert reply.text.startswith("It says: 'me' was not asked")
    assert len(client.asked) == 2 * (DEEPEST + 1)
    kept, _ = scripted(asks(name="me"), "Well.")
    kept.tools.append(kept.as_tool("me", keep=True))
    await kept.ask("Go.")
    assert "AgentBusy" in kept.calls[-1].text


def _again(asked: Any) -> Any:
    last = asked.prompt.messages[-1]
    text = last.tool_results[0].text if last.tool_results else ""
    return (text if text.startswith("It says") else f"It says: {text}") if text else asks(name="me")


async def test_names() -> None:
    """Without a name there is a plain one; one that providers refuse is refused at once."""
    assert scripted()[0].as_tool().name == "ask_agent"
    with pytest.raises(ConfigurationError, match="name is 1 to 64"):
        scripted(name="my cars")
    with pytest.raises(ToolSchemaError, match="my cars"):
        scripted()[0].as_tool("my cars")
    with pytest.raises(ConfigurationError, match="ask_agent"):
        scripted(tools=[scripted()[0], scripted()[0]])
    assert scripted(name="cars")[0].fork().name == "cars"


async def test_in_a_session_of_ones_own() -> None:
    """Without a run around it an agent is a tool all the same."""
    cars, _ = scripted("Three.", name="cars")
    boss, _ = scripted(asks(), tools=[cars])
    async with boss.session() as session:
        session.user("Go.")
        async for _ in session.stream():
            pass
        (record,) = await session.run_tools()
    assert record.text == "Three."
    assert boss.usage == Usage(20, 2)


async def test_a_stream_that_nobody_waits_for_is_closed() -> None:
    """A timeout of the tool stops the inner run."""
    gate = Gate()
    cars, client = scripted(words(TextDelta("Half", 0), gate))
    boss, _ = scripted(asks(), "Too slow.", tools=[cars.as_tool("cars", timeout=0.05)])
    assert (await boss.ask("Go.")).text == "Too slow."
    assert boss.calls[-1].state == "failed"
    await until(lambda: client.closed == 1)
