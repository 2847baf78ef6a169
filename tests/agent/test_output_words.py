"""Answers in words."""

from __future__ import annotations

import pytest

from nbagent import OutputInvalid, PartialOutput
from nbagent.agent.output_words import Words


def test_the_text_grows() -> None:
    """Each value is the text so far; nothing is told twice."""
    reader = Words().reader("r")
    told = [event for piece in "Some words." for event in reader.feed(piece)] + reader.flush()
    assert told[-1] == PartialOutput("r", "Some words.")
    assert all("Some words.".startswith(event.value) for event in told)
    assert reader.flush() == []


@pytest.mark.parametrize("value", ["  ", 3])
def test_what_is_no_text(value: object) -> None:
    """Nothing at all, or something else."""
    with pytest.raises(OutputInvalid):
        Words().checked(value)
