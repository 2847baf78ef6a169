"""Gathering: fewer messages, the same picture, wherever the cuts fall."""

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from nbagent.widget.gather import Gatherer, Outgoing
from nbagent.widget.transcript import Transcript
from nbagent.widget.translate import Translator
from nbagent.widget.views import Bundle, DisplayOutputView
from nbagent.widget.wire import Op
from tests.widget.scripts import fill, whole_run


def _take_all(gatherer: Gatherer) -> list[Outgoing]:
    return list(iter(gatherer.take, None))


def _text(text: str, part: str = "1") -> Op:
    return {"op": "text", "message": "m", "part": part, "text": text}


def _printed(name: str, text: str) -> Op:
    stream: Literal["stdout", "stderr"] = "stdout" if name == "stdout" else "stderr"
    return {
        "op": "output",
        "tool_call_id": "a",
        "output": {"kind": "stream", "name": stream, "text": text},
    }


@given(cuts=st.sets(st.integers(0, 60)), largest=st.integers(4, 200))
def test_any_gathering_gives_the_same_transcript(cuts: set[int], largest: int) -> None:
    """Messages cut anywhere, and split at any size, reduce to what the ops reduce to one by one."""
    one_by_one, page, gatherer = Transcript(), Transcript(), Gatherer(largest)
    translator, messages = Translator(now=lambda: 5.0), []
    for position, event in enumerate(whole_run()):
        ops = translator.translate(event)
        for op in ops:
            one_by_one.apply(op)
        gatherer.add(ops)
        if position in cuts:
            messages += _take_all(gatherer)
    messages += _take_all(gatherer)
    for message in messages:
        content, buffers = message.encode()
        for op in fill(content["ops"], buffers):
            page.apply(op)
    assert page.snapshot() == one_by_one.snapshot()
    assert [message.seq for message in messages] == list(range(1, len(messages) + 1))


# Without what a terminal obeys; that is the business of test_terminal.
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n"), min_size=1)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("text"), st.sampled_from("12"), st.text(min_size=1)),
            st.tuples(st.just("arguments"), st.sampled_from("ab"), st.text(min_size=1)),
            st.tuples(st.sampled_from(["stdout", "stderr"]), st.just("a"), LINES),
            st.tuples(st.just("state"), st.sampled_from("ab"), st.just("")),
        ),
        max_size=40,
    )
)
def test_interleaved_pieces(pieces: list[tuple[str, str, str]]) -> None:
    """Pieces of several texts in any order are merged without changing any of them."""
    ops: list[Op] = [
        {"op": "message_start", "id": "m", "role": "assistant", "created": 1.0},
        {"op": "call", "message": "m", "part": "a", "tool_call_id": "a", "name": "f"},
        {"op": "call", "message": "m", "part": "b", "tool_call_id": "b", "name": "g"},
    ]
    for kind, key, text in pieces:
        if kind == "text":
            ops.append(_text(text, key))
        elif kind == "arguments":
            ops.append({"op": "arguments", "tool_call_id": key, "text": text})
        elif kind == "state":
            ops.append(
                {
                    "op": "call_state",
                    "tool_call_id": key,
                    "state": "running",
                    "started": 1.0,
                    "elapsed": None,
                }
            )
        else:
            ops.append(_printed(kind, text))
    expected, gathered, gatherer = Transcript(), Transcript(), Gatherer()
    gatherer.add(ops)
    for op in ops:
        expected.apply(op)
    for message in _take_all(gatherer):
        for op in message.ops:
            gathered.apply(op)
    assert gathered.snapshot() == expected.snapshot()


def test_one_op_for_each_part() -> None:
    """Fragments of two parts that take turns become one op each."""
    gatherer = Gatherer()
    for _ in range(100):
        gatherer.add([_text("ab", "1"), _text("cd", "2")])
    assert [message.ops for message in _take_all(gatherer)] == [
        [_text("ab" * 100, "1"), _text("cd" * 100, "2")]
    ]


def test_printing_keeps_its_order() -> None:
    """What goes to stdout and stderr in turns stays in turns."""
    gatherer = Gatherer()
    gatherer.add([_printed("stdout", "1"), _printed("stderr", "2"), _printed("stdout", "3")])
    gatherer.add([_printed("stdout", "4")])
    assert _take_all(gatherer)[0].ops == [
        _printed("stdout", "1"),
        _printed("stderr", "2"),
        _printed("stdout", "34"),
    ]


def test_a_progress_bar_is_sent_as_it_stands() -> None:
    """Of a line that is written again and again only its last look goes out, in its place."""
    gatherer, page = Gatherer(), _page()
    for step in range(3):
        for part in range(1000):
            gatherer.add([_printed("stderr", f"\r{step}.{part:03d}")])
        (message,) = _take_all(gatherer)
        assert message.size < 200
        page.apply(message.ops[0])
    gatherer.add([_printed("stderr", "\n"), _printed("stdout", "done")])
    for op in _take_all(gatherer)[0].ops:
        page.apply(op)
    assert [dict(output) for output in page.snapshot()["calls"]["a"]["outputs"]] == [
        {"kind": "stream", "name": "stderr", "text": "2.999\n", "hidden": 0},
        {"kind": "stream", "name": "stdout", "text": "done"},
    ]


def test_a_display_between_prints_begins_a_new_stretch() -> None:
    """What is printed after a display cannot change what was printed before it."""
    gatherer, page = Gatherer(), _page()
    shown: Op = {"op": "output", "tool_call_id": "a", "output": _display("plot")}
    gatherer.add([_printed("stdout", "before"), shown, _printed("stdout", "\rafter")])
    for op in _take_all(gatherer)[0].ops:
        page.apply(op)
    texts = [output.get("text") for output in page.snapshot()["calls"]["a"]["outputs"]]
    assert texts == ["before", None, "after"]


def test_what_is_cleared_before_it_is_sent_is_not_sent() -> None:
    """An animation that clears and draws costs one picture a message."""
    gatherer = Gatherer()
    for frame in range(100):
        gatherer.add([{"op": "clear", "tool_call_id": "a"}])
        gatherer.add([{"op": "output", "tool_call_id": "a", "output": _display(str(frame))}])
    (message,) = _take_all(gatherer)
    assert message.ops == [
        {"op": "clear", "tool_call_id": "a"},
        {"op": "output", "tool_call_id": "a", "output": _display("99")},
    ]


def test_only_the_last_update_of_a_display_is_sent() -> None:
    """A display handle that updates a thousand times costs one op a message."""
    gatherer = Gatherer()
    for step in range(1000):
        bundle: Bundle = {"data": {"text/plain": str(step)}, "metadata": {}}
        gatherer.add([{"op": "update", "tool_call_id": "a", "display_id": "d", "bundle": bundle}])
    (message,) = _take_all(gatherer)
    assert [op["op"] for op in message.ops] == ["update"]
    assert "999" in str(message.ops)


def test_a_flood_is_hidden_but_kept() -> None:
    """What a call printed can be had from the kernel, also what a page no longer has."""
    gatherer, page = Gatherer(), _page()
    text = "".join(f"line {number}\n" for number in range(300_000))
    gatherer.add([_printed("stdout", text)])
    sent = _take_all(gatherer)
    for message in sent:
        for op in message.ops:
            page.apply(op)
    assert sum(message.size for message in sent) < 2_000_000
    assert gatherer.printed("a") == text
    assert text.endswith(page.printed("a"))
    (output,) = page.snapshot()["calls"]["a"]["outputs"]
    assert output["kind"] == "stream"
    assert output["hidden"] == 300_000 - page.printed("a").count("\n")


def _page() -> Transcript:
    page = Transcript()
    page.apply({"op": "message_start", "id": "m", "role": "assistant", "created": 1.0})
    page.apply({"op": "call", "message": "m", "part": "1", "tool_call_id": "a", "name": "f"})
    return page


def _display(text: str) -> DisplayOutputView:
    return {"kind": "display", "bundle": {"data": {"text/plain": text}, "metadata": {}}}


def test_only_the_last_progress_is_sent() -> None:
    """A tool that reports ten thousand times costs one op a message."""
    gatherer = Gatherer()
    for step in range(10_000):
        gatherer.add([{"op": "progress", "tool_call_id": "a", "fraction": step / 1e4, "text": ""}])
    (message,) = _take_all(gatherer)
    assert message.ops == [{"op": "progress", "tool_call_id": "a", "fraction": 0.9999, "text": ""}]


def test_long_text_is_split() -> None:
    """No message holds more bytes of text than it may, and no letter is lost."""
    gatherer = Gatherer(largest=1000)
    text = "aé漢🚗" * 1000
    gatherer.add([_text(text)])
    messages = _take_all(gatherer)
    pieces = [op["text"] for message in messages for op in message.ops if op["op"] == "text"]
    assert "".join(pieces) == text
    assert max(len(piece.encode()) for piece in pieces) <= 1000


def test_halves_of_an_emoji_meet() -> None:
    """Two halves of a surrogate pair, cut apart by a server, become the letter they are."""
    gatherer = Gatherer()
    gatherer.add([_text("a\ud83d"), _text("\ude97b"), _text("\ud83d", "2")])
    assert _take_all(gatherer)[0].ops == [_text("a🚗b"), _text("\ufffd", "2")]


def test_bytes_travel_as_buffers() -> None:
    """Binary values leave a numbered mark in the JSON and go beside it."""
    gatherer = Gatherer()
    for image in (b"one", b"two"):
        bundle = {"data": {"image/png": image}, "metadata": {}}
        gatherer.add(
            [
                {
                    "op": "output",
                    "tool_call_id": "a",
                    "output": {"kind": "display", "bundle": bundle},  # type: ignore[typeddict-item] # a plain dict is enough here
                }
            ]
        )
    content, buffers = _take_all(gatherer)[0].encode()
    assert buffers == [b"one", b"two"]
    assert [op["output"]["bundle"]["data"] for op in content["ops"] if op["op"] == "output"] == [  # type: ignore[typeddict-item] # only displays were added
        {"image/png": {"buffer": 0}},
        {"image/png": {"buffer": 1}},
    ]


def test_tick_repeats_the_number() -> None:
    """A tick has the number of the last message and nothing in it."""
    gatherer = Gatherer()
    gatherer.run = "r1"
    gatherer.add([_text("a")])
    gatherer.take()
    assert gatherer.tick().encode() == ({"v": 1, "seq": 1, "run": "r1", "ops": []}, [])
    assert gatherer.take() is None
