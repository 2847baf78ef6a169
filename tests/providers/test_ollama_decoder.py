"""Ollama's JSON lines: whole calls, thoughts, ends and errors, however the bytes are cut."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama import ChatResponse

from nbagent.errors import MalformedStream, ProviderStreamError, StreamError, StreamTruncated
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.messages import TextPart, Usage
from nbagent.providers.ollama_decoder import OllamaDecoder
from tests.cutting import cut, each_cut, outcome, places
from tests.providers.odd_values import with_odd_value

STREAMS = Path(__file__).parent.parent / "fixtures" / "streams" / "ollama"
NAMES = sorted(path.name for path in STREAMS.iterdir())
DONE = (
    b'{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}\n'
)


def recorded(name: str) -> bytes:
    """A recorded stream."""
    return (STREAMS / name).read_bytes()


def line(**message: object) -> bytes:
    """A line with this message."""
    value = {"model": "m", "message": {"role": "assistant", **message}, "done": False}
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def calls(*values: object) -> bytes:
    """A line with these calls."""
    return line(content="", tool_calls=list(values))


def decode(data: bytes) -> tuple[list, OllamaDecoder]:
    """The frames of the bytes, and the decoder."""
    decoder = OllamaDecoder()
    frames = decoder.feed(data)
    return frames + decoder.flush(), decoder


def good(data: bytes) -> list:
    """The frames of bytes that end well."""
    frames, decoder = decode(data)
    assert decoder.error is None
    assert isinstance(frames[-1], End)
    return frames


def test_words():
    """Words come as they are said; counts and durations stand in the End."""
    *frames, end = good(recorded("text.ndjson"))
    assert frames == [
        TextDelta("The", 0),
        TextDelta(" sky – blue.", 0),
        TextComplete("The sky – blue.", 0),
    ]
    assert (end.finish_reason, end.usage, end.model) == ("stop", Usage(26, 282), "llama3.2")
    assert end.raw["done_reason"] == "stop"
    assert end.raw["eval_duration"] == 4535599000


def test_a_thought_and_a_call():
    """Thinking is reasoning; a call comes whole, its arguments as JSON text, with an id."""
    *frames, end = good(recorded("thinking_call.ndjson"))
    assert frames[:3] == [
        ReasoningDelta("The user", 0),
        ReasoningDelta(" wants weather.", 0),
        ReasoningComplete("The user wants weather.", 0, "", None),
    ]
    delta, whole = frames[3:]
    assert isinstance(delta, ToolCallDelta)
    assert delta.tool_call_id
    arguments = '{"format":"celsius","location":"Toronto"}'
    assert whole == ToolCallComplete(delta.tool_call_id, "get_current_weather", arguments, 1)
    assert end.finish_reason == "tool_calls"


def test_several_calls_stay_apart():
    """On one line or on several, with an id or without, of one name: each call is its own."""
    frames = good(recorded("two_calls.ndjson"))
    found = [frame for frame in frames if isinstance(frame, ToolCallComplete)]
    assert [call.arguments for call in found] == ['{"city":"Oslo"}', '{"city":"Rome"}', "{}"]
    assert len({call.tool_call_id for call in found}) == 3
    assert found[2].tool_call_id == "call_x1"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [({}, "{}"), (None, "{}"), ("", "{}"), ('{"x": 1}', '{"x": 1}'), ({"x": "é"}, '{"x":"é"}')],
)
def test_forms_of_arguments(arguments, text):
    """Arguments as an object, as text, or not at all."""
    data = calls({"function": {"name": "f", "arguments": arguments}}) + DONE
    assert [f.arguments for f in good(data) if isinstance(f, ToolCallComplete)] == [text]


def test_the_token_limit():
    """The last line may carry words, and says that the limit was reached."""
    *frames, end = good(recorded("length.ndjson"))
    assert frames[-1] == TextComplete("Once upon", 0)
    assert end.finish_reason == "length"


def test_a_model_that_was_only_loaded():
    """A request without messages loads the model; nothing was said."""
    (end,) = good(recorded("load.ndjson"))
    assert end.finish_reason == "other"
    assert end.raw["done_reason"] == "load"


def test_an_older_server_gives_no_reason():
    """Without a reason the end is a plain one, with what is known of the tokens."""
    end = good(b'{"model":"m","message":{"content":"Hi"},"done":true,"eval_count":2}')[-1]
    assert (end.finish_reason, end.usage) == ("stop", Usage(0, 2))


def test_an_error_in_mid_stream():
    """An error line raises, with what had been said until then."""
    frames, decoder = decode(recorded("error.ndjson"))
    assert frames == [TextDelta("Once", 0)]
    assert isinstance(decoder.error, ProviderStreamError)
    assert "unexpected EOF" in str(decoder.error)
    assert decoder.error.partial.parts == (TextPart("Once"),)


@pytest.mark.parametrize(
    "data",
    [
        b'{"error":"boom"}\n',
        b'{"error":"boom"}',
        b'{"error":{"message":"boom","type":"api_error"}}\n',
        b'{\n  "error": {\n    "message": "boom"\n  }\n}\n',
    ],
)
def test_an_error_instead_of_a_stream(data):
    """A 200 that is one error object is that error, also when a proxy has set it in lines."""
    error = decode(data)[1].error
    assert isinstance(error, ProviderStreamError)
    assert "boom" in str(error)


def test_an_answer_in_several_lines():
    """One answer instead of a stream, spread over lines, is read."""
    value = {"model": "m", "message": {"role": "assistant", "content": "Hi"}, "done": True}
    assert good(json.dumps(value, indent=2).encode())[1] == TextComplete("Hi", 0)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<html>502</html>", MalformedStream),
        (b"Bad gateway\n", MalformedStream),
        (line(content="a") + b"nonsense\n", MalformedStream),
        (line(content="a") + b"[1]\n", MalformedStream),
        (line(content="a") + b'{"message": 7}\n', MalformedStream),
        (line(content="a"), StreamTruncated),
        (line(content="a") + b"\n\r\n", StreamTruncated),
        (line(content="a") + DONE[:40], StreamTruncated),
        (b"", StreamTruncated),
    ],
)
def test_streams_that_end_badly(data, kind):
    """What is no such line is malformed; what stops too early broke off."""
    frames, decoder = decode(data)
    assert isinstance(decoder.error, kind)
    assert not any(isinstance(frame, End) for frame in frames)


def test_characters_that_look_like_line_ends():
    """Only line feeds end a line; a BOM, blank lines and CRLF do no harm."""
    text = "a\u2028b\u2029c\u0085d\x0be"
    data = b"\xef\xbb\xbf\r\n" + line(content=text).replace(b"\n", b"\r\n\r\n") + DONE
    assert good(data)[1] == TextComplete(text, 0)


def test_what_follows_the_end_is_not_read():
    """Nothing after the end marker changes the reply."""
    assert good(DONE + line(content="more") + b"junk\n") == good(DONE)


@pytest.mark.parametrize("name", NAMES)
def test_every_cut_gives_the_same(name):
    """Two pieces cut at any byte, and single bytes, give what the whole gives."""
    data = recorded(name)
    whole = outcome(OllamaDecoder(), [data])
    for pieces in each_cut(data):
        assert outcome(OllamaDecoder(), pieces) == whole


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2), st.binary(max_size=30), st.data())
def test_random_cuts_and_junk(names, junk, data):
    """Streams with junk inside give frames, and at most an error of the tree, for any pieces."""
    content = b"".join(map(recorded, names))
    at = data.draw(st.integers(0, len(content)))
    content = content[:at] + junk + content[at:]
    decoder = OllamaDecoder()
    whole = outcome(decoder, [content])
    assert decoder.error is None or isinstance(decoder.error, StreamError)
    assert outcome(OllamaDecoder(), cut(content, data.draw(places(len(content))))) == whole


@pytest.mark.parametrize("name", ["text.ndjson", "thinking_call.ndjson", "two_calls.ndjson"])
def test_every_truncation_is_an_error(name):
    """A stream that stops at any byte before its end marker raises, with what had come."""
    data = recorded(name)
    for size in range(len(data.rstrip())):
        frames, decoder = decode(data[:size])
        assert isinstance(decoder.error, StreamTruncated), size
        assert not any(isinstance(frame, End) for frame in frames)
        said = "".join(frame.text for frame in frames if isinstance(frame, TextDelta))
        assert decoder.error.partial.text == said
    assert decode(data.rstrip())[1].error is None


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_values_of_other_types(name, data):
    """A value of another type than the protocol's gives frames or an error of the tree."""
    values = [json.loads(each) for each in recorded(name).splitlines()]
    at = data.draw(st.integers(0, len(values) - 1))
    values[at] = with_odd_value(data.draw, values[at])
    frames, decoder = decode(b"".join(json.dumps(value).encode() + b"\n" for value in values))
    assert decoder.error is None or isinstance(decoder.error, StreamError)
    assert decoder.error is None or not any(isinstance(frame, End) for frame in frames)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "error.ndjson"])
def test_the_recorded_lines_are_the_clients(name):
    """Ollama's own client knows every line of the recordings by its type."""
    for each in recorded(name).splitlines():
        ChatResponse.model_validate_json(each, strict=True)
