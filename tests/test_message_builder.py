"""The message that frames make up, at any moment of the stream."""

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
from nbagent.messages import Message, ReasoningPart, TextPart, ToolCall, Usage


def built(*frames):
    """The message of these frames."""
    builder = MessageBuilder()
    for frame in frames:
        builder.feed(frame)
    return builder.message


def test_partial_words_are_in_it():
    """Deltas count before their complete frame comes, and once after it."""
    assert built(TextDelta("a", 0), TextDelta("b", 0)) == Message.assistant("ab")
    assert built(TextDelta("a", 0), TextComplete("a", 0)) == Message.assistant("a")
    assert built(ReasoningDelta("a", 0), ReasoningDelta("s", 0, True)).parts == (
        ReasoningPart("a", "s"),
    )


def test_calls_only_when_they_are_whole():
    """A call that is still arriving is not in it."""
    delta = ToolCallDelta("1", "f", "{", 0)
    assert built(delta).parts == ()
    assert built(delta, ToolCallComplete("1", "f", "{}", 0)).tool_calls == (
        ToolCall("1", "f", "{}"),
    )


def test_parts_stand_where_they_began():
    """A part that completes late keeps its place."""
    message = built(ReasoningDelta("r", 0), TextDelta("a", 1), ReasoningComplete("r", 0, "", "sig"))
    assert message.parts == (ReasoningPart("r", "", "sig"), TextPart("a"))


def test_the_end_finishes_it():
    """Reason, usage, model and id, and the marks that go back with calls."""
    raw = {"call_marks": {"1": {"provider_id": "late", "signature": "s"}}}
    message = built(ToolCallComplete("1", "f", "{}", 0), End("tool_calls", Usage(1), "m", "r", raw))
    assert message == Message(
        "assistant", (ToolCall("1", "f", "{}", "late", "s"),), "tool_calls", Usage(1), "m", "r"
    )
    assert built(TextDelta("a", 0)).finish_reason is None
