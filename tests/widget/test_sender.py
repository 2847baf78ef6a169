"""The sender under a clock that tests move: how many messages, how large, what is repeated."""

import json
import logging
import threading
from itertools import pairwise

import pytest

from nbagent.agent.events import RunFinished, StreamItem, ToolOutput
from nbagent.frames import TextDelta
from nbagent.tools.outputs import StreamOutput
from nbagent.widget.clock import ThreadClock
from nbagent.widget.sender import (
    A_WHILE,
    FLOOD,
    FLOOD_INTERVAL,
    INTERVAL,
    LATER_INTERVAL,
    Sender,
)
from nbagent.widget.transcript import Transcript
from nbagent.widget.views import TranscriptView
from tests.widget.scripts import FakeClock, FakePage, fill, question, whole_run, words


@pytest.fixture
def clock() -> FakeClock:
    """Time that stands still."""
    return FakeClock()


@pytest.fixture
def page(clock: FakeClock) -> FakePage:
    """A page that takes messages."""
    return FakePage(clock)


@pytest.fixture
def sender(clock: FakeClock, page: FakePage) -> Sender:
    """A sender that writes to the page."""
    return Sender(page, clock=clock)


def _put(sender: Sender, *events: StreamItem) -> None:
    for event in events:
        sender.put(event)


def _seen(page: FakePage) -> TranscriptView:
    """What a page that got every message shows."""
    transcript = Transcript()
    for content, buffers in page.sent:
        for op in fill(content["ops"], buffers):
            transcript.apply(op)
    return transcript.snapshot()


def test_first_words_go_at_once(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """After a pause nothing is held back; what follows waits for the interval and goes together."""
    _put(sender, *question())
    clock.advance(0)
    assert len(page.messages) == 1
    _put(sender, TextDelta("a", 0))
    clock.advance(0.02)
    _put(sender, TextDelta("b", 0))
    assert len(page.messages) == 1
    clock.advance(INTERVAL - 0.019)
    assert [dict(op) for op in page.messages[1]["ops"]] == [
        {"op": "text", "message": "m2", "part": "1", "text": "ab"}
    ]


def test_a_flood_is_told_a_little_sooner(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """Of very much the page has the first part while the rest comes; of less it waits as ever."""
    _put(sender, *question())
    clock.advance(0)
    _put(sender, *[TextDelta("a", 0) for _ in range(FLOOD - 10)], TextDelta("b", 1))
    clock.advance(FLOOD_INTERVAL + 0.001)
    assert len(page.messages) == 1
    _put(sender, *[TextDelta("c", 1) for _ in range(10)])
    clock.advance(INTERVAL - FLOOD_INTERVAL)
    _put(sender, *[TextDelta("d", 1) for _ in range(FLOOD)])
    clock.advance(FLOOD_INTERVAL + 0.001)
    assert len(page.messages) == 3
    parts = _seen(page)["messages"][1]["parts"]
    assert [part["text"] for part in parts if part["kind"] == "text"] == [
        "a" * (FLOOD - 10),
        "b" + "c" * 10 + "d" * FLOOD,
    ]


def test_a_long_reply_is_told_less_often(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """After its first second the messages are further apart, until there was a rest."""

    def gaps(seconds: float) -> list[float]:
        seen = len(page.times)
        for _ in range(int(seconds * 100)):
            _put(sender, TextDelta("word ", 0))
            clock.advance(0.01)
        times = page.times[seen:]
        return [later - earlier for earlier, later in pairwise(times)]

    _put(sender, *question())
    for _ in range(2):
        early, late = gaps(A_WHILE), gaps(2.0)
        assert max(early) < LATER_INTERVAL and min(early) > INTERVAL - 0.001
        assert min(late) > LATER_INTERVAL - 0.001
        clock.advance(A_WHILE + LATER_INTERVAL)


def test_the_end_goes_at_once(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """What a run ends with, and the words before it, do not wait for the interval."""
    _put(sender, *question(), TextDelta("a", 0))
    clock.advance(0)
    _put(sender, TextDelta("b", 0))
    clock.advance(0.01)
    assert len(page.messages) == 1
    _put(sender, RunFinished("r1", None))
    clock.advance(0)
    assert [op["op"] for op in page.messages[1]["ops"]][:2] == ["text", "part_done"]
    assert len(page.messages) == 2
    _put(sender, *question())
    clock.advance(0.02)
    assert len(page.messages) == 2


@pytest.mark.parametrize("per_second", [100, 1000, 10_000])
def test_reply_of_4000_deltas(
    sender: Sender, page: FakePage, clock: FakeClock, per_second: int
) -> None:
    """Every character arrives, in at most 25 messages a second and 1.5 times the text's bytes."""
    deltas = [f"word {number} " for number in range(4000)]
    _put(sender, *question())
    for delta in deltas:
        _put(sender, TextDelta(delta, 0))
        clock.advance(1 / per_second)
    _put(sender, RunFinished("r1", None))
    clock.advance(1)
    text = "".join(deltas)
    part = _seen(page)["messages"][1]["parts"][0]
    assert part["kind"] == "text" and part["text"] == text
    windows = [sum(start <= time < start + 1 for time in page.times) for start in page.times]
    assert max(windows) <= 26, "25 a second, and the first of the next"
    payload = sum(len(json.dumps(message)) for message in page.messages)
    # At 100 deltas a second each message brings four words, and its frame is most of it.
    assert payload <= (1.5 if per_second >= 1000 else 5) * len(text)


def test_whole_run_with_binary(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """A page that reduces every message shows exactly what the kernel's snapshot says."""
    for event in whole_run():
        _put(sender, event)
        clock.advance(0.015)
    clock.advance(1)
    seq, transcript = sender.snapshot()
    assert _seen(page) == transcript
    assert [message["seq"] for message in page.messages] == list(range(1, seq + 1))
    assert {message["run"] for message in page.messages} == {"r1"}


def test_ticks_after_the_last_message(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """One and three seconds after the last message its number is said again, then no more."""
    _put(sender, *question(), *words("a"))
    clock.advance(0.9)
    assert page.ticks == []
    clock.advance(100)
    assert [tick["seq"] for tick in page.ticks] == [1, 1]
    assert [round(time - page.times[0], 3) for time in page.times[1:]] == [1.0, 3.0]


def test_no_ticks_while_words_come(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """A stream that goes on needs no ticks."""
    _put(sender, *question())
    for _ in range(100):
        _put(sender, TextDelta("a", 0))
        clock.advance(0.1)
    assert page.ticks == []


def test_resync(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """A page that is behind gets the whole under the last number; one that is not gets a tick."""
    _put(sender, *whole_run())
    clock.advance(0.2)
    sent = len(page.sent)
    sender.resync(1)
    clock.advance(0.2)
    tick = page.sent.pop()[0]
    assert (tick["seq"], tick["ops"], len(page.sent)) == (1, [], sent)
    assert tick["heard"]
    sender.resync(0)
    clock.advance(0.2)
    content, buffers = page.sent[-1]
    assert (content["seq"], len(content["ops"])) == (1, 1)
    assert fill(content["ops"], buffers) == [{"op": "snapshot", "transcript": sender.snapshot()[1]}]


def test_snapshot_is_of_this_moment(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """A snapshot holds what was put but not sent, under the number that message will have."""
    _put(sender, *question(), TextDelta("seen", 0))
    seq, transcript = sender.snapshot()
    assert transcript["messages"][1]["parts"][0]["text"] == "seen"  # type: ignore[typeddict-item] # a text part
    clock.advance(0.5)
    assert [message["seq"] for message in page.messages] == [seq] == [1]


def test_late_page_follows(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """A page that starts from a snapshot in mid-stream and applies what is newer ends up right."""
    late, known = Transcript(), -1
    for position, event in enumerate(whole_run()):
        _put(sender, event)
        clock.advance(0.007)
        if position == 12:
            known, view = sender.snapshot()
            late.apply({"op": "snapshot", "transcript": view})
    clock.advance(1)
    for content, buffers in page.sent:
        if content["seq"] == known + 1:
            known += 1
            for op in fill(content["ops"], buffers):
                late.apply(op)
    assert (known, late.snapshot()) == sender.snapshot()


def test_flood_is_split_and_spaced(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """A tool that prints 4 MB comes in messages of half a megabyte, a megabyte a second."""
    _put(sender, *whole_run()[:14], ToolOutput("r1", "b", StreamOutput("stdout", "x" * 4_000_000)))
    clock.advance(30)
    sizes = [len(json.dumps(message)) for message in page.messages]
    assert max(sizes) < 600_000
    spent = page.times[len(page.messages) - 1] - page.times[0]
    assert 3 < spent < 5
    assert _seen(page) == sender.snapshot()[1]


def test_page_that_cannot_be_reached(
    sender: Sender, page: FakePage, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A broken comm is logged once, costs the run nothing, and a page that is back is filled."""
    page.broken = True
    with caplog.at_level(logging.WARNING, "nbagent"):
        _put(sender, *question())
        clock.advance(0.1)
        _put(sender, *words("lost"))
        clock.advance(0.1)
    assert [record.message for record in caplog.records] == [
        "The widget could not be reached; the run goes on."
    ]
    page.broken = False
    clock.advance(3)
    assert page.ticks[0]["seq"] == 2
    assert "heard" not in page.ticks[0]
    sender.resync(0)
    clock.advance(0.1)
    assert _seen(page) == sender.snapshot()[1]


def test_close_stops_sending(sender: Sender, page: FakePage, clock: FakeClock) -> None:
    """After close nothing is sent, ticks included; the transcript still grows for who asks."""
    _put(sender, *question())
    clock.advance(0.1)
    sender.close()
    _put(sender, *words("unsent"))
    clock.advance(10)
    assert len(page.sent) == 1
    assert len(sender.snapshot()[1]["messages"][1]["parts"]) == 1


def test_many_threads() -> None:
    """Four threads that put at once lose nothing on the real clock, and one thread writes."""
    done, seen, writers = threading.Event(), Transcript(), set()

    def send(content: object, buffers: list[bytes]) -> None:
        writers.add(threading.current_thread().name)
        for op in content["ops"]:  # type: ignore[index] # a WireMessage
            seen.apply(op)
            if op["op"] == "message_end":
                done.set()

    sender = Sender(send, clock=ThreadClock())
    _put(sender, *question())

    def put(index: int) -> None:
        _put(sender, *[TextDelta("x", index) for _ in range(2000)])

    threads = [threading.Thread(target=put, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _put(sender, RunFinished("r1", None))
    assert done.wait(60)
    sender.close()
    parts = seen.snapshot()["messages"][1]["parts"]
    assert [part["text"] for part in parts if part["kind"] == "text"] == ["x" * 2000] * 4
    assert writers == {"nbagent-widget"}
