"""A recorded run as a fixture: the same agent again, without a provider."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nbagent import (
    Agent,
    Executor,
    Graph,
    Overloaded,
    RunFailed,
    StreamError,
    TextDelta,
    ToolArgumentsError,
    stream_with_tools,
)
from nbagent.testing import Reply, ScriptedClient, recorded, reply_calls, reply_text

from ..agent.agents import add, collected, scripted


def noisy(word: str) -> str:
    """Says it."""
    sys.stdout.write(word)
    return word.upper()


def same(path: Path) -> list[dict[str, Any]]:
    """The lines of a recording without what differs from run to run."""
    made = []
    for line in path.read_text("utf-8").splitlines()[1:]:
        text = json.dumps({**json.loads(line), "t": 0, "elapsed": 0})
        made.append(json.loads(text, object_hook=_timeless))
    return [line for line in made if line["kind"] != "tool_output"]


def _timeless(value: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in value.items() if k not in ("run_id", "elapsed")}


async def test_the_same_run_again(tmp_path: Path) -> None:
    """With the recorded results for tools, a recording of the second run is the first."""
    replies = (
        reply_calls(("noisy", {"word": "a"}), text="First.", pieces=3),
        reply_text("Done now.", pieces=4, reasoning="Thinking"),
    )
    agent, _ = scripted(*replies, tools=[noisy])
    with agent.record(tmp_path / "1.jsonl"):
        await agent.ask("Say a.")
    run = recorded(tmp_path / "1.jsonl")
    assert run.questions == ("Say a.",)
    again = Agent(**run)
    with again.record(tmp_path / "2.jsonl"):
        reply = await again.ask(run.questions[0])
    assert reply.text == "Done now." and reply.calls[0].text == "A"
    assert reply.calls[0].outputs == agent.calls[0].outputs
    assert same(tmp_path / "1.jsonl") == same(tmp_path / "2.jsonl")


async def test_tools_that_are_really_called(tmp_path: Path) -> None:
    """Given tools run; a changed one gives its own result."""
    agent, _ = scripted(reply_calls(("add", {"a": 1, "b": 2})), "Three.", tools=[add])
    with agent.record(tmp_path / "1.jsonl"):
        await agent.ask("Go.")
    called: list[int] = []

    def changed(a: int, b: int) -> int:
        """Adds, otherwise."""
        called.append(a)
        return a + b + 100

    changed.__name__ = "add"
    again = Agent(**recorded(tmp_path / "1.jsonl", tools=[changed]))
    reply = await again.ask("Go.")
    assert called == [1] and reply.calls[0].result == 103 and reply.text == "Three."


async def test_one_line_for_a_client(tmp_path: Path) -> None:
    """`ScriptedClient.from_recording` has one reply for each recorded step, of all runs."""
    agent, _ = scripted("One.", "Two.")
    with agent.record(tmp_path / "1.jsonl"):
        await agent.ask("1")
        await agent.ask("2")
    client = ScriptedClient.from_recording(tmp_path / "1.jsonl")
    again = Agent("scripted:any", executor=Executor({"scripted": client}))
    assert [(await again.ask(n)).text for n in ("1", "2")] == ["One.", "Two."]


async def test_failures_are_recorded_too(tmp_path: Path) -> None:
    """The reply fails again, with the same error after the same frames."""
    broken = Reply(reply_text("Half").frames[:1], raises=Overloaded("full", status=529))
    agent, _ = scripted(broken)
    with agent.record(tmp_path / "1.jsonl"):
        first = await collected(agent)
    run = recorded(tmp_path / "1.jsonl")
    again = Agent(**run)
    second = await collected(again)
    assert [i.kind for i in first] == [i.kind for i in second]
    assert isinstance(second[-1], RunFailed)
    error = second[-1].error
    assert isinstance(error, Overloaded) and error.status == 529 and str(error) == "full"
    assert again.history[-1].text == "Half"


async def test_a_stopped_reply_is_not_a_finished_one(tmp_path: Path) -> None:
    """A recorded stop breaks off."""
    agent, _ = scripted(reply_text("abcdef", pieces=6))
    with agent.record(tmp_path / "1.jsonl"):
        async for item in agent.stream("Go."):
            if item.kind == "text_delta":
                break
    again = Agent(**recorded(tmp_path / "1.jsonl"))
    with pytest.raises(StreamError, match="was stopped here"):
        await again.ask("Go.")


async def test_failed_calls_fail_again(tmp_path: Path) -> None:
    """Arguments that did not fit come out as they did, by the call's id."""
    calls = reply_calls(("add", {"a": "x"}), ("add", {"a": 1, "b": 1}))
    agent, _ = scripted(calls, "So.", tools=[add])
    with agent.record(tmp_path / "1.jsonl"):
        await agent.ask("Go.")
    again = Agent(**recorded(tmp_path / "1.jsonl"))
    await again.ask("Go.")
    assert [c.text for c in again.calls] == [c.text for c in agent.calls]
    assert isinstance(again.calls[0].error, ToolArgumentsError)
    assert again.calls[1].result == 2


async def test_a_transform_is_not_applied_twice(tmp_path: Path) -> None:
    """What the model itself said is what is scripted, so its transform changes it once again."""

    async def shout(frames: Any) -> Any:
        async for frame in frames:
            if isinstance(frame, TextDelta):
                frame = replace(frame, text=f"{frame.text}!")
            yield frame

    async def first_only(frames: Any) -> Any:
        async for frame in frames:
            yield frame
            if isinstance(frame, TextDelta):
                return

    for transform, given in ((shout, "Hi!"), (first_only, "Hi")):
        graph: Graph[Any, Any] = Graph("changes")
        asking = graph.add(stream_with_tools(transform=transform))
        graph.edge(graph.start, asking)
        graph.edge(asking, graph.finish)
        path = tmp_path / f"{transform.__name__}.jsonl"
        agent, _ = scripted(reply_text("Hi"), strategy=graph)
        with agent.record(path):
            assert (await agent.ask("Go.")).text == given
        again = Agent(**recorded(path), strategy=graph)
        with again.record(tmp_path / "again.jsonl", replace=True):
            assert (await again.ask("Go.")).text == given
        assert same(path) == same(tmp_path / "again.jsonl")
