"""The Ollama client: what it sends, and its frames beside what Ollama's own client reads."""

import json
from pathlib import Path

import httpx
import pytest
from ollama import AsyncClient
from ollama._client import _parse_host
from ollama._types import ChatRequest
from pydantic import BaseModel

from nbagent.errors import (
    AuthenticationError,
    InvalidRequest,
    ProviderError,
    ProviderStreamError,
    ServerError,
    StreamTruncated,
    TransportError,
    UnsupportedCapability,
)
from nbagent.frames import End, ReasoningComplete, TextComplete, TextDelta, ToolCallComplete
from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Prompt,
    ReasoningPart,
    ToolCall,
    ToolResultPart,
    ToolSpec,
    Usage,
)
from nbagent.providers.ollama import OllamaClient, host_url
from nbagent.providers.params import Params
from nbagent.testing import (
    FakeServer,
    Reply,
    reply_bytes,
    reply_calls,
    reply_json,
    reply_text,
)

STREAMS = Path(__file__).parent.parent / "fixtures" / "streams" / "ollama"
WEATHER = ToolSpec("weather", "The weather.", {"type": "object", "properties": {}})


class Answer(BaseModel):
    """A form for answers."""

    value: int


def body_of(prompt, *, tools=(), **params) -> dict:
    """What is sent, as JSON makes it, once Ollama's own type has accepted it."""
    client = OllamaClient()
    value = client.encode(Prompt.of(prompt), model="m", tools=tools, params=Params.of(params))
    value = json.loads(json.dumps(value))
    ChatRequest.model_validate(value)
    return value


def client_of(server, **options) -> OllamaClient:
    """A client of the fake server."""
    return OllamaClient(base_url=server.url.removesuffix("/v1"), **options)


async def frames_of(client, prompt="hi", **params) -> list:
    """All frames of one reply."""
    return [frame async for frame in client.stream(prompt, model="m", **params)]


@pytest.mark.parametrize(
    "host",
    [
        "",
        "1.2.3.4",
        ":56789",
        "1.2.3.4:56789",
        "http://1.2.3.4",
        "https://1.2.3.4",
        "https://example.com:56789",
        "example.com/",
        "example.com/path/",
        "https://example.com:56789/path",
        "[0001:002:003:0004::1]",
        "[0001:002:003:0004::1]:56789/path",
        "https://[0001:002:003:0004::1]",
        "localhost",
    ],
)
def test_hosts_are_read_as_ollamas_client_reads_them(host):
    """Every form of OLLAMA_HOST means what it means there."""
    assert httpx.URL(host_url(host)) == httpx.URL(_parse_host(host))


def test_addresses_to_listen_on():
    """A server's own address in OLLAMA_HOST is reached on this machine."""
    assert host_url("0.0.0.0") == "http://127.0.0.1:11434"
    assert host_url("http://0.0.0.0:5") == "http://127.0.0.1:5"
    assert host_url("[::]:5") == "http://[::1]:5"


def test_the_environment(monkeypatch):
    """Neither a key nor an address is needed; both are taken where they are given."""
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    monkeypatch.delenv("OLLAMA_API_KEY", raising=False)
    assert OllamaClient.configured()
    assert OllamaClient().base_url == "http://127.0.0.1:11434"
    assert OllamaClient().optional
    monkeypatch.setenv("OLLAMA_HOST", "box:1")
    assert OllamaClient().base_url == "http://box:1"
    assert not OllamaClient().optional
    assert OllamaClient(base_url="https://ollama.com").base_url == "https://ollama.com"


async def test_the_key_of_the_cloud(monkeypatch):
    """OLLAMA_API_KEY goes along as a bearer token; without it there is no such header."""
    monkeypatch.delenv("OLLAMA_API_KEY", raising=False)
    with FakeServer(["a", "b"]) as server:
        await frames_of(client_of(server))
        monkeypatch.setenv("OLLAMA_API_KEY", "secret")
        await frames_of(client_of(server))
    plain, keyed = server.requests
    assert "authorization" not in plain.headers
    assert keyed.headers["authorization"] == "Bearer secret"
    assert keyed.headers["accept"] == "application/x-ndjson"
    assert (keyed.method, keyed.path) == ("POST", "/api/chat")


def test_a_whole_conversation():
    """Words, pictures, thoughts, calls and results have their messages."""
    prompt = [
        Message.system("Be terse."),
        Message.user("Look.", ImagePart(b"\x89PNG"), ImagePart(url="data:image/png;base64,AAAA")),
        Message.assistant(
            ReasoningPart("I look."),
            ReasoningPart("not yours", "", "signed"),
            "A cat.",
            ToolCall("call_1", "weather", '{"city": "Oslo"}'),
            ToolCall("call_2", "weather", "{broken"),
        ),
        Message.tool(
            ToolResultPart("call_1", "weather", "sunny", (ImagePart(b"\x89PNG"),)),
            ToolResultPart("call_2", "weather", "bad arguments"),
        ),
        Message.assistant(),
        Message.user("And?"),
    ]
    first, look, turn, sunny, bad, picture, last = body_of(prompt)["messages"]
    assert first == {"role": "system", "content": "Be terse."}
    assert look == {"role": "user", "content": "Look.", "images": ["iVBORw==", "AAAA"]}
    assert (turn["content"], turn["thinking"]) == ("A cat.", "I look.")
    assert [call["function"]["arguments"] for call in turn["tool_calls"]] == [
        {"city": "Oslo"},
        {"not_json": "{broken"},
    ]
    assert sunny == {
        "role": "tool",
        "content": "sunny",
        "tool_name": "weather",
        "tool_call_id": "call_1",
    }
    assert bad["tool_call_id"] == turn["tool_calls"][1]["id"] == "call_2"
    assert picture == {"role": "user", "content": "", "images": ["iVBORw=="]}
    assert last["content"] == "And?"


def test_the_parameters():
    """Each parameter stands where this API has it."""
    body = body_of(
        "hi",
        tools=[WEATHER],
        temperature=0.5,
        max_tokens=9,
        seed=7,
        stop="x",
        tool_choice="auto",
        output=Answer,
        extra={"num_ctx": 8192, "options": {"top_k": 3}, "keep_alive": "1m"},
    )
    assert body["options"] == {
        "temperature": 0.5,
        "num_predict": 9,
        "seed": 7,
        "stop": ["x"],
        "num_ctx": 8192,
        "top_k": 3,
    }
    assert body["format"]["properties"] == {"value": {"title": "Value", "type": "integer"}}
    assert body["keep_alive"] == "1m"
    assert body["tools"][0]["function"]["name"] == "weather"
    assert not {"think", "tool_choice"} & body.keys()


def test_a_plain_question_says_nothing_more():
    """What was not asked for is left to the server."""
    assert body_of("hi").keys() == {"model", "messages", "stream"}


@pytest.mark.parametrize(
    ("effort", "think"),
    [("none", False), ("minimal", "low"), ("medium", "medium"), ("high", "high")],
)
def test_how_much_to_think(effort, think):
    """Efforts are what Ollama calls levels of thinking."""
    assert body_of("hi", reasoning_effort=effort)["think"] == think


def test_no_tools_by_choice():
    """Ollama has no such choice: the tools are left out."""
    assert "tools" not in body_of("hi", tools=[WEATHER], tool_choice="none")


@pytest.mark.parametrize(
    ("prompt", "params"),
    [
        ("hi", {"tools": [WEATHER], "tool_choice": "required"}),
        ("hi", {"tools": [WEATHER], "tool_choice": "weather"}),
        ("hi", {"tools": [WEATHER], "parallel_tool_calls": False}),
        (Message.user(ImagePart(url="https://x/y.png")), {}),
        (Message.user(FilePart(b"x")), {}),
    ],
)
async def test_what_ollama_does_not_have(prompt, params):
    """What it cannot do is said before anything is sent."""
    with FakeServer() as server, pytest.raises(UnsupportedCapability):
        await frames_of(client_of(server), prompt, **params)
    assert server.requests == []


REPLIES = {
    "text": reply_text("Hello – you", pieces=3),
    "reasoning": reply_text("Yes", reasoning="hm, so", pieces=2),
    "calls": reply_calls(("f", {"x": "é"}), ("g", {}), text="So:", pieces=3),
    "limit": Reply((TextDelta("Once", 0), End("length", Usage(3, 1)))),
}


@pytest.mark.parametrize("name", REPLIES)
async def test_ollamas_client_reads_the_same(name):
    """What Ollama's own client parses from the fake server's bytes is what ours gives."""
    with FakeServer([REPLIES[name]] * 2) as server:
        frames = await frames_of(client_of(server))
        theirs = AsyncClient(server.url.removesuffix("/v1"))
        parts = [part async for part in await theirs.chat("m", stream=True)]
    calls = [call.function for part in parts for call in part.message.tool_calls or ()]
    text = "".join(part.message.content or "" for part in parts)
    thoughts = "".join(part.message.thinking or "" for part in parts)
    assert "".join(f.text for f in frames if isinstance(f, TextComplete)) == text
    assert "".join(f.text for f in frames if isinstance(f, ReasoningComplete)) == thoughts
    assert [
        (f.name, json.loads(f.arguments)) for f in frames if isinstance(f, ToolCallComplete)
    ] == [(call.name, call.arguments) for call in calls]
    end = frames[-1]
    assert end.usage == Usage(parts[-1].prompt_eval_count, parts[-1].eval_count)
    assert end.raw["done_reason"] == parts[-1].done_reason
    assert end.finish_reason == REPLIES[name].frames[-1].finish_reason


async def test_a_socket_killed_at_some_bytes():
    """A connection that breaks anywhere raises, with what had come, and never ends well."""
    data = (STREAMS / "text.ndjson").read_bytes()
    replies = [
        reply_bytes(data, break_at=place, reset=reset, chunked=chunked)
        for place in range(1, len(data.rstrip()), 47)
        for reset, chunked in ((True, True), (False, False))
    ]
    with FakeServer(replies) as server:
        client = client_of(server)
        for _ in replies:
            got = []
            with pytest.raises(StreamTruncated) as caught:
                async for frame in client.stream("hi", model="m"):
                    got.append(frame)  # noqa: PERF401 - what came before the error counts
            assert not any(isinstance(frame, End) for frame in got)
            said = "".join(frame.text for frame in got if isinstance(frame, TextDelta))
            assert caught.value.partial.text == said


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (401, "unauthorized", AuthenticationError),
        (400, "invalid options", InvalidRequest),
        (500, "llama runner process has terminated", ServerError),
        (200, "boom", ProviderStreamError),
    ],
)
async def test_errors(status, words, kind):
    """Each error is the error that says what it means, in Ollama's words."""
    reply = reply_json({"error": words}, status=status)
    with FakeServer([reply]) as server, pytest.raises(kind, match=words):
        await frames_of(client_of(server))


@pytest.mark.parametrize(
    "words", ["model 'qwen3:8b' not found", 'model "qwen3:8b" not found, try pulling it first']
)
async def test_a_model_that_is_not_there(words):
    """The error names the command that gets the model."""
    reply = reply_json({"error": words}, status=404)
    command = "ollama pull qwen3:8b"
    with FakeServer([reply]) as server, pytest.raises(InvalidRequest, match=command) as caught:
        await frames_of(client_of(server))
    assert caught.value.status == 404


@pytest.mark.parametrize("what", ["tools", "thinking"])
async def test_a_model_that_cannot(what):
    """What a model lacks is said as that, with the provider's own answer as the cause."""
    words = f"registry.ollama.ai/library/gemma3:4b does not support {what}"
    reply = reply_json({"error": words}, status=400)
    with FakeServer([reply]) as server, pytest.raises(UnsupportedCapability, match=words) as caught:
        await frames_of(client_of(server), tools=[WEATHER])
    assert isinstance(caught.value.__cause__, ProviderError)
    assert ("schema" in str(caught.value)) == (what == "tools")


@pytest.mark.parametrize("form", ["schema", "prompted"])
async def test_emulated_tool_calling(form):
    """The other forms of tool calling work here too, the schema as Ollama's format."""
    said = {
        "schema": '{"tool": "weather", "arguments": {"city": "Oslo"}}',
        "prompted": '<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>',
    }[form]
    with FakeServer([reply_text(said, pieces=9)]) as server:
        frames = await frames_of(client_of(server), tools=[WEATHER], tool_calling=form)
        body = server.requests[0].body
    calls = [frame for frame in frames if isinstance(frame, ToolCallComplete)]
    assert [(call.name, json.loads(call.arguments)) for call in calls] == [
        ("weather", {"city": "Oslo"})
    ]
    assert frames[-1].finish_reason == "tool_calls"
    assert "tools" not in body
    assert ("format" in body) == (form == "schema")


async def test_the_models():
    """In Ollama's own order, without those that only embed; no server is an error."""
    embedder = {"name": "nomic-embed-text:latest", "details": {"family": "nomic-bert"}}
    listed = {"models": [{"name": "qwen3:8b"}, embedder, {"name": "gemma3:4b", "details": None}]}
    assert OllamaClient().listed(listed) == ["qwen3:8b", "gemma3:4b"]
    with FakeServer(models=["b", "a"]) as server:
        client = client_of(server)
        assert await client.models() == ["b", "a"]
    with pytest.raises(TransportError):
        await client.models()
