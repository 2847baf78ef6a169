"""`agent.on`: who is called, in what order, and what a broken callback does not do."""

import asyncio
import logging
from typing import Any

import pytest

import nbagent
from nbagent import (
    ConfigurationError,
    OutputElement,
    RunFinished,
    StreamFrame,
    TextDelta,
    ToolFinished,
    ToolStarted,
)
from nbagent.agent.hooks import KINDS
from nbagent.testing import reply_calls, reply_text

from .agents import add, scripted


async def test_a_function_is_called_with_what_happens() -> None:
    """By class or by kind, in the order in which things happen, also for several at once."""
    agent, _ = scripted(reply_calls(("add", {"a": 1, "b": 2})), "Three.", tools=[add])
    seen: list[str] = []
    agent.on(ToolStarted, lambda event: seen.append(event.kind))
    agent.on(["tool_finished", RunFinished], lambda event: seen.append(event.kind))
    await agent.ask("Go.")
    assert seen == ["tool_started", "tool_finished", "run_finished"]


async def test_unions_and_all() -> None:
    """A union stands for its classes, and ``"*"`` for everything."""
    agent, _ = scripted(reply_text("one two", pieces=2))
    frames: list[Any] = []
    everything: list[Any] = []
    agent.on(StreamFrame, frames.append)
    hook = agent.on("*", everything.append)
    items = [item async for item in agent.stream("Go.")]
    assert everything == items
    assert [type(frame) for frame in frames[:2]] == [TextDelta, TextDelta]
    assert set(hook.kinds) == set(KINDS)


async def test_a_removed_hook_is_silent() -> None:
    """After ``remove`` nothing is called, and removing once more is no error."""
    agent, _ = scripted("One.", "Two.")
    seen: list[Any] = []
    hook = agent.on("run_finished", seen.append)
    await agent.ask("Go.")
    hook.remove()
    hook.remove()
    await agent.ask("Go.")
    assert len(seen) == 1


async def test_async_callbacks_are_awaited_in_order_on_their_own_loop() -> None:
    """One at a time, on the loop that registered them, and `settled` waits for the last."""
    agent, _ = scripted(reply_text("a b c d", pieces=4))
    seen: list[str] = []
    going = 0

    async def slow(frame: TextDelta) -> None:
        nonlocal going
        going += 1
        assert going == 1 and asyncio.get_running_loop() is here
        await asyncio.sleep(0.005)
        going -= 1
        seen.append(frame.text)

    here = asyncio.get_running_loop()
    hook = agent.on("text_delta", slow)
    reply = await agent.ask("Go.")
    await hook.settled()
    await hook.settled()
    assert "".join(seen) == reply.text and len(seen) == 4


async def test_a_broken_callback_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged once, by its name; the run goes on, and so do the other callbacks."""
    agent, _ = scripted(reply_text("a b", pieces=2))
    seen: list[Any] = []

    def broken(frame: TextDelta) -> None:
        raise ValueError("no")

    async def broken_too(frame: TextDelta) -> None:
        raise KeyError("no")

    hook, other = agent.on(TextDelta, broken), agent.on(TextDelta, broken_too)
    agent.on(TextDelta, seen.append)
    with caplog.at_level(logging.ERROR, "nbagent"):
        assert (await agent.ask("Go.")).text == "a b"
        await other.settled()
    assert len(seen) == 2
    assert isinstance(hook.error, ValueError) and isinstance(other.error, KeyError)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2 and "broken raised ValueError" in lines[0]


async def test_values_of_a_type_are_told_too() -> None:
    """What displays are not told, a callback is."""
    agent, _ = scripted('{"items": [1, 2]}', always="[1, 2]", output=list[int], output_retries=0)
    seen: list[Any] = []
    agent.on(OutputElement, seen.append)
    items = [item async for item in agent.stream("Go.")]
    assert seen == [item for item in items if isinstance(item, OutputElement)]


async def test_of_all_agents() -> None:
    """`nbagent.on` hears agents made before and after it."""
    before, _ = scripted("One.")
    seen: list[Any] = []
    hook = nbagent.on("run_finished", seen.append)
    try:
        after, _ = scripted("Two.")
        await before.ask("Go.")
        await after.ask("Go.")
    finally:
        hook.remove()
    assert [event.reply.text for event in seen] == ["One.", "Two."]


@pytest.mark.parametrize("kind", ["tool_finishd", int, 7, object, ["nothing"]])
def test_an_unknown_kind_is_refused(kind: Any) -> None:
    """The error names the kinds, and the nearest."""
    agent, _ = scripted()
    with pytest.raises(ConfigurationError, match="kinds are"):
        agent.on(kind, print)


def test_what_cannot_be_called_is_refused() -> None:
    """A callback has to be one."""
    agent, _ = scripted()
    with pytest.raises(ConfigurationError, match="takes a kind and a function"):
        agent.on(ToolFinished, "print")  # type: ignore[arg-type]  # what is refused
