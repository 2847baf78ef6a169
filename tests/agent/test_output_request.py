"""How a typed answer is asked for: which form, what the request carries, how frames are read."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from pydantic import BaseModel

from nbagent import (
    Capability,
    End,
    InvalidRequest,
    Model,
    Output,
    Sections,
    StreamFrame,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
    ToolSpec,
    UnsupportedCapability,
)
from nbagent.agent.output_request import Request, answered

LOOK = ToolSpec("look")
ALL = frozenset(Capability)


class Trip(BaseModel):
    """A trip."""

    city: str


class Asked:
    """Notes each request; refuses the first ones, then answers with frames."""

    def __init__(self, *frames: StreamFrame, refusing: tuple[Exception, ...] = ()) -> None:
        self.requests: list[Request] = []
        self._frames = frames
        self._refusing = list(refusing)

    async def __call__(self, request: Request) -> AsyncGenerator[StreamFrame, None]:
        self.requests.append(request)
        if self._refusing:
            raise self._refusing.pop(0)
        for frame in self._frames:
            yield frame


async def form(model: Model, output: Any = Trip, **request: Any) -> str:
    """The form in which a model is asked."""
    asked = Asked(End("stop"))
    made = Request(**request)
    [_ async for _ in answered(asked, made, Output.of(output), model)]
    sent = asked.requests[0]
    if "output" in sent.params:
        return "native and told" if sent.instructions else "native"
    if len(sent.tools) > len(made.tools):
        return "forced tool" if "tool_choice" in sent.params else "tool"
    return "prompt" if sent.instructions else "nothing"


@pytest.mark.parametrize(
    ("model", "tools", "wanted"),
    [
        (Model("openai", "gpt-5"), (), "native"),
        (Model("openai", "gpt-5"), (LOOK,), "native"),
        (Model("anthropic", "claude-sonnet-4-5"), (LOOK,), "native"),
        (Model("gemini", "gemini-2.5-flash"), (), "native"),
        (Model("gemini", "gemini-2.5-flash"), (LOOK,), "tool"),
        (Model("gemini", "gemini-3-pro-preview"), (LOOK,), "native"),
        (Model("ollama", "qwen3"), (), "native and told"),
        (Model("ollama", "qwen3"), (LOOK,), "tool"),
        (Model("local", "x", frozenset({Capability.STRUCTURED_OUTPUT})), (), "native and told"),
        (Model("any", "x", ALL - {Capability.STRUCTURED_OUTPUT}), (), "forced tool"),
        (Model("any", "x", ALL - {Capability.STRUCTURED_OUTPUT}), (LOOK,), "tool"),
        (Model("any", "x", frozenset()), (), "prompt"),
        (Model("any", "x", frozenset(), tool_calling="prompted"), (), "prompt"),
        (Model("any", "x", frozenset(), tool_calling="prompted"), (LOOK,), "native"),
        (Model("any", "x", ALL, tool_calling="schema"), (LOOK,), "native"),
        (Model("any", "x", ALL, tool_calling="schema"), (), "native and told"),
    ],
)
async def test_the_best_form_that_the_model_can_do(model: Model, tools: Any, wanted: str) -> None:
    """The provider's own constraint, a tool, or words; emulated calling takes it on itself."""
    assert await form(model, tools=tools) == wanted


async def test_a_form_may_be_chosen() -> None:
    """Whatever the model can do."""
    model = Model("openai", "gpt-5")
    assert await form(model, Output(Trip, form="tool"), tools=(LOOK,)) == "tool"
    assert await form(model, Output(Trip, form="prompt")) == "prompt"
    assert await form(model, Output(Trip, form="native"), tools=(LOOK,)) == "native"


async def test_what_is_words_is_told_in_words() -> None:
    """Markdown needs instructions, plain words nothing."""
    model = Model("openai", "gpt-5")
    assert await form(model, Sections("A")) == "prompt"
    assert await form(model, str) == "nothing"


async def test_free_keys_and_reasoning_have_their_own_ways() -> None:
    """A closed constraint would empty a dict; a model that reasons cannot be forced to a call."""
    assert await form(Model("anthropic", "claude-sonnet-4-5"), dict[str, int]) == "forced tool"
    assert await form(Model("ollama", "qwen3"), dict[str, int]) == "native and told"
    plain = Model("any", "x", ALL - {Capability.STRUCTURED_OUTPUT})
    assert await form(plain, params={"reasoning_effort": "low"}) == "tool"


async def test_the_tools_call_comes_out_as_text() -> None:
    """Its deltas and its end; other calls stay calls, and decide how the reply finished."""
    call = [
        ToolCallDelta("1", "final_answer", '{"city":', 1),
        ToolCallDelta("1", "final_answer", '"Rome"}', 1),
    ]
    whole = ToolCallComplete("1", "final_answer", '{"city":"Rome"}', 1)
    other = ToolCallComplete("2", "look", "{}", 2)
    output = Output(Trip, form="tool")
    model = Model("any", "x")
    asked = Asked(*call, whole, End("tool_calls"))
    frames = [frame async for frame in answered(asked, Request((LOOK,)), output, model)]
    assert frames == [
        TextDelta('{"city":', 1),
        TextDelta('"Rome"}', 1),
        TextComplete('{"city":"Rome"}', 1),
        End("stop"),
    ]
    asked = Asked(whole, other, End("tool_calls"))
    frames = [frame async for frame in answered(asked, Request((LOOK,)), output, model)]
    assert frames[:2] == [TextDelta(whole.arguments, 1), TextComplete(whole.arguments, 1)]
    assert frames[2:] == [other, End("tool_calls")]


async def test_a_tool_of_that_name_is_not_covered() -> None:
    """The answer's tool takes another one."""
    asked = Asked(End("stop"))
    request = Request((ToolSpec("final_answer"),))
    [_ async for _ in answered(asked, request, Output(Trip, form="tool"), Model("any", "x"))]
    sent = asked.requests[0]
    assert [spec.name for spec in sent.tools] == ["final_answer", "final_answer_"]
    assert "final_answer_" in sent.instructions


async def test_a_form_that_the_provider_refuses_is_not_asked_for_again() -> None:
    """The next one is taken, with a note; the one after that is asked for at once."""
    refusal = UnsupportedCapability("no", lacking="structured output")
    asked, notes = Asked(End("stop"), refusing=(refusal,)), list[str]()
    output, model = Output(Trip), Model("any", "new")
    for _ in range(2):
        [_ async for _ in answered(asked, Request(), output, model, notes.append)]
    assert ["output" in request.params for request in asked.requests] == [True, False, False]
    assert len(notes) == 1 and "native" in notes[0]


@pytest.mark.parametrize(
    "error", [UnsupportedCapability("no", lacking="images"), InvalidRequest("no", status=400)]
)
async def test_other_refusals_are_errors(error: Exception) -> None:
    """Another form would not help."""
    asked = Asked(End("stop"), refusing=(error,))
    with pytest.raises(type(error)):
        [_ async for _ in answered(asked, Request(), Output(Trip), Model("any", "x"))]
    assert len(asked.requests) == 1


async def test_a_chosen_tool_that_cannot_be_forced_is_offered() -> None:
    """The form stays the one that was chosen; the provider's word for it is remembered."""
    error = UnsupportedCapability("no", lacking="a forced call")
    output = Output(Trip, form="tool")
    asked = Asked(End("stop"), refusing=(error,))
    for _ in range(2):
        [_ async for _ in answered(asked, Request(), output, Model("any", "x"))]
    assert ["tool_choice" in each.params for each in asked.requests] == [True, False, False]
    assert all(len(each.tools) == 1 for each in asked.requests)


async def test_the_last_forms_refusal_is_the_error() -> None:
    """When none is left."""
    errors = tuple(UnsupportedCapability("no", lacking="tools") for _ in range(3))
    asked = Asked(refusing=errors)
    with pytest.raises(UnsupportedCapability):
        [_ async for _ in answered(asked, Request(), Output(Trip), Model("any", "x"))]
    assert len(asked.requests) == 3
