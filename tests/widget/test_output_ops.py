"""Outputs of a tool as ops: appended, updated in place, cleared at once or with the next one."""

from nbagent.tools.outputs import (
    ClearOutput,
    DisplayOutput,
    MimeBundle,
    StreamOutput,
    ToolOutput,
)
from nbagent.widget.output_ops import OutputOps
from nbagent.widget.transcript import Transcript


def _shown(*outputs: ToolOutput, call: str = "a") -> list[str]:
    """What a card shows in the end: its texts, one for each output."""
    transcript, made = Transcript(), OutputOps()
    transcript.apply({"op": "message_start", "id": "m", "role": "assistant", "created": 1.0})
    for identity in ("a", "b"):
        transcript.apply(
            {"op": "call", "message": "m", "part": identity, "tool_call_id": identity, "name": "f"}
        )
    for output in outputs:
        for op in made.of(call, output):
            transcript.apply(op)
    return [
        output["text"] if output["kind"] == "stream" else output["bundle"]["data"]["text/plain"]
        for output in transcript.snapshot()["calls"][call]["outputs"]
    ]


def _displayed(text: str, name: str | None = None, *, update: bool = False) -> DisplayOutput:
    return DisplayOutput(MimeBundle({"text/plain": text}), name, update)


OLD, NEW = StreamOutput("stdout", "old"), StreamOutput("stdout", "new")


def test_a_display_is_updated_in_its_place() -> None:
    """An update replaces what stands under its id; for an id that is not there it shows nothing."""
    one, two = _displayed("one", "d"), _displayed("two", "d", update=True)
    assert _shown(one, _displayed("other"), two) == ["two", "other"]
    assert _shown(_displayed("lost", "unknown", update=True)) == []
    assert _shown(one, one, two) == ["two", "two"]


def test_clearing_at_once_and_with_the_next_output() -> None:
    """``clear_output`` empties at once; with ``wait`` only when something comes in its place."""
    assert _shown(OLD, ClearOutput()) == []
    assert _shown(OLD, ClearOutput(wait=True)) == ["old"]
    assert _shown(OLD, ClearOutput(wait=True), NEW) == ["new"]
    assert _shown(OLD, ClearOutput(wait=True), NEW, NEW) == ["newnew"]
    assert _shown(OLD, ClearOutput(wait=True), ClearOutput(), NEW, NEW) == ["newnew"]


def test_an_update_does_not_count_as_the_next_output() -> None:
    """As in a notebook: replacing a display in place clears nothing."""
    update = _displayed("two", "d", update=True)
    assert _shown(_displayed("one", "d"), ClearOutput(wait=True), update) == ["two"]


def test_each_call_is_cleared_for_itself() -> None:
    """One call's clearing leaves another's output alone."""
    ops = OutputOps()
    assert ops.of("a", ClearOutput(wait=True)) == []
    assert [op["op"] for op in ops.of("b", NEW)] == ["output"]
    assert [op["op"] for op in ops.of("a", NEW)] == ["clear", "output"]


def test_a_display_of_nothing_is_not_shown() -> None:
    """A bundle that nothing is left of (a library's script, say) makes no empty output."""
    assert OutputOps().of("a", DisplayOutput(MimeBundle())) == []
