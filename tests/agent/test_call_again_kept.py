"""A call that is made again: what is saved and exported of it, and how strategies go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbagent import (
    Agent,
    Message,
    Store,
    plan_and_do,
    run_tools,
    stream_with_tools,
)
from nbagent.agent.call_again import CallAgain
from nbagent.agent.graph import Graph
from nbagent.agent.nodes import tools_node
from nbagent.messages import ReasoningPart, TextPart, ToolCall, ToolResultPart
from nbagent.testing import reply_calls, reply_text
from tests.agent.agents import add, assert_valid, scripted
from tests.agent.test_call_again import Shelf, failed
from tests.agent.test_versions import paths, texts


@pytest.mark.parametrize("kept", ["file", "store"])
async def test_versions_are_saved(tmp_path: Path, kept: str) -> None:
    """A saved conversation has all versions again, with the records of each, and goes on."""
    store = Store(tmp_path / "chats.db") if kept == "store" else None
    given = {} if store is None else {"store": store, "conversation": "x"}
    agent, _, shelf = await failed("It is 5.", **given)
    shelf.has["x"] = 5
    await agent.call_again(agent.calls[1])
    if store is None:
        agent.save(tmp_path / "chat.json")
        other, _ = scripted("More.")
        loaded = Agent.load(
            tmp_path / "chat.json", tools=[add, shelf.look], executor=other.executor
        )
    else:
        store.flush()
        other, _ = scripted("More.")
        loaded = Agent(
            "scripted:any",
            tools=[add, shelf.look],
            executor=other.executor,
            store=Store(tmp_path / "chats.db"),
            conversation="x",
        )
    assert loaded.history == agent.history
    assert paths(loaded) == paths(agent)
    (point,) = loaded.branches
    states = [[(c.name, c.state) for c in version.calls] for version in point.versions]
    assert states == [[("add", "done"), ("look", "failed")], [("add", "done"), ("look", "done")]]
    loaded.switch(point.versions[0])
    assert [(call.name, call.state) for call in loaded.calls] == states[0]
    assert (await loaded.call_again(loaded.calls[1])).text == "More."
    assert len(loaded.branches[0].versions) == 3


async def test_an_export_shows_the_version_that_is_shown(tmp_path: Path) -> None:
    """The new result and the new answer, and nothing of the one before."""
    agent, _, shelf = await failed("It is 5.")
    shelf.has["x"] = 5
    await agent.call_again(agent.calls[1])
    said = agent.export(tmp_path / "chat.md").read_text()
    assert "It is 5." in said
    assert "not there" not in said
    assert "KeyError" not in said
    agent.switch(agent.branches[0].versions[0])
    assert "KeyError" in agent.export(tmp_path / "old.md").read_text()


async def test_a_fork_can_retry() -> None:
    """A fork goes on from a call of its own; the agent it was made of does not hear of it."""
    agent, _, shelf = await failed("It is 5.")
    shelf.has["x"] = 5
    fork = agent.fork()
    await fork.call_again(agent.calls[1].tool_call_id)
    assert (texts(fork)[-1], texts(agent)[-1]) == ("It is 5.", "It is not there.")


async def test_a_strategy_goes_on_where_it_runs_calls() -> None:
    """A plan is not made anew: the walk goes on behind the node that runs the call."""
    shelf = Shelf()
    agent, client = scripted(
        reply_text("1. Look."),
        reply_calls(("look", {"key": "x"})),
        "No.",
        "It is 5.",
        tools=[shelf.look],
        strategy=plan_and_do(),
    )
    await agent.ask("What is x?")
    shelf.has["x"] = 5
    nodes: list[str] = []
    agent.on("node_started", lambda item: nodes.append(item.name))
    assert (await agent.call_again(agent.calls[0])).text == "It is 5."
    assert nodes == ["run_tools", "do"]
    assert [m.role for m in client.prompts[-1].messages][-2:] == ["tool", "user"]


async def test_a_strategy_that_is_a_function_begins_anew() -> None:
    """It has no node that runs calls: the call is made, and the function has the conversation."""
    shelf = Shelf()

    async def strategy(context: Any, question: Any) -> Any:
        message = await context.reply()
        if message.tool_calls:
            await context.run_tools()
            message = await context.reply()
        return message

    agent, client = scripted(
        reply_calls(("look", {"key": "x"})),
        "No.",
        "It is 5.",
        tools=[shelf.look],
        strategy=strategy,
    )
    await agent.ask("What is x?")
    shelf.has["x"] = 5
    assert (await agent.call_again(agent.calls[0])).text == "It is 5."
    assert_valid(client.prompts[-1].messages)
    assert len(client.prompts[-1].messages) == 3


def test_the_node_that_runs_a_tool() -> None:
    """The one at which its calls are run; with two of them nobody can tell."""
    graph: Graph[Any, Any] = Graph()
    ask = graph.add(stream_with_tools())
    one = graph.add(run_tools(only="look", name="one"))
    assert tools_node(graph, "look") is one
    assert tools_node(graph, "add") is None
    other = graph.add(run_tools(), "other")
    assert tools_node(graph, "add") is other
    assert (tools_node(graph, "look"), other.name, ask.name) == (None, "other", "stream_with_tools")


def test_the_message_stays_as_its_provider_wrote_it() -> None:
    """Only our own name of the call is another one; reasoning and signatures are untouched."""
    parts = (
        ReasoningPart("Hm.", signature="proof", id="rs_1"),
        TextPart("So."),
        ToolCall("a", "add", "{}", None, "sig_a"),
        ToolCall("b", "look", "{}", "late_b", "sig_b"),
    )
    asking = Message("assistant", parts, "tool_calls", model="m", response_id="r")
    results = Message.tool(ToolResultPart("a", "add", "1"), ToolResultPart("b", "look", "2"))
    said = [Message.user("Q?"), asking, results, Message.assistant("Over.")]
    for name, sent in (("a", "a"), ("b", "late_b")):
        again = CallAgain.of(said, (), 0, name)
        new = next(c for c in again.asking.tool_calls if c.tool_call_id == again.call.tool_call_id)
        assert new.tool_call_id not in ("a", "b")
        assert new.provider_id == sent
        assert again.asking.parts[:2] == parts[:2]
        assert [c.signature for c in again.asking.tool_calls] == ["sig_a", "sig_b"]
        assert (again.asking.model, again.asking.response_id) == ("m", "r")
        assert again.question is not said[0]
        assert again.question == said[0]
        assert again.results is not None
        assert [r.tool_call_id for r in again.results.tool_results] == [{"a": "b", "b": "a"}[name]]
    alone = [said[0], Message.assistant(parts[2]), Message.tool(results.tool_results[0])]
    assert CallAgain.of(alone, (), 0, "a").results is None
