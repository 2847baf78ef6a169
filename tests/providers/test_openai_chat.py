"""Chunks of chat completions to frames, wherever the bytes are cut; and the body of a request."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.errors import (
    IncompleteToolCall,
    MalformedStream,
    ProviderStreamError,
    StreamError,
    StreamTruncated,
)
from nbagent.frames import End, ReasoningComplete, TextComplete, ToolCallComplete
from nbagent.messages import Message, Prompt, ToolSpec, Usage
from nbagent.providers import OpenAIChatClient
from nbagent.providers.openai_chat import OpenAIChatDecoder
from nbagent.providers.params import Params
from tests.cutting import cut, each_cut, outcome, places

DONE = b"data: [DONE]\n\n"


def chunk(delta=None, finish=None, choice=None, **more):
    """One chunk, as a server writes it."""
    whole = {"index": 0, "delta": delta or {}, "finish_reason": finish, **(choice or {})}
    body = {"id": "r", "object": "chat.completion.chunk", "model": "m", "choices": [whole], **more}
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"


def tool(index=0, id=None, name=None, arguments=None):
    """The delta of a piece of a call."""
    function = {k: v for k, v in (("name", name), ("arguments", arguments)) if v is not None}
    entry = {"index": index, "id": id, "function": function}
    return {"tool_calls": [{k: v for k, v in entry.items() if v is not None}]}


def decode(*pieces):
    """The frames and the error of these bytes."""
    decoder = OpenAIChatDecoder()
    frames = []
    for piece in pieces:
        frames += decoder.feed(piece)
        if decoder.error or decoder.done:
            break
    if decoder.error is None:
        frames += decoder.flush()
    if decoder.error is not None:
        assert not any(isinstance(frame, End) for frame in frames)
    return frames, decoder.error


def text_of(frames):
    """The words of the complete frames."""
    return "".join(frame.text for frame in frames if isinstance(frame, TextComplete))


STOP = chunk(finish="stop")
ODD = "a\u2028b\u2029c\u0085d\x1ce é😀"
STREAMS = {
    # Bytes, the words, the calls.
    "plain": (chunk({"content": "Hello"}) + STOP + DONE, "Hello", []),
    "BOM": (b"\xef\xbb\xbf" + chunk({"content": "Hello"}) + STOP + DONE, "Hello", []),
    "CR": ((chunk({"content": "Hello"}) + STOP + DONE).replace(b"\n", b"\r"), "Hello", []),
    "CRLF": ((chunk({"content": "Hello"}) + STOP + DONE).replace(b"\n", b"\r\n"), "Hello", []),
    "no space": ((chunk({"content": "Hi"}) + STOP + DONE).replace(b"data: ", b"data:"), "Hi", []),
    "comments": (b": OPENROUTER PROCESSING\n\n" + chunk({"content": "Hi"}) + b": ping\n\n" + STOP + DONE, "Hi", []),
    "ping without data": (b"event: ping\n\n" + chunk({"content": "Hi"}) + STOP + DONE, "Hi", []),
    "ping with empty data": (b"event: ping\ndata:\n\ndata:  \n\n" + chunk({"content": "Hi"}) + STOP + DONE, "Hi", []),
    "ping with an object": (b"event: ping\ndata: {}\n\n" + chunk({"content": "Hi"}) + STOP + DONE, "Hi", []),
    "other fields": (b"id: 1\nretry: 5\nevent: chunk\n" + chunk({"content": "Hi"}) + STOP + DONE, "Hi", []),
    "several data lines": (b'data: {"choices": [{"delta":\ndata: {"content": "Hi"},\ndata: "finish_reason": "stop"}]}\n\n' + DONE, "Hi", []),
    "separators in strings": (chunk({"content": ODD}) + STOP + DONE, ODD, []),
    "bare control characters": (chunk({"content": "aXb"}).replace(b"X", b"\x0b") + STOP + DONE, "a\x0bb", []),
    "invalid UTF-8": (chunk({"content": "aXb"}).replace(b"X", b"\xff") + STOP + DONE, "a\ufffdb", []),
    "a lone surrogate": (chunk({"content": "aXb"}).replace(b"X", b"\\ud83d") + STOP + DONE, "a\ufffdb", []),
    "last event without blank line": (chunk({"content": "Hi"}) + STOP + b"data: [DONE]", "Hi", []),
    "last chunk without blank line": (chunk({"content": "Hi"}) + STOP.rstrip(b"\n"), "Hi", []),
    "DONE missing": (chunk({"content": "Hi"}) + STOP, "Hi", []),
    "DONE twice": (chunk({"content": "Hi"}) + STOP + DONE + DONE, "Hi", []),
    "words behind DONE": (chunk({"content": "Hi"}) + STOP + DONE + chunk({"content": "x"}), "Hi", []),
    "no finish reason": (chunk({"content": "Hi"}) + DONE, "Hi", []),
    "two finishes": (chunk({"content": "Hi"}) + STOP + chunk(finish="stop") + DONE, "Hi", []),
    "words with the finish": (chunk({"content": "Hi"}, "stop") + DONE, "Hi", []),
    "empty choices": (chunk(choices=[]) + chunk({"content": "Hi"}) + STOP + chunk(choices=[]) + DONE, "Hi", []),
    "choices null": (chunk(choices=None) + chunk({"content": "Hi"}) + STOP + DONE, "Hi", []),
    "delta null": (chunk(choice={"delta": None}) + chunk({"content": "Hi"}) + STOP + DONE, "Hi", []),
    "content null": (chunk({"role": "assistant", "content": None}) + chunk({"content": "Hi"}) + STOP + DONE, "Hi", []),
    "several choices": (chunk({"content": "Hi"}) + chunk({"content": "x"}, choice={"index": 1}) + chunk(finish="length", choice={"index": 1}) + STOP + DONE, "Hi", []),
    "several choices without index": (chunk(choices=[{"delta": {"content": "Hi"}}, {"delta": {"content": "x"}}]) + STOP + DONE, "Hi", []),
    "several choices in one chunk": (chunk(choices=[{"index": 1, "delta": {"content": "x"}}, {"index": 0, "delta": {"content": "Hi"}}]) + STOP + DONE, "Hi", []),
    "the second choice ends first": (chunk({"content": "x"}, "length", choice={"index": 1}) + chunk({"content": "Hi"}) + STOP + DONE, "Hi", []),
    "two finishes, the other one late": (chunk({"content": "Hi"}) + STOP + chunk(finish="length") + DONE, "Hi", []),
    "an empty finish": (chunk({"content": "Hi"}, "") + STOP + DONE, "Hi", []),
    "an empty delta beside a whole message": (chunk({"content": "Hi"}) + chunk({}, "stop", choice={"message": {"content": "Hi"}}) + DONE, "Hi", []),
    "one word many times": (b"".join(chunk({"content": w}) for w in ("H", "i", "", "!", "\"", "\\")) + STOP + DONE, 'Hi!"\\', []),
    "padding that changes": (b"".join(chunk({"content": w}, obfuscation="x" * n) for n, w in enumerate("Hello")) + STOP + DONE, "Hello", []),
    "ids that are numbers": (chunk({"content": "Hi"}, id=5, model=None) + STOP + DONE, "Hi", []),
    "a call in many pieces": (chunk(tool(0, "a", "f", "")) + b"".join(chunk(tool(arguments=p)) for p in ('{"x', '":"', "}", "\\", '"{', '"', ",", '"y"', ":", "1", "}")) + STOP + DONE, "", [("f", '{"x":"}\\"{","y":1}')]),
    "calls glued, in many pieces": (chunk(tool(0, "a", "f", "")) + b"".join(chunk(tool(arguments=p)) for p in ("{", "}", "{", '"x"', ":", "1", "}", " ", "{}")) + STOP + DONE, "", [("f", "{}"), ("f", '{"x":1} '), ("f", "{}")]),
    "calls that alternate": (chunk(tool(0, "a", "f", "")) + chunk(tool(1, "b", "g", "")) + b"".join(chunk(tool(i, arguments=p)) for i, p in ((0, "{"), (1, "{"), (0, '"x"'), (0, ":"), (0, "1"), (1, '"y"'), (1, ":"), (1, "2"), (0, "}"), (1, "}"))) + STOP + DONE, "", [("f", '{"x":1}'), ("g", '{"y":2}')]),
    "id on every piece": (b"".join(chunk(tool(0, "a", "f", p)) for p in ("", "{", '"x"', ":", "1", "}")) + STOP + DONE, "", [("f", '{"x":1}')]),
    "content as parts": (chunk({"content": [{"type": "text", "text": "Hi"}]}) + STOP + DONE, "Hi", []),
    "a JSON body": (json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]}, indent=1).encode(), "Hi", []),
    "a JSON body behind a BOM": (b'\xef\xbb\xbf {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}\n', "Hi", []),
    "a call": (chunk(tool(0, "a", "f", "")) + chunk(tool(arguments='{"x"')) + chunk(tool(arguments=":1}")) + chunk(finish="tool_calls") + DONE, "", [("f", '{"x":1}')]),
    "a call that ends in stop": (chunk(tool(0, "a", "f", "{}")) + STOP + DONE, "", [("f", "{}")]),
    "two calls interleaved": (chunk(tool(0, "a", "f", "{")) + chunk(tool(1, "b", "g", "{")) + chunk(tool(0, arguments="}")) + chunk(tool(1, arguments="}")) + STOP + DONE, "", [("f", "{}"), ("g", "{}")]),
    "a call without index": (chunk({"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]}) + STOP + DONE, "", [("f", "{}")]),
    "index as a string": (chunk(tool("0", "a", "f", "{")) + chunk(tool("0", arguments="}")) + STOP + DONE, "", [("f", "{}")]),
    "arguments as an object": (chunk(tool(0, "a", "f", {"x": 1})) + STOP + DONE, "", [("f", '{"x":1}')]),
    "an old function call": (chunk({"function_call": {"name": "f", "arguments": "{"}}) + chunk({"function_call": {"arguments": "}"}}) + chunk(finish="function_call") + DONE, "", [("f", "{}")]),
    "a JSON body with a call": (json.dumps({"choices": [{"message": {"content": None, "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}, "finish_reason": "tool_calls"}]}).encode(), "", [("f", "{}")]),
    "broken arguments": (chunk(tool(0, "a", "f", '{"x": oops')) + chunk(finish="tool_calls") + DONE, "", [("f", '{"x": oops')]),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_streams_that_end_well(name):
    """Words and calls are right, and the same wherever the bytes are cut."""
    stream, text, calls = STREAMS[name]
    frames, error = decode(stream)
    assert error is None
    assert text_of(frames) == text
    assert [(f.name, f.arguments) for f in frames if isinstance(f, ToolCallComplete)] == calls
    assert [isinstance(frame, End) for frame in frames].count(True) == 1
    assert frames[-1].finish_reason == ("tool_calls" if calls else "stop")
    want = outcome(OpenAIChatDecoder(), [stream])
    for pieces in each_cut(stream):
        assert outcome(OpenAIChatDecoder(), pieces) == want


HI = chunk({"content": "Hi"})
FAILURES = {
    # Bytes, the error, words of it, the partial text.
    "nothing": (b"", StreamTruncated, "broke off", ""),
    "white space": (b" \n\n", StreamTruncated, "broke off", ""),
    "only comments": (b": ping\n\n" * 9, StreamTruncated, "broke off", ""),
    "no end": (HI, StreamTruncated, "broke off", "Hi"),
    "cut in a chunk": (HI + HI[:-20], StreamTruncated, "broke off", "Hi"),
    "cut in a call": (HI + chunk(tool(0, "a", "f", '{"x')), StreamTruncated, "broke off", "Hi"),
    "cut by length": (HI + chunk(tool(0, "a", "f", '{"x')) + chunk(finish="length") + DONE, IncompleteToolCall, "max_tokens", "Hi"),
    "a call cut without a reason": (HI + chunk(tool(0, "a", "f", '{"x')) + DONE, IncompleteToolCall, "cut off", "Hi"),
    "an error event": (HI + b'data: {"error": {"message": "overloaded", "code": "busy"}}\n\n', ProviderStreamError, "overloaded", "Hi"),
    "a named error event": (HI + b'event: error\ndata: {"message": "overloaded"}\n\n', ProviderStreamError, "overloaded", "Hi"),
    "a named error in words": (HI + b"event: error\ndata: overloaded\n\n", ProviderStreamError, "overloaded", "Hi"),
    "an error beside choices": (HI + chunk(finish="error", error={"message": "lost"}), ProviderStreamError, "lost", "Hi"),
    "an error as finish": (HI + chunk(finish="error"), ProviderStreamError, "finish_reason", "Hi"),
    "an error object as body": (b'{"error": {"message": "no model", "type": "x"}}', ProviderStreamError, "no model", ""),
    "an error object in a list": (b'[{"error": {"message": "no model"}}]', ProviderStreamError, "no model", ""),
    "an error as a string": (b'{"error": "no model"}', ProviderStreamError, "no model", ""),
    "HTML": (b"<!DOCTYPE html><html><title>502</title>", MalformedStream, "HTML", ""),
    "HTML behind white space": (b"\r\n  <html>", MalformedStream, "HTML", ""),
    "not JSON": (HI + b"data: {not json}\n\n", MalformedStream, "not JSON", "Hi"),
    "not an object": (HI + b"data: 5\n\n", MalformedStream, "not an object", "Hi"),
    "a refusal of another type": (HI + chunk({"content": "x", "refusal": 5}), MalformedStream, "unknown shape", "Hix"),
    "a finish of another type": (HI + chunk(finish=["stop"]), MalformedStream, "unknown shape", "Hi"),
    "a name of another type": (HI + chunk(tool(0, "a", 5, "{}")), MalformedStream, "unknown shape", "Hi"),
    "an index of another type": (HI + chunk(tool([], "a", "f", "{}")), MalformedStream, "unknown shape", "Hi"),
    "another shape": (HI + b'data: {"choices": [5]}\n\n', MalformedStream, "unknown shape", "Hi"),
    "choices as a string": (HI + b'data: {"choices": "abc"}\n\n', MalformedStream, "unknown shape", "Hi"),
    "tool calls as a number": (HI + chunk({"tool_calls": 5}), MalformedStream, "unknown shape", "Hi"),
    "a JSON body that is cut": (b'{"choices": [', StreamTruncated, "broke off", ""),
    "a body that is not JSON": (b"{oops}", MalformedStream, "not JSON", ""),
    "nested beyond reason": (HI + b"data: " + b"[" * 3000 + b"\n\n", MalformedStream, "not JSON", "Hi"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_streams_that_end_badly(name):
    """Every way to fail is an error of the tree with what had come, and the same for every cut."""
    stream, kind, words, partial = FAILURES[name]
    _, error = decode(stream)
    assert type(error) is kind
    assert words in str(error)
    assert error.partial == (Message.assistant(partial) if partial else Message("assistant"))
    want = outcome(OpenAIChatDecoder(), [stream])
    for pieces in [cut(stream, [place]) for place in range(1, min(len(stream), 600))] + [
        cut(stream, range(len(stream)))
    ]:
        assert outcome(OpenAIChatDecoder(), pieces) == want


RECORDED = (
    b"\xef\xbb\xbf"
    + chunk({"role": "assistant", "content": ""})
    + chunk({"reasoning_content": "Let me think"})
    + b": keep-alive\r\n\r\n"
    + chunk({"content": "Grüße 😀, "}).replace(b"\n", b"\r\n")
    + chunk({"content": "\u2028 see:"}).replace(b"\n", b"\r")
    + chunk(tool(0, "a", "f", ""))
    + chunk(tool(1, None, "g", '{"y": "é'))
    + chunk(tool(0, arguments='{"x": 1}'))
    + chunk(tool(1, "late", arguments='"}'))
    + chunk(finish="tool_calls")
    + chunk(choices=[], usage={"prompt_tokens": 9, "completion_tokens": 7})
    + DONE
)


@settings(max_examples=100, deadline=None)
@given(places(len(RECORDED)))
def test_random_cuts_of_a_recorded_stream(where):
    """Many cuts at once change nothing."""
    want = outcome(OpenAIChatDecoder(), [RECORDED])
    assert outcome(OpenAIChatDecoder(), cut(RECORDED, where)) == want


def test_every_cut_of_a_recorded_stream():
    """Nor does one at any byte."""
    want = outcome(OpenAIChatDecoder(), [RECORDED])
    for pieces in each_cut(RECORDED):
        assert outcome(OpenAIChatDecoder(), pieces) == want


def test_every_truncation_of_a_recorded_stream():
    """Cut short at any byte before the finish, it raises with the words so far; it never ends."""
    finished = RECORDED.index(b'"finish_reason": "tool_calls"')
    whole = OpenAIChatDecoder()
    whole.feed(RECORDED)
    for size in range(finished):
        frames, error = decode(RECORDED[:size])
        assert isinstance(error, StreamError)
        seen = "".join(frame.text for frame in frames if frame.kind == "text_delta")
        assert error.partial.text == seen
        assert whole.message.text.startswith(seen)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_bytes_raise_anything_else(data):
    """Garbage, cut anywhere, gives frames or an error of the tree; the same for every cut."""
    atoms = st.sampled_from(
        [b"data: ", b"\n", b"\n\n", b"\r", HI, STOP, DONE, b"{", b"}", b"[", b'"', b"null", b"\xff", b"<", b"event: error\n",
         b'{"choices": [{"delta": {"tool_calls": [{"function": null}]}}]}', b'{"choices": [null]}', b"\xef\xbb\xbf", b" ",
         b'data: {"choices": [{"delta": "x"}]}\n\n', b'data: {"usage": 5}\n\n', b'data: {"id": 5, "model": []}\n\n',
         chunk(tool(0, "a", "f", "{")), chunk(tool(0, None, None, "}"))]
    )  # fmt: skip
    stream = b"".join(data.draw(st.lists(atoms, max_size=12)))
    want = outcome(OpenAIChatDecoder(), [stream])
    assert outcome(OpenAIChatDecoder(), cut(stream, data.draw(places(len(stream))))) == want


@pytest.mark.parametrize(
    "junk",
    [
        b"x" * 65536,
        b": comment\n" * 6554,
        b"data: x\n" * 8192,
        b"\n" * 65536,
        b'{"a": "' + b"x" * 65536,
    ],
)
def test_endless_garbage_is_bounded(junk):
    """Bytes that never make an event end in a clear error after some megabytes."""
    decoder = OpenAIChatDecoder()
    for _ in range(200):
        decoder.feed(junk)
        if decoder.error is not None:
            break
    assert isinstance(decoder.error, MalformedStream)
    assert "8,388,608 bytes" in str(decoder.error)


def test_an_event_of_ten_megabytes_is_refused():
    """It is refused with what came before it, whether it comes at once or in pieces."""
    stream = HI + b"data: " + b"x" * 10_000_000 + b"\n\n" + STOP
    for size in (len(stream), 65536):
        frames, error = decode(*cut(stream, range(0, len(stream), size)))
        assert isinstance(error, MalformedStream)
        assert error.partial.text == "Hi"
        assert [frame.kind for frame in frames] == ["text_delta"]


def test_what_the_end_says():
    """Usage with cached and reasoning tokens, model, id, and what else the last chunk had."""
    usage = {
        "prompt_tokens": 10, "completion_tokens": 20,
        "prompt_tokens_details": {"cached_tokens": 3}, "completion_tokens_details": {"reasoning_tokens": 4},
    }  # fmt: skip
    frames, _ = decode(HI + STOP + chunk(choices=[], usage=usage, citations=["u"]) + DONE)
    end = frames[-1]
    assert end.usage == Usage(10, 20, 3, 4)
    assert (end.model, end.response_id) == ("m", "r")
    assert end.raw == {"finish_reason": "stop", "usage": usage, "citations": ["u"]}


def test_running_totals_are_not_summed_up():
    """The last usage counts; null ones do not."""
    chunks = [
        chunk({"content": "a"}, usage={"prompt_tokens": 5, "completion_tokens": n}) for n in (1, 2)
    ]
    frames, _ = decode(*chunks, STOP, chunk(usage=None), DONE)
    assert frames[-1].usage == Usage(5, 2)


@pytest.mark.parametrize(
    ("given", "want"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "stop"),
        ("eos", "stop"),
        ("weird", "other"),
    ],
)
def test_finish_reasons(given, want):
    """Each is translated, and the provider's own word stands in raw."""
    frames, _ = decode(HI + chunk(finish=given) + DONE)
    assert (frames[-1].finish_reason, frames[-1].raw["finish_reason"]) == (want, given)


def test_a_refusal():
    """Its words are the answer, and the reason says what they are."""
    frames, _ = decode(chunk({"refusal": "I cannot."}) + STOP + DONE)
    assert text_of(frames) == "I cannot."
    assert frames[-1].finish_reason == "refusal"


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
    ],
)
def test_reasoning(delta):
    """DeepSeek's, OpenRouter's and Mistral's reasoning come out as reasoning."""
    frames, _ = decode(chunk(delta) + HI + STOP + DONE)
    assert ReasoningComplete("hm", 0) in frames
    assert text_of(frames) == "Hi"


def body(prompt="hi", tools=(), base_url=None, **params):
    """The body of a request."""
    client = OpenAIChatClient("key", base_url)
    return client.encode(Prompt.of(prompt), model="m", tools=tools, params=Params.of(params))


def test_the_body_of_a_request(monkeypatch):
    """Only what was asked for is in it."""
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert body() == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert body(max_tokens=5)["max_completion_tokens"] == 5
    assert body(base_url="http://localhost:1/v1", max_tokens=5)["max_tokens"] == 5
    given = {"temperature": 0, "seed": 1, "stop": ["x"], "reasoning_effort": "low"}
    assert given.items() <= body(**given).items()
    assert body(extra={"top_k": 3, "stream_options": {}})["top_k"] == 3


def test_tools_in_the_body():
    """Tools, the choice among them, and whether several may be called."""
    spec = ToolSpec("f", "Does f.", {"type": "object"}, strict=True)
    made = body(tools=[spec], tool_choice="f", parallel_tool_calls=False)
    function = {
        "name": "f",
        "description": "Does f.",
        "parameters": {"type": "object"},
        "strict": True,
    }
    assert made["tools"] == [{"type": "function", "function": function}]
    assert made["tool_choice"] == {"type": "function", "function": {"name": "f"}}
    assert made["parallel_tool_calls"] is False
    assert body(tools=[spec], tool_choice="required")["tool_choice"] == "required"
    assert "tool_choice" not in body(tool_choice="required")


def test_the_form_of_the_answer_in_the_body():
    """A schema is sent as the response format, strict when it is closed."""
    closed = {
        "title": "N",
        "type": "object",
        "properties": {"a": {}},
        "required": ["a"],
        "additionalProperties": False,
    }
    wanted = {"name": "N", "schema": closed, "strict": True}
    assert body(output=closed)["response_format"] == {"type": "json_schema", "json_schema": wanted}
    assert body(output={"type": "object"})["response_format"]["json_schema"]["strict"] is False
