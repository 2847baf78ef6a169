"""Anthropic's streamed events: recorded streams, the cases that break peers, cuts, breaks."""

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
from nbagent.frames import (
    End,
    ReasoningComplete,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.message_builder import MessageBuilder
from nbagent.messages import ReasoningPart, TextPart, ToolCall, Usage
from nbagent.providers.anthropic_decoder import AnthropicDecoder
from tests.cutting import cut, outcome, places
from tests.providers.recorded import decoded, names, recorded, some_cuts, sse

START = {"type": "message_start", "message": {"id": "m", "model": "claude", "usage": {}}}
STOP = {"type": "message_stop"}


def stream(*events: dict, reason: str | None = "end_turn") -> bytes:
    """A stream of these events, begun and ended as it has to be."""
    end = {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {}}
    return sse(*(json.dumps(event) for event in (START, *events, end, STOP)))


def start(index: int, **block: object) -> dict:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **fields: object) -> dict:
    return {
        "type": "content_block_delta",
        "index": index,
        "delta": {"type": kind, **fields},
    }


def stop(index: int) -> dict:
    return {"type": "content_block_stop", "index": index}


def completes(data: bytes) -> list:
    """The complete frames of a stream, without its End."""
    frames = decoded(AnthropicDecoder(), data)
    return [f for f in frames if isinstance(f, (TextComplete, ReasoningComplete, ToolCallComplete))]


def end_of(data: bytes) -> End:
    """The End of a stream, which has to be its only one and its last frame."""
    frames = decoded(AnthropicDecoder(), data)
    assert [isinstance(frame, End) for frame in frames].index(True) == len(frames) - 1
    return frames[-1]


def test_a_recorded_call_comes_in_its_fragments_and_whole():
    """Text and call of a real stream: each delta, each complete frame at its block's stop."""
    frames = decoded(AnthropicDecoder(), recorded("anthropic", "tool_use"))
    words = "I'll check the current weather in Paris for you."
    identity = "toolu_01NRLabsLyVHZPKxbKvkfSMn"
    fragments = ["", '{"locati', 'on": "P', "ar", 'is"}']
    assert frames[:-1] == [
        TextDelta("I", 0),
        TextDelta(words[1:], 0),
        TextComplete(words, 0),
        *(ToolCallDelta(identity, "get_weather", piece, 1) for piece in fragments),
        ToolCallComplete(identity, "get_weather", '{"location": "Paris"}', 1),
    ]
    end = frames[-1]
    assert (end.finish_reason, end.model) == ("tool_calls", "claude-sonnet-4-20250514")
    assert end.response_id == "msg_019Q1hrJbZG26Fb9BQhrkHEr"
    assert end.usage == Usage(377, 65)
    assert end.raw["stop_reason"] == "tool_use"


def test_recorded_arguments_cut_by_the_token_limit_are_no_call():
    """A call that max_tokens cut is an error with the words before it, never a call."""
    with pytest.raises(IncompleteToolCall) as caught:
        decoded(AnthropicDecoder(), recorded("anthropic", "cut_arguments"))
    [part] = caught.value.partial.parts
    assert isinstance(part, TextPart) and part.text.startswith("I'll create a comprehensive")


def test_recorded_arguments_that_are_no_json_come_out_as_they_are():
    """What the provider declared finished is the model's own writing, for it to see again."""
    call = completes(recorded("anthropic", "invalid_json"))[-1]
    assert call.arguments == '{"location": "Paris", "unit": celsius}'


def test_a_recorded_call_without_arguments_has_an_empty_object():
    """A block that stops with no input is a call with {}."""
    call = completes(recorded("anthropic", "no_arguments"))[-1]
    assert (call.name, call.arguments) == ("updateIssueList", "{}")


def test_a_recorded_thought_keeps_its_signature():
    """Thinking becomes reasoning, and the signature comes with it."""
    thought = completes(recorded("anthropic", "thinking"))[0]
    assert thought.text.startswith("The user has simply said")
    assert thought.signature is not None and thought.signature.startswith("ErUBCkYIARgCIkAC")


def test_a_recorded_thought_that_is_not_shown_keeps_its_signature():
    """Newer models leave the text out; the signature alone has to go back."""
    thought, words = completes(recorded("anthropic", "thinking_omitted"))
    assert thought.text == "" and thought.signature.startswith("EsECCokBCBAYAipA")
    assert words.text.endswith("answer. ✅")
    assert end_of(recorded("anthropic", "thinking_omitted")).usage.reasoning_tokens == 62


def test_recorded_input_counts_all_of_the_input():
    """input_tokens holds what was read from the cache and written to it, cached what was read."""
    assert end_of(recorded("anthropic", "cached_usage")).usage == Usage(40, 8, 5)


def test_a_recorded_refusal_says_why():
    """A refusal is its own finish reason, its details stand in raw."""
    end = end_of(recorded("anthropic", "refusal"))
    assert end.finish_reason == "refusal"
    assert end.raw["stop_details"]["category"] == "cyber"


def test_recorded_server_tools_and_citations_stand_in_raw():
    """The server's own calls are no calls of ours; they and the citations are kept."""
    end = end_of(recorded("anthropic", "server_tool"))
    assert end.finish_reason == "stop"
    kinds = [block["type"] for block in end.raw["blocks"]]
    assert kinds == ["server_tool_use", "web_search_tool_result"]
    assert end.raw["citations"][0]["citation"]["title"].startswith("Release notes")
    assert end.usage.input_tokens == 9281


def test_a_recorded_message_may_begin_with_whole_blocks():
    """After code ran on the server, message_start carries a finished call."""
    [call] = completes(recorded("anthropic", "prepopulated"))
    assert (call.name, call.arguments) == ("lookup_customer", '{"id":"customer_123"}')


def test_unknown_events_and_events_out_of_place_do_no_harm():
    """Events of kinds to come, and a stop before any start, change nothing."""
    assert completes(recorded("anthropic", "unknown_events")) == [TextComplete("Hello there!", 0)]


def test_an_empty_call_is_not_believed_before_the_stop_reason():
    """The token limit can cut a call before its first argument: its block stops all the same."""
    call = (start(0, type="tool_use", id="t", name="drop", input={}), stop(0))
    with pytest.raises(IncompleteToolCall):
        decoded(AnthropicDecoder(), stream(*call, reason="max_tokens"))
    assert completes(stream(*call, reason="tool_use")) == [ToolCallComplete("t", "drop", "{}", 0)]


def test_an_empty_call_completes_when_the_next_block_begins():
    """With another block behind it, the limit was not reached in it: calls keep their order."""
    calls = [
        start(0, type="tool_use", id="a", name="now", input={}),
        stop(0),
        start(1, type="tool_use", id="b", name="add", input={}),
        delta(1, "input_json_delta", partial_json='{"x":1}'),
        stop(1),
    ]
    assert [call.tool_call_id for call in completes(stream(*calls, reason="tool_use"))] == [
        "a",
        "b",
    ]


def test_calls_side_by_side_stay_apart():
    """Fragments of two calls that alternate go to their own calls, by index."""
    pieces = [
        start(0, type="tool_use", id="a", name="f", input={}),
        start(1, type="tool_use", id="b", name="f", input={}),
        delta(0, "input_json_delta", partial_json='{"x":'),
        delta(1, "input_json_delta", partial_json='{"x":'),
        delta(1, "input_json_delta", partial_json="2}"),
        delta(0, "input_json_delta", partial_json="1}"),
        stop(1),
        stop(0),
    ]
    assert completes(stream(*pieces, reason="tool_use")) == [
        ToolCallComplete("b", "f", '{"x":2}', 1),
        ToolCallComplete("a", "f", '{"x":1}', 0),
    ]


def test_input_that_is_whole_at_the_start_is_taken_once():
    """A server that knows the input at once may repeat it in deltas."""
    pieces = [
        start(0, type="tool_use", id="a", name="f", input={"x": 1}),
        delta(0, "input_json_delta", partial_json='{"x":1}'),
        stop(0),
    ]
    assert completes(stream(*pieces)) == [ToolCallComplete("a", "f", '{"x":1}', 0)]


def test_a_redacted_thought_is_told_apart_from_one_without_text():
    """Both have no text; the id, which the End carries, says which one to send back."""
    pieces = [start(0, type="redacted_thinking", data="secret"), stop(0)]
    frames = decoded(AnthropicDecoder(), stream(*pieces))
    assert ReasoningComplete("", 0, "", "secret") in frames
    builder = MessageBuilder()
    for frame in frames:
        builder.feed(frame)
    assert builder.message.parts == (ReasoningPart("", "", "secret", "redacted"),)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "refusal"),
        ("pause_turn", "other"),
        ("something_new", "other"),
        (None, "stop"),
    ],
)
def test_stop_reasons(said, meant):
    """Each of Anthropic's reasons has its one of ours, and stands in raw as it was said."""
    end = end_of(stream(start(0, type="text", text="hi"), stop(0), reason=said))
    assert end.finish_reason == meant
    assert end.raw["finish_reason"] == said


def test_running_totals_are_not_summed():
    """Each usage replaces the one before; a 0 for the input at the end is no news."""
    usage = [{"input_tokens": 471, "output_tokens": 5}, {"input_tokens": 0, "output_tokens": 80}]
    begin = {"type": "message_start", "message": {"usage": usage[0]}}
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage[1]}
    data = sse(*(json.dumps(event) for event in (begin, end, STOP)))
    assert end_of(data).usage == Usage(471, 80)


def test_an_error_in_mid_stream_is_raised_with_what_had_come():
    """Anthropic's error event ends the stream as ProviderStreamError, with its code."""
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    with pytest.raises(ProviderStreamError, match="Overloaded") as caught:
        decoded(AnthropicDecoder(), stream(start(0, type="text", text="Well"), error))
    assert caught.value.code == "overloaded_error"
    assert caught.value.partial.text == "Well"
    assert caught.value.body == error


def test_an_error_event_without_a_type_inside_counts_by_its_name():
    """Gateways send event: error with data of their own shape."""
    with pytest.raises(ProviderStreamError, match="no capacity"):
        decoded(AnthropicDecoder(), b'event: error\ndata: {"message": "no capacity"}\n\n')


def test_a_whole_message_as_json_is_read_too():
    """An answer that is one JSON message although a stream was asked for gives all its frames."""
    message = {
        "type": "message",
        "id": "m",
        "model": "claude",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "sig"},
            {"type": "text", "text": "So:"},
            {"type": "tool_use", "id": "t", "name": "now", "input": {}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 1, "output_tokens": 2},
    }
    frames = decoded(AnthropicDecoder(), json.dumps(message).encode())
    assert ToolCallComplete("t", "now", "{}", 2) in frames
    assert frames[-1].usage == Usage(1, 2)
    assert frames[-1].finish_reason == "tool_calls"


@pytest.mark.parametrize("name", names("anthropic"))
def test_the_cut_of_the_bytes_makes_no_difference(name):
    """Any recorded stream gives the same, cut in two (short ones at every byte) and in bytes."""
    data = recorded("anthropic", name)
    whole = outcome(AnthropicDecoder(), [data])
    assert all(outcome(AnthropicDecoder(), pieces) == whole for pieces in some_cuts(data))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(names("anthropic")), st.data())
def test_no_cut_in_several_pieces_makes_a_difference(name, data):
    """The same for cuts at several places at once."""
    whole = recorded("anthropic", name)
    pieces = cut(whole, data.draw(places(len(whole))))
    assert outcome(AnthropicDecoder(), pieces) == outcome(AnthropicDecoder(), [whole])


@pytest.mark.parametrize("name", ["thinking", "tool_use", "server_tool"])
def test_a_stream_cut_off_at_any_byte_is_an_error_with_the_right_partial(name):
    """Before the end marker is whole nothing looks finished, and what came whole is in partial."""
    data = recorded("anthropic", name)
    last = data.rindex(b'"message_stop"')
    finished = decoded(AnthropicDecoder(), data)
    for offset in range(last):
        decoder = AnthropicDecoder()
        frames = decoder.feed(data[:offset]) + decoder.flush()
        assert isinstance(decoder.error, StreamTruncated)
        assert frames == finished[: len(frames)]
        words = "".join(frame.text for frame in frames if isinstance(frame, TextDelta))
        calls = [frame for frame in frames if isinstance(frame, ToolCallComplete)]
        partial = decoder.error.partial
        assert partial.text == words
        assert [call.arguments for call in partial.tool_calls] == [c.arguments for c in calls]
        assert all(isinstance(call, ToolCall) for call in partial.tool_calls)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "index", "delta", "content_block", "text", "usage", "message", "error"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
KINDS = st.sampled_from(
    ["message_start", "content_block_start", "content_block_delta", "message_delta", "ping"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(KINDS, JSON), max_size=4))
def test_garbage_in_the_right_places_raises_nothing_but_stream_errors(events):
    """Known events with any content end in a frame or in an error of the tree."""
    shaped = [
        {"type": kind, "index": value, "delta": value, "content_block": value, "message": value}
        for kind, value in events
    ]
    decoder = AnthropicDecoder()
    decoder.feed(stream(*shaped))
    decoder.flush()
    assert decoder.error is None or isinstance(decoder.error, StreamError)


def test_a_field_of_another_type_is_a_malformed_stream():
    """Text that is a number is not passed on to fail somewhere else."""
    with pytest.raises(MalformedStream):
        decoded(AnthropicDecoder(), stream(delta(0, "text_delta", text=5)))
