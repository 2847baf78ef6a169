"""Frames are pure values with the fields of the contract."""

import dataclasses
import typing

import pytest

from nbagent import frames
from nbagent.messages import Usage

FIELDS = {
    "TextDelta": ["text", "index"],
    "TextComplete": ["text", "index"],
    "ReasoningDelta": ["text", "index", "summary"],
    "ReasoningComplete": ["text", "index", "summary", "signature"],
    "ToolCallDelta": ["tool_call_id", "name", "arguments", "index"],
    "ToolCallComplete": ["tool_call_id", "name", "arguments", "index"],
    "End": ["finish_reason", "usage", "model", "response_id", "raw"],
}


@pytest.mark.parametrize("name", FIELDS)
def test_fields_and_kind(name):
    """The fields in order, the kind in snake case, frozen and slotted."""
    frame = getattr(frames, name)
    assert [field.name for field in dataclasses.fields(frame)] == FIELDS[name]
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    assert frame.kind == snake
    assert frame.__dataclass_params__.frozen
    assert "__slots__" in vars(frame)


def test_they_are_compared_by_value():
    """Two of the same fields are the same; one cannot be changed."""
    delta = frames.TextDelta("a", 0)
    assert delta == frames.TextDelta("a", 0) != frames.TextComplete("a", 0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        delta.text = "b"


def test_defaults():
    """What may be left out."""
    assert frames.ReasoningDelta("a", 0).summary is False
    assert frames.ReasoningComplete("a", 0) == frames.ReasoningComplete("a", 0, "", None)
    assert frames.End("stop") == frames.End("stop", Usage(), None, None, {})


def test_the_unions_hold_every_frame():
    """Deltas, completes and the end are all there is."""
    every = {frame.__name__ for frame in typing.get_args(frames.StreamFrame)}
    assert every == set(FIELDS)
    assert all(frame.kind.endswith("_delta") for frame in typing.get_args(frames.DeltaFrame))
    assert all(frame.kind.endswith("_complete") for frame in typing.get_args(frames.CompleteFrame))
