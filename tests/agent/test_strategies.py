"""Agents whose questions go along a graph: nodes, transforms and the ready strategies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from nbagent import (
    ConfigurationError,
    End,
    Graph,
    GraphError,
    NodeFinished,
    NodeOutput,
    NodeStarted,
    RunContext,
    RunFailed,
    RunFinished,
    RunLimitReached,
    StreamFrame,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    has_calls,
    no_calls,
    parallel,
    plan_and_do,
    react,
    run_tools,
    stream_with_tools,
    tool_loop,
)
from nbagent.testing import reply_calls, reply_text
from tests.agent.agents import (
    add,
    assert_valid,
    assert_well_formed,
    collected,
    other_tasks,
    scripted,
)
from tests.agent.graphs import straight


async def shouted(frames: AsyncIterator[StreamFrame]) -> AsyncIterator[StreamFrame]:
    """A transform that changes the deltas and passes the complete frames on as they are."""
    async for frame in frames:
        yield replace(frame, text=frame.text.upper()) if isinstance(frame, TextDelta) else frame


async def test_a_drawn_loop_does_what_the_default_does() -> None:
    """The default strategy is such a graph: the history is the same."""
    graph: Graph[Any, Any] = Graph("mine")
    ask, tools = graph.add(stream_with_tools()), graph.add(run_tools(parallel=True))
    graph.edge(graph.start, ask)
    graph.edge(ask, tools, when=has_calls)
    graph.edge(ask, graph.finish, when=no_calls)
    graph.edge(tools, ask)
    script = (reply_calls(("add", {"a": 1, "b": 2})), "Three.")
    drawn, _ = scripted(*script, tools=[add], strategy=graph)
    default, _ = scripted(*script, tools=[add])
    assert (await drawn.ask("1 + 2?")).text == (await default.ask("1 + 2?")).text == "Three."
    assert [m.role for m in drawn.history] == [m.role for m in default.history]
    assert drawn.calls[-1].result == 3


async def test_nodes_of_ones_own_strategy_are_told() -> None:
    """Each node that begins has its end among the events; the default's are not told."""
    agent, _ = scripted("Hello.", strategy=straight(stream_with_tools()))
    items = await collected(agent)
    assert_well_formed(items)
    names = [
        (item.kind, item.name) for item in items if isinstance(item, (NodeStarted, NodeFinished))
    ]
    assert names == [("node_started", "stream_with_tools"), ("node_finished", "stream_with_tools")]
    plain, _ = scripted("Hello.")
    assert not any(isinstance(item, NodeStarted) for item in await collected(plain))


async def test_a_transform_changes_what_everybody_sees() -> None:
    """Listeners, the reply and the history all have the changed words; rule 2 of frames holds."""
    agent, _ = scripted("Hello there.", strategy=tool_loop(transform=shouted))
    items = await collected(agent)
    deltas = "".join(item.text for item in items if isinstance(item, TextDelta))
    (complete,) = [item for item in items if isinstance(item, TextComplete)]
    assert deltas == complete.text == agent.history[-1].text == "HELLO THERE."
    assert agent.history[-1].finish_reason == "stop"


async def test_a_transform_that_returns_ends_the_stream() -> None:
    """The connection is closed, the words so far are a finished reply, and the run ends well."""

    async def first_two(frames: AsyncIterator[StreamFrame]) -> AsyncIterator[StreamFrame]:
        given = 0
        async for frame in frames:
            yield frame
            given += isinstance(frame, TextDelta)
            if given == 2:
                return

    agent, client = scripted(
        reply_text("One two three four", pieces=4), strategy=tool_loop(transform=first_two)
    )
    items = await collected(agent)
    assert isinstance(items[-1], RunFinished)
    (end,) = [item for item in items if isinstance(item, End)]
    assert end.raw == {"ended_by": "transform"}
    assert agent.history[-1].text == items[-1].reply.text != "One two three four"
    assert agent.history[-1].finish_reason == "stop"
    assert client.closed == 1
    assert not other_tasks()


async def test_what_a_transform_gives_besides_frames_is_told() -> None:
    """Objects of its own come as events, in their place, and are in no message."""

    async def counted(frames: AsyncIterator[StreamFrame]) -> AsyncIterator[Any]:
        words = 0
        async for frame in frames:
            yield frame
            if isinstance(frame, TextDelta):
                words += len(frame.text.split())
        yield {"words": words}

    agent, _ = scripted("One two.", strategy=tool_loop(transform=counted))
    items = await collected(agent)
    assert [item.value for item in items if isinstance(item, NodeOutput)] == [{"words": 2}]
    assert agent.history[-1].text == "One two."
    assert isinstance(items[-1], RunFinished)


async def test_a_transform_can_hold_back_a_call() -> None:
    """A call that it leaves out is not run, and not in the history."""

    async def without_calls(frames: AsyncIterator[StreamFrame]) -> AsyncIterator[StreamFrame]:
        async for frame in frames:
            if isinstance(frame, ToolCallComplete):
                return
            if "tool_call" not in frame.kind:
                yield frame

    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2})),
        tools=[add],
        strategy=tool_loop(transform=without_calls),
    )
    await agent.ask("Go.")
    assert agent.calls == ()
    assert_valid(agent.history)


async def test_a_transform_that_raises_fails_the_run() -> None:
    """Its error is the run's, and the history stays valid."""

    async def broken(frames: AsyncIterator[StreamFrame]) -> AsyncIterator[StreamFrame]:
        async for frame in frames:
            yield frame
            raise ValueError("no")

    agent, client = scripted("Hello there.", strategy=tool_loop(transform=broken))
    items = await collected(agent)
    assert isinstance(items[-1], RunFailed)
    assert isinstance(items[-1].error, ValueError)
    assert client.closed == 1
    assert_valid(agent.history)


async def test_a_strategy_may_be_one_function() -> None:
    """It works with the context: asks, looks, and gives what the reply's output is."""

    async def twice(context: RunContext, question: str) -> int:
        first = await context.reply()
        context.session.user("Again.")
        second = await context.reply()
        return len(first.text + second.text)

    agent, _ = scripted("One.", "Two.", strategy=twice)
    reply = await agent.ask("Go.")
    assert reply.output == 8
    assert reply.text == "Two."
    assert [m.text for m in agent.history] == ["Go.", "One.", "Again.", "Two."]


async def test_words_from_a_node_are_said_to_the_model() -> None:
    """What a node of one's own gives as text is the next thing the person says."""
    graph = straight(
        stream_with_tools(name="draft"),
        lambda message: f"Shorten: {message.text}",
        stream_with_tools(name="shorten"),
    )
    agent, client = scripted("A long answer.", "Short.", strategy=graph)
    assert (await agent.ask("Go.")).text == "Short."
    assert client.prompts[1].messages[-1].text == "Shorten: A long answer."


async def test_a_reminder_is_not_part_of_the_conversation() -> None:
    """It ends the prompt of its own request, and no other."""
    graph = straight(stream_with_tools(reminder="In French."), lambda _: None)
    agent, client = scripted("Bonjour.", strategy=graph)
    await agent.ask("Hello.")
    assert client.prompts[0].messages[-1].text.endswith("In French.")
    assert [message.text for message in agent.history] == ["Hello.", "Bonjour."]


async def test_branches_do_not_write_into_one_another() -> None:
    """Each has a copy of the conversation; the one chosen is what the agent goes on with."""
    graph = straight(
        parallel(
            stream_with_tools(name="first", temperature=0),
            stream_with_tools(name="second", temperature=1),
            merge=lambda made: max(made, key=lambda branch: len(branch.value.text)),
        )
    )
    agent, client = scripted("Short.", "The longer one.", strategy=graph)
    reply = await agent.ask("Go.")
    assert reply.text == "The longer one."
    assert [message.text for message in agent.history] == ["Go.", "The longer one."]
    assert [asked.params["temperature"] for asked in client.asked] == [0, 1]
    assert_valid(agent.history)


async def test_plan_and_do() -> None:
    """A plan without tools first, then the calls, then the answer."""
    agent, client = scripted(
        "1. Add.", reply_calls(("add", {"a": 1, "b": 2})), "3.", tools=[add], strategy=plan_and_do()
    )
    reply = await agent.ask("1 + 2?")
    assert reply.text == "3."
    assert [len(asked.tools) for asked in client.asked] == [0, 1, 1]
    assert "numbered plan" in client.prompts[0].messages[-1].text
    assert_valid(agent.history)


async def test_react_thinks_before_each_step() -> None:
    """A thought, a call, a thought, the answer."""
    agent, client = scripted(
        "I must add.",
        reply_calls(("add", {"a": 1, "b": 2})),
        "I know it.",
        "3.",
        tools=[add],
        strategy=react(),
    )
    assert (await agent.ask("1 + 2?")).text == "3."
    assert [len(asked.tools) for asked in client.asked] == [0, 1, 0, 1]
    assert_valid(agent.history)


async def test_the_steps_of_all_nodes_are_counted() -> None:
    """A strategy that asks for ever is ended by the agent's own limit."""
    graph: Graph[Any, Any] = Graph("endless")
    ask = graph.add(stream_with_tools())
    graph.edge(graph.start, ask)
    graph.edge(ask, graph.finish, when=lambda message: message.text == "never")
    graph.edge(ask, ask, transform=lambda _: "Again.")
    agent, _ = scripted(always="Hello.", strategy=graph, max_steps=3)
    with pytest.raises(RunLimitReached, match="3 steps"):
        await agent.ask("Go.")
    assert_valid(agent.history)


def test_what_is_no_strategy_is_refused() -> None:
    """At once, and a graph that cannot run too."""
    with pytest.raises(ConfigurationError, match="strategy is a Graph"):
        scripted("Hello.", strategy="react")
    with pytest.raises(GraphError, match="cannot run"):
        scripted("Hello.", strategy=Graph())
