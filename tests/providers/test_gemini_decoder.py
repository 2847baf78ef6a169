"""Gemini's streamed content: recorded streams, the cases that break peers, cuts, breaks."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.errors import MalformedStream, ProviderStreamError, StreamError, StreamTruncated
from nbagent.frames import (
    End,
    ReasoningComplete,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.message_builder import MessageBuilder
from nbagent.messages import Message, ToolCall, Usage
from nbagent.providers.gemini_decoder import GeminiDecoder
from tests.cutting import cut, outcome, places
from tests.providers.recorded import decoded, names, recorded, some_cuts, sse


def chunk(*parts: dict, finish: str | None = None, **fields: object) -> dict:
    """A chunk of a generated content."""
    candidate: dict = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], **fields}


def stream(*chunks: dict) -> bytes:
    return sse(*(json.dumps(each) for each in chunks))


def frames_of(*chunks: dict) -> list:
    return decoded(GeminiDecoder(), stream(*chunks))


def completes(frames: list) -> list:
    """The complete frames among these."""
    kinds = (TextComplete, ReasoningComplete, ToolCallComplete)
    return [frame for frame in frames if isinstance(frame, kinds)]


def message_of(frames: list) -> Message:
    """The message that somebody who sees the frames alone puts together."""
    builder = MessageBuilder()
    for frame in frames:
        builder.feed(frame)
    return builder.message


def test_recorded_words_come_piece_by_piece():
    """A real reply: its deltas, the whole, usage as the last running total."""
    frames = decoded(GeminiDecoder(), recorded("gemini", "text"))
    assert frames[:-1] == [
        TextDelta("The", 0),
        TextDelta(" capital of Wyoming", 0),
        TextDelta(" is **Cheyenne**.\n", 0),
        TextComplete("The capital of Wyoming is **Cheyenne**.\n", 0),
    ]
    end = frames[-1]
    assert (end.finish_reason, end.usage) == ("stop", Usage(7, 10))
    assert (end.model, end.raw["finish_reason"]) == ("gemini-3.1-flash-lite", "STOP")


def test_a_recorded_thought_and_a_call_with_its_signature():
    """The call has no id, so it is given one; its signature comes back with the message."""
    frames = decoded(GeminiDecoder(), recorded("gemini", "thought_and_call"))
    thought, call = completes(frames)
    assert thought.text.startswith("**Calculating") and "**Determining" in thought.text
    assert call.name == "now" and call.arguments == "{}" and call.tool_call_id
    [part] = message_of(frames).tool_calls
    assert part.signature is not None and part.signature.startswith("CiIBVKhc7vB")
    assert part.provider_id is None
    assert frames[-1].finish_reason == "tool_calls"
    assert frames[-1].usage == Usage(38, 174, 0, 168)


@pytest.mark.parametrize(
    ("name", "words", "beginning"),
    [
        ("text_signature", "Hello! How can I help you today?", "EmcKZQERTTIP"),
        ("empty_text_signature", "4", "EpcCCpQCARFNMg9G"),
    ],
)
def test_a_recorded_signature_on_words_is_kept_behind_them(name, words, beginning):
    """On the words or alone in a part behind them: a block of reasoning without text."""
    text, proof = completes(decoded(GeminiDecoder(), recorded("gemini", name)))
    assert text == TextComplete(words, 0)
    assert proof.text == "" and proof.signature.startswith(beginning)


def test_recorded_chunks_that_all_say_stop():
    """Earlier versions repeat the finish reason on every chunk; nothing is lost behind it."""
    frames = decoded(GeminiDecoder(), recorded("gemini", "finish_on_every_chunk"))
    assert completes(frames)[0].text.endswith("秋夜漫漫，思")


def test_recorded_citations_are_gathered():
    """Their pieces come with several chunks, and all of them stand in raw."""
    end = decoded(GeminiDecoder(), recorded("gemini", "recitation"))[-1]
    assert end.finish_reason == "content_filter"
    assert len(end.raw["citationMetadata"]["citationSources"]) == 5


def test_recorded_code_of_the_server_stands_in_raw():
    """Code that ran on Google's side is no call of ours; its tokens count as input."""
    frames = decoded(GeminiDecoder(), recorded("gemini", "code_execution"))
    assert [frame.text for frame in completes(frames)] == [
        " sum using a Python tool:\n\n",
        " first 5 prime numbers is 28.",
    ]
    kinds = [next(iter(part)) for part in frames[-1].raw["parts"]]
    assert kinds == ["executableCode", "codeExecutionResult"]
    assert frames[-1].usage == Usage(264, 221, 0, 95)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [("blocked_prompt", "PROHIBITED_CONTENT", ""), ("blocked_midway", "SAFETY", "text1text2")],
)
def test_a_recorded_block_is_an_error_with_its_reason(name, code, words):
    """A blocked prompt is no reply: ProviderStreamError, with what had come."""
    with pytest.raises(ProviderStreamError, match=code) as caught:
        decoded(GeminiDecoder(), recorded("gemini", name))
    assert caught.value.code == code
    assert caught.value.partial.text == words
    assert caught.value.body["promptFeedback"]["blockReason"] == code


def test_equal_calls_without_ids_stay_apart():
    """Two calls of the same name and arguments, in one chunk or two, are two calls."""
    call = {"functionCall": {"name": "roll", "args": {"d": 6}}}
    for chunks in ([chunk(call, call, finish="STOP")], [chunk(call), chunk(call, finish="STOP")]):
        frames = frames_of(*chunks)
        first, second = completes(frames)
        assert first.tool_call_id != second.tool_call_id
        assert (first.arguments, second.arguments) == ('{"d":6}', '{"d":6}')
        assert frames[0] == ToolCallDelta(first.tool_call_id, "roll", '{"d":6}', 0)


def test_ids_of_the_provider_are_kept():
    """Where Gemini names its calls, these are their ids."""
    calls = [{"functionCall": {"id": name, "name": "f"}} for name in ("x", "y")]
    frames = frames_of(chunk(*calls, finish="STOP"))
    assert [call.tool_call_id for call in message_of(frames).tool_calls] == ["x", "y"]


def test_each_signature_stays_with_its_own_part():
    """Of calls side by side the first alone is signed; a signed thought closes its block."""
    frames = frames_of(
        chunk({"text": "a", "thought": True}, {"text": "b", "thought": True}),
        chunk({"text": "", "thought": True, "thoughtSignature": "s1"}),
        chunk({"text": "c", "thought": True}),
        chunk({"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "s2"}),
        chunk({"functionCall": {"name": "g", "args": {}}}, finish="STOP"),
    )
    thoughts = [frame for frame in frames if isinstance(frame, ReasoningComplete)]
    assert [(frame.text, frame.signature) for frame in thoughts] == [("ab", "s1"), ("c", None)]
    calls = message_of(frames).tool_calls
    assert [(call.name, call.signature) for call in calls] == [("f", "s2"), ("g", None)]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("BLOCKLIST", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("SPII", "content_filter"),
        ("LANGUAGE", "other"),
        ("OTHER", "other"),
        ("MALFORMED_FUNCTION_CALL", "other"),
        ("UNEXPECTED_TOOL_CALL", "other"),
        ("SOMETHING_NEW", "other"),
    ],
)
def test_finish_reasons(said, meant):
    """Each of Gemini's reasons has its one of ours, and stands in raw as it was said."""
    end = frames_of(chunk({"text": "hi"}, finish=said))[-1]
    assert (end.finish_reason, end.raw["finish_reason"]) == (meant, said)


def test_usage_behind_the_finish_is_read():
    """Usage may come in a chunk of its own at the end; totals are not summed."""
    usage = {"promptTokenCount": 8, "candidatesTokenCount": 2, "cachedContentTokenCount": 4}
    first = chunk({"text": "hi"}, finish="STOP", usageMetadata={"candidatesTokenCount": 1})
    assert frames_of(first, {"usageMetadata": usage})[-1].usage == Usage(8, 2, 4)


def test_of_several_candidates_the_first_alone_is_read():
    """The others are answers that nobody asked for."""
    both = chunk({"text": "one"}, finish="STOP")
    both["candidates"].append({"content": {"parts": [{"text": "two"}]}, "index": 1})
    assert completes(frames_of(both)) == [TextComplete("one", 0)]


def test_an_error_in_mid_stream_is_raised_with_what_had_come():
    """An error object inside a 200 ends the stream, with its status as the code."""
    error = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
    with pytest.raises(ProviderStreamError, match="overloaded") as caught:
        frames_of(chunk({"text": "Well"}), error)
    assert (caught.value.code, caught.value.partial.text) == ("UNAVAILABLE", "Well")


def test_an_error_as_an_array_is_recognised():
    """Without alt=sse Google puts errors, and everything else, into a JSON array."""
    error = {"error": {"code": 400, "message": "Bad.", "status": "INVALID_ARGUMENT"}}
    with pytest.raises(ProviderStreamError, match="Bad"):
        decoded(GeminiDecoder(), json.dumps([error]).encode())
    array = json.dumps([chunk({"text": "a"}), chunk({"text": "b"}, finish="STOP")], indent=1)
    assert completes(decoded(GeminiDecoder(), array.encode())) == [TextComplete("ab", 0)]


def test_one_json_object_is_read_too():
    """An answer that is no stream although one was asked for gives the same frames."""
    body = json.dumps(chunk({"text": "hi"}, finish="STOP"), indent=2).encode()
    assert completes(decoded(GeminiDecoder(), body)) == [TextComplete("hi", 0)]


def test_chunks_without_content_do_no_harm():
    """Empty candidates, content without parts, parts without anything: nothing, and no crash."""
    frames = frames_of(
        {"candidates": []},
        {"candidates": [{"content": {"role": "model"}}]},
        chunk({}, {"text": ""}),
        {},
        chunk({"text": "hi"}, finish="STOP"),
    )
    assert completes(frames) == [TextComplete("hi", 0)]


@pytest.mark.parametrize("name", names("gemini"))
def test_the_cut_of_the_bytes_makes_no_difference(name):
    """Any recorded stream gives the same, cut in two (short ones at every byte) and in bytes."""
    data = recorded("gemini", name)
    whole = outcome(GeminiDecoder(), [data])
    assert all(outcome(GeminiDecoder(), pieces) == whole for pieces in some_cuts(data))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(names("gemini")), st.data())
def test_no_cut_in_several_pieces_makes_a_difference(name, data):
    """The same for cuts at several places at once."""
    whole = recorded("gemini", name)
    pieces = cut(whole, data.draw(places(len(whole))))
    assert outcome(GeminiDecoder(), pieces) == outcome(GeminiDecoder(), [whole])


@pytest.mark.parametrize("name", ["text", "thought_and_call", "code_execution", "text_signature"])
def test_a_stream_cut_off_at_any_byte_is_an_error_with_the_right_partial(name):
    """Before the finish reason's event is whole nothing looks finished; partial has the rest."""
    data = recorded("gemini", name)
    finished = decoded(GeminiDecoder(), data)
    # An event without its blank line still counts once its JSON is whole.
    for offset in range(len(data) - len(b"\r\n\r\n")):
        decoder = GeminiDecoder()
        frames = decoder.feed(data[:offset]) + decoder.flush()
        assert isinstance(decoder.error, StreamTruncated)
        assert [type(frame) for frame in frames] == [
            type(frame) for frame in finished[: len(frames)]
        ]
        words = "".join(frame.text for frame in frames if isinstance(frame, TextDelta))
        partial = decoder.error.partial
        assert partial.text == words
        assert all(isinstance(call, ToolCall) for call in partial.tool_calls)
        assert not any(isinstance(frame, End) for frame in frames)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "functionCall", "name", "args", "thought", "parts", "index"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
KEYS = ["candidates", "content", "parts", "usageMetadata", "promptFeedback", "modelVersion"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3) | JSON, max_size=4))
def test_garbage_in_the_right_places_raises_nothing_but_stream_errors(chunks):
    """Known keys with any content end in a frame or in an error of the tree."""
    shaped = [chunk(each) if isinstance(each, dict) else {"candidates": each} for each in chunks]
    decoder = GeminiDecoder()
    decoder.feed(stream(*shaped, chunk({"text": "hi"}, finish="STOP")))
    decoder.flush()
    assert decoder.error is None or isinstance(decoder.error, StreamError)


def test_a_field_of_another_type_is_a_malformed_stream():
    """Text that is a number is not passed on to fail somewhere else."""
    with pytest.raises(MalformedStream):
        frames_of(chunk({"text": 5}))
