"""The official SDKs as judges: what they read from the fake server's bytes is what we read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from google import genai
from google.genai import types
from ollama import AsyncClient as AsyncOllama
from openai import AsyncOpenAI

from nbagent.executor import Executor
from nbagent.frames import End, ReasoningDelta, StreamFrame, TextDelta, ToolCallDelta
from nbagent.messages import Message, Usage
from nbagent.providers import (
    AnthropicClient,
    GeminiClient,
    OllamaClient,
    OpenAIChatClient,
    OpenAIResponsesClient,
)
from nbagent.testing import FakeServer, Reply

# The words, the thoughts, the calls by name and arguments, input and output tokens.
Read = tuple[str, str, list[tuple[str, Any]], tuple[int, int]]


def call(number: int, name: str, *pieces: str) -> list[StreamFrame]:
    """A call whose arguments come in these pieces."""
    return [ToolCallDelta(f"call_{number}", name, piece, number) for piece in ("", *pieces)]


WORDS = [TextDelta(word, 0) for word in ("Grüße ", "😀\u00a0", '"', "\\ \n", "mpg: 23.4")]
USAGE = Usage(11, 22)
SCRIPTS: dict[str, list[StreamFrame]] = {
    "words": [*WORDS, End("stop", USAGE)],
    "one word": [TextDelta("Hi", 0), End("stop", USAGE)],
    "a thought": [
        ReasoningDelta("Let me ", 0),
        ReasoningDelta("see.", 0),
        *WORDS,
        End("stop", USAGE),
    ],
    "a call": [*call(0, "f", '{"x"', ': "é', '\\"}"}'), End("tool_calls", USAGE)],
    "words and calls": [
        *WORDS,
        *call(1, "f", '{"x": [1, ', "2]}"),
        *call(2, "f", '{"x": [3]}'),
        *call(3, "g", "{}"),
        End("tool_calls", USAGE),
    ],
    "cut by the limit": [*WORDS, End("length", USAGE)],
}


async def chat(url: str) -> Read:
    """OpenAI's SDK, chat completions. It knows no thoughts, so they are read from its extras."""
    thought = ""
    messages: Any = [{"role": "user", "content": "?"}]
    async with AsyncOpenAI(api_key="k", base_url=f"{url}/v1") as sdk:
        options: Any = {"include_usage": True}
        async with sdk.chat.completions.stream(
            model="m", messages=messages, stream_options=options
        ) as stream:
            async for event in stream:
                if event.type == "chunk" and event.chunk.choices:
                    thought += getattr(event.chunk.choices[0].delta, "reasoning_content", "") or ""
            final = stream.current_completion_snapshot
    message, usage = final.choices[0].message, final.usage
    calls = [(c.function.name, json.loads(c.function.arguments)) for c in message.tool_calls or ()]
    counts = usage.prompt_tokens, usage.completion_tokens
    return message.content or "", thought, calls, counts


async def responses(url: str) -> Read:
    """OpenAI's SDK, responses."""
    async with (
        AsyncOpenAI(api_key="k", base_url=f"{url}/v1") as sdk,
        await sdk.responses.create(model="m", input="?", stream=True) as stream,
    ):
        async for event in stream:
            if event.type in ("response.completed", "response.incomplete"):
                final = event.response
    calls = [(i.name, json.loads(i.arguments)) for i in final.output if i.type == "function_call"]
    thoughts = [i for i in final.output if i.type == "reasoning"]
    thought = "".join(
        part.text for item in thoughts for part in (*item.summary, *(item.content or ()))
    )
    return final.output_text, thought, calls, (final.usage.input_tokens, final.usage.output_tokens)


async def anthropic(url: str) -> Read:
    """Anthropic's SDK."""
    messages: Any = [{"role": "user", "content": "?"}]
    async with (
        AsyncAnthropic(api_key="k", base_url=url) as sdk,
        sdk.messages.stream(model="m", max_tokens=9, messages=messages) as stream,
    ):
        final = await stream.get_final_message()
    words = "".join(block.text for block in final.content if block.type == "text")
    thought = "".join(block.thinking for block in final.content if block.type == "thinking")
    calls = [(block.name, block.input) for block in final.content if block.type == "tool_use"]
    return words, thought, calls, (final.usage.input_tokens, final.usage.output_tokens)


async def gemini(url: str) -> Read:
    """Google's SDK."""
    sdk = genai.Client(api_key="k", http_options=types.HttpOptions(base_url=url))
    words, thought, calls, counts = "", "", [], (0, 0)
    async for chunk in await sdk.aio.models.generate_content_stream(model="m", contents="?"):
        for part in (chunk.candidates[0].content.parts if chunk.candidates else None) or ():
            if part.function_call:
                calls.append((part.function_call.name, part.function_call.args))
            elif part.thought:
                thought += part.text or ""
            else:
                words += part.text or ""
        if usage := chunk.usage_metadata:
            written = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
            counts = usage.prompt_token_count or 0, written
    await sdk.aio.aclose()
    return words, thought, calls, counts


async def ollama(url: str) -> Read:
    """Ollama's SDK."""
    words, thought, calls, counts = "", "", [], (0, 0)
    stream: AsyncIterator[Any] = await AsyncOllama(url).chat("m", [], stream=True)
    async for chunk in stream:
        words += chunk.message.content or ""
        thought += chunk.message.thinking or ""
        calls += [(c.function.name, c.function.arguments) for c in chunk.message.tool_calls or ()]
        if chunk.done:
            counts = chunk.prompt_eval_count, chunk.eval_count
    return words, thought, calls, counts


JUDGES = {
    "openai_chat": (OpenAIChatClient, "/v1", chat),
    "openai_responses": (OpenAIResponsesClient, "/v1", responses),
    "anthropic": (AnthropicClient, "", anthropic),
    "gemini": (GeminiClient, "", gemini),
    "ollama": (OllamaClient, "", ollama),
}


def read(message: Message) -> Read:
    """What our client read."""
    calls = [(call.name, json.loads(call.arguments)) for call in message.tool_calls]
    counts = message.usage.input_tokens, message.usage.output_tokens
    return message.text, message.reasoning, calls, counts


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("name", JUDGES)
async def test_the_sdk_reads_what_we_read(name, script):
    """Words, thoughts, calls and usage are the same, whole and cut at every byte."""
    kind, suffix, judge = JUDGES[name]
    reply = Reply(frames=SCRIPTS[script])
    with FakeServer([reply, reply, reply.with_options(cut="every byte")]) as server:
        url = server.url.removesuffix("/v1")
        judged = await judge(url)
        client = kind("k", url + suffix)
        for _ in range(2):
            ours = await Executor({"p": client}).execute("?", model="p:m")
            assert read(ours) == judged
        await client.aclose()
    end = SCRIPTS[script][-1]
    assert isinstance(end, End) and ours.finish_reason == end.finish_reason
    assert judged[0] == "".join(f.text for f in SCRIPTS[script] if isinstance(f, TextDelta))
    assert judged[3] == (11, 22)
