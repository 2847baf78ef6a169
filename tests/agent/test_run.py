"""The loop: steps, calls, limits, and how a run ends on every path."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nbagent import (
    RunFailed,
    RunFinished,
    RunLimitReached,
    ServerError,
    StepFinished,
    StreamTruncated,
    TextDelta,
    ToolFinished,
    Usage,
)
from nbagent.testing import reply_calls, reply_text
from tests.agent.agents import (
    add,
    assert_valid,
    assert_well_formed,
    collected,
    scripted,
    words,
)


async def test_text_only() -> None:
    """A reply without calls is the answer, after one step."""
    agent, client = scripted("Hello.")
    reply = await agent.ask("Hi.")
    assert (reply.text, reply.calls) == ("Hello.", ())
    assert [message.role for message in reply.messages] == ["user", "assistant"]
    assert [message.text for message in client.prompts[0].messages] == ["Hi."]


async def test_parallel_calls_run_side_by_side() -> None:
    """Two async calls of one reply wait for each other, which only works when both run."""
    meeting = asyncio.Event()

    async def first() -> str:
        await asyncio.wait_for(meeting.wait(), 60)
        return "one"

    async def second() -> str:
        meeting.set()
        return "two"

    agent, client = scripted(
        reply_calls(("first", {}), ("second", {})), "Done.", tools=[first, second]
    )
    items = await collected(agent)
    assert_well_formed(items)
    assert [call.result for call in agent.calls] == ["one", "two"]
    results = client.prompts[1].messages[-1].tool_results
    assert [(part.tool_call_id, part.text) for part in results] == [
        ("call_1", "one"),
        ("call_2", "two"),
    ]


async def test_result_is_the_very_object() -> None:
    """What the function returned is in ``agent.calls``, itself and not a copy."""
    made = object()

    def make() -> object:
        return made

    agent, _ = scripted(reply_calls(("make", {})), "Made.", tools=[make])
    reply = await agent.ask("Make it.")
    assert agent.calls[-1].result is made
    assert reply.calls[0] is agent.calls[-1]


async def test_usage_is_the_sum_of_the_steps() -> None:
    """A reply counts the tokens of all its steps, the agent those of all its runs."""
    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2}), usage=Usage(5, 1)),
        reply_text("3", usage=Usage(7, 2)),
        reply_text("Bye.", usage=Usage(9, 3)),
        tools=[add],
    )
    assert (await agent.ask("1 + 2?")).usage == Usage(12, 3)
    await agent.ask("Bye.")
    assert agent.usage == Usage(21, 6)


async def test_max_steps() -> None:
    """A model that calls for ever is stopped by the limit, with a valid history."""
    agent, client = scripted(
        always=reply_calls(("add", {"a": 1, "b": 1})), tools=[add], max_steps=3
    )
    items = await collected(agent)
    assert_well_formed(items)
    end = items[-1]
    assert isinstance(end, RunFailed)
    assert isinstance(end.error, RunLimitReached)
    assert "3 steps" in str(end.error)
    assert len(client.asked) == 3
    assert_valid(agent.history)


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("nothing", {}, "no tool named 'nothing'. The tools are: add"),
        ("add", '{"a": 1, "b"', "not valid JSON"),
        ("add", "", "missing"),
        ("add", {"a": "x", "b": 2}, "a: expected an integer"),
        ("add", "[1, 2]", "one JSON object"),
        ("fail", {}, "ZeroDivisionError: by nothing"),
    ],
)
async def test_what_goes_wrong_in_a_call_is_told_to_the_model(
    name: str, arguments: Any, told: str
) -> None:
    """A call that cannot work has a failed result, the model reads why, and the run goes on."""

    def fail() -> None:
        raise ZeroDivisionError("by nothing")

    agent, client = scripted(reply_calls((name, arguments)), "I see.", tools=[add, fail])
    items = await collected(agent)
    assert_well_formed(items)
    assert isinstance(items[-1], RunFinished)
    assert [item.state for item in items if isinstance(item, ToolFinished)] == ["failed"]
    (result,) = client.prompts[1].messages[-1].tool_results
    assert result.error
    assert told in result.text
    assert agent.calls[-1].error is not None


async def test_failure_in_mid_stream_keeps_the_partial_text() -> None:
    """What came before the break is in the history, marked as not finished; the next ask works."""
    agent, _ = scripted(words(TextDelta("Half a", 0), TextDelta(" reply", 0)), "Whole.")
    with pytest.raises(StreamTruncated):
        await agent.ask("Go.")
    last = agent.history[-1]
    assert (last.text, last.finish_reason) == ("Half a reply", None)
    assert (await agent.ask("Again.")).text == "Whole."
    assert_valid(agent.history)


async def test_step_finished_tells_the_partial_message() -> None:
    """A step that breaks off ends with what had come of its message."""
    agent, _ = scripted(words(TextDelta("Half", 0)))
    items = await collected(agent)
    assert_well_formed(items)
    (step,) = [item for item in items if isinstance(item, StepFinished)]
    assert (step.message.text, step.message.finish_reason) == ("Half", None)


async def test_whole_calls_of_a_broken_reply_are_not_run() -> None:
    """A call that came whole before the break is answered as not run, and never run."""
    reply = reply_calls(("add", {"a": 1, "b": 2}), ("add", {"a": 3, "b": 4}))
    broken = reply.with_options(
        frames=(*reply.frames[:-1], TextDelta("…", 5)), raises=ServerError("gone", status=500)
    )
    agent, _ = scripted(broken, "Fine.", tools=[add])
    items = await collected(agent)
    assert_well_formed(items)
    assert agent.calls == ()
    assert_valid(agent.history)
    assert "broke off" in agent.history[-1].tool_results[0].text


async def test_repeated_ids_of_the_server_are_renamed() -> None:
    """A server that names each reply's first call the same gets ids that differ, all the way."""
    call = reply_calls(("add", {"a": 1, "b": 2}), ids=["call_0"])
    agent, client = scripted(call, call, "Done.", tools=[add])
    items = await collected(agent)
    assert_well_formed(items)
    assert_valid(agent.history)
    first, second = (record.tool_call_id for record in agent.calls)
    assert first == "call_0"
    assert second != "call_0"
    sent = [part.tool_call_id for part in client.prompts[2].messages[-1].tool_results]
    assert sent == [second]
