"""Cases of graphs that the original framework's own tests have, on this one's nodes and edges.

Its parallel nodes with their merges, storage shared by subgraphs, the single-run strategies with
and without calls, tool selection in subgraphs, retries, limits; and what its issues report of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel

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
    StreamFrame,
    TextDelta,
    add_messages,
    any_failed,
    best_by,
    calls_to,
    edit_history,
    first_where,
    fold,
    has_calls,
    has_reasoning,
    has_text,
    no_calls,
    parallel,
    retry,
    run_tools,
    stream_output,
    stream_with_tools,
    subgraph,
    timed,
    tool,
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
    slow,
    words,
)


def straight(*steps: Any, name: str = "straight") -> Graph[Any, Any]:
    """A strategy of one step after the other."""
    graph: Graph[Any, Any] = Graph(name)
    graph.path(graph.start, *steps, graph.finish)
    return graph


def keeps(name: str, value: str) -> Node[Any, str]:
    """A node that writes into the run's storage."""

    async def run(context: RunContext, given: Any) -> str:
        context.state["key"] = value
        return f"{name} gives {value}"

    return Node.of(run, name)


async def with_stored(context: RunContext, value: str) -> str:
    """The value, with what the storage has now."""
    return f"{value}; stored {context.state.get('key')}"


THREE = (keeps("first", "value1"), keeps("second", "value2"), keeps("third", "value3"))


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


def single(*, parallel: bool = True) -> Graph[Any, Any]:
    """The single-run strategy, drawn by hand."""
    graph: Graph[Any, Any] = Graph("single")
    ask = graph.add(stream_with_tools(name="ask"))
    tools = graph.add(run_tools(parallel=parallel))
    send = graph.add(stream_with_tools(name="send results"))
    graph.edge(graph.start, ask)
    for node in (ask, send):
        graph.edge(node, tools, when=has_calls)
        graph.edge(node, graph.finish, when=no_calls)
    graph.edge(tools, send)
    return graph


@pytest.mark.parametrize("at_once", [True, False])
async def test_single_run_without_calls(at_once: bool) -> None:
    """Words are the answer, and nothing is called."""
    agent, _ = scripted("Task solved!", tools=[add], strategy=single(parallel=at_once))
    assert (await agent.ask("Solve task")).text == "Task solved!"
    assert agent.calls == ()


@pytest.mark.parametrize("at_once", [True, False])
async def test_single_run_with_several_calls(at_once: bool) -> None:
    """All of one message are run, side by side or in order, and answered in one message."""
    calls = [("add", {"a": n, "b": n}) for n in range(3)]
    agent, _ = scripted(
        reply_calls(*calls), "Tools called!", tools=[add], strategy=single(parallel=at_once)
    )
    assert (await agent.ask("Solve task")).text == "Tools called!"
    assert [call.result for call in agent.calls] == [0, 2, 4]
    assert [m.role for m in agent.history] == ["user", "assistant", "tool", "assistant"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_single_run_with_words_beside_the_calls(at_once: bool) -> None:
    """The calls are run, and the words stay in the history with them."""
    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 1}), text="I want to call this:"),
        "Done.",
        tools=[add],
        strategy=single(parallel=at_once),
    )
    assert (await agent.ask("Solve task")).text == "Done."
    assert agent.history[1].text == "I want to call this:"
    assert len(agent.calls) == 1


async def test_a_second_round_of_words_and_calls_runs_them_too() -> None:
    """Words beside calls end nothing, in whatever round."""
    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 1})),
        reply_calls(("add", {"a": 2, "b": 2}), ("add", {"a": 3, "b": 3}), text="More:"),
        "Task solved!",
        tools=[add],
        strategy=single(),
    )
    assert (await agent.ask("Solve task")).text == "Task solved!"
    assert [call.result for call in agent.calls] == [2, 4, 6]


@tool
def delete(path: str) -> str:
    """Deletes a file."""
    return f"deleted {path}"


def routed(**edges: Any) -> Graph[Any, str]:
    """A graph that says which of its edges was open first."""
    graph: Graph[Any, str] = Graph("routed")
    ask = graph.add(stream_with_tools())
    graph.edge(graph.start, ask)
    for name, condition in edges.items():
        graph.edge(ask, graph.finish, when=condition, transform=lambda _, name=name: name)
    return graph


@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        (reply_calls(("delete", {"path": "/etc"})), "careful"),
        (reply_calls(("delete", {"path": "/home"})), "deletes"),
        (reply_calls(("delete", '{"path": "/etc')), "deletes"),
        (reply_calls(("add", {"a": 1, "b": 2}), ("delete", {"path": "x"})), "deletes"),
        (reply_calls(("add", {"a": 1, "b": 2}), text="Look:"), "adds"),
        (reply_text("Yes.", reasoning="Hm."), "reasons"),
        (reply_text("Yes."), "says"),
    ],
)
async def test_conditions(reply: Any, wanted: str) -> None:
    """On a tool, on a tool's arguments, on reasoning, on words; the first open edge is taken."""
    graph = routed(
        careful=calls_to("delete", lambda arguments: arguments["path"].startswith("/etc")),
        deletes=calls_to(delete),
        adds=calls_to(add),
        reasons=has_reasoning,
        says=has_text,
    )
    agent, _ = scripted(reply, tools=[add, delete], strategy=graph)
    assert (await agent.ask("Go.")).output == wanted
    assert_valid(agent.history)


async def test_conditions_may_be_async_and_see_the_context() -> None:
    """A coroutine is awaited: it is not simply true. The context is given where it is taken."""

    async def never(value: Any) -> bool:
        await asyncio.sleep(0)
        return False

    def long(context: RunContext, value: Any) -> bool:
        return len(context.session.messages) > 5

    async def short(context: RunContext, value: Any) -> str:
        return f"{len(context.session.messages)} messages"

    graph: Graph[Any, Any] = Graph()
    graph.edge(graph.start, graph.finish, when=never, transform=lambda _: "never")
    graph.edge(graph.start, graph.finish, when=long, transform=lambda _: "long")
    graph.edge(graph.start, graph.finish, transform=short)
    agent, _ = scripted(strategy=graph)
    assert (await agent.ask("Go.")).text == "1 messages"


async def test_failed_calls_have_their_own_edge() -> None:
    """After a failure the strategy may go another way."""

    @tool
    def fails() -> None:
        """Fails."""
        raise ValueError("no")

    graph: Graph[Any, str] = Graph()
    graph.path(graph.start, stream_with_tools(), run_tools())
    graph.edge("run_tools", graph.finish, when=any_failed, transform=lambda _: "failed")
    graph.edge("run_tools", graph.finish, transform=lambda _: "fine")
    agent, _ = scripted(reply_calls(("fails", {})), tools=[fails], strategy=graph)
    assert (await agent.ask("Go.")).text == "failed"


async def test_only_some_tools_are_run_at_a_node() -> None:
    """The others' calls are answered too, with why: the history is valid."""
    graph = straight(stream_with_tools(), run_tools(only="add"), lambda _: None)
    agent, _ = scripted(
        reply_calls(("delete", {"path": "x"}), ("add", {"a": 1, "b": 2})),
        tools=[add, delete],
        strategy=graph,
    )
    await agent.ask("Go.")
    assert [call.name for call in agent.calls] == ["add"]
    results = {result.name: result.text for result in agent.history[-1].tool_results}
    assert results["add"] == "3"
    assert "not run" in results["delete"]
    assert_valid(agent.history)


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


async def test_the_limit_of_steps_is_over_all_nodes() -> None:
    """Branches count together."""
    graph = straight(parallel(*(stream_with_tools(name=str(n)) for n in range(3))))
    agent, _ = scripted(always="Hi.", strategy=graph, max_steps=2)
    with pytest.raises(RunLimitReached, match="2 steps"):
        await agent.ask("Go.")
    assert not other_tasks()


async def test_a_functional_strategy() -> None:
    """A loop in plain Python does what the drawn one does."""

    async def loop(context: RunContext, question: str) -> Message:
        message = await context.reply()
        while message.tool_calls:
            await context.run_tools()
            message = await context.reply()
        return message

    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2})), "Three.", tools=[add], strategy=loop
    )
    assert (await agent.ask("1 + 2?")).text == "Three."


async def test_a_transform_of_one_node_is_not_that_of_another() -> None:
    """Each node has its own, in one graph."""

    async def upper(frames: AsyncIterator[StreamFrame]) -> AsyncIterator[Any]:
        async for frame in frames:
            yield TextDelta(frame.text.upper(), 0) if isinstance(frame, TextDelta) else frame

    graph = straight(stream_with_tools(transform=upper, name="1"), stream_with_tools(name="2"))
    agent, _ = scripted("one", "two", strategy=graph)
    await agent.ask("Go.")
    assert [message.text for message in agent.history[1:]] == ["ONE", "two"]


async def test_slow_calls_of_a_message_overlap_in_a_graph() -> None:
    """`run_tools(parallel=True)` waits for all, `parallel=False` for one after the other."""
    agent, _ = scripted(reply_calls(*[("slow", {"n": n}) for n in range(3)]), "Done.", tools=[slow])
    await agent.ask("Go.")
    assert [call.result for call in agent.calls] == [0, 1, 2]


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
