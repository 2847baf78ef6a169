"""Events as values."""

from __future__ import annotations

import dataclasses
import typing

import pytest

from nbagent.agent import events


def test_kinds() -> None:
    """Each event has its own snake_case kind, and is frozen."""
    kinds = typing.get_args(events.AgentEvent)
    assert len({kind.kind for kind in kinds}) == len(kinds)
    for kind in kinds:
        words = [word.lower() for word in kind.kind.split("_")]
        assert "".join(words) == kind.__name__.lower()
        assert dataclasses.is_dataclass(kind)
    with pytest.raises(dataclasses.FrozenInstanceError):
        events.RunCancelled("run_1").run_id = "2"  # type: ignore[misc]  # the point of the test
