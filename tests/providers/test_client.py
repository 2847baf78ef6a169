"""A client against a fake server on a real socket: frames, failures, closing, many at once."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import json
import logging

import pytest

from nbagent.errors import (
    AuthenticationError,
    ConfigurationError,
    ContextWindowExceeded,
    InvalidRequest,
    MalformedStream,
    Overloaded,
    ProviderError,
    ProviderStreamError,
    RateLimited,
    ServerError,
    StreamError,
    TransportError,
    UnsupportedCapability,
)
from nbagent.frames import End, TextDelta, ToolCallComplete
from nbagent.messages import ImagePart, Message, Prompt, ToolResultPart, ToolSpec
from nbagent.models import Capability, Model
from nbagent.providers import OpenAIChatClient
from nbagent.providers.client import seen_by, specs_of
from nbagent.testing import (
    FakeServer,
    Reply,
    reply_bytes,
    reply_calls,
    reply_error,
    reply_json,
    reply_text,
)
from tests.providers.asking import KEY, client_of, frames_of, text_of


async def test_a_reply_is_streamed():
    """Words, a call and the end come over a socket, and the request has key and body."""
    with FakeServer([reply_calls(("f", {"x": 1}), text="See.", pieces=3)]) as server:
        frames = await frames_of(client_of(server), tools=[ToolSpec("f")])
        (request,) = server.requests
    assert text_of(frames) == "See."
    assert [f.arguments for f in frames if isinstance(f, ToolCallComplete)] == ['{"x": 1}']
    assert isinstance(frames[-1], End)
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["tools"][0]["function"]["name"] == "f"


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("reset", [True, False])
async def test_a_socket_killed_at_every_byte(chunked, reset):
    """Wherever the connection breaks: a typed error with the words so far, no End, no hang."""
    stream = _recorded()
    end = stream.index(b'"finish_reason": "stop"')
    # A body that ends with the connection looks whole once the finish has come.
    offsets = range(0, len(stream) if chunked else end, 1 if chunked and not reset else 7)
    replies = [Reply(body=stream, break_at=at, chunked=chunked, reset=reset) for at in offsets]
    with FakeServer(replies) as server:
        client = client_of(server)
        for at in offsets:
            seen = ""
            try:
                async for frame in client.stream("hi", model="m"):
                    assert not isinstance(frame, End)
                    seen += frame.text if isinstance(frame, TextDelta) else ""
            except TransportError:
                assert seen == ""
                assert reset or at == 0  # a reset may overtake the headers
            except StreamError as error:
                assert error.partial.text == seen
                assert "Grüße 😀 und mehr".startswith(seen)
            else:
                pytest.fail(f"the break at byte {at} went unnoticed")
        await client.aclose()


def _recorded():
    """A stream of about 1 KB, half of it a call."""

    def chunk(delta, finish=None):
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        body = {"choices": [choice]}
        return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"

    words = [chunk({"content": piece}) for piece in ("Grü", "ße 😀", " und", " mehr")]
    first = {"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}}
    calls = [chunk({"tool_calls": [first]})]
    calls += [
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
        for piece in ('{"x"', ": [1, 2", "]}")
    ]
    return b"".join([*words, *calls, chunk({}, "stop"), b"data: [DONE]\n\n"])


async def test_a_break_before_the_headers():
    """The server hangs up without a word: no reply came."""
    with (
        FakeServer([Reply(break_at=-1)]) as server,
        pytest.raises(TransportError, match="broke before the reply"),
    ):
        await frames_of(client_of(server))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, InvalidRequest), (401, AuthenticationError), (403, AuthenticationError), (404, InvalidRequest),
     (413, InvalidRequest), (422, InvalidRequest), (429, RateLimited), (500, ServerError), (502, ServerError),
     (503, Overloaded), (529, Overloaded)],
)  # fmt: skip
async def test_each_status_is_its_error(status, kind):
    """The error has the status, the provider's code and words, and what to quote to support."""
    headers = {"x-request-id": "req-1", "retry-after": "2"}
    with (
        FakeServer([reply_error(status, "no luck", code="c", headers=headers)]) as server,
        pytest.raises(ProviderError, match=f"OpenAI answered {status}: no luck") as caught,
    ):
        await frames_of(client_of(server))
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.code, error.request_id, error.retry_after) == (
        status,
        "c",
        "req-1",
        2.0,
    )
    assert error.body["error"]["message"] == "no luck"


async def test_a_context_that_is_too_long():
    """It is told apart, and says what to do."""
    with (
        FakeServer([reply_error(400, "too long", code="context_length_exceeded")]) as server,
        pytest.raises(ContextWindowExceeded, match="Shorten the conversation"),
    ):
        await frames_of(client_of(server))


async def test_an_error_whose_body_never_comes():
    """The status says enough: a connection that breaks behind it does not hide it."""
    with (
        FakeServer([Reply(body=b'{"error":', status=401, break_at=5)]) as server,
        pytest.raises(AuthenticationError),
    ):
        await frames_of(client_of(server))


async def test_an_html_page_of_a_proxy():
    """A page is named by its title, with an error status or with 200."""
    page = b"<html><title>502 Bad Gateway</title></html>"
    with FakeServer([Reply(body=page, status=502), Reply(body=page)]) as server:
        with pytest.raises(ServerError, match="502 Bad Gateway"):
            await frames_of(client_of(server))
        with pytest.raises(MalformedStream, match="HTML"):
            await frames_of(client_of(server))


async def test_json_although_a_stream_was_asked_for():
    """A whole answer is one event; an error object in it is an error."""
    message = {"role": "assistant", "content": "Hi"}
    with FakeServer([
        reply_json({"choices": [{"message": message, "finish_reason": "stop"}]}),
        reply_json({"error": {"message": "no such model"}}),
    ]) as server:  # fmt: skip
        assert text_of(await frames_of(client_of(server))) == "Hi"
        with pytest.raises(ProviderStreamError, match="no such model"):
            await frames_of(client_of(server))


async def test_the_key_is_nowhere(caplog):
    """Not in reprs, not in errors, also when the server repeats it, also in mid-stream."""
    caplog.set_level(logging.DEBUG)
    echo = f"bad key {KEY}"
    inside = b'data: {"error": {"message": "bad key ' + KEY.encode() + b'"}}\n\n'
    garbled = b"data: {" + KEY.encode() + b"}\n\n"
    with FakeServer([reply_error(401, echo), reply_bytes(inside), reply_bytes(garbled)]) as server:
        client = client_of(server)
        assert KEY not in repr(client)
        for _ in range(3):
            with pytest.raises((ProviderError, StreamError)) as caught:
                await frames_of(client)
            error = caught.value
            assert KEY not in f"{error} {error!r} {vars(error)}"
            assert "***" in str(error)
    assert KEY not in caplog.text


@pytest.mark.parametrize("key", ["sk-ключ-secret", "sk-a\nb-secret", "sk-a\x00b-secret"])
async def test_a_key_that_cannot_be_sent(key):
    """It is refused without being repeated; white space around a key is taken off."""
    with pytest.raises(ConfigurationError) as caught:
        OpenAIChatClient(key)
    assert "secret" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="x-secret"):
        OpenAIChatClient("k", headers={"x-secret": key})
    with FakeServer(["Hi"]) as server:
        await frames_of(OpenAIChatClient(f" {KEY}\n", server.url))
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_no_key(monkeypatch):
    """The error names the variable; a server of one's own needs no key."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        OpenAIChatClient()
    assert not OpenAIChatClient.configured()
    assert OpenAIChatClient(base_url="http://localhost:1/v1").base_url == "http://localhost:1/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://user:pass@host:1/v1/")
    assert repr(OpenAIChatClient()) == "OpenAIChatClient(base_url='http://host:1/v1')"


async def test_headers_of_ones_own():
    """They are sent, and may take the place of the client's."""
    with FakeServer(["Hi"]) as server:
        await frames_of(client_of(server, headers={"x-a": "1", "authorization": "mine"}))
        sent = server.requests[0].headers
    assert (sent["x-a"], sent["authorization"]) == ("1", "mine")


async def test_models():
    """The names that the server offers, in order; or no server."""
    with FakeServer(models=["b", "a"]) as server:
        client = client_of(server)
        assert await client.models() == ["a", "b"]
    with pytest.raises(TransportError):
        await client.models()


@pytest.mark.parametrize("form", ["schema", "prompted"])
async def test_emulated_tool_calling_over_a_socket(form):
    """The request has no tools and the frames have a call, whatever the form."""
    said = {
        "schema": '{"tool": "f", "arguments": {"x": 1}}',
        "prompted": '<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>',
    }[form]
    with FakeServer([reply_text(said, pieces=9)]) as server:
        frames = await frames_of(client_of(server), tools=[ToolSpec("f")], tool_calling=form)
        body = server.requests[0].body
    assert [(f.name, f.arguments) for f in frames if isinstance(f, ToolCallComplete)] == [
        ("f", '{"x": 1}')
    ]
    assert text_of(frames) == ""
    assert frames[-1].finish_reason == "tool_calls"
    assert "tools" not in body
    assert ("response_format" in body) == (form == "schema")


async def test_nothing_is_sent_when_it_cannot_work():
    """A model without tools, and one without eyes, are refused before any request."""
    blind = Model("openai", "m", frozenset({Capability.TOOLS}))
    with FakeServer(["Hi"]) as server:
        client = client_of(server)
        with pytest.raises(UnsupportedCapability):
            await frames_of(client, tools=[ToolSpec("f")], tool_calling="none")
        with pytest.raises(UnsupportedCapability, match="cannot see images"):
            prompt = [Message.user("look", ImagePart(b"png"))]
            [frame async for frame in client.stream(prompt, model=blind)]
        with pytest.raises(ConfigurationError, match="Unknown parameter"):
            await frames_of(client, temprature=1)
        assert server.requests == []


def test_pictures_of_tools_are_left_out_for_a_model_without_eyes():
    """The text of a result is enough for it."""
    blind = Model("p", "m", frozenset())
    result = ToolResultPart("1", "f", "a figure", (ImagePart(b"png"),))
    from_tool = Message.tool(result)
    (message,) = seen_by(blind, Prompt((from_tool,))).messages
    (seen,) = message.tool_results
    assert seen.images == ()
    assert seen.text.startswith("a figure\n")
    assert "the person sees the picture" in seen.text
    assert seen_by("m", Prompt((from_tool,))).messages == (from_tool,)


def test_what_counts_as_a_tool():
    """Specs, and what has one; anything else is told what to do."""

    class WithSpec:
        spec = ToolSpec("g")

    assert specs_of([ToolSpec("f"), WithSpec()]) == (ToolSpec("f"), ToolSpec("g"))
    with pytest.raises(ConfigurationError, match="Decorate the function with @tool"):
        specs_of([len])
