"""The schema form: one JSON object becomes words or a call while it streams."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.assembly import FrameAssembler
from nbagent.calling.schema_decoder import SchemaDecoder, SchemaText
from nbagent.errors import IncompleteToolCall, ProviderStreamError, StreamTruncated
from nbagent.frames import End, ReasoningComplete, TextComplete, TextDelta, ToolCallComplete
from nbagent.messages import Message
from nbagent.providers.openai_chat import OpenAIChatDecoder
from tests.cutting import cut, each_cut, outcome, places


def read(pieces, finish="stop", names=("f", "g")):
    """The text and the calls of a reply in these pieces."""
    assembler = FrameAssembler()
    reader = SchemaText(assembler, names)
    frames = [frame for piece in pieces for frame in reader.feed(piece)]
    frames += reader.flush(finish)
    frames += assembler.end(finish)
    text = "".join(frame.text for frame in frames if isinstance(frame, TextDelta))
    assert text == "".join(f.text for f in frames if isinstance(f, TextComplete))
    return text, [(f.name, f.arguments) for f in frames if isinstance(f, ToolCallComplete)]


CASES = [
    ('{"tool": "f", "arguments": {"a": [1, "}"]}}', "", [("f", '{"a": [1, "}"]}')]),
    (' \n{ "tool" : "f" , "arguments" : { } }\n', "", [("f", "{ }")]),
    ('{"tool": "f"}', "", [("f", "{}")]),
    ('{"tool": "f", "arguments": {}, "more": "x"}', "", [("f", "{}")]),
    ('{"tool": "f", "reason": "because {", "arguments": {"a": 1}}', "", [("f", '{"a": 1}')]),
    ('{"thought": "hm", "tool": "f", "arguments": {"a": 1}}', "", [("f", '{"a": 1}')]),
    ('{"arguments": {"a": 1}, "tool": "f"}', "", [("f", '{"a": 1}')]),
    ('{"name": "f", "parameters": {"a": 1}}', "", [("f", '{"a": 1}')]),
    ('{"tool": "f", "arguments": "{\\"a\\": 1}"}', "", [("f", '{"a": 1}')]),
    ('{"tool": "f", "arguments": null}', "", [("f", "{}")]),
    ('{"tool": "f", "arguments": {}}{"tool": "g", "arguments": {}}', "", [("f", "{}"), ("g", "{}")]),
    ('{"tool": "f", "arguments": {}}\n, {"reply": "ok"}', "ok", [("f", "{}")]),
    ('{"tool": null, "reply": "Hello"}', "Hello", []),
    ('{"tool": null, "arguments": null, "reply": "Hello"}', "Hello", []),
    ('{"tool": null}', "", []),
    ('{"reply": "a \\"quoted\\"\\nline \\u00e9 \\ud83d\\ude00 \\\\ \\/"}', 'a "quoted"\nline é 😀 \\ /', []),
    ('{"reply": "lone \\ud83d end"}', "lone \ufffd end", []),
    ('{"reply": {"mean": 23.4, "of": ["x"]}}', '{"mean": 23.4, "of": ["x"]}', []),
    ('{"reply": 23.4}', "23.4", []),
    ('{"reply": true }', "true", []),
    ('{"reply": "one"} {"reply": "two"}', "onetwo", []),
    ('{"reply": "a", "tool": "f", "arguments": {}}', "a", [("f", "{}")]),
    ("Plain words.", "Plain words.", []),
    ("  Plain {words}.\n", "  Plain {words}.\n", []),
    ('{"city": "Paris", "size": 3}', '{"city": "Paris", "size": 3}', []),
    ('{"name": "Bob", "age": 3}', '{"name": "Bob", "age": 3}', []),
    ("{x}", "{x}", []),
    ("{", "{", []),
]  # fmt: skip


@pytest.mark.parametrize(("written", "text", "calls"), CASES)
def test_each_form_of_reply(written, text, calls):
    """Words come out as words and calls as calls; cut anywhere, the same."""
    assert read([written]) == (text, calls)
    for pieces in each_cut(written):
        assert read(pieces) == (text, calls), pieces


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_reply_in_any_pieces(data):
    """Any words and any arguments survive the markup and every cut."""
    words = data.draw(st.text(max_size=30))
    arguments = json.dumps(data.draw(st.dictionaries(st.text(max_size=5), st.text(max_size=5))))
    escaped = json.dumps(words, ensure_ascii=data.draw(st.booleans()))
    written = f'{{"reply": {escaped}}} {{"tool": "f", "arguments": {arguments}}}'
    pieces = cut(written, data.draw(places(len(written))))
    assert read(pieces) == (words, [("f", arguments)])


def test_words_stream():
    """Words come out while they come, not at the end."""
    reader = SchemaText(FrameAssembler())
    reader.feed('{"reply": "')
    assert reader.feed("Hel") == [TextDelta("Hel", 0)]
    assert reader.feed("lo\\") == [TextDelta("lo", 0)]
    assert reader.feed("n!") == [TextDelta("\n!", 0)]


@pytest.mark.parametrize(
    "written", ['{"tool": "f', '{"tool": "f", "arg', '{"tool": "f", "arguments": {"a": 1']
)
def test_a_call_cut_by_length_is_no_call(written):
    """A call that the token limit cut raises, however little of it came."""
    for pieces in each_cut(written):
        with pytest.raises(IncompleteToolCall) as caught:
            read(pieces, "length")
        assert caught.value.partial.tool_calls == ()


def test_a_reply_cut_by_length_keeps_its_words():
    """Words cut by the token limit are kept, and markup that was cut is not shown."""
    assert read(['{"reply": "half a sen'], "length") == ("half a sen", [])
    assert read(['{"rep'], "length") == ("", [])


def chunk(content=None, finish=None, **more):
    """One chunk of a chat completion."""
    choice = {"index": 0, "delta": {"content": content} if content else {}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice], **more}).encode() + b"\n\n"


def test_around_a_decoder_every_cut_of_the_bytes_is_the_same():
    """From bytes to frames, the form does not depend on cuts either."""
    stream = chunk('{"reply": "Let me ') + chunk('see."}{"tool": "f", "argu')
    stream += chunk('ments": {"a": 1}}') + chunk(finish="stop") + b"data: [DONE]\n\n"
    want = outcome(SchemaDecoder(OpenAIChatDecoder()), [stream])
    assert "ToolCallComplete(tool_call_id='made-up-0', name='f', arguments='{\"a\": 1}'" in want[0]
    for pieces in each_cut(stream):
        assert outcome(SchemaDecoder(OpenAIChatDecoder()), pieces) == want


def test_an_error_in_mid_stream_has_the_translated_partial():
    """What had come is in the error as words, not as the markup that the server sent."""
    decoder = SchemaDecoder(OpenAIChatDecoder())
    decoder.feed(chunk('{"reply": "Hello wor'))
    decoder.feed(b'data: {"error": {"message": "out of memory"}}\n\n')
    assert isinstance(decoder.error, ProviderStreamError)
    assert decoder.error.partial == Message.assistant("Hello wor")


def test_truncation_has_the_translated_partial():
    """Bytes that stop give the words so far."""
    decoder = SchemaDecoder(OpenAIChatDecoder())
    decoder.feed(chunk('{"reply": "Hello'))
    decoder.flush()
    assert isinstance(decoder.error, StreamTruncated)
    assert decoder.error.partial.text == "Hello"


def test_reasoning_and_the_end_pass_through():
    """Reasoning, usage and ids of the client's own frames are kept."""
    decoder = SchemaDecoder(OpenAIChatDecoder())
    delta = {
        "choices": [{"index": 0, "delta": {"reasoning_content": "hm"}}],
        "id": "r",
        "model": "m",
    }
    frames = decoder.feed(b"data: " + json.dumps(delta).encode() + b"\n\n")
    frames += decoder.feed(chunk('{"reply": "x"}') + chunk(finish="stop") + b"data: [DONE]\n\n")
    frames += decoder.flush()
    assert ReasoningComplete("hm", 0) in frames
    end = frames[-1]
    assert isinstance(end, End)
    assert (end.finish_reason, end.model, end.response_id) == ("stop", "m", "r")
