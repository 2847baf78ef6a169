"""Spans and metrics of a run, its steps and calls; failures, stops, content; what is left out."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from nbagent import (
    Agent,
    ConfigurationError,
    Executor,
    Overloaded,
    RunCancelled,
    Usage,
)
from nbagent.otel import instrument
from nbagent.otel.attributes import server_attributes
from nbagent.providers import OpenAIChatClient
from nbagent.testing import FakeServer, Gate, Reply, ScriptedClient, reply_calls, reply_text
from tests.otel.telemetry import Telemetry, own, parent

from ..agent.agents import add, collected, quick, scripted, until

TWO = reply_calls(("add", {"a": 1, "b": 2}), ("add", {"a": 3, "b": 4}), text="So:")


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
