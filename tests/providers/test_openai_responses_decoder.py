"""The responses API's events: each form a server sends them in gives the same frames, once."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

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
    ReasoningDelta,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.message_builder import MessageBuilder
from nbagent.messages import ReasoningPart, TextPart, Usage
from nbagent.providers.openai_responses_decoder import OpenAIResponsesDecoder
from tests.cutting import cut, each_cut, outcome, places
from tests.providers.odd_values import with_odd_value
from tests.providers.responses_events import (
    TEXT,
    call,
    completed,
    decode,
    events,
    good,
    message,
    without_end,
)

STREAMS = Path(__file__).parent.parent / "fixtures" / "streams" / "openai_responses"
NAMES = sorted(path.name for path in STREAMS.iterdir())
ENDING_WELL = [name for name in NAMES if name not in ("error.sse", "failed.sse")]


def recorded(name: str) -> bytes:
    """A recorded stream."""
    return (STREAMS / name).read_bytes()


def test_a_recording_of_llamacpp():
    """A server without output indexes and sequence numbers is understood."""
    assert good(recorded("llamacpp_text.sse")) == [
        TextDelta("4", 0),
        TextComplete("4", 0),
        End(
            "stop",
            Usage(26, 2),
            "qwen2.5-coder-0.5b-instruct-q4_k_m",
            "resp_U3uJdEioqZocSqwWWNwmkrQCSJ0KmMOm",
            {
                "status": "completed",
                "usage": {
                    "input_tokens": 26,
                    "output_tokens": 2,
                    "total_tokens": 28,
                    "input_tokens_details": {"cached_tokens": 0},
                },
            },
        ),
    ]


def test_reasoning_comes_with_what_has_to_go_back():
    """Summaries become paragraphs; the final encrypted content and the item's id are the proof."""
    frames = good(recorded("reasoning_call.sse"))
    summary = "**Picking  a column**\n\nThe table has “mpg”.\n\n**Calling  the tool**"
    proof = '{"id":"rs_0183a","encrypted_content":"gAAAAABfinal=="}'
    deltas = [frame for frame in frames if isinstance(frame, ReasoningDelta)]
    assert all(frame.summary for frame in deltas)
    assert "".join(frame.text for frame in deltas) == summary
    assert frames[5] == ReasoningComplete("", 0, summary, proof)
    builder = MessageBuilder()
    for frame in frames:
        builder.feed(frame)
    assert builder.message.parts[0] == ReasoningPart("", summary, proof)


def test_a_call_has_its_call_id_and_not_its_items():
    """The fragments name the item; the frames carry the id that the result has to name."""
    frames = good(recorded("reasoning_call.sse"))
    deltas = [frame for frame in frames if isinstance(frame, ToolCallDelta)]
    assert {frame.tool_call_id for frame in deltas} == {"call_AB6AaRZ1"}
    assert "".join(frame.arguments for frame in deltas) == '{"column":"mpg"}'
    assert frames[-2] == ToolCallComplete("call_AB6AaRZ1", "summary", '{"column":"mpg"}', 1)
    assert frames[-1].finish_reason == "tool_calls"
    assert frames[-1].usage == Usage(127, 154, 64, 128)


def test_ids_that_change_with_every_event():
    """Copilot names an item anew in each event; nothing is said twice."""
    frames = without_end(recorded("rotating_ids.sse"))
    assert frames[1] == ReasoningComplete("", 0, "**Counting letters**", None)
    assert frames[-1] == TextComplete("Three **“r”** in it.", 1)
    assert len(frames) == 8


def test_parallel_calls():
    """Two calls come out whole and apart."""
    frames = without_end(recorded("parallel_calls.sse"))
    assert [frame for frame in frames if isinstance(frame, ToolCallComplete)] == [
        ToolCallComplete("call_par0", "weather", '{"city":"Oslo"}', 0),
        ToolCallComplete("call_par1", "weather", '{"city":"Rome"}', 1),
    ]


def test_a_refusal():
    """What the model says no with is text, and the finish says that it refused."""
    frames = good(recorded("refusal.sse"))
    assert frames[-2] == TextComplete("I cannot do that.", 0)
    assert frames[-1].finish_reason == "refusal"


def test_an_incomplete_response():
    """The token limit ends a response well, with the finish that says so."""
    frames = good(recorded("incomplete.sse"))
    assert frames[-2] == TextComplete("Once upon", 0)
    assert frames[-1].finish_reason == "length"
    assert frames[-1].raw["incomplete_details"] == {"reason": "max_output_tokens"}


def test_hosted_tools_and_annotations_are_kept():
    """What the provider did itself and its citations stand in the raw of the End."""
    frames = good(recorded("web_search.sse"))
    assert frames[-2] == TextComplete("It shows notebooks.", 1)
    assert [item["type"] for item in frames[-1].raw["output"]] == ["web_search_call"]
    assert [note["url"] for note in frames[-1].raw["annotations"]] == ["https://nbviewer.org/"]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("error.sse", "insufficient_quota", "exceeded your current quota"),
        ("failed.sse", "rate_limit_exceeded", "Limit 30000"),
    ],
)
def test_errors_inside_a_stream(name, code, words):
    """Both events that report an error raise it, with the provider's code and words."""
    frames, decoder = decode(recorded(name))
    assert frames == []
    assert isinstance(decoder.error, ProviderStreamError)
    assert decoder.error.code == code
    assert words in str(decoder.error)


@pytest.mark.parametrize(
    "data",
    [
        events({"type": "error", "code": "server_error", "message": "boom", "param": None}),
        b'event: error\ndata: {"code":500,"message":"boom","type":"server_error"}\n\n',
        events({"error": {"message": "boom", "type": "server_error"}}),
        b'{"error": {"message": "boom", "code": "server_error"}}',
        b"event: error\ndata: boom\n\n",
        events({"type": "response.failed", "response": {"error": {"message": "boom"}}}),
    ],
)
def test_other_forms_of_an_error(data):
    """However an error is written, it is the provider's, in its words."""
    frames, decoder = decode(data)
    assert frames == []
    assert isinstance(decoder.error, ProviderStreamError)
    assert "boom" in str(decoder.error)


def test_a_response_that_failed_without_a_word():
    """A failure without a reason still is one, and so is a cancelled response."""
    for status in ("failed", "cancelled"):
        event = {"type": f"response.{status}", "response": {"status": status, "error": None}}
        assert f"the response is {status}" in str(decode(events(event))[1].error)


def test_a_call_cut_off_by_the_limit():
    """Arguments that the token limit cut off never become a call."""
    incomplete = completed(call('{"city":"/ho'))
    incomplete["type"] = "response.incomplete"
    incomplete["response"]["status"] = "incomplete"
    incomplete["response"]["incomplete_details"] = {"reason": "max_output_tokens"}
    frames, decoder = decode(events({**TEXT, "output_index": 1, "delta": "I call."}, incomplete))
    assert not any(isinstance(frame, (ToolCallComplete, End)) for frame in frames)
    assert isinstance(decoder.error, IncompleteToolCall)
    assert decoder.error.partial.parts == (TextPart("I call."),)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("content_filter", "content_filter"), ("max_output_tokens", "length"), ("new", "other")],
)
def test_reasons_of_an_incomplete_response(reason, finish):
    """Each reason that the provider gives has its own name here."""
    event = completed(message("Hi"), incomplete_details={"reason": reason})
    event["response"]["status"] = "incomplete"
    assert good(events(event))[-1].finish_reason == finish


def test_done_is_no_end():
    """``[DONE]`` without a finished response is a stream that broke off; behind one it is fine."""
    assert isinstance(
        decode(events({**TEXT, "delta": "a"}) + b"data: [DONE]\n\n")[1].error, StreamTruncated
    )
    assert good(events(completed(message("Hi"))) + b"data: [DONE]\n\n")[-2] == TextComplete("Hi", 0)


def test_unknown_events_say_nothing():
    """Events that are not known, without data or out of sequence are passed over."""
    junk = events(
        {"type": "response.new_thing", "sequence_number": 99, "delta": "x"}, {"type": "keepalive"}
    )
    frames = without_end(b": ping\n\nevent: ping\n\n" + junk + events(completed(message("Hi"))))
    assert frames == [TextDelta("Hi", 0), TextComplete("Hi", 0)]


def test_an_event_of_another_shape():
    """Valid JSON that is no such event is an error of the stream, and no other."""
    for data in (events({"type": "response.completed"}), events({**TEXT}), b"data: 7\n\n"):
        assert isinstance(decode(data)[1].error, MalformedStream)


@pytest.mark.parametrize("name", ["llamacpp_text.sse", "incomplete.sse", "failed.sse"])
def test_every_cut_gives_the_same(name):
    """Two pieces cut at any byte, and single bytes, give what the whole gives."""
    data = recorded(name)
    whole = outcome(OpenAIResponsesDecoder(), [data])
    for pieces in each_cut(data):
        assert outcome(OpenAIResponsesDecoder(), pieces) == whole


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_random_cuts_give_the_same(name, data):
    """Any pieces of any recorded stream give what the whole gives."""
    content = recorded(name)
    pieces = cut(content, data.draw(places(len(content))))
    whole = outcome(OpenAIResponsesDecoder(), [content])
    assert outcome(OpenAIResponsesDecoder(), pieces) == whole


@pytest.mark.parametrize("name", ENDING_WELL)
def test_every_truncation_is_an_error(name):
    """A stream that stops at any byte before its end marker raises, with what had come."""
    data = recorded(name)
    frames = good(data)
    # The last event is whole at its first line end.
    end = len(data.rstrip(b"\n"))
    for size in range(0, end, 1 if end < 2500 else 13):
        given_frames, decoder = decode(data[:size])
        assert isinstance(decoder.error, StreamTruncated), size
        assert given_frames == frames[: len(given_frames)]
        assert decoder.error.partial == decoder.message
    assert decode(data[:end])[1].error is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2), st.binary(max_size=30), st.data())
def test_broken_bytes_raise_nothing_else(names, junk, data):
    """Recorded streams with junk inside give frames and at most an error of the tree."""
    content = b"".join(map(recorded, names))
    at = data.draw(st.integers(0, len(content)))
    _, decoder = decode(content[:at] + junk + content[at:])
    assert decoder.error is None or isinstance(decoder.error, StreamError)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_values_of_other_types(name, data):
    """A value of another type than the protocol's gives frames or an error of the tree."""
    blocks = recorded(name).decode().strip().split("\n\n")
    values = [json.loads(block.partition("data: ")[2]) for block in blocks]
    at = data.draw(st.integers(0, len(values) - 1))
    values[at] = with_odd_value(data.draw, values[at])
    frames, decoder = decode(events(*values))
    assert decoder.error is None or isinstance(decoder.error, StreamError)
    assert decoder.error is None or not any(isinstance(frame, End) for frame in frames)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "llamacpp_text.sse"])
def test_the_recorded_events_are_the_sdks(name):
    """The SDK knows every event of the recordings by its own type."""
    adapter = TypeAdapter(ResponseStreamEvent)
    for block in recorded(name).decode().strip().split("\n\n"):
        value = json.loads(block.partition("data: ")[2])
        # Of errors the API has other forms and more codes than the SDK's types.
        if value["type"] not in ("error", "response.failed"):
            adapter.validate_python(value)
