"""The lower door: step by step over the agent's own history."""

from __future__ import annotations

import asyncio

import pytest

from nbagent import AgentBusy, End, TextDelta, ToolCallComplete
from nbagent.testing import Gate, reply_calls, reply_text
from tests.agent.agents import add, assert_valid, other_tasks, scripted, until, words


async def test_step_by_step() -> None:
    """Say, stream, run the tools, stream again: the history has it all by itself."""
    agent, client = scripted(
        reply_calls(("add", {"a": 1, "b": 2})), "Three.", tools=[add], instructions="Be brief."
    )
    async with agent.session() as session:
        session.user("1 + 2?")
        frames = [frame async for frame in session.stream()]
        assert isinstance(frames[-1], End)
        assert [record.result for record in await session.run_tools()] == [3]
        assert await session.run_tools() == []
        async for _ in session.stream(temperature=0):
            pass
    roles = [message.role for message in agent.history]
    assert roles == ["user", "assistant", "tool", "assistant"]
    assert agent.calls[-1].result == 3
    assert client.asked[1].params["temperature"] == 0
    assert client.prompts[0].messages[0].role == "system"


async def test_left_with_break_the_partial_reply_comes_before_the_next_question() -> None:
    """What had come of a reply stands in its place, though its generator is closed later."""
    agent, client = scripted(words(TextDelta("Half", 0), Gate()), "Next.")
    async with agent.session() as session:
        session.user("a")
        async for _ in session.stream():
            break
        session.user("b")
        async for _ in session.stream():
            pass
    assert [message.text for message in agent.history] == ["a", "Half", "b", "Next."]
    assert agent.history[1].finish_reason is None
    assert client.closed == 1
    assert not other_tasks()


async def test_left_at_the_end_frame_the_reply_is_whole() -> None:
    """A loop that ends itself at ``End`` can run the calls."""
    agent, _ = scripted(reply_calls(("add", {"a": 1, "b": 2})), tools=[add])
    async with agent.session() as session:
        session.user("a")
        async for frame in session.stream():
            if isinstance(frame, End):
                break
        assert [record.state for record in await session.run_tools()] == ["done"]
    assert_valid(agent.history)


async def test_left_without_running_the_calls() -> None:
    """At the end of the block each call has a result, and a question before that gives one too."""
    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2})), reply_calls(("add", {"a": 3, "b": 4})), tools=[add]
    )
    async with agent.session() as session:
        for question in "ab":
            session.user(question)
            async for _ in session.stream():
                pass
    assert_valid(agent.history)
    assert agent.calls == ()


async def test_a_block_holds_the_agent() -> None:
    """A question from elsewhere waits for the block's end; one from inside is refused."""
    agent, _ = scripted("One.", "Two.")
    order: list[str] = []

    async def elsewhere() -> None:
        order.append((await agent.ask("2")).text)

    entered = asyncio.Event()
    asking = asyncio.ensure_future(_after(entered, elsewhere))
    async with agent.session() as session:
        entered.set()
        session.user("1")
        async for frame in session.stream():
            await asyncio.sleep(0.005)
            if isinstance(frame, End):
                order.append("One.")
        with pytest.raises(AgentBusy, match="session's block"):
            await agent.ask("inside")
        with pytest.raises(AgentBusy):
            agent.reset()
    await asking
    assert order == ["One.", "Two."]
    assert [message.text for message in agent.history] == ["1", "One.", "2", "Two."]
    assert not agent.running


async def _after(event: asyncio.Event, then: object) -> None:
    await event.wait()
    await then()  # type: ignore[operator]  # the function of the test


async def test_an_error_in_the_block_gives_the_agent_back() -> None:
    """After an exception in the block the agent is free and its history valid."""
    agent, _ = scripted(reply_calls(("add", {"a": 1, "b": 2})), "Next.", tools=[add])
    with pytest.raises(LookupError):
        async with agent.session() as session:
            session.user("a")
            async for frame in session.stream():
                if isinstance(frame, ToolCallComplete):
                    raise LookupError
    assert_valid(agent.history)
    assert (await agent.ask("Next?")).text == "Next."


async def test_stopped_while_tools_run() -> None:
    """A cancelled ``run_tools`` leaves no open call and no task."""

    begun: list[str] = []

    async def wait() -> None:
        begun.append("wait")
        await asyncio.Event().wait()

    agent, _ = scripted(reply_calls(("wait", {}), ("wait", {})), tools=[wait])
    session = agent.session()
    session.user("a")
    async for _ in session.stream():
        pass
    running = asyncio.ensure_future(session.run_tools())
    await until(lambda: len(begun) == 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [record.state for record in agent.calls] == ["cancelled", "cancelled"]
    assert_valid(agent.history)
    assert not other_tasks()


async def test_params_of_the_agent_go_along() -> None:
    """Parameters of the agent are sent, a step's own go before them."""
    agent, client = scripted(
        reply_text("a"), "b", params={"temperature": 1, "seed": 7}, tool_calling="native"
    )
    await agent.ask("Go.")
    assert client.asked[0].params == {"temperature": 1, "seed": 7, "tool_calling": "native"}
    session = agent.session()
    session.user("More.")
    async for _ in session.stream(temperature=0):
        pass
    assert client.asked[1].params["temperature"] == 0
