"""One run as it is shown: names on the wire, what waits, and an end that comes once."""

from nbagent.agent.events import QuestionAnswered, QuestionAsked, RunStarted, ToolStarted
from nbagent.frames import TextDelta
from nbagent.widget.picture import Picture


def picture(path: str = "") -> Picture:
    """A run of which nothing was shown yet."""
    return Picture("r", "m1", lambda: 5.0, path)


def test_names_begin_with_the_path() -> None:
    """A call inside of a call is named by both; the parts of its message are not."""
    inner = picture("c/d")
    [call, _, _] = inner.show(ToolStarted("r", "x", "f", "{}"))
    assert (call["op"], call["op"] == "call" and call["tool_call_id"]) == ("call", "c/d/x")
    assert inner.knows("x")
    assert not inner.knows("c/d/x")


def test_waits_for_an_answer() -> None:
    """From the question to the answer, and no longer than the run goes on."""
    run = picture()
    run.show(ToolStarted("r", "x", "ask_user", "{}"))
    assert not run.waits
    run.show(QuestionAsked("r", "x", "ask_user", "Which?"))
    assert run.waits
    run.show(QuestionAnswered("r", "x", "mpg"))
    assert not run.waits
    run.show(QuestionAsked("r", "x", "ask_user", "And?"))
    run.close("cancelled", None)
    assert not run.waits


def test_ends_once() -> None:
    """Open text is closed with the run; a second end gives nothing."""
    run = picture()
    run.show(TextDelta("Hi", 0))
    assert [op["op"] for op in run.close("done", None)] == ["part_done", "message_end"]
    assert run.close("cancelled", None) == []


def test_no_picture() -> None:
    """An item that a run's picture does not show gives nothing."""
    assert picture().show(RunStarted("r", "Hi", "m")) == []
