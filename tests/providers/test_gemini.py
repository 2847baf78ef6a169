"""GeminiClient over a real socket, with the official SDK beside it."""

import base64
import json
from typing import Any

import pydantic
import pytest
from google import genai
from google.genai import types

from nbagent.errors import (
    AuthenticationError,
    ConfigurationError,
    ContextWindowExceeded,
    InvalidRequest,
    Overloaded,
    ProviderStreamError,
    RateLimited,
    ServerError,
    StreamError,
    StreamTruncated,
)
from nbagent.frames import End, ReasoningComplete, ReasoningDelta, TextDelta
from nbagent.message_builder import MessageBuilder
from nbagent.messages import Message, Prompt, ToolCall, ToolResultPart, ToolSpec, Usage
from nbagent.providers.gemini import GeminiClient
from nbagent.providers.params import Params
from nbagent.testing import FakeServer, Reply, reply_bytes, reply_calls, reply_json, reply_text
from tests.providers.recorded import names, recorded

NAME = "gemini-2.5-flash"
NEWER = "gemini-3-pro-preview"
ADD = ToolSpec("add", "Adds.", {"type": "object", "properties": {"x": {"type": "integer"}}})
CLIENT = GeminiClient("key")


def client_of(server: FakeServer) -> GeminiClient:
    """A client of the fake server; Gemini's base URL has no version."""
    return GeminiClient("test-key", server.url.removesuffix("/v1"))


async def streamed(server: FakeServer, prompt: Any = "Hi", **options: Any) -> list:
    """The frames of the server's next reply."""
    given = {"model": NAME, **options}
    return [frame async for frame in client_of(server).stream(prompt, **given)]


async def message_of(server: FakeServer, **options: Any) -> Message:
    """The server's next reply as a message."""
    builder = MessageBuilder()
    for frame in await streamed(server, **options):
        builder.feed(frame)
    return builder.message


def encoded(model: str = NAME, tools: Any = (), prompt: Any = "Hi", **params: Any) -> dict:
    """A request's body, after the SDK's types have found nothing wrong or unknown in it."""
    body = CLIENT.encode(Prompt.of(prompt), model=model, tools=tools, params=Params.of(params))
    for content in body["contents"]:
        types.Content.model_validate(content)
    for tool in body.get("tools", ()):
        types.Tool.model_validate(tool)
    types.ToolConfig.model_validate(body.get("toolConfig", {}))
    types.GenerationConfig.model_validate(body.get("generationConfig", {}))
    return body


def sdk_chunks(server: FakeServer, contents: Any = "Hi", config: Any = None) -> list[Any]:
    """What the official SDK makes of the server's next reply."""
    options = types.HttpOptions(base_url=server.url.removesuffix("/v1"), api_version="v1beta")
    with genai.Client(api_key="k", http_options=options) as sdk:
        stream = sdk.models.generate_content_stream(model=NAME, contents=contents, config=config)
        return list(stream)


async def test_the_request_that_goes_out():
    """Path, key and body are what the API asks for; the key is in its header alone."""
    with FakeServer(["Hello"]) as server:
        frames = await streamed(server, temperature=0, max_tokens=9, stop="END", seed=7)
    [request] = server.requests
    assert request.path == f"/v1beta/models/{NAME}:streamGenerateContent?alt=sse"
    assert request.headers["x-goog-api-key"] == "test-key"
    assert "authorization" not in request.headers
    assert request.body == {
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
        "generationConfig": {
            "temperature": 0,
            "maxOutputTokens": 9,
            "stopSequences": ["END"],
            "seed": 7,
        },
    }
    assert frames[0] == TextDelta("Hello", 0)


async def test_the_sdk_sends_the_same_request():
    """What google-genai writes for the same conversation is our body, key for key."""
    conversation = [
        Message.system("Be brief."),
        Message.user("Hi"),
        Message.assistant(ToolCall("a", "add", '{"x": 1}')),
        Message.tool(ToolResultPart("a", "add", "2")),
    ]
    body = encoded(prompt=conversation, tools=[ADD], temperature=0.5, tool_choice="required")
    with FakeServer(["Hello"]) as server:
        config = types.GenerateContentConfig(
            system_instruction="Be brief.",
            temperature=0.5,
            tools=[types.Tool.model_validate(body["tools"][0])],
            tool_config=types.ToolConfig.model_validate(body["toolConfig"]),
        )
        contents: Any = [types.Content.model_validate(each) for each in body["contents"]]
        sdk_chunks(server, contents, config)
    theirs = server.requests[0].body
    theirs["systemInstruction"].pop("role", None)
    # The API reads both spellings of a key; the SDK leaves this one as Python has it.
    [declaration] = theirs["tools"][0]["functionDeclarations"]
    declaration["parametersJsonSchema"] = declaration.pop("parameters_json_schema")
    assert theirs == body
    assert server.requests[0].path.partition("?")[0] == CLIENT.path(NAME).partition("?")[0]


def test_settings_come_from_the_environment(monkeypatch):
    """Either key variable serves, and the address has the one of Google's SDK."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="GEMINI_API_KEY or GOOGLE_API_KEY"):
        GeminiClient()
    monkeypatch.setenv("GOOGLE_API_KEY", "k")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9/")
    assert GeminiClient.configured()
    assert GeminiClient().base_url == "http://127.0.0.1:9"
    assert CLIENT.base_url == "https://generativelanguage.googleapis.com"


def test_models_with_a_prefix_keep_it():
    """A tuned model, and the full name of any other, stand in the path as they are."""
    for name in ("tunedModels/mine", "models/gemini-2.5-pro"):
        assert CLIENT.path(name) == f"/v1beta/{name}:streamGenerateContent?alt=sse"


def test_tools_and_the_choice_between_them():
    """Specs and each choice have Gemini's names; a tool without parameters has no schema."""
    body = encoded(tools=[ADD, ToolSpec("now", "The time.")])
    assert body["tools"] == [
        {
            "functionDeclarations": [
                {"name": "add", "description": "Adds.", "parametersJsonSchema": ADD.parameters},
                {"name": "now", "description": "The time."},
            ]
        }
    ]
    assert "toolConfig" not in body

    def choice(name: str) -> Any:
        return encoded(tools=[ADD], tool_choice=name)["toolConfig"]["functionCallingConfig"]

    assert choice("auto") == {"mode": "AUTO"}
    assert choice("none") == {"mode": "NONE"}
    assert choice("required") == {"mode": "ANY"}
    assert choice("add") == {"mode": "ANY", "allowedFunctionNames": ["add"]}
    assert "toolConfig" not in encoded(tool_choice="required")


def test_a_tool_that_takes_any_names_is_declared_with_them():
    """A function of ``**kwargs`` alone has no properties, and still takes arguments."""
    anything = {"type": "object", "properties": {}, "additionalProperties": {"type": "string"}}
    body = encoded(tools=[ToolSpec("tag", parameters=anything)])
    (declaration,) = body["tools"][0]["functionDeclarations"]
    assert declaration["parametersJsonSchema"] == anything


def test_effort_in_the_form_of_the_models_generation():
    """Gemini 3 and later have levels, the models before budgets; the thoughts are asked for."""

    def thinking(model: str, effort: str) -> Any:
        return encoded(model, reasoning_effort=effort)["generationConfig"]["thinkingConfig"]

    assert thinking(NEWER, "high") == {"thinkingLevel": "HIGH", "includeThoughts": True}
    assert thinking(NEWER, "none") == {"thinkingLevel": "LOW", "includeThoughts": False}
    assert thinking(NAME, "low") == {"thinkingBudget": 1_024, "includeThoughts": True}
    assert thinking(NAME, "none") == {"thinkingBudget": 0, "includeThoughts": False}
    assert "generationConfig" not in encoded(NEWER)


def test_the_form_of_the_answer():
    """A type becomes a JSON schema, with an enum where it has a const."""

    class Answer(pydantic.BaseModel):
        kind: str = pydantic.Field(json_schema_extra={"const": "a"})
        number: int

    config = encoded(output=Answer)["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    properties = config["responseJsonSchema"]["properties"]
    assert properties["kind"]["enum"] == ["a"] and "const" not in properties["kind"]
    assert properties["number"]["type"] == "integer"


def test_extra_joins_the_body():
    """What only Gemini knows goes in as it is; the generation's settings are joined."""
    body = encoded(max_tokens=5, extra={"generationConfig": {"topK": 3}, "labels": {"a": "b"}})
    assert body["generationConfig"] == {"maxOutputTokens": 5, "topK": 3}
    assert body["labels"] == {"a": "b"}


REPLIES = [
    reply_text("Hello you ✅", pieces=4, usage=Usage(12, 5, 3)),
    reply_text("So.", reasoning="Let me see", pieces=2, usage=Usage(9, 7, 0, 4)),
    reply_calls(("add", {"x": 1}), ("add", {"x": 1}), text="Adding", pieces=3),
    reply_calls(("now", {})),
    Reply(
        [
            ReasoningDelta("hm", 0),
            ReasoningComplete("hm", 0, signature="c2ln"),
            TextDelta("Yes", 1),
            End("length"),
        ]
    ),
]


@pytest.mark.parametrize("reply", REPLIES)
async def test_the_sdk_reads_the_same(reply):
    """Text, thoughts, calls and usage are what the official SDK parses from the same bytes."""
    await assert_same([reply, reply])


READABLE = [name for name in names("gemini") if not name.startswith("blocked")]


@pytest.mark.parametrize("name", READABLE)
async def test_the_sdk_reads_the_same_in_recorded_streams(name):
    """The same for what Google's own servers once sent."""
    reply = reply_bytes(recorded("gemini", name))
    await assert_same([reply, reply])


async def assert_same(replies: list[Reply]) -> None:
    """Our message of the second reply is what the SDK makes of the first."""
    with FakeServer(replies) as server:
        chunks = sdk_chunks(server)
        ours = await message_of(server)
    parts = [part for chunk in chunks for part in parts_of(chunk)]
    words = [part.text for part in parts if part.text and not part.thought]
    assert ours.text == "".join(words)
    assert ours.reasoning == "".join(part.text for part in parts if part.text and part.thought)
    calls = [part.function_call for part in parts if part.function_call]
    assert [(call.name, json.loads(call.arguments)) for call in ours.tool_calls] == [
        (call.name, call.args or {}) for call in calls
    ]
    theirs = sorted(part.thought_signature for part in parts if part.thought_signature)
    kept = [getattr(part, "signature", None) for part in ours.parts]
    assert sorted(base64.b64decode(each) for each in kept if each) == theirs
    last = chunks[-1].usage_metadata
    if last is not None:
        thoughts = last.thoughts_token_count or 0
        assert ours.usage.output_tokens == (last.candidates_token_count or 0) + thoughts
        assert ours.usage.reasoning_tokens == thoughts
        assert ours.usage.cached_input_tokens == (last.cached_content_token_count or 0)
        assert ours.usage.input_tokens + ours.usage.output_tokens == last.total_token_count
    assert ours.model == chunks[-1].model_version


def parts_of(chunk: Any) -> list[Any]:
    """The parts of a chunk's first candidate."""
    content = chunk.candidates[0].content if chunk.candidates else None
    return list(content.parts or ()) if content else []


async def test_a_continued_turn_has_every_signature_where_it_was():
    """What came with a reply goes back with the next request: the API refuses it otherwise."""
    reply = reply_bytes(recorded("gemini", "thought_and_call"))
    with FakeServer([reply, "Done."]) as server:
        said = await message_of(server, model=NEWER)
        [call] = said.tool_calls
        result = Message.tool(ToolResultPart(call.tool_call_id, call.name, "Monday"))
        await streamed(server, [Message.user("Hi"), said, result], model=NEWER)
    _, model, results = server.requests[1].body["contents"]
    [part] = model["parts"]
    assert part["functionCall"] == {"name": "now", "args": {}}
    assert part["thoughtSignature"] == call.signature
    assert results["parts"][0]["functionResponse"]["response"] == {"output": "Monday"}


def error_body(status: int, name: str, message: str, *details: dict) -> dict:
    """An error as Google's APIs write it."""
    error = {"code": status, "message": message, "status": name, "details": list(details)}
    return {"error": error}


WRONG_KEY = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (error_body(400, "INVALID_ARGUMENT", "Unknown field."), InvalidRequest),
        (error_body(400, "FAILED_PRECONDITION", "Location is not supported."), InvalidRequest),
        (
            error_body(
                400,
                "INVALID_ARGUMENT",
                "The input token count (1200000) exceeds the maximum number of tokens allowed "
                "(1048576).",
            ),
            ContextWindowExceeded,
        ),
        (error_body(400, "INVALID_ARGUMENT", "API key not valid.", WRONG_KEY), AuthenticationError),
        (error_body(403, "PERMISSION_DENIED", "Not allowed."), AuthenticationError),
        (error_body(404, "NOT_FOUND", "models/gemini-0 is not found."), InvalidRequest),
        (error_body(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota."), RateLimited),
        (error_body(500, "INTERNAL", "An internal error has occurred."), ServerError),
        (error_body(503, "UNAVAILABLE", "The model is overloaded."), Overloaded),
        (error_body(504, "DEADLINE_EXCEEDED", "Deadline expired."), ServerError),
    ],
)
@pytest.mark.parametrize("array", [False, True])
async def test_errors_by_status(body, expected, array):
    """Each of Google's errors has its place in the tree, also in the array it comes in."""
    error = body["error"]
    reply = reply_json([body] if array else body, status=error["code"])
    with FakeServer([reply]) as server, pytest.raises(expected) as caught:
        await streamed(server)
    assert (caught.value.status, caught.value.code) == (error["code"], error["status"])
    assert error["message"] in str(caught.value)
    assert type(caught.value) is expected


async def test_the_pause_that_google_asks_for_stands_in_the_body():
    """A RetryInfo serves where no header says how long to wait."""
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.4s"}
    body = error_body(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", info)
    replies = [
        reply_json(body, status=429),
        reply_json(body, status=429, headers={"retry-after": "7"}),
    ]
    with FakeServer(replies) as server:
        for expected in (34.4, 7.0):
            with pytest.raises(RateLimited) as caught:
                await streamed(server)
            assert caught.value.retry_after == expected


async def test_a_blocked_prompt_is_an_error():
    """Google answers 200 and no reply: the reason is raised."""
    blocked = reply_bytes(recorded("gemini", "blocked_prompt"))
    with FakeServer([blocked]) as server, pytest.raises(ProviderStreamError, match="PROHIBITED"):
        await streamed(server)


@pytest.mark.parametrize("offset", [0, 100, 900, 1200, 2900, 3010])
async def test_a_connection_that_breaks_never_looks_finished(offset):
    """On a real socket too: a typed error with what had come, and no End."""
    data = recorded("gemini", "thought_and_call")
    reply = reply_bytes(data, break_at=offset, reset=offset > 1000)
    seen: list = []
    with FakeServer([reply]) as server, pytest.raises(StreamError) as caught:
        async for frame in client_of(server).stream("Hi", model=NAME):
            seen.append(frame)  # noqa: PERF401 - what came before the error is to be kept
    assert isinstance(caught.value, StreamTruncated)
    assert not any(isinstance(frame, End) for frame in seen)
    thoughts = "".join(frame.text for frame in seen if isinstance(frame, ReasoningDelta))
    assert caught.value.partial.reasoning == thoughts


async def test_tools_for_a_model_that_has_none():
    """The schema form asks for constrained output and gives ordinary calls."""
    words = json.dumps({"tool": "add", "arguments": {"x": 1}})
    with FakeServer([reply_text(words, pieces=3)]) as server:
        message = await message_of(server, tools=[ADD], tool_calling="schema")
    assert [(call.name, json.loads(call.arguments)) for call in message.tool_calls] == [
        ("add", {"x": 1})
    ]
    body = server.requests[0].body
    assert "tools" not in body and "const" not in json.dumps(body)
    assert body["generationConfig"]["responseMimeType"] == "application/json"


async def test_tools_described_in_words():
    """The prompted form works through this client too: the tools stand in the system text."""
    with FakeServer(["I need no tool."]) as server:
        message = await message_of(server, tools=[ADD], tool_calling="prompted")
    assert message.text == "I need no tool."
    assert "add" in json.dumps(server.requests[0].body["systemInstruction"])


async def test_models_are_listed_without_their_prefix():
    """The names as stream() takes them."""
    with FakeServer(models=("gemini-b", "gemini-a")) as server:
        assert await client_of(server).models() == ["gemini-a", "gemini-b"]
