"""The responses client: what it sends, and its frames beside what OpenAI's own SDK reads."""

import asyncio
import json
from pathlib import Path

import pytest
from openai import AsyncOpenAI
from openai.types.responses.response_create_params import ResponseCreateParamsStreaming
from pydantic import BaseModel, TypeAdapter

from nbagent.errors import (
    AuthenticationError,
    ConfigurationError,
    ContextWindowExceeded,
    InvalidRequest,
    ProviderStreamError,
    RateLimited,
    StreamTruncated,
    UnsupportedCapability,
)
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    TextComplete,
    TextDelta,
    ToolCallComplete,
)
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
from nbagent.providers.openai_responses import OpenAIResponsesClient
from nbagent.providers.params import Params
from nbagent.testing import (
    FakeServer,
    Reply,
    reply_bytes,
    reply_calls,
    reply_error,
    reply_text,
)

STREAMS = Path(__file__).parent.parent / "fixtures" / "streams" / "openai_responses"
REQUEST = TypeAdapter(ResponseCreateParamsStreaming)
PROOF = '{"id":"rs_1","encrypted_content":"abc"}'
WEATHER = ToolSpec("weather", "The weather.", {"type": "object", "properties": {}})


class Answer(BaseModel):
    """A form for answers."""

    value: int


def body_of(prompt, *, tools=(), base_url=None, model="gpt-5", **params) -> dict:
    """What is sent, as JSON makes it, once the SDK's type has accepted it."""
    client = OpenAIResponsesClient("key", base_url)
    value = client.encode(Prompt.of(prompt), model=model, tools=tools, params=Params.of(params))
    value = json.loads(json.dumps(value))
    if base_url is None:
        # The SDK's type knows stream as a literal, and iterables lazily: it is asked for all.
        REQUEST.validate_python(value, strict=False)
    return value


async def frames_of(client, prompt="hi", **params) -> list:
    """All frames of one reply."""
    return [frame async for frame in client.stream(prompt, model="m", **params)]


def test_a_whole_conversation():
    """Instructions, words, pictures, files, reasoning, calls and results have their items."""
    prompt = [
        Message.system("Be terse."),
        Message.user("Look.", ImagePart(b"\x89PNG"), FilePart(b"%PDF", "application/pdf", "a.pdf")),
        Message.assistant(
            ReasoningPart("", "I look.", PROOF), "A cat.", ToolCall("call_1", "weather", "{}")
        ),
        Message.tool(ToolResultPart("call_1", "weather", "sunny", (ImagePart(url="https://x/y"),))),
        Message.system("Now in German."),
        Message.user("And?"),
    ]
    body = body_of(prompt)
    assert body["instructions"] == "Be terse."
    assert body["store"] is False
    assert body["include"] == ["reasoning.encrypted_content"]
    look, reasoning, cat, call, result, later, _ = body["input"]
    assert [part["type"] for part in look["content"]] == ["input_text", "input_image", "input_file"]
    assert look["content"][1]["image_url"] == "data:image/png;base64,iVBORw=="
    assert look["content"][2]["file_data"] == "data:application/pdf;base64,JVBERg=="
    assert reasoning == {
        "type": "reasoning",
        "id": "rs_1",
        "encrypted_content": "abc",
        "summary": [{"type": "summary_text", "text": "I look."}],
    }
    assert cat == {"type": "message", "role": "assistant", "content": "A cat."}
    assert call == {
        "type": "function_call",
        "call_id": "call_1",
        "name": "weather",
        "arguments": "{}",
    }
    assert (result["type"], result["call_id"]) == ("function_call_output", "call_1")
    assert result["output"][1]["image_url"] == "https://x/y"
    assert (later["role"], later["content"][0]["text"]) == ("developer", "Now in German.")


def test_the_parameters():
    """Each parameter stands where this API has it."""
    body = body_of(
        "hi",
        tools=[WEATHER, ToolSpec("strict", strict=True)],
        temperature=0.5,
        max_tokens=9,
        tool_choice="weather",
        parallel_tool_calls=False,
        reasoning_effort="low",
        output=Answer,
        extra={"text": {"verbosity": "low"}, "service_tier": "flex"},
    )
    assert body["tools"][0] == {
        "type": "function",
        "name": "weather",
        "description": "The weather.",
        "parameters": {"type": "object", "properties": {}},
        "strict": False,
    }
    assert body["tools"][1]["strict"] is True
    assert body["tool_choice"] == {"type": "function", "name": "weather"}
    assert body["parallel_tool_calls"] is False
    assert body["reasoning"] == {"effort": "low", "summary": "auto"}
    assert body["text"]["format"]["name"] == "Answer"
    assert body["text"]["verbosity"] == "low"
    assert (body["temperature"], body["max_output_tokens"]) == (0.5, 9)
    assert body["service_tier"] == "flex"


def test_without_tools_nothing_is_said_of_them():
    """A choice of tools without tools is left out: the API refuses it."""
    assert (
        not {"tools", "tool_choice", "reasoning", "text"} & body_of("hi", tool_choice="auto").keys()
    )


@pytest.mark.parametrize("given", [{"seed": 1}, {"stop": ["x"]}, {"seed": 1, "stop": "x"}])
async def test_what_this_api_does_not_have(given):
    """OpenAI knows neither seed nor stop here: that is said before anything is sent."""
    with pytest.raises(UnsupportedCapability, match="has no"):
        await frames_of(OpenAIResponsesClient("key"), **given)


def test_other_servers_get_seed_and_stop():
    """Servers that sample themselves take them, llama.cpp among them."""
    body = body_of("hi", base_url="http://127.0.0.1:1/v1", seed=7, stop=["x"])
    assert (body["seed"], body["stop"]) == (7, ["x"])


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4.1-mini", "gpt-5-chat-latest", "ft:gpt-4o:x"])
def test_models_that_do_not_reason(model):
    """They refuse a request for encrypted reasoning, so they are not asked for it."""
    assert "include" not in body_of("hi", model=model)


def test_reasoning_of_others_does_not_go_back():
    """Neither unsigned reasoning nor another provider's signature is sent to OpenAI."""
    message = Message.assistant(
        ReasoningPart("thought"), ReasoningPart("thought", "", "EqQBCg=="), "Yes."
    )
    assert [item["type"] for item in body_of([message])["input"]] == ["message"]


def test_raw_reasoning_goes_back_to_servers_that_show_it():
    """A server of open models gets its reasoning again, in clear, with the key it wants."""
    message = Message.assistant(ReasoningPart("thought"), ReasoningPart("", "s", PROOF), "Yes.")
    raw, signed, _ = body_of([message], base_url="http://127.0.0.1:1/v1")["input"]
    assert raw["content"] == [{"type": "reasoning_text", "text": "thought"}]
    assert raw["id"]
    assert (signed["encrypted_content"], signed["content"]) == ("abc", [])


def test_late_ids_and_broken_arguments():
    """The provider's own id goes back, and arguments that are no JSON go back as JSON."""
    prompt = [
        Message.assistant(ToolCall("ours", "f", "{broken", "theirs")),
        Message.tool(ToolResultPart("ours", "f", "bad arguments")),
    ]
    call, result = body_of(prompt)["input"]
    assert call["call_id"] == result["call_id"] == "theirs"
    assert json.loads(call["arguments"]) == {"not_json": "{broken"}


def test_a_turn_without_a_word_is_left_out():
    """A reply that was stopped before its first word is no item."""
    assert body_of([Message.user("a"), Message.assistant(), Message.user("b")])["input"][1:] == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "b"}]}
    ]


def test_the_key_and_the_address(monkeypatch):
    """Both come from the variables of OpenAI's own SDK."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert not OpenAIResponsesClient.configured()
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        OpenAIResponsesClient()
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert OpenAIResponsesClient.configured()
    assert OpenAIResponsesClient().base_url == "http://127.0.0.1:1/v1"


def end(reason="stop"):
    """An End with every kind of token."""
    return End(reason, Usage(10, 7, 3, 2))


REPLIES = {
    "text": reply_text("Hello – you", pieces=3),
    "raw reasoning": reply_text("Yes", reasoning="hm, so", pieces=2),
    "summary and proof": Reply(
        (
            ReasoningDelta("I ", 0, True),
            ReasoningDelta("look", 0, True),
            ReasoningComplete("", 0, "I look", PROOF),
            TextDelta("Yes", 1),
            end(),
        )
    ),
    "calls": reply_calls(("f", {"x": "é"}), ("g", {}), text="So:", pieces=3),
    "limit": Reply((TextDelta("Once", 0), end("length"))),
    "filter": Reply((TextDelta("Once", 0), end("content_filter"))),
    "refusal": Reply((TextDelta("No.", 0), end("refusal"))),
}


async def read_by_the_sdk(server) -> dict:
    """What OpenAI's SDK makes of one reply, in our terms."""
    async with AsyncOpenAI(api_key="key", base_url=server.url) as client:
        stream = await client.responses.create(model="m", input="hi", stream=True)
        response = [event async for event in stream][-1].response
    found = {"text": "", "reasoning": "", "summary": "", "calls": [], "proof": None}
    for item in response.output:
        if item.type == "message":
            found["text"] += "".join(getattr(p, "text", "") or p.refusal for p in item.content)
        elif item.type == "function_call":
            found["calls"].append((item.call_id, item.name, item.arguments))
        elif item.type == "reasoning":
            found["reasoning"] += "".join(part.text for part in item.content or ())
            found["summary"] += "".join(part.text for part in item.summary)
            found["proof"] = item.encrypted_content
    usage = response.usage
    found["usage"] = Usage(
        usage.input_tokens,
        usage.output_tokens,
        usage.input_tokens_details.cached_tokens,
        usage.output_tokens_details.reasoning_tokens,
    )
    return found


def in_the_same_terms(frames) -> dict:
    """The same out of frames."""
    thoughts = [frame for frame in frames if isinstance(frame, ReasoningComplete)]
    proofs = [json.loads(f.signature)["encrypted_content"] for f in thoughts if f.signature]
    calls = [frame for frame in frames if isinstance(frame, ToolCallComplete)]
    return {
        "text": "".join(frame.text for frame in frames if isinstance(frame, TextComplete)),
        "reasoning": "".join(frame.text for frame in thoughts),
        "summary": "".join(frame.summary for frame in thoughts),
        "calls": [(frame.tool_call_id, frame.name, frame.arguments) for frame in calls],
        "proof": proofs[0] if proofs else None,
        "usage": frames[-1].usage,
    }


@pytest.mark.parametrize("name", REPLIES)
async def test_the_sdk_reads_the_same(name):
    """What OpenAI's SDK parses from the fake server's bytes is what our client gives."""
    with FakeServer([REPLIES[name], REPLIES[name]]) as server:
        frames = await frames_of(OpenAIResponsesClient("key", server.url))
        assert in_the_same_terms(frames) == await read_by_the_sdk(server)
    reason = REPLIES[name].frames[-1].finish_reason
    assert frames[-1].finish_reason == reason
    assert server.requests[0].path == "/v1/responses"
    assert server.requests[0].headers["authorization"] == "Bearer key"


async def test_the_sdk_follows_the_fake_servers_events():
    """The SDK's own accumulator, which checks the order of events, accepts them."""
    with FakeServer([REPLIES["calls"]]) as server:
        async with (
            AsyncOpenAI(api_key="key", base_url=server.url) as client,
            client.responses.stream(model="m", input="hi") as stream,
        ):
            kinds = [event.type async for event in stream]
            final = await stream.get_final_response()
    assert kinds[0] == "response.created"
    assert final.output_text == "So:"


async def test_a_socket_killed_at_some_bytes():
    """A connection that breaks anywhere raises, with what had come, and never ends well."""
    data = (STREAMS / "llamacpp_text.sse").read_bytes()
    places = range(1, len(data.rstrip()), 211)
    replies = [
        reply_bytes(data, break_at=place, reset=reset, chunked=chunked)
        for place in places
        for reset, chunked in ((True, True), (False, False))
    ]
    with FakeServer(replies) as server:
        client = OpenAIResponsesClient("key", server.url)
        for _ in replies:
            got = []
            with pytest.raises(StreamTruncated) as caught:
                async for frame in client.stream("hi", model="m"):
                    got.append(frame)  # noqa: PERF401 - what came before the error counts
            assert not any(isinstance(frame, End) for frame in got)
            assert caught.value.partial.text == "".join(
                frame.text for frame in got if isinstance(frame, TextDelta)
            )


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (reply_error(401), AuthenticationError),
        (reply_error(404), InvalidRequest),
        (reply_error(429, headers={"retry-after-ms": "1500"}), RateLimited),
        (reply_error(400, "too long", code="context_length_exceeded"), ContextWindowExceeded),
        (reply_bytes((STREAMS / "error.sse").read_bytes()), ProviderStreamError),
    ],
)
async def test_errors(reply, kind):
    """Each error of the provider is the error that says what it means."""
    with FakeServer([reply]) as server, pytest.raises(kind):
        await frames_of(OpenAIResponsesClient("key", server.url))


@pytest.mark.parametrize("form", ["schema", "prompted"])
async def test_emulated_tool_calling(form):
    """The other forms of tool calling work through this API, the schema as its text format."""
    said = {
        "schema": '{"tool": "weather", "arguments": {"city": "Oslo"}}',
        "prompted": '<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>',
    }[form]
    with FakeServer([reply_text(said, pieces=9)]) as server:
        client = OpenAIResponsesClient("key", server.url)
        frames = await frames_of(client, tools=[WEATHER], tool_calling=form)
        body = server.requests[0].body
    calls = [frame for frame in frames if isinstance(frame, ToolCallComplete)]
    assert [(call.name, json.loads(call.arguments)) for call in calls] == [
        ("weather", {"city": "Oslo"})
    ]
    assert frames[-1].finish_reason == "tool_calls"
    assert "tools" not in body
    assert ("text" in body) == (form == "schema")


async def test_two_streams_at_once_do_not_mix():
    """A client holds no state of a stream."""
    replies = [lambda request: request.body["input"][0]["content"][0]["text"] * 3] * 20
    with FakeServer(replies) as server:
        client = OpenAIResponsesClient("key", server.url)
        found = await asyncio.gather(*(frames_of(client, str(n)) for n in range(10, 30)))
    assert [frames[-2].text for frames in found] == [str(n) * 3 for n in range(10, 30)]
