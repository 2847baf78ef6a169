"""Typed answers over a real socket in each protocol: what is asked for, and what comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from nbagent import (
    Agent,
    AnthropicClient,
    Executor,
    GeminiClient,
    OllamaClient,
    OpenAIChatClient,
    OpenAIResponsesClient,
    Output,
    OutputElement,
    PartialOutput,
    TextDelta,
)
from nbagent.testing import FakeServer, reply_calls, reply_text
from tests.agent.agents import add, assert_valid
from tests.judges import (
    judge_anthropic,
    judge_chat,
    judge_gemini,
    judge_ollama,
    judge_responses,
)

PROTOCOLS: dict[str, tuple[Any, str, Any]] = {
    "openai": (OpenAIChatClient, "/v1", judge_chat),
    "responses": (OpenAIResponsesClient, "/v1", judge_responses),
    "anthropic": (AnthropicClient, "", judge_anthropic),
    "gemini": (GeminiClient, "", judge_gemini),
    "ollama": (OllamaClient, "", judge_ollama),
}
GOOD = '{"city": "Rome", "nights": null}'
BAD = '{"city": 3, "nights": null}'


class Trip(BaseModel):
    """A trip."""

    city: str
    nights: int = 1


def schema_in(name: str, body: dict[str, Any]) -> Any:
    """Where each protocol has the schema of the answer; None if it is not in the request."""
    if name == "openai":
        form = body.get("response_format", {}).get("json_schema", {"strict": True})
        assert form["strict"] is True
        return form.get("schema")
    if name == "responses":
        form = body.get("text", {}).get("format", {"strict": True})
        assert form["strict"] is True
        return form.get("schema")
    if name == "anthropic":
        return body.get("output_config", {}).get("format", {}).get("schema")
    if name == "gemini":
        return body.get("generationConfig", {}).get("responseJsonSchema")
    return body.get("format")


@pytest.mark.parametrize("name", PROTOCOLS)
async def test_held_to_a_strict_schema_and_repaired(name: str) -> None:
    """All fields are required, no others allowed; each request is one that the provider takes."""
    client, path, judge = PROTOCOLS[name]
    with FakeServer([reply_text(text, pieces=9) for text in (BAD, GOOD, "Bye.")]) as server:
        executor = Executor({name: client("key", base_url=server.url.removesuffix("/v1") + path)})
        agent = Agent(f"{name}:any", executor=executor, output=Trip)
        items = [item async for item in agent.stream("Where to?")]
        assert items[-1].reply.output == Trip(city="Rome")
        await agent.ask("Thanks.", output=str)
        await executor.aclose()
    assert any(isinstance(item, PartialOutput) for item in items)
    assert_valid(agent.history)
    for request in server.requests:
        judge(request.body)
    bodies = [request.body for request in server.requests]
    for body in bodies[:2]:
        schema = schema_in(name, body)
        assert set(schema["required"]) == {"city", "nights"}
        assert schema["additionalProperties"] is False
    assert schema_in(name, bodies[2]) is None
    assert BAD not in json.dumps(bodies[2])


@pytest.mark.parametrize("form", ["native", "tool", "prompt"])
@pytest.mark.parametrize("name", PROTOCOLS)
async def test_with_tools_in_every_form(name: str, form: str) -> None:
    """A call, its result and the answer; the value is the same whatever the provider can do."""
    client, path, judge = PROTOCOLS[name]
    last = reply_calls(("final_answer", GOOD)) if form == "tool" else reply_text(GOOD)
    with FakeServer([reply_calls(("add", {"a": 1, "b": 2})), last]) as server:
        executor = Executor({name: client("key", base_url=server.url.removesuffix("/v1") + path)})
        output = Output(Trip, form=form)  # type: ignore[arg-type]  # one of the three
        agent = Agent(f"{name}:any", executor=executor, tools=[add], output=output)
        assert (await agent.ask("Where to?")).output == Trip(city="Rome")
        await executor.aclose()
    for request in server.requests:
        judge(request.body)
    assert [call.name for call in agent.calls] == ["add"]
    assert json.loads(agent.history[-1].text) == json.loads(GOOD)


@pytest.mark.parametrize("form", ["native", "tool", "prompt"])
@pytest.mark.parametrize("name", PROTOCOLS)
async def test_a_list_streams_in_every_form(name: str, form: str) -> None:
    """Each element is handed over before the next one is whole, as a value of its type."""
    client, path, _ = PROTOCOLS[name]
    trips = [{"city": f"City {number}", "nights": number} for number in range(1, 5)]
    told = {"value": trips}
    text = f"Sure:\n```json\n{json.dumps(trips)}\n```" if form == "prompt" else json.dumps(told)
    calling = reply_calls(("final_answer", told), pieces=20)
    last = calling if form == "tool" else reply_text(text, pieces=20)
    with FakeServer([last]) as server:
        executor = Executor({name: client("key", base_url=server.url.removesuffix("/v1") + path)})
        output = Output(list[Trip], form=form)  # type: ignore[arg-type]  # one of the three
        agent = Agent(f"{name}:any", executor=executor)
        items = [item async for item in agent.stream("Where to?", output=output)]
        await executor.aclose()
    elements = [item for item in items if isinstance(item, OutputElement)]
    assert [each.value for each in elements] == [Trip.model_validate(trip) for trip in trips]
    assert items[-1].reply.output == [each.value for each in elements]
    whole_calls = name in ("gemini", "ollama") and form == "tool"  # which come in one piece
    between = items[items.index(elements[0]) : items.index(elements[-1])]
    assert whole_calls or any(isinstance(item, TextDelta) for item in between)
