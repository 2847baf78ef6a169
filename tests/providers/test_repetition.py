"""Events that repeat their envelope: the short way gives what the long way gives, and nothing else."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.frames import TextDelta
from nbagent.providers.anthropic_decoder import AnthropicDecoder
from nbagent.providers.openai_chat_decoder import OpenAIChatDecoder
from nbagent.providers.repetition import TRIES, Repetitions
from tests.cutting import cut, outcome, places
from tests.fuzz.check import by_the_event

PATH = ("delta", "text")


def learned(*events, path=PATH, name=""):
    """The envelope that these events have, if they have one."""
    repetitions = Repetitions()
    found = None
    for event in events:
        found = repetitions.learn(
            event, name, json.loads(event), path, lambda text: TextDelta(text, 0)
        )
    return found


def event(text, /, **more):
    """The data of an event with that text."""
    return json.dumps({"type": "x", "delta": {"text": text}, **more}).encode()


def test_two_events_make_an_envelope():
    """From the third on, only the string is read."""
    assert learned(event("a")) is None
    envelope = learned(event("a"), event("b"))
    assert envelope.frame(event("c"), "") == TextDelta("c", 0)
    assert envelope.frame(event('"\\ \n é \u2028 😀'), "") == TextDelta('"\\ \n é \u2028 😀', 0)
    assert envelope.frame_alone(b"data: " + event("c") + b"\n\n") == TextDelta("c", 0)
    named = learned(event("a"), event("b"), name="x")
    assert named.frame(event("c"), "") is None
    assert named.frame_alone(b"event: x\ndata: " + event("c") + b"\n\n") == TextDelta("c", 0)


OTHERS = [
    event("c", more=1), event(5), event(None), event(["c"]), event("c")[:-1], event("c") + b" ", b"", b"{}", event("")[:-3],
    event("c").replace(b'"c"', b'"c", "text": "d"'), event("c").replace(b'"c"', b'"c"}, "delta": {"text": "d"'), event("c").replace(b'"c"', b'"\x0b"'),
    event("c").replace(b'"c"', b'"\xff"'), event("c").replace(b'"c"', b'"\\ud800"'), event("c").replace(b'"c"', b'"\\"'), event("c").replace(b'"c"', b'"c'),
]  # fmt: skip


@pytest.mark.parametrize("other", OTHERS)
def test_everything_else_goes_the_long_way(other):
    """Another key, another type, broken strings: none of it is taken for a fragment."""
    envelope = learned(event("a"), event("b"))
    assert envelope.frame(other, "") is None
    assert envelope.frame_alone(b"data: " + other + b"\n\n") is None


READS = [b"data: " + event("c"), b"data: " + event("c") + b"\n", b"data:" + event("c") + b"\n\n", b"data: " + event("c") + b"\n\n\n", b"", b"\n\n",
         b"data: " + event("c") + b"\n\ndata: " + event("d") + b"\n\n", b"event: y\ndata: " + event("c") + b"\n\n"]  # fmt: skip


@pytest.mark.parametrize("read", READS)
def test_a_read_that_is_not_exactly_one_event(read):
    """It goes through the decoder of events."""
    assert learned(event("a"), event("b")).frame_alone(read) is None


MISLEADING = [
    [event("a", text="b"), event("c", text="b")],  # two fields of that name
    [b'{"delta": {"te\\u0078t": "a"}, "n": {"text": "b"}}'] * 2,  # the field under another spelling
    [b'{"delta": {"text": "a", "text": 1}}', b'{"delta": {"text": "b", "text": 1}}'],
    [b'{"x\\"text": "a", "delta": {"te\\u0078t": "a"}}'] * 2,
]


@pytest.mark.parametrize("events", MISLEADING)
def test_an_envelope_has_to_be_proved(events):
    """Where the string is not certainly the fragment, nothing is learned."""
    assert learned(*events) is None


def test_envelopes_that_always_differ_are_given_up():
    """Looking for one costs something too."""
    repetitions = Repetitions()
    for number in range(TRIES + 1):
        assert not repetitions.given_up
        data = event("a", pad="x" * number)
        repetitions.learn(data, "", json.loads(data), PATH, lambda text: None)
    assert repetitions.given_up


def chat(delta, **more):
    """One chunk of a chat."""
    body = {"id": "r", "choices": [{"index": 0, "delta": delta, "finish_reason": None}], **more}
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"


def arguments(piece, index=0, **more):
    """A piece of a call."""
    return chat({"tool_calls": [{"index": index, "function": {"arguments": piece}, **more}]})


def named(index, id, name):
    """The beginning of a call."""
    return chat(
        {"tool_calls": [{"index": index, "id": id, "function": {"name": name, "arguments": ""}}]}
    )


def block(piece, kind="text_delta", key="text", index=0):
    """A delta of Anthropic's."""
    body = {"type": "content_block_delta", "index": index, "delta": {"type": kind, key: piece}}
    return b"event: content_block_delta\ndata: " + json.dumps(body).encode() + b"\n\n"


PIECES = {
    OpenAIChatDecoder: [
        *(chat({"content": word}) for word in ("a", "b", "", '"', "{")), *(arguments(piece) for piece in ('{"x"', ": ", "1", "}", "{", '"', "\\", "]", "", "[")),
        *(arguments(piece, 1) for piece in ("{", "}", "1")), arguments("1", None), named(0, "a", "f"), named(1, "b", "g"), named(0, None, "h"), named(0, None, None),
        chat({"content": "x"}, extra=1), chat({"reasoning": "r"}), chat({"content": "x"}, usage={"prompt_tokens": 1}), b": ping\n\n", b"event: error\n",
        b"\n", b"id: 1\n", b"data: [DONE]\n\n", chat({"content": "x"}).replace(b"\n", b"\r\n"), chat({}).replace(b"null", b'"stop"'), b"data: {}\n\n", b"\xff",
    ],
    AnthropicDecoder: [
        *(block(word) for word in ("a", "b", "", '"')), *(block(p, "input_json_delta", "partial_json", 1) for p in ("{", "}", '"x"', ": 1", "")), block("t", "thinking_delta", "thinking", 2),
        b'data: {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "a", "name": "f", "input": {}}}\n\n',
        b'data: {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}\n\n', b'data: {"type": "content_block_stop", "index": 0}\n\n',
        b'data: {"type": "content_block_stop", "index": 1}\n\n', b'event: message_stop\ndata: {"type": "message_stop"}\n\n', b'event: ping\ndata: {"type": "ping"}\n\n',
        b'data: {"type": "message_delta", "delta": {"stop_reason": "tool_use"}}\n\n', b": c\n\n", b"\n", block("x").partition(b"\n")[2],
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", PIECES)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_the_short_way_is_the_long_way(kind, data):
    """Any order of events, often repeated, cut anywhere: the same frames as without the short way."""
    pieces = data.draw(
        st.lists(st.tuples(st.sampled_from(PIECES[kind]), st.integers(1, 4)), max_size=16)
    )
    events = [piece for piece, times in pieces for _ in range(times)]
    want = outcome(by_the_event(kind)(), events)
    assert outcome(kind(), events) == want
    stream = b"".join(events)
    assert outcome(kind(), [stream]) == want
    assert outcome(kind(), cut(stream, data.draw(places(len(stream))))) == want
