"""Which span is under which: tools, threads, branches, agents inside of agents."""

import asyncio
import threading
from typing import Any

import pytest
from opentelemetry import trace

from nbagent import (
    Agent,
    Graph,
    TextDelta,
    Usage,
    stream_with_tools,
    tool,
)
from nbagent import parallel as side_by_side
from nbagent.testing import Reply, reply_calls, reply_text
from tests.otel.telemetry import Telemetry, own, parent

from ..agent.agents import add, scripted


async def spans_of(telemetry: Telemetry, agent: Agent) -> Any:
    """The spans of one question, all agents being traced."""
    handle = telemetry.on()
    try:
        await agent.ask("Go.")
    finally:
        handle.remove()
    return telemetry.spans


@pytest.mark.parametrize("where", ["main", "thread", "async"])
async def test_spans_in_a_tool_are_inside_its_span(telemetry: Telemetry, where: str) -> None:
    """Two calls side by side: each one's own span is under it, also in threads that it starts."""
    tracer = telemetry.tracers.get_tracer("mine")

    def work(name: str) -> str:
        """Traces."""
        with tracer.start_as_current_span(f"own {name}"):
            thread = threading.Thread(target=lambda: tracer.start_span(f"far {name}").end())
            thread.start()
            thread.join()
        return name

    async def work_async(name: str) -> str:
        """Traces."""
        with tracer.start_as_current_span(f"own {name}"):
            await asyncio.sleep(0.01)
            tracer.start_span(f"far {name}").end()
        return name

    made = tool(work_async, name="work") if where == "async" else tool(work, thread=where != "main")
    calls = reply_calls(("work", {"name": "a"}), ("work", {"name": "b"}))
    agent, _ = scripted(calls, "Done.", tools=[made])
    telemetry.on(agent)
    await agent.ask("Go.")
    spans = telemetry.spans
    outer = {
        (s.attributes or {})["gen_ai.tool.call.id"]: own(s) for s in spans["execute_tool work"]
    }
    for name, identity in (("a", "call_1"), ("b", "call_2")):
        (inner,), (far,) = spans[f"own {name}"], spans[f"far {name}"]
        assert parent(inner) == outer[identity] and parent(far) == own(inner)


async def test_calls_that_start_early_are_no_part_of_the_request(telemetry: Telemetry) -> None:
    """Begun while the reply streams, a call is under the run and not under the chat."""
    (call, end), words = reply_calls(("add", {"a": 1, "b": 2})).frames, [TextDelta("x", 1)] * 5
    early = Reply((call, *words, end), delay=0.005)
    agent, _ = scripted(early, "Done.", tools=[add], early_start=True)
    telemetry.on(agent)
    await agent.ask("Go.")
    (run,) = telemetry.spans["invoke_agent"]
    calls, chats = telemetry.spans["execute_tool add"], telemetry.spans["chat any"]
    assert {parent(span) for span in calls} == {own(run)}
    assert (calls[0].start_time or 0) < (chats[0].end_time or 0)


def test_in_a_script_that_blocks(telemetry: Telemetry) -> None:
    """`ask_blocking` runs the tool on the main thread: its span is nested all the same."""
    tracer = telemetry.tracers.get_tracer("mine")

    def work() -> int:
        """Traces."""
        tracer.start_span("own").end()
        return threading.get_ident()

    agent, _ = scripted(reply_calls(("work", {})), "Done.", tools=[work])
    telemetry.on(agent)
    with tracer.start_as_current_span("script") as around:
        reply = agent.ask_blocking("Go.")
    assert reply.calls[0].result == threading.get_ident()
    spans = telemetry.spans
    assert parent(spans["own"][0]) == own(spans["execute_tool work"][0])
    assert parent(spans["invoke_agent"][0]) == around.get_span_context().span_id
    assert trace.get_current_span().get_span_context().span_id == 0


async def test_an_agent_in_a_tool_is_nested(telemetry: Telemetry) -> None:
    """The run of the inner agent is under the outer one's call."""
    inner, _ = scripted("Inner.")

    async def consult() -> str:
        """Asks another agent."""
        return (await inner.ask("?")).text

    outer, _ = scripted(reply_calls(("consult", {})), "Outer.", tools=[consult])
    spans = await spans_of(telemetry, outer)
    runs, (call,) = spans["invoke_agent"], spans["execute_tool consult"]
    assert parent(runs[0]) is None and parent(runs[1]) == own(call)
    assert [parent(chat) for chat in spans["chat any"]] == [
        own(runs[0]),
        own(runs[1]),
        own(runs[0]),
    ]


async def test_an_agent_as_a_tool_is_nested(telemetry: Telemetry) -> None:
    """So is one that was made a tool, each call of it a fork."""
    inner, _ = scripted("Inner.", "Inner.", name="cars")
    outer, _ = scripted(
        reply_calls(("helper", {"request": "x"})),
        "Outer.",
        tools=[inner.as_tool("helper", "Helps.")],
    )
    spans = await spans_of(telemetry, outer)
    assert parent(spans["invoke_agent cars"][0]) == own(spans["execute_tool helper"][0])


async def test_forks_of_one_agent(telemetry: Telemetry) -> None:
    """An agent that is traced by itself is traced as a tool, and no more after the end."""
    inner, _ = scripted("Inner.", always="Inner.", name="cars")
    handle = telemetry.on(inner)
    calls = [reply_calls(("cars", {"request": "x"})), "Outer."]
    outer, _ = scripted(*calls, *calls, tools=[inner.as_tool()])
    await outer.ask("Go.")
    assert set(telemetry.spans) == {"invoke_agent cars", "chat any"}
    fork = inner.fork()
    await fork.ask("Go.")
    assert len(telemetry.spans["invoke_agent cars"]) == 2
    handle.remove()
    await outer.ask("Go.")
    await fork.ask("Go.")
    assert len(telemetry.spans["invoke_agent cars"]) == 2


async def test_branches_stream_at_once(telemetry: Telemetry) -> None:
    """Chats of two branches overlap, each with its own reply, both under the run."""
    fork = side_by_side(
        stream_with_tools(name="one"), stream_with_tools(name="two"), merge=lambda made: made[1]
    )
    graph: Graph[Any, Any] = Graph("two")
    graph.path(graph.start, graph.add(fork), graph.finish)
    slow = reply_text("aaaa", pieces=4, delay=0.01, usage=Usage(1, 1))
    agent, _ = scripted(slow, slow.with_options(delay=0.005), strategy=graph)
    telemetry.on(agent)
    await agent.ask("Go.")
    one, two = telemetry.spans["chat any"]
    (run,) = telemetry.spans["invoke_agent"]
    assert parent(one) == parent(two) == own(run)
    assert (two.start_time or 0) < (one.end_time or 0) and (two.end_time or 0) < (one.end_time or 0)
    assert all((s.attributes or {})["gen_ai.response.time_to_first_chunk"] > 0 for s in (one, two))
