"""Fragments to frames to a message: the promises that every stream makes."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.assembly import FrameAssembler
from nbagent.errors import IncompleteToolCall
from nbagent.frames import (
    End,
    ReasoningComplete,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.message_builder import MessageBuilder
from nbagent.messages import Message, ReasoningPart, TextPart, ToolCall, Usage
from tests.call_scripts import (
    CALL,
    CLOSE,
    END,
    SCRIPTS,
    TEXT,
    THINK,
    call,
    calls_of,
    check,
    play,
    play_on,
)


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("finish", ["tool_calls", "stop"])
def test_calls_come_out_whole_and_apart(name, finish):
    """However a provider names its calls, each comes out once, whole, under one id."""
    script, want = SCRIPTS[name]
    frames = play(*script, (END, finish))
    got = calls_of(frames)
    assert len(got) == len(want)
    for (id, tool, arguments), (wanted_id, wanted_tool, wanted_arguments) in zip(
        got, want, strict=True
    ):
        assert (tool, arguments) == (wanted_tool, wanted_arguments)
        assert id == wanted_id if wanted_id else re.fullmatch(r"call_[0-9a-f]{24}", id)
    assert frames[-1].finish_reason == "tool_calls"


@pytest.mark.parametrize("name", SCRIPTS)
def test_words_around_calls_change_nothing(name):
    """Text before and behind the calls stays text, and completes where it ends."""
    script, want = SCRIPTS[name]
    frames = play((TEXT, "before"), *script, (TEXT, "behind"), (END, "stop"))
    assert [c[1:] for c in calls_of(frames)] == [c[1:] for c in want]
    assert [f.text for f in frames if isinstance(f, TextComplete)] == ["before", "behind"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_message_is_what_the_frames_say(name):
    """The assembler's message and the one built of its frames are the same."""
    script, _ = SCRIPTS[name]
    assembler, builder = FrameAssembler(), MessageBuilder()
    for frame in play_on(
        assembler, [(THINK, "hm"), (TEXT, "a"), *script, (END, "stop", Usage(1, 2))]
    ):
        builder.feed(frame)
    assert builder.message == assembler.message


def test_text_alone():
    """Words come as deltas, and complete at the end."""
    assert play((TEXT, "Hel"), (TEXT, ""), (TEXT, "lo"), (END, "stop", Usage(1, 2))) == [
        TextDelta("Hel", 0),
        TextDelta("lo", 0),
        TextComplete("Hello", 0),
        End("stop", Usage(1, 2)),
    ]


def test_a_rising_index_is_a_new_block():
    """Words of another index are another block; the first completes."""
    script = [
        (TEXT, "a", {"index": 0}),
        (TEXT, "b", {"index": 1}),
        (TEXT, "c", {"index": 1}),
        (END, "stop"),
    ]
    assert play(*script)[:5] == [
        TextDelta("a", 0),
        TextComplete("a", 0),
        TextDelta("b", 1),
        TextDelta("c", 1),
        TextComplete("bc", 1),
    ]


def test_a_call_completes_at_the_next_kind_of_content():
    """A whole call does not wait for the end when words follow it."""
    frames = play(call("a", "f", "{}", 0), (TEXT, "b"))
    assert frames == [
        ToolCallDelta("a", "f", "{}", 0),
        ToolCallComplete("a", "f", "{}", 0),
        TextDelta("b", 1),
    ]


def test_a_call_completes_at_its_stop():
    """The provider's own block stop completes at once."""
    frames = play(call("a", "f", '{"x": 1}', 3), (CLOSE,))
    assert frames[-1] == ToolCallComplete("a", "f", '{"x": 1}', 3)
    frames = play(call("a", "f", "{}", 3), call("b", "f", "{}", 4), (CLOSE, {"index": 3}))
    assert frames[-1] == ToolCallComplete("a", "f", "{}", 3)


def test_a_late_id_goes_back_to_the_provider():
    """The id that was given out stays; the provider's own is kept for it."""
    assembler = FrameAssembler()
    frames = play_on(
        assembler, [call(None, "f", "{", 0), call("late", None, "}", 0), (END, "stop")]
    )
    (made,) = assembler.message.tool_calls
    assert made.tool_call_id.startswith("call_")
    assert made.provider_id == "late"
    marks = {"provider_id": "late", "signature": None}
    assert frames[-1].raw["call_marks"] == {made.tool_call_id: marks}


def test_another_name_with_an_id_of_its_own_is_another_call():
    """Also in the middle of arguments that never go on: what came first is not mixed into it."""
    script = [call(None, "f", '{"x"', 0), call("b", "g", "{}", 0), (TEXT, "behind"), (END, "stop")]
    assert [c[1:] for c in calls_of(play(*script))] == [("g", "{}"), ("f", '{"x"')]


def test_an_index_that_comes_late():
    """Without one, a block has the number of its frames: that index goes on with it."""
    script = [(TEXT, "a"), (TEXT, "b", {"index": 0}), (TEXT, "c", {"index": 1}), (TEXT, "d")]
    assert play(*script) == [
        TextDelta("a", 0),
        TextDelta("b", 0),
        TextComplete("ab", 0),
        TextDelta("c", 1),
        TextDelta("d", 1),
    ]


REASONING = {
    "an index that comes late": (
        [(THINK, "a"), (THINK, "b", {"index": 0}), (THINK, "c", {"index": 1})],
        [ReasoningComplete("ab", 0), ReasoningComplete("c", 1)],
    ),
    "an id that comes late": ([(THINK, "a"), (THINK, "b", {"id": "r"})], [ReasoningComplete("ab", 0)]),
    "text and summary at once": ([(THINK, "a", {"summary": "s", "signature": "x"})], [ReasoningComplete("a", 0, "s", "x")]),
    "text": ([(THINK, "a"), (THINK, "b")], [ReasoningComplete("ab", 0)]),
    "summary alone": ([(THINK, {"summary": "s"})], [ReasoningComplete("", 0, "s")]),
    "summary beside text": ([(THINK, "a"), (THINK, {"summary": "s"}), (THINK, "b")], [ReasoningComplete("ab", 0, "s")]),
    "signature before": ([(THINK, {"signature": "x"}), (THINK, "a")], [ReasoningComplete("a", 0, "", "x")]),
    "signature after": ([(THINK, "a"), (THINK, {"signature": "x"})], [ReasoningComplete("a", 0, "", "x")]),
    "signature alone": ([(THINK, {"signature": "x"})], [ReasoningComplete("", 0, "", "x")]),
    "signature twice": ([(THINK, "a", {"signature": "x"}), (THINK, {"signature": "x"})], [ReasoningComplete("a", 0, "", "x")]),
    "two signatures": (
        [(THINK, "a", {"signature": "x"}), (THINK, "b", {"signature": "y"})],
        [ReasoningComplete("a", 0, "", "x"), ReasoningComplete("b", 1, "", "y")],
    ),
    "two ids": (
        [(THINK, "a", {"id": "r1"}), (THINK, "b", {"id": "r2"})],
        [ReasoningComplete("a", 0), ReasoningComplete("b", 1)],
    ),
    "two indexes": (
        [(THINK, "a", {"index": 0}), (THINK, "b", {"index": 2})],
        [ReasoningComplete("a", 0), ReasoningComplete("b", 2)],
    ),
    "nothing": ([(THINK,)], []),
}  # fmt: skip


@pytest.mark.parametrize("name", REASONING)
def test_reasoning(name):
    """Text, summary and signature, in whatever order, make blocks that can be sent back."""
    script, want = REASONING[name]
    frames = play(*script, (TEXT, "answer"), (END, "stop"))
    check(frames)
    assert [f for f in frames if isinstance(f, ReasoningComplete)] == want
    assert frames[-2].text == "answer"


def test_reasoning_keeps_what_goes_back():
    """The message has the id and the signature."""
    assembler = FrameAssembler()
    play_on(assembler, [(THINK, "a", {"id": "r1"}), (THINK, {"signature": "x"}), (END, "stop")])
    assert assembler.message.parts == (ReasoningPart("a", "", "x", "r1"),)


@pytest.mark.parametrize("finish", ["length", "content_filter", "refusal", "other", None])
@pytest.mark.parametrize("arguments", ['{"city":"/home/us', '{"x": "}', "{"])
def test_a_cut_call_never_completes(finish, arguments):
    """Arguments that were cut off raise, with what came before them, and no End comes."""
    assembler = FrameAssembler()
    play_on(assembler, [(TEXT, "Well. "), call("a", "f", arguments, 0)])
    with pytest.raises(IncompleteToolCall, match="'f'") as caught:
        assembler.end(finish)
    assert caught.value.partial == Message.assistant("Well. ")


@pytest.mark.parametrize("closed", [False, True])
def test_a_stop_before_the_limit_is_no_promise(closed):
    """Providers close the block before they say that the limit was reached."""
    assembler = FrameAssembler()
    play_on(assembler, [call("a", "f", '{"x": "cu', 0)] + ([(CLOSE,)] if closed else []))
    with pytest.raises(IncompleteToolCall, match="max_tokens"):
        assembler.end("length")


def test_a_name_alone_at_the_limit_is_no_call():
    """A call of which only the name came is cut too."""
    assembler = FrameAssembler()
    play_on(assembler, [call("a", "f", "", 0)])
    with pytest.raises(IncompleteToolCall):
        assembler.end("length")


def test_whole_calls_before_a_cut_one_are_in_the_partial():
    """What came whole is told, though nothing of this reply is run."""
    assembler = FrameAssembler()
    play_on(assembler, [call("a", "f", "{}", 0), call("b", "g", '{"x', 1)])
    with pytest.raises(IncompleteToolCall) as caught:
        assembler.end("length")
    assert caught.value.partial.tool_calls == (ToolCall("a", "f", "{}"),)


def test_a_whole_call_at_the_limit_is_a_call():
    """A call whose arguments are whole is one, whatever the provider called the end."""
    assert play(call("a", "f", "{}", 0), (END, "length"))[-1].finish_reason == "tool_calls"


@pytest.mark.parametrize(
    ("given", "want"),
    [(None, "stop"), ("stop", "stop"), ("tool_calls", "stop"), ("length", "length"), ("strange", "other"),
     ("refusal", "refusal"), ("content_filter", "content_filter"), ("other", "other")],
)  # fmt: skip
def test_finish_reasons_without_calls(given, want):
    """Only our own reasons come out, and tool_calls only when there are calls."""
    assert play((TEXT, "a"), (END, given))[-1].finish_reason == want


def test_there_is_one_end_and_it_is_last():
    """Whatever comes behind the end gives nothing."""
    assembler = FrameAssembler()
    frames = play_on(
        assembler,
        [
            (TEXT, "a"),
            (END, "stop"),
            (END, "length"),
            (TEXT, "b"),
            (THINK, "c"),
            call("a", "f", "{}"),
            (CLOSE,),
        ],
    )
    assert frames == [TextDelta("a", 0), TextComplete("a", 0), End("stop")]
    assert assembler.message.text == "a"


def test_the_end_says_what_was_told():
    """Model, response id and raw stand in the End and on the message."""
    assembler = FrameAssembler()
    (end,) = assembler.end("stop", Usage(1), model="m", response_id="r", raw={"a": 1}, more=2)
    assert end == End("stop", Usage(1), "m", "r", {"a": 1, "more": 2})
    assert assembler.message == Message("assistant", (), "stop", Usage(1), "m", "r")


def test_the_message_can_be_had_at_any_moment():
    """Partial words are in it; a call only once it is whole."""
    assembler = FrameAssembler()
    assembler.text("Hel")
    assert assembler.message == Message.assistant("Hel")
    assembler.tool_call(id="a", name="f", arguments='{"x"')
    assert assembler.message.parts == (TextPart("Hel"),)


pieces = st.one_of(
    st.tuples(st.just(TEXT), st.text("ab", max_size=2), st.fixed_dictionaries({"index": st.none() | st.integers(0, 2)})),
    st.tuples(st.just(THINK), st.text("cd", max_size=2), st.fixed_dictionaries({"signature": st.none() | st.sampled_from("xy")})),
    st.tuples(st.just(CLOSE)),
    st.tuples(
        st.just(CALL),
        st.fixed_dictionaries({
            "id": st.sampled_from([None, "", "null", "a", "b"]),
            "name": st.sampled_from([None, "", "f", "g"]),
            "arguments": st.sampled_from([None, "", " ", "{", "}", '"x":1', "{}", '{"a":', "{}{}", "oops"]) | st.just({}),
            "index": st.sampled_from([None, 0, 1]),
        }),
    ),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=14), st.sampled_from(["stop", "tool_calls", "length", None]))
def test_no_order_of_pieces_breaks_a_promise(script, finish):
    """Any pieces in any order: deltas add up, ids stay, one End, or an error of the tree."""
    assembler, builder = FrameAssembler(), MessageBuilder()
    frames = play_on(assembler, script)
    try:
        frames += assembler.end(finish)
    except IncompleteToolCall as error:
        assert error.partial == assembler.message
        assert not any(isinstance(frame, End) for frame in frames)
    check(frames)
    for frame in frames:
        builder.feed(frame)
    if frames and isinstance(frames[-1], End):
        # A call that never got its name shows itself only at the end, in whatever place it began.
        parts = sorted(assembler.message.parts, key=repr)
        assert sorted(builder.message.parts, key=repr) == parts
