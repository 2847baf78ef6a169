"""A call made again, on a real socket for every provider: the request that goes on from it.

The provider reads the very message that it wrote, signed reasoning and ids included, and beside
the results that were there the new one in place of the old.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from nbagent import Agent, Executor
from nbagent.frames import End, ReasoningComplete, ReasoningDelta, TextDelta, ToolCallDelta
from nbagent.providers import (
    AnthropicClient,
    GeminiClient,
    OllamaClient,
    OpenAIChatClient,
    OpenAIResponsesClient,
)
from nbagent.testing import FakeServer, Reply
from tests.agent.agents import add
from tests.judges import JUDGES, judge_all

PROVIDERS: dict[str, tuple[Any, str, str, str]] = {
    "openai_chat": (OpenAIChatClient, "gpt-6", "", "messages"),
    "openai_responses": (OpenAIResponsesClient, "gpt-6", "", "input"),
    "anthropic": (AnthropicClient, "claude-sonnet-4-5", "/v1", "messages"),
    "gemini": (GeminiClient, "gemini-2.5-flash", "/v1", "contents"),
    "gemini_3": (GeminiClient, "gemini-3-pro", "/v1", "contents"),
    "ollama": (OllamaClient, "qwen3", "/v1", "messages"),
}
PROOF = "cHJvb2Y="


def asked(*keys: str) -> Reply:
    """Signed reasoning, words, and calls side by side."""
    calls = [
        ToolCallDelta(f"toolu_{key}", "look", json.dumps({"key": key}), 2 + place)
        for place, key in enumerate(keys)
    ]
    thought = (ReasoningDelta("Hm.", 0), ReasoningComplete("Hm.", 0, signature=PROOF))
    return Reply([*thought, TextDelta("I look.", 1), *calls, End("tool_calls")])


@pytest.mark.parametrize("name", PROVIDERS)
async def test_the_provider_reads_its_own_message_and_the_new_result(name: str) -> None:
    """All but the result is byte for byte what it was; retried once more, it still is."""
    kind, model, suffix, key = PROVIDERS[name]
    has = {"a": 1, "c": 3}

    def look(key: str) -> int:
        """Looks something up."""
        return has[key]

    replies = (asked("a", "b", "c"), "No b.", "Still no b.", "It is 2.")
    with FakeServer(replies) as server:
        client = kind("k", server.url.removesuffix(suffix))
        agent = Agent(f"p:{model}", executor=Executor({"p": client}), tools=[look, add])
        await agent.ask("What is b?")
        failed = (await agent.call_again(agent.calls[1])).calls[-1]
        assert failed.state == "failed"
        has["b"] = 2
        await agent.call_again(failed)
        bodies = [request.body for request in server.requests]
    judge_all(agent.history)
    first, again, last = (turns_of(body, key) for body in bodies[1:])
    assert again == first  # it failed in the same way
    kept, results = apart(first)
    kept_now, results_now = apart(last)
    assert kept_now == kept
    assert PROOF in json.dumps(kept_now) or name in ("openai_chat", "ollama")
    assert len(results) == len(results_now) == 3
    assert list(map(names, results_now)) == list(map(names, results))
    changed = [now for was, now in zip(results, results_now, strict=True) if was != now]
    assert len(changed) == 1
    assert "2" in json.dumps(changed)
    assert "KeyError" not in json.dumps(last)
    JUDGES[name](bodies[-1])


def turns_of(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The conversation in a request."""
    turns: list[dict[str, Any]] = body[key]
    return turns


def apart(turns: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The turns without the results of calls, and these."""
    kept: list[Any] = []
    results: list[Any] = []
    for turn in turns:
        inside = turn.get("content", turn.get("parts"))
        blocks = inside if isinstance(inside, list) else []
        found = [block for block in (turn, *blocks) if is_result(block)]
        results += found
        kept += [] if found else [turn]
    return kept, results


def is_result(block: dict[str, Any]) -> bool:
    """Whether it is what came of a call."""
    kinds = ("tool_result", "function_call_output")
    told = block.get("role") == "tool" or block.get("type") in kinds
    return told or "functionResponse" in block


def names(result: dict[str, Any]) -> Any:
    """Which call a result is of."""
    inner = result.get("functionResponse", result)
    return [inner.get(each) for each in ("tool_call_id", "tool_use_id", "call_id", "id", "name")]
