"""AnthropicClient over a real socket, with the official SDK beside it."""

import json
from typing import Any

import anthropic
import pydantic
import pytest
from anthropic.types.message_create_params import MessageCreateParamsStreaming

from nbagent.errors import (
    AuthenticationError,
    ContextWindowExceeded,
    InvalidRequest,
    Overloaded,
    RateLimited,
    ServerError,
    StreamError,
    StreamTruncated,
    UnsupportedCapability,
)
from nbagent.frames import End, ReasoningComplete, ReasoningDelta, TextDelta
from nbagent.message_builder import MessageBuilder
from nbagent.messages import Message, Prompt, ReasoningPart, ToolSpec, Usage
from nbagent.models import Model
from nbagent.providers.anthropic import AnthropicClient
from nbagent.providers.params import Params
from nbagent.testing import FakeServer, Reply, reply_bytes, reply_calls, reply_json, reply_text
from tests.providers.recorded import names, recorded
from tests.providers.test_anthropic_messages import drained

JUDGE = pydantic.TypeAdapter(MessageCreateParamsStreaming)
NAME = "claude-haiku-4-5"
ADD = ToolSpec("add", "Adds.", {"type": "object", "properties": {"x": {"type": "integer"}}})
CLIENT = AnthropicClient("key")


def client_of(server: FakeServer) -> AnthropicClient:
    """A client of the fake server; Anthropic's base URL has no version."""
    return AnthropicClient("test-key", server.url.removesuffix("/v1"))


async def streamed(server: FakeServer, **options: Any) -> list:
    """The frames of the server's next reply."""
    given = {"model": NAME, **options}
    return [frame async for frame in client_of(server).stream("Hi", **given)]


async def message_of(server: FakeServer, **options: Any) -> Message:
    """The server's next reply as a message."""
    builder = MessageBuilder()
    for frame in await streamed(server, **options):
        builder.feed(frame)
    return builder.message


def encoded(model: str = NAME, tools: Any = (), prompt: Any = "Hi", **params: Any) -> dict:
    """A request's body, after the SDK's types have found nothing wrong or unknown in it."""
    body = CLIENT.encode(Prompt.of(prompt), model=model, tools=tools, params=Params.of(params))
    judged = {name: value for name, value in body.items() if name != "temperature"}
    assert drained(JUDGE.validate_python(judged)) == judged
    return body


def sdk_message(server: FakeServer) -> Any:
    """What the official SDK makes of the server's next reply."""
    sdk = anthropic.Anthropic(api_key="k", base_url=server.url.removesuffix("/v1"), max_retries=0)
    question: Any = [{"role": "user", "content": "Hi"}]
    with sdk.messages.stream(model=NAME, max_tokens=9, messages=question) as stream:
        return stream.get_final_message()


async def test_the_request_that_goes_out():
    """Path, version, key and body are what the API asks for; the key is in its header alone."""
    with FakeServer(["Hello"]) as server:
        frames = await streamed(server, temperature=0, stop="END", seed=7)
    [request] = server.requests
    assert request.path == "/v1/messages"
    assert request.headers["x-api-key"] == "test-key"
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert request.body == {
        "model": NAME,
        "max_tokens": 32_000,
        "stream": True,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "temperature": 0,
        "stop_sequences": ["END"],
        "seed": 7,
    }
    assert frames[0] == TextDelta("Hello", 0)


def test_settings_come_from_the_environment(monkeypatch):
    """Key and address have the variables of Anthropic's SDK."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9/")
    assert AnthropicClient.configured()
    assert AnthropicClient().base_url == "http://127.0.0.1:9"
    assert CLIENT.base_url == "https://api.anthropic.com"


def test_a_seed_is_refused_for_anthropic_itself():
    """Anthropic has none, and says so before anything is sent; other servers get it."""
    with pytest.raises(UnsupportedCapability, match="Anthropic has no seed=7"):
        encoded(seed=7)
    client = AnthropicClient("key", "http://localhost:1")
    body = client.encode(Prompt.of("hi"), model="m", params=Params.of({"seed": 7}))
    assert body["seed"] == 7


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("claude-3-5-haiku-20241022", 8_192),
        ("claude-opus-4-20250514", 32_000),
        ("claude-sonnet-5-5", 32_000),
        ("qwen2.5-coder", 8_192),
    ],
)
def test_max_tokens_has_a_default(model, expected):
    """The API wants a limit: what every model of that generation can write."""
    assert encoded(model)["max_tokens"] == expected
    assert encoded(model, max_tokens=5)["max_tokens"] == 5


async def test_a_model_that_knows_its_longest_reply_may_write_it():
    """A Model's max_output_tokens is the default limit; the caller's own still counts."""
    with FakeServer(always="Hi") as server:
        model = Model("anthropic", NAME, max_output_tokens=64_000)
        await streamed(server, model=model)
        await streamed(server, model=model, max_tokens=9)
    assert [request.body["max_tokens"] for request in server.requests] == [64_000, 9]


def test_tools_and_the_choice_between_them():
    """Specs, each choice, and the switch for parallel calls have Anthropic's names."""
    body = encoded(tools=[ADD, ToolSpec("now", strict=True)])
    assert body["tools"] == [
        {"name": "add", "description": "Adds.", "input_schema": ADD.parameters},
        {
            "name": "now",
            "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
            "strict": True,
        },
    ]
    assert "tool_choice" not in body

    def choice(**params: Any) -> Any:
        return encoded(tools=[ADD], **params).get("tool_choice")

    assert choice(tool_choice="auto") == {"type": "auto"}
    assert choice(tool_choice="required") == {"type": "any"}
    assert choice(tool_choice="none", parallel_tool_calls=False) == {"type": "none"}
    assert choice(tool_choice="add") == {"type": "tool", "name": "add"}
    single = {"disable_parallel_tool_use": True}
    assert choice(parallel_tool_calls=False) == {"type": "auto", **single}
    assert choice(tool_choice="add", parallel_tool_calls=False) == {
        "type": "tool",
        "name": "add",
        **single,
    }
    assert "tool_choice" not in encoded(tool_choice="required")


def test_a_strict_tools_schema_is_one_that_the_api_takes():
    """Bounds, which it refuses where it constrains, are told in words."""
    bounded = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
    (tool,) = encoded(tools=[ToolSpec("f", parameters=bounded, strict=True)])["tools"]
    asked = {"type": "integer", "description": "{minimum: 1}"}
    assert tool["input_schema"]["properties"] == {"n": asked}
    (loose,) = encoded(tools=[ToolSpec("f", parameters=bounded)])["tools"]
    assert loose["input_schema"] == bounded


def test_effort_in_the_form_of_the_models_generation():
    """Newer models get an effort and are asked to show the thought, older ones a budget."""
    adaptive = {"type": "adaptive", "display": "summarized"}
    for model in ("claude-opus-4-6", "claude-sonnet-5", "anthropic.claude-opus-4-7-v1"):
        body = encoded(model, reasoning_effort="high")
        assert body["thinking"] == adaptive
        assert body["output_config"] == {"effort": "high"}
    assert encoded("claude-opus-5", reasoning_effort="minimal")["output_config"] == {
        "effort": "low"
    }
    older = encoded(NAME, reasoning_effort="low")
    assert older["thinking"] == {"type": "enabled", "budget_tokens": 2_048}
    assert older["max_tokens"] == 32_000
    assert encoded(NAME, reasoning_effort="none")["thinking"] == {"type": "disabled"}
    limited = encoded("claude-3-7-sonnet-20250219", reasoning_effort="high", max_tokens=4_096)
    assert limited["thinking"]["budget_tokens"] == 3_072
    roomy = encoded("claude-3-7-sonnet-20250219", reasoning_effort="high")
    assert roomy["max_tokens"] > roomy["thinking"]["budget_tokens"] == 16_384


def test_the_form_of_the_answer():
    """A type becomes a closed schema under output_config, beside the effort."""

    class Answer(pydantic.BaseModel):
        number: int

    body = encoded("claude-opus-5", output=Answer, reasoning_effort="low")
    assert body["output_config"]["effort"] == "low"
    assert body["output_config"]["format"]["type"] == "json_schema"
    assert body["output_config"]["format"]["schema"]["additionalProperties"] is False


def test_marks_for_the_prompt_cache_when_they_are_asked_for():
    """extra's cache_control marks tools, system and the last message; by default nothing is."""
    mark = {"type": "ephemeral"}
    prompt = [Message.system("Be brief."), Message.user("one", "two")]
    body = encoded(prompt=prompt, tools=[ADD], extra={"cache_control": mark})
    assert "cache_control" not in body
    assert body["system"] == [{"type": "text", "text": "Be brief.", "cache_control": mark}]
    assert body["tools"][-1]["cache_control"] == mark
    blocks = body["messages"][-1]["content"]
    assert ["cache_control" in block for block in blocks] == [False, True]
    assert "cache_control" not in json.dumps(encoded(prompt=prompt, tools=[ADD]))


def test_extra_joins_the_body():
    """What only Anthropic knows goes in as it is, and does not push out the form of the answer."""
    body = encoded(output={"type": "object"}, extra={"output_config": {"effort": "max"}})
    assert body["output_config"]["effort"] == "max" and "format" in body["output_config"]
    assert encoded(extra={"service_tier": "auto"})["service_tier"] == "auto"


REPLIES = [
    reply_text("Hello you ✅", pieces=4, usage=Usage(12, 5, 3)),
    reply_text("So.", reasoning="Let me see", pieces=2, usage=Usage(9, 7, 0, 4)),
    reply_calls(("add", {"x": 1}), ("add", {"x": 2}), text="Adding", pieces=3),
    reply_calls(("now", {})),
    Reply(
        [
            ReasoningDelta("hm", 0),
            ReasoningComplete("hm", 0, signature="sig"),
            TextDelta("Yes", 1),
            End("length"),
        ]
    ),
]


@pytest.mark.parametrize("reply", REPLIES)
async def test_the_sdk_reads_the_same(reply):
    """Text, thoughts, calls and usage are what the official SDK parses from the same bytes."""
    with FakeServer([reply, reply]) as server:
        theirs = sdk_message(server)
        ours = await message_of(server)
    assert_same(ours, theirs)


READABLE = [name for name in names("anthropic") if name not in ("cut_arguments", "unknown_events")]


@pytest.mark.parametrize("name", [name for name in READABLE if name != "invalid_json"])
async def test_the_sdk_reads_the_same_in_recorded_streams(name):
    """The same for what Anthropic's own servers once sent."""
    reply = reply_bytes(recorded("anthropic", name))
    with FakeServer([reply, reply]) as server:
        theirs = sdk_message(server)
        ours = await message_of(server)
    assert_same(ours, theirs)


def assert_same(ours: Message, theirs: Any) -> None:
    """Our message is the SDK's."""
    blocks = theirs.content
    assert ours.text == "".join(block.text for block in blocks if block.type == "text")
    thoughts = [(part.text, part.signature or "") for part in ours.parts if is_thought(part)]
    assert thoughts == [(b.thinking, b.signature) for b in blocks if b.type == "thinking"]
    calls = [(c.tool_call_id, c.name, json.loads(c.arguments)) for c in ours.tool_calls]
    assert calls == [(b.id, b.name, b.input) for b in blocks if b.type == "tool_use"]
    usage = theirs.usage
    cached = usage.cache_read_input_tokens or 0
    everything = usage.input_tokens + cached + (usage.cache_creation_input_tokens or 0)
    assert ours.usage.input_tokens == everything
    assert ours.usage.cached_input_tokens == cached
    assert ours.usage.output_tokens == usage.output_tokens
    assert (ours.model, ours.response_id) == (theirs.model, theirs.id)


def is_thought(part: Any) -> bool:
    return isinstance(part, ReasoningPart)


def error_body(kind: str, message: str) -> dict:
    """An error as Anthropic's API reference shows it."""
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


@pytest.mark.parametrize(
    ("status", "kind", "message", "expected"),
    [
        (400, "invalid_request_error", "messages.0: bad", InvalidRequest),
        (
            400,
            "invalid_request_error",
            "prompt is too long: 210000 tokens > 200000 maximum",
            ContextWindowExceeded,
        ),
        (
            400,
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
            ContextWindowExceeded,
        ),
        (401, "authentication_error", "invalid x-api-key", AuthenticationError),
        (403, "permission_error", "not allowed", AuthenticationError),
        (404, "not_found_error", "model: claude-0", InvalidRequest),
        (413, "request_too_large", "Request exceeds the maximum size", InvalidRequest),
        (429, "rate_limit_error", "This would exceed your rate limit", RateLimited),
        (500, "api_error", "Internal server error", ServerError),
        (529, "overloaded_error", "Overloaded", Overloaded),
    ],
)
async def test_errors_by_status(status, kind, message, expected):
    """Each of Anthropic's errors has its place in the tree, its code, and what was said."""
    headers = {"request-id": "req_1", "retry-after": "7"}
    reply = reply_json(error_body(kind, message), status=status, headers=headers)
    with FakeServer([reply]) as server, pytest.raises(expected) as caught:
        await streamed(server)
    error = caught.value
    assert (error.status, error.code, error.request_id) == (status, kind, "req_1")
    assert message in str(error)
    if status != 413:
        assert type(error) is expected


@pytest.mark.parametrize("offset", [0, 100, 400, 1000, 1500, 1900])
async def test_a_connection_that_breaks_never_looks_finished(offset):
    """On a real socket too: a typed error with what had come, and no End."""
    reply = reply_bytes(recorded("anthropic", "tool_use"), break_at=offset, reset=offset > 1000)
    seen: list = []
    with FakeServer([reply]) as server, pytest.raises(StreamError) as caught:
        async for frame in client_of(server).stream("Hi", model=NAME):
            seen.append(frame)  # noqa: PERF401 - what came before the error is to be kept
    assert not any(isinstance(frame, End) for frame in seen)
    assert isinstance(caught.value, StreamTruncated)
    words = "".join(frame.text for frame in seen if isinstance(frame, TextDelta))
    assert caught.value.partial.text == words


async def test_tools_for_a_model_that_has_none():
    """The schema form asks for constrained output and gives ordinary calls."""
    words = json.dumps({"tool": "add", "arguments": {"x": 1}})
    with FakeServer([reply_text(words, pieces=3)]) as server:
        message = await message_of(server, tools=[ADD], tool_calling="schema")
    assert [(call.name, json.loads(call.arguments)) for call in message.tool_calls] == [
        ("add", {"x": 1})
    ]
    body = server.requests[0].body
    assert "tools" not in body
    assert body["output_config"]["format"]["type"] == "json_schema"


async def test_tools_described_in_words():
    """The prompted form works through this client too: the tools stand in the system text."""
    with FakeServer(["I need no tool."]) as server:
        message = await message_of(server, tools=[ADD], tool_calling="prompted")
    assert message.text == "I need no tool."
    assert "add" in server.requests[0].body["system"]


async def test_models_are_listed():
    """The names of the models that the provider offers."""
    with FakeServer(models=("claude-b", "claude-a")) as server:
        assert await client_of(server).models() == ["claude-a", "claude-b"]
