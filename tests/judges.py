"""Judges of requests: as strict as each provider's API is with a conversation.

Each takes the body that a client's ``encode`` made and fails where the API would answer 400. The
rules are those of the API references and of the errors that people report; the form of each
message is judged by the official SDK's own types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ollama
import pydantic
from anthropic.types import MessageParam
from google.genai import types as google
from openai.types.chat import ChatCompletionMessageParam
from openai.types.responses import ResponseInputItemParam

from nbagent.messages import Message, Prompt, ToolSpec
from nbagent.models import Model
from nbagent.providers import (
    AnthropicClient,
    GeminiClient,
    OllamaClient,
    OpenAIChatClient,
    OpenAIResponsesClient,
)
from nbagent.providers.client import seen_by
from nbagent.providers.params import Params

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
ANTHROPIC_ID = re.compile(r"[a-zA-Z0-9_-]+")
MISTRAL_ID = re.compile(r"[a-zA-Z0-9]{9}")
ADAPTERS = {
    "chat": pydantic.TypeAdapter[Any](ChatCompletionMessageParam),
    "responses": pydantic.TypeAdapter[Any](ResponseInputItemParam),
    "anthropic": pydantic.TypeAdapter[Any](MessageParam),
}
CLIENTS: dict[str, tuple[Any, str]] = {
    "openai_chat": (OpenAIChatClient("k"), "gpt-6"),
    "mistral": (OpenAIChatClient("k", "https://api.mistral.ai/v1"), "mistral-large"),
    "deepseek": (OpenAIChatClient("k", "https://api.deepseek.com"), "deepseek-chat"),
    "openrouter": (OpenAIChatClient("k", "https://openrouter.ai/api/v1"), "x/y"),
    "openai_responses": (OpenAIResponsesClient("k"), "gpt-6"),
    "open_responses": (OpenAIResponsesClient("k", "http://localhost/v1"), "qwen"),
    "anthropic": (AnthropicClient("k"), "claude-sonnet-4-5"),
    "gemini": (GeminiClient("k"), "gemini-2.5-flash"),
    "gemini_3": (GeminiClient("k"), "gemini-3-pro"),
    "ollama": (OllamaClient("k"), "qwen3"),
}


def judge(name: str, messages: Iterable[Message], tools: Iterable[ToolSpec] = ()) -> dict[str, Any]:
    """Encodes a conversation for a provider and judges the request; gives it."""
    client, model = CLIENTS[name]
    prompt = seen_by(Model("p", model), Prompt(tuple(messages)))
    body: dict[str, Any] = client.encode(prompt, model=model, tools=tools, params=Params())
    json.dumps(body).encode()
    JUDGES[name](body)
    return body


def judge_all(messages: Iterable[Message], tools: Iterable[ToolSpec] = ()) -> None:
    """A conversation that every provider accepts."""
    messages = tuple(messages)
    for name in CLIENTS:
        judge(name, messages, tools)


def _whole(value: Any) -> Any:
    """Pydantic looks into an ``Iterable`` only while somebody reads it."""
    if isinstance(value, Mapping):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, Iterator)) or hasattr(value, "__next__"):
        return [_whole(item) for item in value]
    return value


def _typed(kind: str, value: Any) -> None:
    _whole(ADAPTERS[kind].validate_python(value))


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def judge_chat(body: dict[str, Any], *, mistral: bool = False) -> None:
    """OpenAI's chat completions."""
    waiting: list[str] = []
    before = ""
    assert body["messages"], "no messages"
    for message in body["messages"]:
        if not mistral:
            # What others add to a message is theirs.
            own = {k: v for k, v in message.items() if not k.startswith("reasoning")}
            _typed("chat", own)
        role = message["role"]
        if role == "tool":
            waiting.remove(message["tool_call_id"])
            assert isinstance(message["content"], str)
        else:
            assert not waiting, f"no result for {waiting} before {message}"
        if role == "user":
            assert message["content"], "a user's message without content"
            assert not (mistral and before == "tool"), "user after tool"
        if role == "assistant":
            calls = message.get("tool_calls") or []
            assert calls or message["content"], "an assistant's message that says nothing"
            waiting = [call["id"] for call in calls]
            assert len(set(waiting)) == len(waiting)
            for call in calls:
                _judge_call(call["id"], call["function"]["name"], 40)
                assert isinstance(json.loads(call["function"]["arguments"]), dict)
                assert not mistral or MISTRAL_ID.fullmatch(call["id"])
        before = role
    assert not waiting


def _judge_call(identity: str, name: str, limit: int) -> None:
    assert 0 < len(identity) <= limit, identity
    assert NAME.fullmatch(name), name


def judge_responses(body: dict[str, Any]) -> None:
    """OpenAI's responses."""
    called: set[str] = set()
    waiting: set[str] = set()
    thoughts = [item["id"] for item in body["input"] if item["type"] == "reasoning"]
    assert len(set(thoughts)) == len(thoughts), "the same thought twice"
    items = body["input"]
    assert items, "no input"
    for item, following in zip(items, [*items[1:], {}], strict=True):
        _typed("responses", item)
        kind = item["type"]
        if kind == "message":
            assert item["content"], "a message without content"
            if item["role"] == "user" and not isinstance(item["content"], str):
                assert all(p["type"] != "input_text" or p["text"] for p in item["content"])
        elif kind == "reasoning":
            own = following.get("type") in ("reasoning", "function_call")
            said = following.get("type") == "message" and following.get("role") == "assistant"
            assert own or said, "reasoning without its following item"
            assert item["id"]
        elif kind == "function_call":
            assert item["call_id"] not in called, "the same call twice"
            _judge_call(item["call_id"], item["name"], 64)
            assert isinstance(json.loads(item["arguments"]), dict)
            called.add(item["call_id"])
            waiting.add(item["call_id"])
        elif kind == "function_call_output":
            waiting.remove(item["call_id"])
        if kind == "message" and item["role"] == "user":
            assert not waiting, f"no output of {waiting}"
    assert not waiting, f"no output of {waiting}"


def judge_anthropic(body: dict[str, Any]) -> None:
    """Anthropic's messages."""
    messages = body["messages"]
    assert messages and messages[0]["role"] == "user", "the first message is not the user's"
    assert "system" not in body or body["system"]
    ids: list[str] = []
    waiting: list[str] = []
    for number, message in enumerate(messages):
        _typed("anthropic", message)
        expected = "user" if number % 2 == 0 else "assistant"
        assert message["role"] == expected, "roles do not take turns"
        content = message["content"]
        assert content, "an empty message"
        results = [block["tool_use_id"] for block in content if block["type"] == "tool_result"]
        kinds = [block["type"] for block in content]
        assert kinds[: len(results)] == ["tool_result"] * len(results), "results come first"
        assert sorted(results) == sorted(waiting), f"{results} are not the results of {waiting}"
        waiting = [block["id"] for block in content if block["type"] == "tool_use"]
        ids += waiting
        for block in content:
            _judge_block(block)
        assert kinds[-1] not in ("thinking", "redacted_thinking"), "a turn ends in a thought"
    assert not waiting
    assert len(set(ids)) == len(ids), "an id twice"


def _judge_block(block: dict[str, Any]) -> None:
    kind = block["type"]
    if kind == "text":
        assert block["text"].strip(), "a blank text"
    elif kind == "tool_use":
        assert ANTHROPIC_ID.fullmatch(block["id"])
        assert NAME.fullmatch(block["name"])
        assert isinstance(block["input"], dict)
    elif kind == "thinking":
        assert _text(block["signature"])
    elif kind == "tool_result":
        assert "content" not in block or block["content"]


def judge_gemini(body: dict[str, Any], *, newer: bool = False) -> None:
    """Google's Gemini."""
    contents = body["contents"]
    assert contents and contents[0]["role"] == "user", "the first content is not the user's"
    before: dict[str, Any] = {}
    for content in contents:
        google.Content.model_validate(content)
        parts = content["parts"]
        assert parts, "a content without parts"
        calls = [part["functionCall"] for part in parts if "functionCall" in part]
        results = [part["functionResponse"] for part in parts if "functionResponse" in part]
        asked = [p["functionCall"] for p in before.get("parts", ()) if "functionCall" in p]
        names = sorted(call["name"] for call in asked)
        assert sorted(result["name"] for result in results) == names, "responses do not pair"
        assert [call.get("id") for call in asked] == [result.get("id") for result in results]
        if calls:
            assert before["role"] == "user", "a call has to follow the user's turn or a response"
            signed = any("thoughtSignature" in p for p in parts if "functionCall" in p)
            assert signed or not newer
        for part in parts:
            assert part.get("text", "x") or "thoughtSignature" in part, "an empty part"
            assert NAME.fullmatch(part.get("functionCall", {"name": "x"})["name"])
        before = content
    assert not any("functionCall" in part for part in before["parts"])


def judge_ollama(body: dict[str, Any]) -> None:
    """Ollama's chat."""
    waiting: list[str] = []
    assert body["messages"]
    for message in body["messages"]:
        images = [ollama.Image(value=image) for image in message.get("images", ())]
        ollama.Message.model_validate({**message, "images": images})
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])
            continue
        assert not waiting
        said = message.get("content") or message.get("images") or message.get("thinking")
        assert said or message.get("tool_calls"), "a message that says nothing"
        waiting = [call["id"] for call in message.get("tool_calls", ())]
        assert len(set(waiting)) == len(waiting)
        for call in message.get("tool_calls", ()):
            assert call["id"] and NAME.fullmatch(call["function"]["name"])
            assert isinstance(call["function"]["arguments"], dict)
    assert not waiting


JUDGES: dict[str, Any] = {
    "openai_chat": judge_chat,
    "mistral": lambda body: judge_chat(body, mistral=True),
    "deepseek": judge_chat,
    "openrouter": judge_chat,
    "openai_responses": judge_responses,
    "open_responses": judge_responses,
    "anthropic": judge_anthropic,
    "gemini": judge_gemini,
    "gemini_3": lambda body: judge_gemini(body, newer=True),
    "ollama": judge_ollama,
}
