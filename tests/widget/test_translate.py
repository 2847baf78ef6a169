"""From events to ops: what a page is told about each thing an agent does."""

from typing import Any

import pytest

from nbagent.agent.events import (
    ApprovalRequested,
    ApprovalsChanged,
    HistoryCut,
    HistoryReset,
    NestedItem,
    QuestionAnswered,
    QuestionAsked,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFinished,
    StreamItem,
    ToolFinished,
    ToolQueued,
    ToolStarted,
)
from nbagent.errors import StreamTruncated, ToolDenied
from nbagent.frames import (
    ReasoningComplete,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.messages import FilePart, Message
from nbagent.tools.outputs import MimeBundle, ToolResult
from nbagent.widget.transcript import Transcript
from nbagent.widget.translate import Translator
from nbagent.widget.views import TranscriptView
from nbagent.widget.wire import Op
from tests.widget.scripts import PNG, question, whole_run, words


def _ops(*events: StreamItem) -> list[Op]:
    translator = Translator("first", now=lambda: 5.0)
    return [op for event in events for op in translator.translate(event)]


def _shown(*events: StreamItem) -> TranscriptView:
    transcript = Transcript()
    for op in _ops(*events):
        transcript.apply(op)
    return transcript.snapshot()


def _parts(*events: StreamItem) -> list[Any]:
    return [dict(part) for part in _shown(*events)["messages"][-1]["parts"]]


def test_question() -> None:
    """A run opens with the person's words, whole, and an empty answer."""
    assert _ops(*question("Hi")) == [
        {"op": "status", "status": "running", "model": "openai:gpt-4.1"},
        {"op": "message_start", "id": "m1", "role": "user", "created": 5.0},
        {"op": "text", "message": "m1", "part": "1", "text": "Hi"},
        {"op": "part_done", "message": "m1", "part": "1"},
        {"op": "message_start", "id": "m2", "role": "assistant", "created": 5.0},
    ]


def test_whole_run() -> None:
    """Everything a run of two steps does stands in one message, in its order."""
    shown = _shown(*whole_run())
    answer, calls = shown["messages"][1], shown["calls"]
    assert [part["kind"] for part in answer["parts"]] == [
        "reasoning",
        "text",
        "call",
        "call",
        "notice",
        "text",
    ]
    assert answer["parts"][0] == {
        "kind": "reasoning",
        "part": "1",
        "text": "Hmm.",
        "summary": "A sum",
        "done": True,
    }
    assert (shown["status"], answer["state"]) == ("idle", "done")
    assert answer["usage"] == {
        "input_tokens": 20,
        "output_tokens": 12,
        "cached_input_tokens": 4,
        "reasoning_tokens": 2,
    }
    assert calls["a"]["arguments"] == '{"column": "weight"}', "as the person changed it"
    assert calls["b"]["progress"] == {"fraction": 0.5, "text": "half"}
    assert [output["kind"] for output in calls["b"]["outputs"]] == ["stream", "stream", "display"]
    assert calls["b"]["bundle"] == {
        "data": {"image/png": PNG, "text/plain": "<Figure>"},
        "metadata": {},
    }
    assert (calls["b"]["started"], calls["b"]["elapsed"]) == (5.0, 0.5)


def test_blocks_that_come_whole() -> None:
    """A complete frame without deltas shows its text; one with deltas does not show it twice."""
    whole: list[StreamItem] = [ReasoningComplete("why", 0, "short"), TextComplete("all", 1)]
    assert _parts(*question(), *whole) == [
        {"kind": "reasoning", "part": "1", "text": "why", "summary": "short", "done": True},
        {"kind": "text", "part": "2", "text": "all", "done": True},
    ]
    assert _parts(*question(), *words("a", "b"))[0]["text"] == "ab"


def test_steps_reuse_indices() -> None:
    """Block 0 of a second step is a new part, not more of the first."""
    events = [*question(), *words("one"), *question()[1:], *words("two")]
    assert [part["text"] for part in _parts(*events)] == ["one", "two"]


def test_arguments_are_not_sent_twice() -> None:
    """The whole call repeats what its deltas said, so it costs nothing; "{}" has to be said."""
    streamed = _ops(
        *question(),
        ToolCallDelta("a", "f", '{"x"', 0),
        ToolCallDelta("a", "f", ": 1}", 0),
        ToolCallComplete("a", "f", '{"x": 1}', 0),
        ToolQueued("r1", "a", "f", '{"x": 1}'),
    )
    assert [op["op"] for op in streamed[5:]] == ["call", "arguments", "arguments", "call_state"]
    empty = _shown(*question(), ToolCallDelta("a", "f", "", 0), ToolCallComplete("a", "f", "{}", 0))
    assert empty["calls"]["a"]["arguments"] == "{}"


def test_waiting() -> None:
    """The widget waits as long as any call waits for a person, and runs again after."""
    translator, transcript, seen = Translator(now=lambda: 5.0), Transcript(), []
    events: list[StreamItem] = [
        *question(),
        ApprovalRequested("r1", "a", "f", "{}"),
        ApprovalRequested("r1", "b", "f", "{}"),
        ToolStarted("r1", "a", "f", "{}"),
        ToolFinished("r1", "b", "f", "denied", ToolResult(None, "no", error=ToolDenied("no")), 0.0),
    ]
    for event in events:
        for op in translator.translate(event):
            transcript.apply(op)
        seen.append(transcript.snapshot()["status"])
    assert seen == ["running", "running", "waiting", "waiting", "waiting", "running"]


def test_denied_call_says_why() -> None:
    """A result with an error reaches the card as type and message, without our own traceback."""
    result = ToolResult(None, "denied", error=ToolDenied("not on Fridays"))
    call = _shown(*question(), ToolFinished("r1", "a", "f", "denied", result, 0.0))["calls"]["a"]
    assert call["state"] == "denied"
    assert call["error"] == {
        "type": "ToolDenied",
        "message": "not on Fridays",
        "traceback": "",
        "hint": "",
    }


@pytest.mark.parametrize(
    ("last", "message_state", "call_state"),
    [
        (RunCancelled("r1"), "cancelled", "cancelled"),
        (RunFailed("r1", StreamTruncated("The reply broke off.")), "failed", "interrupted"),
    ],
)
def test_broken_run(last: StreamItem, message_state: str, call_state: str) -> None:
    """A run that does not end well leaves no text open and no call going."""
    shown = _shown(*question(), TextDelta("Half", 0), ToolCallDelta("a", "f", '{"x', 1), last)
    answer = shown["messages"][1]
    assert (shown["status"], answer["state"]) == ("idle", message_state)
    assert answer["parts"][0] == {"kind": "text", "part": "1", "text": "Half", "done": True}
    assert shown["calls"]["a"]["state"] == call_state
    assert shown["calls"]["a"]["arguments"] == '{"x'
    assert (answer["error"] is None) == (message_state == "cancelled")


def test_result_after_the_end() -> None:
    """A tool on a thread that finishes after a stop still fills its card; the widget stays idle."""
    late = ToolFinished("r1", "a", "f", "interrupted", ToolResult(None, "late"), 3.0)
    shown = _shown(*question(), ToolStarted("r1", "a", "f", "{}"), RunCancelled("r1"), late)
    assert (shown["status"], shown["calls"]["a"]["text"]) == ("idle", "late")


def test_runs_follow_one_another() -> None:
    """A second run adds its own two messages and counts its own tokens."""
    shown = _shown(*whole_run(), *question("And now?", "r2"), RunFinished("r2", None))
    assert [message["id"] for message in shown["messages"]] == ["m1", "m2", "m3", "m4"]
    assert shown["messages"][3]["usage"] is None


def test_reset() -> None:
    """A reset empties the transcript; the messages after it have new names."""
    assert _shown(*whole_run(), HistoryReset())["messages"] == []
    again = _shown(*whole_run(), HistoryReset(), *question())
    assert [message["id"] for message in again["messages"]] == ["m3", "m4"]


def test_events_without_a_picture() -> None:
    """An event that a page does not show gives no ops."""
    assert _ops(StepFinished("r1", 1, Message("assistant"))) == []


def test_base64_images_become_bytes() -> None:
    """What IPython encodes as base64 travels as bytes; drawings in text stay text."""
    data = {"image/png": "iVBORw0KGgoA\n", "image/svg+xml": "<svg/>", "image/gif": "no base64!"}
    result = ToolResult(None, "", MimeBundle(data, {}))
    bundle = _shown(*question(), ToolFinished("r1", "a", "f", "done", result, 0.0))["calls"]["a"][
        "bundle"
    ]
    assert bundle is not None
    assert bundle["data"] == {
        "image/png": b"\x89PNG\r\n\x1a\n\x00",
        "image/svg+xml": "<svg/>",
        "image/gif": "no base64!",
    }


def test_arguments_that_do_not_fit_leave_the_call_waiting() -> None:
    """What the person wrote and why it does not do stand in the card until the call moves on."""
    asked = ApprovalRequested("r1", "a", "f", "{}")
    again = ApprovalRequested("r1", "a", "f", '{"x": 1}', "x: expected a text")
    call = _shown(*question("Go"), asked, again)["calls"]["a"]
    assert (call["state"], call["arguments"]) == ("awaiting-approval", '{"x": 1}')
    assert call["problem"] == "x: expected a text"
    moved = _shown(*question("Go"), asked, again, ToolStarted("r1", "a", "f", "{}"))
    assert moved["calls"]["a"]["problem"] is None


def test_always_approved_tools_are_shown() -> None:
    """The names of the tools that need no more asking are part of the picture."""
    assert _shown(ApprovalsChanged(("f", "g")))["always"] == ["f", "g"]


def inside(item: StreamItem, call: str = "c", name: str = "cars") -> NestedItem:
    """An item of a run inside of a call."""
    return NestedItem("r1", call, name, item)


def nested_run() -> list[StreamItem]:
    """A call in which a run has begun, with a call of its own."""
    return [
        *question("Go"),
        ToolStarted("r1", "c", "cars", "{}"),
        inside(RunStarted("r", "task", "m")),
        *map(inside, words("Let me ", "look")),
        inside(ToolQueued("r", "x", "delete", "{}")),
    ]


def test_a_run_inside_of_a_call() -> None:
    """Its words and calls are a message of the call, under names that begin with the call's."""
    shown = _shown(*nested_run(), inside(RunFinished("r", None)))
    [run] = shown["calls"]["c"]["runs"]
    message = shown["nested"][run]
    assert message["state"] == "done"
    assert [part["kind"] for part in message["parts"]] == ["text", "call"]
    assert shown["calls"]["c/x"]["name"] == "delete"
    assert [len(m["parts"]) for m in shown["messages"]] == [1, 1], "the outer message has its card"


def test_a_yes_and_a_question_inside_of_a_call() -> None:
    """What the outer run tells under a path is shown by the card inside; the widget waits."""
    asked = ApprovalRequested("r1", "c/x", "cars/delete", "{}")
    waiting = _shown(*nested_run(), asked, inside(ApprovalRequested("r", "x", "delete", "{}")))
    assert (waiting["status"], waiting["calls"]["c/x"]["state"]) == ("waiting", "awaiting-approval")
    assert waiting["calls"]["c/x"]["name"] == "delete"
    started = inside(ToolStarted("r", "x", "delete", "{}"))
    question = QuestionAsked("r1", "c/x", "cars/delete", "Sure?")
    answered = QuestionAnswered("r1", "c/x", "yes")
    shown = _shown(*nested_run(), asked, started, question)
    assert (shown["status"], "answer" in shown["calls"]["c/x"]["question"]) == ("waiting", False)
    shown = _shown(*nested_run(), asked, started, question, answered)
    assert shown["status"] == "running"
    assert shown["calls"]["c/x"]["question"]["answer"] == "yes"


def test_runs_in_runs() -> None:
    """At any depth; ids that two levels have in common are kept apart."""
    deeper: list[StreamItem] = [
        RunStarted("rr", "task", "m"),
        *words("Deep"),
        ToolQueued("rr", "x", "low", "{}"),
    ]
    shown = _shown(*nested_run(), *[inside(inside(item, "x", "delete")) for item in deeper])
    [run] = shown["calls"]["c/x"]["runs"]
    assert [part["kind"] for part in shown["nested"][run]["parts"]] == ["text", "call"]
    assert shown["calls"]["c/x/x"]["name"] == "low"


def test_a_stop_ends_what_goes_on_inside() -> None:
    """A run inside that did not tell its end is not left streaming."""
    shown = _shown(*nested_run(), RunCancelled("r1"))
    assert {message["state"] for message in shown["nested"].values()} == {"cancelled"}
    assert shown["calls"]["c/x"]["state"] == "cancelled"


def test_attachments_stand_with_the_question() -> None:
    """A file of the question is a part of the person's message."""
    started = RunStarted("r1", "What?", "m", (FilePart(b"a,b", "text/csv", "cars.csv"),))
    parts = _shown(started)["messages"][0]["parts"]
    assert [part["kind"] for part in parts] == ["attachment", "text"]


def test_a_cut_takes_away_the_question_and_what_followed() -> None:
    """Calls and the runs inside of them go as well; an unknown run cuts nothing."""
    later: list[StreamItem] = [*question("Two", "r2"), *words("two"), RunFinished("r2", None)]
    events = [*question("One", "r0"), RunFinished("r0", None), *nested_run(), RunCancelled("r1")]
    shown = _shown(*events, *later, HistoryCut("r1"))
    assert [message["id"] for message in shown["messages"]] == ["m1", "m2"]
    assert (shown["calls"], "nested" in shown) == ({}, False)
    assert len(_shown(*events, HistoryCut("r2"))["messages"]) == 4


def test_the_run_of_a_message() -> None:
    """A question on the page is known by the run that it began; an answer by none."""
    translator = Translator()
    for event in (*question("One", "r1"), RunFinished("r1", None), HistoryCut("r1")):
        translator.translate(event)
    for event in question("Two", "r2"):
        translator.translate(event)
    assert [translator.run_of(f"m{n}") for n in range(1, 5)] == ["", "", "r2", ""]
