"""Reasoning, tools and images over several turns, over a real socket in each protocol.

What a reply needs back (its thoughts with their signature, its calls, what came of them) is in the
next request, in a form that the provider takes.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pandas as pd
import PIL.Image
import pytest

from nbagent import (
    Agent,
    AnthropicClient,
    End,
    Executor,
    GeminiClient,
    Model,
    OllamaClient,
    OpenAIChatClient,
    OpenAIResponsesClient,
    ReasoningComplete,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from nbagent.testing import FakeServer, Reply
from tests.agent.agents import assert_valid
from tests.judges import (
    judge_anthropic,
    judge_chat,
    judge_gemini,
    judge_ollama,
    judge_responses,
)

SIGNATURE = base64.b64encode(b"signed by the provider").decode()
PROTOCOLS: dict[str, tuple[Any, str, Any]] = {
    "openai": (OpenAIChatClient, "/v1", judge_chat),
    "responses": (OpenAIResponsesClient, "/v1", judge_responses),
    "anthropic": (AnthropicClient, "", judge_anthropic),
    "gemini": (GeminiClient, "", judge_gemini),
    "ollama": (OllamaClient, "", judge_ollama),
}
SIGNING = ("responses", "anthropic", "gemini")


def red() -> PIL.Image.Image:
    """A picture."""
    return PIL.Image.new("RGB", (2, 2), "red")


def draw(color: str) -> PIL.Image.Image:
    """Draws a picture."""
    return PIL.Image.new("RGB", (2, 2), color)


def thought(text: str, *frames: Any, signed: bool) -> Reply:
    """A reply that begins with a thought."""
    sign = [ReasoningComplete(text, 0, "", SIGNATURE)] if signed else []
    return Reply(frames=(ReasoningDelta(text, 0), *sign, *frames))


def replies(signed: bool) -> list[Reply]:
    """Three turns: a picture and a call, a table and two calls, words."""

    def call(number: int, color: str, index: int) -> ToolCallDelta:
        return ToolCallDelta(f"call_{number}", "draw", json.dumps({"color": color}), index)

    def said(text: str) -> tuple[TextDelta, End]:
        return TextDelta(text, 1), End("stop", Usage(20, 5))

    wants = End("tool_calls", Usage(10, 5))
    return [
        thought("A square. ", call(1, "blue", 1), wants, signed=signed),
        thought("Drawn. ", *said("It is red, and here is a blue one."), signed=signed),
        thought("Two. ", call(2, "green", 1), call(3, "white", 2), wants, signed=signed),
        thought("Both. ", *said("Here are two more."), signed=signed),
        thought("Bye. ", *said("You are welcome."), signed=signed),
    ]


@pytest.mark.parametrize("name", PROTOCOLS)
async def test_three_turns(name: str) -> None:
    """Each request is one that the provider accepts, and carries all that came before."""
    kind, path, judge = PROTOCOLS[name]
    signed = name in SIGNING
    with FakeServer(replies(signed)) as server:
        url = server.url.removesuffix("/v1") + path
        client = kind(base_url=url) if kind is OllamaClient else kind("key", url)
        # A name of no family, which takes whatever reasoning there is as its own.
        agent = Agent(Model(name, "any"), tools=[draw], executor=Executor({name: client}))
        first = await agent.ask(["What is this? And draw a blue one.", red()])
        assert first.text == "It is red, and here is a blue one."
        second = await agent.ask(
            ["Two for these colours.", pd.DataFrame({"c": ["green", "white"]})]
        )
        assert [call.state for call in second.calls] == ["done", "done"]
        assert (await agent.ask("Thanks.")).text == "You are welcome."
        await agent.aclose()
    assert_valid(agent.history)
    assert [m.reasoning for m in agent.history if m.role == "assistant"] == [
        "A square. ",
        "Drawn. ",
        "Two. ",
        "Both. ",
        "Bye. ",
    ]
    assert len(server.requests) == 5
    for request in server.requests:
        judge(request.body)
    last = json.dumps(server.requests[-1].body, ensure_ascii=False)
    picture = base64.b64encode(agent.history[0].parts[1].data).decode()  # type: ignore[union-attr, arg-type]  # an image
    images = [image for call in agent.calls for image in call.outcome.images]
    drawn = [base64.b64encode(image.data or b"").decode() for image in images]
    assert len(drawn) == 3
    for image in (picture, *drawn):
        assert image in last
    for words in ("What is this?", "green", "It is red", "Here are two more.", "Thanks."):
        assert words in last
    if signed:
        assert last.count(SIGNATURE) >= 1
        within_turn = json.dumps(server.requests[3].body)
        assert SIGNATURE in within_turn


@pytest.mark.parametrize("name", PROTOCOLS)
async def test_goes_on_elsewhere(name: str) -> None:
    """The same conversation is continued by each of the others, in a form that it takes."""
    with FakeServer(replies(name in SIGNING), always="Gladly.") as server:
        base = server.url.removesuffix("/v1")

        def client(provider: str) -> Any:
            kind, path, _ = PROTOCOLS[provider]
            return kind(base_url=base) if kind is OllamaClient else kind("key", base + path)

        executor = Executor({provider: client(provider) for provider in PROTOCOLS})
        agent = Agent(Model(name, "any"), tools=[draw], executor=executor)
        await agent.ask(["What is this? And draw a blue one.", red()])
        await agent.ask("Two more.")
        await agent.ask("Thanks.")
        for other, (_, _, judge) in PROTOCOLS.items():
            agent.model = Model(other, "another")
            assert (await agent.ask("Go on.")).text == "Gladly."
            judge(server.requests[-1].body)
        await agent.aclose()
    assert_valid(agent.history)
