"""What a node can do: ask with settings of its own, try again, give up, rewrite, be any callable.

Cases that the original framework's own tests have, on this one's nodes and edges; and what its
issues report of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from nbagent import (
    Graph,
    GraphError,
    Message,
    RunContext,
    RunLimitReached,
    StreamFrame,
    TextDelta,
    add_messages,
    edit_history,
    parallel,
    retry,
    run_tools,
    stream_output,
    stream_with_tools,
    subgraph,
    timed,
    tool_loop,
)
from nbagent.testing import Gate, reply_calls
from tests.agent.agents import (
    add,
    assert_valid,
    scripted,
    words,
)
from tests.agent.graphs import delete, straight


async def test_a_tool_can_be_forced() -> None:
    """By a parameter of the node, in that request alone."""
    graph = straight(stream_with_tools(tool_choice="add"), run_tools(), stream_with_tools(name="2"))
    agent, client = scripted(
        reply_calls(("add", {"a": 1, "b": 2})), "3.", tools=[add], strategy=graph
    )
    await agent.ask("Go.")
    assert [asked.params.get("tool_choice") for asked in client.asked] == ["add", None]


async def test_a_request_without_tools() -> None:
    """Nothing is offered in it, the conversation with its calls stays readable."""
    graph = straight(stream_with_tools(), run_tools(), stream_with_tools(name="sum up", tools=()))
    agent, client = scripted(
        reply_calls(("add", {"a": 1, "b": 2})), "It is 3.", tools=[add], strategy=graph
    )
    assert (await agent.ask("Go.")).text == "It is 3."
    assert [len(asked.tools) for asked in client.asked] == [1, 0]


async def test_a_subgraph_has_tools_model_and_instructions_of_its_own() -> None:
    """Inside alone: before and behind it everything is the agent's."""
    inside = straight(stream_with_tools(name="inside"), name="research")
    graph = straight(
        stream_with_tools(name="before"),
        subgraph(
            inside, model="scripted:other", tools=[delete], instructions="In.", params={"seed": 1}
        ),
        stream_with_tools(name="behind"),
    )
    agent, client = scripted(
        "One.", "Two.", "Three.", tools=[add], instructions="Out.", strategy=graph
    )
    assert (await agent.ask("Go.")).text == "Three."
    assert [asked.model for asked in client.asked] == [
        "scripted:any",
        "scripted:other",
        "scripted:any",
    ]
    assert [[spec.name for spec in asked.tools] for asked in client.asked] == [
        ["add"],
        ["delete"],
        ["add"],
    ]
    assert [prompt.messages[0].text for prompt in client.prompts] == ["Out.", "In.", "Out."]
    assert [asked.params.get("seed") for asked in client.asked] == [None, 1, None]


async def test_a_subgraph_that_fails_leaves_the_settings_as_they_were() -> None:
    """The next question is asked with the agent's own model."""

    def fails(value: Any) -> None:
        raise ValueError("no")

    failing = retry(subgraph(straight(fails, name="in"), model="scripted:other"), on=ValueError)
    agent, client = scripted("Fine.", strategy=straight(failing))
    with pytest.raises(ValueError, match="no"):
        await agent.ask("Go.")
    session = agent.session()
    async with session:
        session.user("Again.")
        async for _ in session.stream():
            pass
    assert client.asked[0].model == "scripted:any"


async def test_the_steps_of_a_subgraph_have_a_limit() -> None:
    """Its own, counted anew each time; the agent's counts on."""
    inside = subgraph(tool_loop(), max_steps=2, name="limited")
    agent, client = scripted(
        always=reply_calls(("add", {"a": 1, "b": 2})), tools=[add], strategy=straight(inside)
    )
    with pytest.raises(RunLimitReached, match="'limited' asked the model 2 times"):
        await agent.ask("Go.")
    assert len(client.asked) == 2
    assert_valid(agent.history)
    with pytest.raises(GraphError, match="at least 1"):
        subgraph(tool_loop(), max_steps=0)


async def test_a_subgraph_is_tried_again_with_a_condition() -> None:
    """Each try begins with the conversation as it was; the good one is what stays."""
    inside = straight(stream_with_tools(), name="answer")
    graph = straight(retry(inside, until=lambda message: "42" in message.text))
    agent, client = scripted("Perhaps 7.", "It is 42.", strategy=graph)
    assert (await agent.ask("Go.")).text == "It is 42."
    assert [message.text for message in agent.history] == ["Go.", "It is 42."]
    assert len(client.prompts[1].messages) == 1


async def test_a_retry_that_is_not_strict_takes_the_last() -> None:
    """After its attempts the value is what it is."""
    graph = straight(retry(stream_with_tools(), attempts=2, until=lambda _: False, strict=False))
    agent, _ = scripted("One.", "Two.", strategy=graph)
    assert (await agent.ask("Go.")).text == "Two."


async def test_the_condition_of_a_retry_may_ask_the_model() -> None:
    """It is a node's function: async, with the attempt's own context."""

    async def judged(context: RunContext, message: Message) -> bool:
        judge = context.fork()
        judge.session.user("Good?")
        return (await judge.reply(answers=False)).text == "yes"

    agent, _ = scripted(
        "Bad.", "no", "Good.", "yes", strategy=straight(retry(stream_with_tools(), until=judged))
    )
    assert (await agent.ask("Go.")).text == "Good."
    assert [message.text for message in agent.history] == ["Go.", "Good."]


async def test_a_node_that_takes_too_long_is_given_up() -> None:
    """Its connection is closed and the error says which node; a retry may follow."""
    gate = Gate()
    graph = straight(retry(timed(stream_with_tools(), 0.05), on=RunLimitReached))
    agent, client = scripted(words(TextDelta("So", 0), gate), "In time.", strategy=graph)
    assert (await agent.ask("Go.")).text == "In time."
    assert client.closed == 1
    assert [message.text for message in agent.history] == ["Go.", "In time."]
    again, _ = scripted(words(gate), strategy=straight(timed(stream_with_tools(), 0.05)))
    with pytest.raises(RunLimitReached, match=r"'stream_with_tools' took longer than the 0\.05 s"):
        await again.ask("Go.")
    assert_valid(again.history)


async def test_messages_are_added_to_the_conversation() -> None:
    """A node that only says something to the model: the next request has it."""
    graph = straight(
        add_messages({"role": "assistant", "content": "Shall I?"}, Message.user("Yes.")),
        stream_with_tools(),
    )
    agent, client = scripted("Done.", strategy=graph)
    await agent.ask("Go.")
    assert [message.text for message in client.prompts[0].messages] == ["Go.", "Shall I?", "Yes."]


async def test_the_conversation_is_rewritten_by_a_node() -> None:
    """As history compression by hand: what the function gives is what the model reads."""

    def last_two(messages: tuple[Message, ...]) -> tuple[Message, ...]:
        return messages[-2:]

    graph = straight(stream_with_tools(), edit_history(last_two), lambda _: "More.", tool_loop())
    agent, client = scripted("One.", "Two.", strategy=graph, history=[Message.user("Old.")] * 2)
    await agent.ask("Go.")
    assert [message.text for message in client.prompts[1].messages] == ["Go.", "One.", "More."]


async def test_an_edit_that_tears_a_call_from_its_result_is_mended() -> None:
    """The history stays one that every provider accepts."""
    torn = edit_history(lambda messages: messages[:-1])
    graph = straight(stream_with_tools(), run_tools(), torn, stream_with_tools(name="2"))
    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2})), "Done.", tools=[add], strategy=graph
    )
    await agent.ask("Go.")
    assert_valid(agent.history)


class City(BaseModel):
    """A place."""

    name: str
    people: int


async def test_a_node_gives_a_value_of_a_type() -> None:
    """Asked for in its own request; an answer that does not fit goes back once."""
    graph = straight(
        stream_with_tools(name="talk"),
        lambda message: "Which city?",
        stream_output(City),
        lambda city: city.people * 2,
    )
    agent, _ = scripted(
        "About Rome.",
        '{"name": "Rome"}',
        '{"name": "Rome", "people": 3}',
        strategy=graph,
    )
    assert (await agent.ask("Go.")).output == 6
    assert_valid(agent.history)


async def test_a_transform_of_one_node_is_not_that_of_another() -> None:
    """Each node has its own, in one graph."""

    async def upper(frames: AsyncIterator[StreamFrame]) -> AsyncIterator[Any]:
        async for frame in frames:
            yield TextDelta(frame.text.upper(), 0) if isinstance(frame, TextDelta) else frame

    graph = straight(stream_with_tools(transform=upper, name="1"), stream_with_tools(name="2"))
    agent, _ = scripted("one", "two", strategy=graph)
    await agent.ask("Go.")
    assert [message.text for message in agent.history[1:]] == ["ONE", "two"]


def test_a_graph_in_itself_is_refused() -> None:
    """Directly, or inside another: it would neither end nor be drawn."""
    outer: Graph[Any, Any] = Graph("outer")
    inner: Graph[Any, Any] = Graph("inner")
    inner.path(inner.start, retry(outer), inner.finish)
    for own in (outer, inner, parallel(inner)):
        with pytest.raises(GraphError, match="'outer' cannot be a node of itself"):
            outer.add(own)


async def test_what_can_be_called_is_a_node() -> None:
    """Classes, built-in functions, methods (one node each time it is named), and defaults."""

    class Doubler:
        def double(self, value: int, times: int = 2) -> int:
            return value * times

    def see(context: Mapping[str, int], value: int = 0) -> int:
        return value + context["more"]

    doubler = Doubler()
    graph: Graph[str, str] = Graph()
    graph.edge("start", int)
    graph.edge(int, doubler.double)
    graph.edge(doubler.double, see)
    graph.edge(see, str)
    graph.edge(str, "finish")
    assert [node.name for node in graph.nodes[2:]] == ["int", "double", "see", "str"]
    assert await graph.run("4", {"more": 1}) == "9"


async def test_the_decorator_takes_a_name() -> None:
    """For functions whose own name says too little."""
    graph: Graph[int, int] = Graph()

    @graph.node(name="add one")
    def step(value: int) -> int:
        return value + 1

    graph.path("start", "add one", "finish")
    assert step.name == "add one"
    assert await graph.run(1) == 2
