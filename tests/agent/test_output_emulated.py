"""Typed answers of models whose tool calling is emulated: over a socket, streamed, repaired."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import BaseModel

from nbagent import (
    Agent,
    Executor,
    Model,
    OpenAIChatClient,
    OutputElement,
    OutputInvalid,
    PartialOutput,
    Sections,
    ToolFinished,
)
from nbagent.testing import FakeServer, Reply, reply_text
from tests.agent.agents import add, assert_valid
from tests.judges import judge_chat

FORMS = ["schema", "prompted"]
CALL = {
    "schema": '{"tool": "add", "arguments": {"a": 1, "b": 2}}',
    "prompted": 'So:\n<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}</tool_call>',
}


class Stop(BaseModel):
    """A stop on the way."""

    city: str
    nights: int = 1


def answer(form: str, value: Any) -> str:
    """A final answer as a model of that form writes it."""
    if form == "schema":
        return json.dumps({"reply": value})
    return f"Here you are:\n```json\n{json.dumps(value)}\n```"


async def items_of(form: str, texts: Sequence[str | Reply], **options: Any) -> tuple[Any, Agent]:
    """What a question gives with these replies of the model, and the agent."""
    model = Model("openai", "any", tool_calling=form)  # type: ignore[arg-type]  # one of the two
    replies = [reply_text(text, pieces=150) if isinstance(text, str) else text for text in texts]
    with FakeServer(replies) as server:
        executor = Executor({"openai": OpenAIChatClient("key", base_url=server.url)})
        agent = Agent(model, executor=executor, tools=[add], **options)
        items = [item async for item in agent.stream("Where to?")]
        await executor.aclose()
    for request in server.requests:
        judge_chat(request.body)
    assert_valid(agent.history)
    return items, agent


@pytest.mark.parametrize("form", FORMS)
async def test_a_list_comes_element_by_element(form: str) -> None:
    """After a call, each element comes while the next ones still stream; texts grow before."""
    stops = [
        {"city": "Reggio di Calabria", "nights": 3},
        *({"city": f"{n}. stop"} for n in range(1, 60)),
    ]
    value = {"value": stops}
    items, agent = await items_of(form, [CALL[form], answer(form, value)], output=list[Stop])
    elements = [item for item in items if isinstance(item, OutputElement)]
    partial = [item.value for item in items if isinstance(item, PartialOutput)]
    assert [each.value for each in elements] == [Stop.model_validate(stop) for stop in stops]
    assert [each.index for each in elements] == list(range(60))
    assert items[-1].reply.output == [each.value for each in elements]
    first, last = items.index(elements[0]), items.index(elements[-1])
    assert any(isinstance(item, PartialOutput) for item in items[first + 1 : last])
    assert all(type(each) is Stop for value in partial for each in value)
    if form == "schema":  # elsewhere an object may be a call, and is read once that is clear
        growing = [value[0].city for value in partial if len(value) == 1 and value[0].city]
        assert growing[0] != growing[-1] == "Reggio di Calabria"
    assert [item.state for item in items if isinstance(item, ToolFinished)] == ["done"]
    assert [call.name for call in agent.calls] == ["add"]


@pytest.mark.parametrize("form", FORMS)
async def test_what_is_wrong_goes_back_and_only_so_often(form: str) -> None:
    """The mistake is named, the rejected answer forgotten; at the limit it is an error."""
    bad, good = answer(form, {"city": 3}), answer(form, {"city": "Rome", "nights": 2})
    items, agent = await items_of(form, [bad, good], output=Stop)
    assert items[-1].reply.output == Stop(city="Rome", nights=2)
    assert len(agent.history) == 2
    items, _ = await items_of(form, [bad, bad], output=Stop, output_retries=1)
    assert isinstance(items[-1].error, OutputInvalid)
    assert "city" in items[-1].error.errors[0]


@pytest.mark.parametrize("form", FORMS)
async def test_sections_beside_tools(form: str) -> None:
    """Markdown by sections is handed over the same way, after a call."""
    text = "## Route\nRome, Bari.\n\n## Cost\n```\n## no heading\n```\n"
    told = json.dumps({"reply": text}) if form == "schema" else text
    items, _ = await items_of(form, [CALL[form], told], output=Sections("Route", "Cost"))
    elements = [item.value.title for item in items if isinstance(item, OutputElement)]
    assert elements == ["Route", "Cost"]
    assert [section.title for section in items[-1].reply.output] == ["Route", "Cost"]
