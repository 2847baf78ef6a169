"""Displays that come early, late and in the middle."""

from __future__ import annotations

from typing import Any

from nbagent import HistoryReset, RunFinished, RunStarted, TextDelta, Usage
from nbagent.agent.audience import Audience
from nbagent.agent.reply import Reply

START = RunStarted("r", "a", "m")
WORDS = TextDelta("a", 0)
END = RunFinished("r", Reply("a", (), Usage(), ()))


def test_in_the_middle_of_a_run() -> None:
    """A listener that comes in mid-run hears what was before it, then the run from its start."""
    audience = Audience(lambda: 7)
    audience.tell(START)
    audience.tell(WORDS)
    heard: list[Any] = []
    asked: list[Any] = []

    def earlier(count: int | None) -> list[Any]:
        asked.append(count)
        return ["earlier"]

    audience.join(heard.append, earlier)
    audience.tell(END)
    assert asked == [7]
    assert heard == ["earlier", START, WORDS, END]


def test_after_a_run() -> None:
    """Between runs everything is told from the conversation, and nothing is kept."""
    audience = Audience(lambda: 0)
    for item in (START, WORDS, END, HistoryReset()):
        audience.tell(item)
    asked: list[Any] = []
    audience.join(lambda item: None, lambda count: asked.append(count) or ())
    assert asked == [None]
    assert not audience._told
