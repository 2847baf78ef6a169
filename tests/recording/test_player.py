"""Replaying: the same items, at their pace or another, in the widget and in code."""

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

import nbagent
from nbagent import Agent, ConfigurationError, Recorder, RunFinished, TextDelta
from nbagent.testing import reply_calls, reply_text
from tests.counting import virtual_run

from ..agent.agents import add, collected, scripted, until
from ..agent.test_recount import picture


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a recording without header and times."""
    read = [json.loads(line) for line in path.read_text("utf-8").splitlines()[1:]]
    return [{key: value for key, value in line.items() if key != "t"} for line in read]


async def recorded_run(path: Path, *replies: Any, **options: Any) -> tuple[Agent, list[Any]]:
    """A recorded run, and its items."""
    agent, _ = scripted(*replies, **options)
    with agent.record(path):
        items = await collected(agent)
    return agent, items


async def test_the_same_items_again(tmp_path: Path) -> None:
    """Record, replay, record: the second file is the first, but for the times."""
    calls = reply_calls(("add", {"a": 1, "b": 2}), ("add", {"a": "x"}), ("none", {}), text="So:")
    _, items = await recorded_run(tmp_path / "1.jsonl", calls, "Three.", tools=[add])
    replay = nbagent.replay(tmp_path / "1.jsonl", speed=0)
    with Recorder(tmp_path / "2.jsonl", model=replay.recording.model) as recorder:
        async for item in replay:
            recorder.put(item)
    assert lines(tmp_path / "1.jsonl") == lines(tmp_path / "2.jsonl")
    assert [item.kind for item in replay.items] == [item.kind for item in items]
    assert len(replay) == len(items)


async def test_a_call_made_again(tmp_path: Path) -> None:
    """Recorded is what happened in its run: the question, the call, the rest of the answer."""
    has: dict[str, int] = {}

    def look(key: str) -> int:
        """Looks something up."""
        return has[key]

    asked = reply_calls(("add", {"a": 1, "b": 2}), ("look", {"key": "x"}))
    agent, _ = scripted(asked, "It is not there.", "It is 5.", tools=[add, look])
    await agent.ask("What is x?")
    has["x"] = 5
    with agent.record(tmp_path / "1.jsonl"):
        await agent.call_again(agent.calls[1])
    replay = nbagent.replay(tmp_path / "1.jsonl", speed=0)
    shown = picture(replay.items)
    words = [part.get("text") for part in shown["messages"][1]["parts"]]
    assert words == [None, "It is 5."]
    assert [(c["name"], c["state"], c["text"]) for c in shown["calls"].values()] == [
        ("look", "done", "5")
    ]


async def items_of(replay: nbagent.Replay) -> list[Any]:
    """All that a replay gives."""
    return [item async for item in replay]


def test_at_its_own_pace(tmp_path: Path) -> None:
    """Half a second of streaming takes as long again, and a tenth at ten times the speed."""
    ticks = itertools.count(0.0, 0.05)
    with Recorder(tmp_path / "1.jsonl", now=lambda: next(ticks)) as recorder:
        recorder.put(nbagent.RunStarted("r", "q", "m"))
        for _ in range(9):
            recorder.put(TextDelta("a", 0))
        recorder.put(nbagent.RunCancelled("r"))
    took = {}
    for speed in (1.0, 10.0, float("inf"), 0.0):
        replay = nbagent.replay(tmp_path / "1.jsonl", speed=speed)
        items, took[speed] = virtual_run(lambda replay=replay: items_of(replay))
        assert len(items) == 11
    assert took == pytest.approx({1.0: 0.55, 10.0: 0.055, float("inf"): 0.0, 0.0: 0.0})


async def test_in_the_widget(tmp_path: Path) -> None:
    """The transcript is that of the run, also when it is played once more."""
    call = reply_calls(("add", {"a": 1, "b": 2}))
    await recorded_run(tmp_path / "1.jsonl", call, "Three.", tools=[add])
    replay = nbagent.replay(tmp_path / "1.jsonl", speed=0)
    for _ in range(2):
        await replay.play()
        shown = replay.widget.snapshot_now()[1]
        assert [message["state"] for message in shown["messages"]] == ["done", "done"]
        assert shown["calls"]["call_1"]["text"] == "3" and shown["status"] == "idle"
    replay.widget.close()


async def test_displaying_plays(tmp_path: Path) -> None:
    """The display plays by itself on the I/O thread; at once, the static form has all of it."""
    await recorded_run(tmp_path / "1.jsonl", reply_text("abc", pieces=3, delay=0.01))
    slow, fast = (nbagent.replay(tmp_path / "1.jsonl", speed=speed) for speed in (1, 0))
    data, _ = fast._repr_mimebundle_()
    assert "abc" in data["text/plain"]
    slow._repr_mimebundle_()
    await until(lambda: "abc" in str(slow.widget.snapshot_now()[1]))
    for replay in (slow, fast):
        replay.widget.close()


async def test_stopping(tmp_path: Path) -> None:
    """A replay that is stopped in the middle looks stopped."""
    await recorded_run(tmp_path / "1.jsonl", reply_text("abcdefghij", pieces=10, delay=0.05))
    replay = nbagent.replay(tmp_path / "1.jsonl")
    replay._repr_mimebundle_()
    await until(lambda: replay.widget.snapshot_now()[1]["messages"])
    replay.stop()
    await until(lambda: replay.widget.snapshot_now()[1]["messages"][-1]["state"] == "cancelled")
    replay.widget.close()


def test_a_long_pause_between_questions_is_cut_short(tmp_path: Path) -> None:
    """Only the thinking of the person: what the run itself waited for stays."""
    path = tmp_path / "1.jsonl"
    ticks = iter([0.0, 0.0, 0.1, 3600.0, 3600.1])
    with Recorder(path, now=lambda: next(ticks)) as recorder:
        for _ in range(2):
            recorder.put(nbagent.RunStarted("r", "q", "m"))
            recorder.put(nbagent.RunCancelled("r"))
    items, took = virtual_run(lambda: items_of(nbagent.replay(path, speed=10)))
    assert len(items) == 4 and took == pytest.approx(0.22, abs=0.001)


def test_a_speed_below_zero_is_refused(tmp_path: Path) -> None:
    """Time does not run backwards."""
    Recorder(tmp_path / "1.jsonl").close()
    for speed in (-1, float("nan")):
        with pytest.raises(ConfigurationError, match="speed"):
            nbagent.replay(tmp_path / "1.jsonl", speed=speed)


async def test_iterating_twice_and_leaving(tmp_path: Path) -> None:
    """Each iteration begins anew, and can be left at any item."""
    await recorded_run(tmp_path / "1.jsonl", "Hello.")
    replay = nbagent.replay(tmp_path / "1.jsonl", speed=0)
    async for item in replay:
        if isinstance(item, TextDelta):
            break
    items = [item async for item in replay]
    assert isinstance(items[-1], RunFinished)
    await asyncio.sleep(0)
