"""Branches side by side and what a run keeps: merges, storage, what is told, stops.

Cases that the original framework's own tests have, on this one's nodes and edges.
"""

from __future__ import annotations

from typing import Any

import pytest

from nbagent import (
    Graph,
    GraphError,
    Message,
    Node,
    NodeFinished,
    NodeStarted,
    RunCancelled,
    RunContext,
    RunFinished,
    RunLimitReached,
    StepFinished,
    StepStarted,
    TextDelta,
    best_by,
    first_where,
    fold,
    parallel,
    stream_with_tools,
    subgraph,
    tool_loop,
)
from nbagent.testing import Gate, reply_calls, reply_text
from tests.agent.agents import (
    add,
    assert_valid,
    assert_well_formed,
    collected,
    other_tasks,
    scripted,
    words,
)
from tests.agent.graphs import THREE, keeps, straight, with_stored


@pytest.mark.parametrize(
    ("merge", "wanted"),
    [
        (best_by(lambda value: value), "third gives value3; stored value3"),
        (first_where(lambda value: "second" in value), "second gives value2; stored value2"),
        (lambda made: made[1], "second gives value2; stored value2"),
        (fold("all", "{}, {}".format), "all, first gives value1, second gives value2, third gives"),
    ],
)
async def test_merges(merge: Any, wanted: str) -> None:
    """Select by maximum, by condition, by place: with that branch's storage; or fold all values."""
    graph = straight(parallel(*THREE, merge=merge), with_stored)
    agent, _ = scripted(strategy=graph)
    assert (await agent.ask("Go.")).text.startswith(wanted)


async def test_no_branch_will_do() -> None:
    """It is said, with the branches' names."""
    agent, _ = scripted(strategy=straight(parallel(*THREE, merge=first_where(lambda _: False))))
    with pytest.raises(GraphError, match="first, second, third"):
        await agent.ask("Go.")


async def test_branches_see_nothing_of_one_another() -> None:
    """Neither storage nor conversation: each has its own copy, as its merge sees."""
    seen: dict[str, Any] = {}

    async def says(context: RunContext, value: Any) -> str:
        context.session.user("Only in this branch.")
        return "says"

    def merge(branches: list[Any]) -> str:
        for branch in branches:
            texts = [message.text for message in branch.context.session.messages]
            seen[branch.name] = (branch.context.state, texts)
        return "merged"

    agent, _ = scripted(strategy=straight(parallel(keeps("keeps", "x"), says, merge=merge)))
    await agent.ask("Go.")
    assert seen["keeps"] == ({"key": "x"}, ["Go."])
    assert seen["says"] == ({}, ["Go.", "Only in this branch."])
    assert [message.text for message in agent.history] == ["Go."]


async def test_parallel_branches_stream_and_call_at_once() -> None:
    """Their ids stay apart, and each step's frames come together, whatever the two say at once."""

    def draft(name: str) -> Graph[Any, Any]:
        graph = tool_loop()
        graph.name = name
        return graph

    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2}), delay=0.002),
        reply_calls(("add", {"a": 3, "b": 4}), delay=0.002),
        reply_text("One two three four.", pieces=4, delay=0.002),
        reply_text("Five six seven eight.", pieces=4, delay=0.002),
        tools=[add],
        strategy=straight(parallel(draft("left"), draft("right"), merge=best_by(str))),
    )
    items = await collected(agent)
    assert_well_formed(items)
    assert_valid(agent.history)
    speaking = 0
    for item in items:
        speaking += isinstance(item, StepStarted) - isinstance(item, StepFinished)
        assert speaking in (0, 1)
    assert len({call.tool_call_id for call in agent.calls}) == 2


async def test_parallel_in_parallel() -> None:
    """Branches of branches: all are heard, none is left, the history is valid."""
    inner = parallel(
        stream_with_tools(name="a"), stream_with_tools(name="b"), merge=best_by(len_of), name="in"
    )
    outer = parallel(inner, stream_with_tools(name="c"), merge=best_by(len_of), name="out")
    agent, _ = scripted(
        *(reply_text(text, pieces=3, delay=0.001) for text in ("One.", "Two two.", "Three.")),
        strategy=straight(outer),
    )
    items = await collected(agent)
    assert_well_formed(items)
    assert isinstance(items[-1], RunFinished)
    assert items[-1].reply.text == "Two two."
    assert not other_tasks()


def len_of(message: Message) -> int:
    """How much was said."""
    return len(message.text)


async def test_stopping_parallel_branches_leaves_nothing() -> None:
    """Both connections are closed, every start has its end, the history is valid."""
    gates = Gate(), Gate()
    graph = straight(parallel(stream_with_tools(name="a"), stream_with_tools(name="b")))
    agent, client = scripted(
        *(words(TextDelta("So far", 0), gate, TextDelta(" more", 0)) for gate in gates),
        strategy=graph,
    )
    items: list[Any] = []
    async for item in agent.stream("Go."):
        items.append(item)
        if isinstance(item, TextDelta):
            agent.stop()
    assert_well_formed(items)
    assert isinstance(items[-1], RunCancelled)
    assert client.closed == 2
    assert not other_tasks()
    assert_valid(agent.history)


async def test_nodes_of_branches_are_told() -> None:
    """Each is a node of the one that it is a branch of."""
    agent, _ = scripted("One.", "Two.", strategy=straight(parallel(*map(asks, "ab"), name="both")))
    told = [
        (item.kind, item.graph, item.name)
        for item in await collected(agent)
        if isinstance(item, (NodeStarted, NodeFinished))
    ]
    assert told[:3] == [
        ("node_started", "straight", "both"),
        ("node_started", "both", "a"),
        ("node_started", "both", "b"),
    ]
    assert told[-1] == ("node_finished", "straight", "both")


def asks(name: str) -> Node[Any, Message]:
    """A node that asks the model."""
    return stream_with_tools(name=name)


async def test_storage_is_shared_by_subgraphs_in_a_row() -> None:
    """What the first one wrote, the second one reads."""
    first = straight(keeps("writes", "by the first"), stream_with_tools(), name="one")
    second = straight(with_stored, name="two")
    graph = straight(first, lambda message: message.text, second)
    agent, _ = scripted("Done.", strategy=graph)
    assert (await agent.ask("Go.")).text == "Done.; stored by the first"


async def test_storage_of_a_subgraph_with_settings_is_shared_too() -> None:
    """Also what a branch inside it wrote, which was taken over there."""
    inside = straight(parallel(*THREE, merge=best_by(str)), name="inside")
    agent, _ = scripted(strategy=straight(subgraph(inside, instructions="Other."), with_stored))
    assert (await agent.ask("Go.")).text.endswith("stored value3")


async def test_storage_begins_empty_with_each_run() -> None:
    """Nothing of the last question's is left."""
    again = Node.of(with_stored, "again")
    agent, _ = scripted(strategy=straight(with_stored, keeps("keeps", "old"), again))
    first, second = await agent.ask("Go."), await agent.ask("Go.")
    assert first.text == second.text


async def test_the_limit_of_steps_is_over_all_nodes() -> None:
    """Branches count together."""
    graph = straight(parallel(*(stream_with_tools(name=str(n)) for n in range(3))))
    agent, _ = scripted(always="Hi.", strategy=graph, max_steps=2)
    with pytest.raises(RunLimitReached, match="2 steps"):
        await agent.ask("Go.")
    assert not other_tasks()
