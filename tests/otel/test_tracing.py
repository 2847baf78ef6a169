"""Spans and metrics, against the SDK's in-memory exporters."""

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from nbagent import (
    Agent,
    ConfigurationError,
    Executor,
    Graph,
    Overloaded,
    RunCancelled,
    TextDelta,
    Usage,
    stream_with_tools,
    tool,
)
from nbagent import parallel as side_by_side
from nbagent.otel import instrument
from nbagent.otel.attributes import server_attributes
from nbagent.providers import OpenAIChatClient
from nbagent.testing import FakeServer, Gate, Reply, ScriptedClient, reply_calls, reply_text

from ..agent.agents import add, collected, quick, scripted, until

TWO = reply_calls(("add", {"a": 1, "b": 2}), ("add", {"a": 3, "b": 4}), text="So:")


class Telemetry:
    """An SDK of its own, and what came of it."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider([self.reader])

    def on(self, agent: Agent | None = None, **options: Any) -> Any:
        """Instruments the agent, or all."""
        providers = {"tracer_provider": self.tracers, "meter_provider": self.meters}
        return instrument(agent, **providers, **options)

    @property
    def spans(self) -> dict[str, list[ReadableSpan]]:
        """The spans that ended, by name, in the order of their start."""
        made: dict[str, list[ReadableSpan]] = {}
        ended = self.exporter.get_finished_spans()
        for span in sorted(ended, key=lambda span: span.start_time or 0):
            made.setdefault(span.name, []).append(span)
        return made

    @property
    def metrics(self) -> dict[str, list[Any]]:
        """The points of each metric."""
        data = self.reader.get_metrics_data()
        return {
            metric.name: list(metric.data.data_points)
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


@pytest.fixture
def telemetry() -> Telemetry:
    """A fresh one."""
    return Telemetry()


def parent(span: ReadableSpan) -> int | None:
    """The id of the span around."""
    return span.parent.span_id if span.parent else None


def own(span: ReadableSpan) -> int:
    """The id of the span."""
    context = span.get_span_context()
    assert context is not None
    return context.span_id


async def test_a_run_its_steps_and_its_calls(telemetry: Telemetry) -> None:
    """One tree: the run, under it two chats and two calls, with the conventions' attributes."""
    agent, _ = scripted(TWO, "Done.", tools=[add], params={"temperature": 0, "stop": ["x"]})
    telemetry.on(agent, name="adder")
    await agent.ask("SECRET?")
    spans = telemetry.spans
    (run,) = spans["invoke_agent adder"]
    chats, calls = spans["chat any"], spans["execute_tool add"]
    assert len(chats) == 2 and len(calls) == 2 and parent(run) is None
    assert {parent(span) for span in (*chats, *calls)} == {own(run)}
    assert (run.kind, chats[0].kind, calls[0].kind) == (
        SpanKind.INTERNAL,
        SpanKind.CLIENT,
        SpanKind.INTERNAL,
    )
    said = dict(chats[0].attributes or {})
    assert said.pop("gen_ai.response.time_to_first_chunk") > 0
    assert said == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "scripted",
        "gen_ai.request.model": "any",
        "gen_ai.request.stream": True,
        "gen_ai.request.temperature": 0.0,
        "gen_ai.request.stop_sequences": ("x",),
        "gen_ai.response.finish_reasons": ("tool_calls",),
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 1,
    }
    called = calls[0].attributes or {}
    assert called["gen_ai.tool.name"] == "add" and called["gen_ai.tool.type"] == "function"
    assert {(c.attributes or {})["gen_ai.tool.call.id"] for c in calls} == {"call_1", "call_2"}
    assert (run.attributes or {})["gen_ai.usage.input_tokens"] == 20
    assert all(s.status.status_code is StatusCode.UNSET for many in spans.values() for s in many)
    assert "SECRET" not in str([s.to_json() for many in spans.values() for s in many])


async def test_metrics(telemetry: Telemetry) -> None:
    """Durations, tokens, and the time to the first chunk of each request."""
    agent, _ = scripted(TWO, reply_text("a b c", pieces=3, usage=Usage(7, 3)), tools=[add])
    telemetry.on(agent)
    await agent.ask("Go.")
    metrics = telemetry.metrics
    (chats,) = metrics["gen_ai.client.operation.duration"]
    assert chats.count == 2 and chats.attributes["gen_ai.operation.name"] == "chat"
    tokens = {p.attributes["gen_ai.token.type"]: p for p in metrics["gen_ai.client.token.usage"]}
    assert (tokens["input"].sum, tokens["output"].sum) == (17, 4)
    (first,) = metrics["gen_ai.client.operation.time_to_first_chunk"]
    assert first.count == 2 and first.explicit_bounds[0] == 0.01
    (between,) = metrics["gen_ai.client.operation.time_per_output_chunk"]
    assert between.count == 4
    assert sum(p.count for p in metrics["gen_ai.execute_tool.duration"]) == 2
    assert sum(p.count for p in metrics["gen_ai.invoke_agent.duration"]) == 1


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
    handle = telemetry.on()
    try:
        await outer.ask("Go.")
    finally:
        handle.remove()
    spans = telemetry.spans
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
    handle = telemetry.on()
    try:
        await outer.ask("Go.")
    finally:
        handle.remove()
    spans = telemetry.spans
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


async def test_a_failure(telemetry: Telemetry) -> None:
    """Chat and run end with the error and its type; a status is one."""
    broken = Reply(reply_text("Half").frames[:1], raises=Overloaded("full", status=529))
    agent, _ = scripted(broken)
    telemetry.on(agent)
    await collected(agent)
    for name in ("chat any", "invoke_agent"):
        (span,) = telemetry.spans[name]
        assert span.status.status_code is StatusCode.ERROR and span.status.description == "full"
        assert (span.attributes or {})["error.type"] == "529"
    (point,) = telemetry.metrics["gen_ai.client.operation.duration"]
    assert point.attributes["error.type"] == "529"


async def test_a_stop_in_the_stream(telemetry: Telemetry) -> None:
    """All spans end, as cancelled."""
    gate = Gate()
    held = Reply((*reply_text("Half").frames[:1], gate, *reply_text("x").frames))
    agent, _ = scripted(held)
    telemetry.on(agent)
    task = asyncio.ensure_future(collected(agent))
    await until(lambda: agent.running and gate._reached.is_set())
    agent.stop()
    assert isinstance((await task)[-1], RunCancelled)
    for name in ("chat any", "invoke_agent"):
        (span,) = telemetry.spans[name]
        assert span.status.status_code is StatusCode.ERROR
        assert (span.attributes or {})["error.type"] == "cancelled"


async def test_a_stop_in_a_tool(telemetry: Telemetry) -> None:
    """The call's span ends as cancelled, before the run's."""

    async def forever() -> None:
        """Waits."""
        await asyncio.sleep(60)

    agent, _ = scripted(reply_calls(("forever", {})), tools=[forever])
    telemetry.on(agent)
    async for item in agent.stream("Go."):
        if item.kind == "tool_started":
            agent.stop()
    (span,) = telemetry.spans["execute_tool forever"]
    assert (span.attributes or {})["error.type"] == "cancelled"
    assert (span.end_time or 0) <= (telemetry.spans["invoke_agent"][0].end_time or 0)


async def test_calls_that_never_ran(telemetry: Telemetry) -> None:
    """Denied, unknown and wrong calls have a span with the reason; what a tool raises, too."""

    def breaks() -> None:
        """Raises."""
        raise KeyError("SECRET")

    calls = reply_calls(("quick", {}), ("none", {}), ("add", {"a": "x"}), ("breaks", {}))
    agent, _ = scripted(calls, "Done.", tools=[quick, add, breaks])
    telemetry.on(agent)
    await agent.ask("Go.")
    types = {
        name: (spans[0].attributes or {})["error.type"]
        for name, spans in telemetry.spans.items()
        if name.startswith("execute_tool")
    }
    assert types == {
        "execute_tool quick": "ToolDenied",
        "execute_tool none": "UnknownTool",
        "execute_tool add": "ToolArgumentsError",
        "execute_tool breaks": "ToolRaised",
    }
    told = str([s.to_json() for many in telemetry.spans.values() for s in many])
    assert "SECRET" not in told


async def test_retries_are_events(telemetry: Telemetry) -> None:
    """Of the one chat that goes on."""

    async def now(seconds: float) -> None:
        return None

    client = ScriptedClient([Reply((), raises=Overloaded("full", status=529)), "Hello."])
    agent = Agent("scripted:any", executor=Executor({"scripted": client}, sleep=now))
    telemetry.on(agent)
    await agent.ask("Go.")
    (chat,) = telemetry.spans["chat any"]
    (event,) = chat.events
    assert event.name == "nbagent.notice" and "Retrying" in str(event.attributes)
    assert chat.status.status_code is StatusCode.UNSET


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


@pytest.fixture
def wanted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment asks for content."""
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")
    yield


async def test_content_where_it_is_asked_for(telemetry: Telemetry, wanted: None) -> None:
    """Messages, instructions, arguments and results, as the conventions write them."""
    call = reply_calls(("add", {"a": 1, "b": 2}))
    agent, _ = scripted(call, "Done.", tools=[add], instructions="Be short.")
    telemetry.on(agent)
    await agent.ask("Add.")
    chats = telemetry.spans["chat any"]
    first, last = (dict(chat.attributes or {}) for chat in chats)
    assert json.loads(first["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "Add."}]}
    ]
    assert json.loads(first["gen_ai.system_instructions"])[0]["content"] == "Be short."
    called = {"type": "tool_call", "id": "call_1", "name": "add", "arguments": {"a": 1, "b": 2}}
    assert json.loads(first["gen_ai.output.messages"])[0]["parts"] == [called]
    roles = [message["role"] for message in json.loads(last["gen_ai.input.messages"])]
    assert roles == ["user", "assistant", "tool"]
    attributes = telemetry.spans["execute_tool add"][0].attributes or {}
    assert attributes["gen_ai.tool.call.result"] == "3"
    assert json.loads(str(attributes["gen_ai.tool.call.arguments"])) == {"a": 1, "b": 2}


async def test_removed_and_not_twice(telemetry: Telemetry) -> None:
    """An agent that is traced by itself is not traced among all; after remove there is nothing."""
    agent, _ = scripted("1", "2", "3")
    everyone, alone = telemetry.on(), telemetry.on(agent, name="me")
    await agent.ask("Go.")
    assert {name: len(spans) for name, spans in telemetry.spans.items()} == {
        "invoke_agent me": 1,
        "chat any": 1,
    }
    alone.remove()
    await agent.ask("Go.")
    assert len(telemetry.spans["invoke_agent"]) == 1
    everyone.remove()
    await agent.ask("Go.")
    assert len(telemetry.spans["chat any"]) == 2


def test_only_agents() -> None:
    """Anything else is refused."""
    with pytest.raises(ConfigurationError, match="takes an Agent"):
        instrument("agent")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://api.example.com/v1", {"server.address": "api.example.com", "server.port": 443}),
        ("http://127.0.0.1:8080", {"server.address": "127.0.0.1", "server.port": 8080}),
        ("http://[::1]:9/v1", {"server.address": "::1", "server.port": 9}),
        ("http://host:no/", {}),
        ("nowhere", {}),
        ("", {}),
    ],
)
def test_where_requests_go(url: str, server: dict[str, Any]) -> None:
    """The host and the port of the provider's address, where it has one."""
    assert server_attributes(url) == server


async def test_the_server_is_named(telemetry: Telemetry) -> None:
    """On the spans and the metrics of requests, and on no other."""
    with FakeServer([reply_text("Hi.")]) as server:
        where = {"server.address": "127.0.0.1", "server.port": server.port}
        client = OpenAIChatClient("key", server.url)
        agent = Agent("openai:gpt-4o", executor=Executor({"openai": client}))
        telemetry.on(agent)
        await agent.ask("Go.")
    (chat,) = telemetry.spans["chat gpt-4o"]
    (run,) = telemetry.spans["invoke_agent"]
    (point,) = telemetry.metrics["gen_ai.client.operation.duration"]
    for attributes in (chat.attributes, point.attributes):
        assert {k: v for k, v in (attributes or {}).items() if k.startswith("server.")} == where
    assert not any(name.startswith("server.") for name in run.attributes or {})
