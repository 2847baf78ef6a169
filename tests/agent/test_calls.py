"""The record of a call."""

from __future__ import annotations

from nbagent import CallRecord, ImagePart, ToolCall, ToolDenied, ToolResult


def test_both_sides() -> None:
    """The object for the person, the text and images for the model."""
    image = ImagePart(b"x")
    record = CallRecord("c", "f", "{}", "done", ToolResult([1], "a list", images=(image,)), 0.5)
    assert (record.result, record.text, record.error) == ([1], "a list", None)
    part = record.part()
    assert (part.tool_call_id, part.text, part.images, part.error) == (
        "c",
        "a list",
        (image,),
        False,
    )


def test_refused() -> None:
    """A call that never ran has no object, and its error is what the model reads."""
    error = ToolDenied("no")
    record = CallRecord.refused(ToolCall("c", "f", "{}"), "denied", error)
    assert (record.result, record.text, record.error) == (None, "no", error)
    assert record.part().error


def test_repr_is_short() -> None:
    """Long arguments are cut, and the object is not printed."""
    record = CallRecord("c", "f", "x" * 500, "done", ToolResult("y" * 500, "z"))
    assert repr(record) == f"<f({'x' * 59}…): done>"
