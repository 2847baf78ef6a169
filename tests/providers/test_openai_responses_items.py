"""What a response says late, twice or in part: it comes out whole, and once."""

import json

import pytest

from nbagent.frames import (
    ReasoningComplete,
    ReasoningDelta,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from tests.providers.responses_events import TEXT, call, completed, events, message, without_end

ADDED = {"type": "response.output_item.added", "output_index": 0}
ARGUMENTS = {"type": "response.function_call_arguments.delta", "output_index": 0, "item_id": "fc_1"}
DONE = {"type": "response.output_item.done", "output_index": 0}


@pytest.mark.parametrize(
    "data",
    [
        events(completed(message("Hi"))),
        events({**DONE, "item": message("Hi")}, completed()),
        events({**DONE, "item": message("Hi")}, completed(message("Hi"))),
        events({**TEXT, "delta": "Hi"}, completed(message("Hi"))),
        events({**TEXT, "delta": "Hi"}, completed(message("Hi", id="msg_other"))),
        events({**TEXT, "type": "response.output_text.done", "text": "Hi"}, completed()),
        events(
            {**TEXT, "type": "response.content_part.done", "part": message("Hi")["content"][0]},
            completed(),
        ),
        b'{"object":"response","status":"completed","output":['
        + json.dumps(message("Hi")).encode()
        + b"]}",
    ],
)
def test_words_that_come_late_or_repeated_come_once(data):
    """Servers leave out any of the four places where a text is said."""
    frames = without_end(data)
    assert "".join(frame.text for frame in frames if isinstance(frame, TextDelta)) == "Hi"
    assert frames[-1] == TextComplete("Hi", 0)


@pytest.mark.parametrize(
    "data",
    [
        events(completed(call('{"x":1}'))),
        events({**DONE, "item": call('{"x":1}')}, completed()),
        events({**DONE, "item": call({"x": 1})}, completed(call({"x": 1}))),
        events({**ADDED, "item": call("")}, completed(call('{"x":1}'))),
        events(
            {**ADDED, "item": call("")}, {**ARGUMENTS, "delta": '{"x"'}, completed(call('{"x":1}'))
        ),
        events({**ARGUMENTS, "delta": '{"x":1}'}, {**DONE, "item": call('{"x":1}')}, completed()),
        events(
            {**ADDED, "item": call("", id="fc_a")},
            {**ARGUMENTS, "type": "response.function_call_arguments.done", "arguments": '{"x":1}'},
            completed(call('{"x":1}', id="fc_b")),
        ),
        events(
            {"type": "response.output_item.added", "item": call("")},
            {"type": ARGUMENTS["type"], "item_id": "fc_unknown", "delta": '{"x":1}'},
            {"type": DONE["type"], "item": call('{"x":1}', id="fc_other")},
            completed(call('{"x":1}')),
        ),
    ],
)
def test_calls_that_come_late_or_repeated_come_once(data):
    """The same for calls, whatever ids and indexes the events have."""
    frames = without_end(data)
    deltas = [frame for frame in frames if isinstance(frame, ToolCallDelta)]
    assert "".join(frame.arguments for frame in deltas) == '{"x":1}'
    assert {frame.tool_call_id for frame in deltas} == {"call_1"}
    assert [f for f in frames if isinstance(f, ToolCallComplete)] == [
        ToolCallComplete("call_1", "f", '{"x":1}', 0)
    ]


def test_reasoning_that_comes_only_at_the_end():
    """Raw reasoning, its summary and the proof out of the finished response alone."""
    item = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": "short"}],
        "content": [{"type": "reasoning_text", "text": "long"}],
        "encrypted_content": "abc",
    }
    proof = '{"id":"rs_1","encrypted_content":"abc"}'
    assert without_end(events(completed(item, message("Hi")))) == [
        ReasoningDelta("short", 0, True),
        ReasoningDelta("long", 0),
        ReasoningComplete("long", 0, "short", proof),
        TextDelta("Hi", 1),
        TextComplete("Hi", 1),
    ]


def test_raw_reasoning_in_deltas():
    """The reasoning that servers of open models show is reasoning, and no summary."""
    delta = {"type": "response.reasoning_text.delta", "output_index": 0, "item_id": "rs_1"}
    whole = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": ""}
    whole["content"] = [{"type": "reasoning_text", "text": "ab"}]
    data = events(
        {**delta, "delta": "a"}, {**delta, "delta": "b"}, {**DONE, "item": whole}, completed(whole)
    )
    assert without_end(data) == [
        ReasoningDelta("a", 0),
        ReasoningDelta("b", 0),
        ReasoningComplete("ab", 0, "", None),
    ]


def test_encrypted_reasoning_without_a_word():
    """Reasoning that shows nothing still has to go back."""
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "abc"}
    frames = without_end(events({**DONE, "item": item}, completed(item)))
    assert frames == [ReasoningComplete("", 0, "", '{"id":"rs_1","encrypted_content":"abc"}')]


def test_each_part_of_a_message_is_a_block():
    """Two parts are two blocks, in deltas and in a whole item alike."""
    second = {**TEXT, "content_index": 1}
    streamed = events({**TEXT, "delta": "one"}, {**second, "delta": "two"}, completed())
    for data in (streamed, events(completed(message("one", "two")))):
        frames = without_end(data)
        assert [f.text for f in frames if isinstance(f, TextComplete)] == ["one", "two"]


def test_interleaved_calls_without_indexes():
    """Ids keep the fragments of two calls apart where there are no indexes."""
    added = {"type": "response.output_item.added"}
    delta = {"type": "response.function_call_arguments.delta"}
    done = {"type": "response.output_item.done"}
    one, two = call("{}", "call_1", "f", "fc_1"), call('{"y":2}', "call_2", "g", "fc_2")
    data = events(
        {**added, "item": {**one, "arguments": ""}},
        {**added, "item": {**two, "arguments": ""}},
        {**delta, "item_id": "fc_2", "delta": '{"y"'},
        {**delta, "item_id": "fc_1", "delta": "{}"},
        {**delta, "item_id": "fc_2", "delta": ":2}"},
        {**done, "item": one},
        {**done, "item": two},
        completed(one, two),
    )
    frames = without_end(data)
    found = {f.tool_call_id: f.arguments for f in frames if isinstance(f, ToolCallComplete)}
    assert found == {"call_1": "{}", "call_2": '{"y":2}'}
