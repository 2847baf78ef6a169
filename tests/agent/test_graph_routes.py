"""Which way a run goes: the single-run strategies, and conditions on edges.

Cases that the original framework's own tests have, on this one's nodes and edges.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nbagent import (
    Graph,
    Message,
    RunContext,
    any_failed,
    calls_to,
    has_calls,
    has_reasoning,
    has_text,
    no_calls,
    run_tools,
    stream_with_tools,
    tool,
)
from nbagent.testing import reply_calls, reply_text
from tests.agent.agents import (
    add,
    assert_valid,
    scripted,
    slow,
)
from tests.agent.graphs import delete, straight


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


async def test_slow_calls_of_a_message_overlap_in_a_graph() -> None:
    """`run_tools(parallel=True)` waits for all, `parallel=False` for one after the other."""
    agent, _ = scripted(reply_calls(*[("slow", {"n": n}) for n in range(3)]), "Done.", tools=[slow])
    await agent.ask("Go.")
    assert [call.result for call in agent.calls] == [0, 1, 2]
