"""Asking: readers that leave, questions at the same time, other threads, and nothing left over."""

from __future__ import annotations

import asyncio
import gc
import threading
from contextlib import aclosing
from typing import Any

import pytest

from nbagent import (
    Agent,
    AgentBusy,
    Executor,
    OpenAIChatClient,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    TextDelta,
)
from nbagent.agent.io_thread import io_loop
from nbagent.agent.mailbox import Mailbox
from nbagent.testing import FakeServer, Gate, reply_calls, reply_text
from tests.agent.agents import (
    add,
    assert_valid,
    assert_well_formed,
    collected,
    other_tasks,
    scripted,
    until,
    words,
)


async def test_reader_that_breaks_off_stops_the_run() -> None:
    """Leaving the loop early stops the run by itself; the agent can be asked again."""
    gate = Gate()
    agent, client = scripted(words(TextDelta("a", 0), gate), "Next.")
    async for item in agent.stream("Go."):
        if isinstance(item, TextDelta):
            break
    assert (await agent.ask("Next?")).text == "Next."
    assert client.closed == 1
    assert not other_tasks()
    assert_valid(agent.history)


async def test_aclose_waits_until_the_run_has_stopped() -> None:
    """After ``aclose()`` the connection is closed and nothing runs any more."""
    agent, client = scripted(words(TextDelta("a", 0), Gate()))
    async with aclosing(agent.stream("Go.")) as items:
        async for item in items:
            if isinstance(item, TextDelta):
                break
    assert (client.closed, agent.running) == (1, False)
    assert not other_tasks()


async def test_aclose_from_another_task() -> None:
    """A generator that another task closes stops its run."""
    agent, client = scripted(words(TextDelta("a", 0), Gate()))
    items = agent.stream("Go.")
    async for item in items:
        if isinstance(item, TextDelta):
            break
    await asyncio.ensure_future(items.aclose())
    assert (client.closed, agent.running) == (1, False)


async def test_reader_may_leave_with_the_last_event() -> None:
    """Leaving at the end is no stop."""
    agent, client = scripted("Hello.")
    async with aclosing(agent.stream("Go.")) as items:
        async for item in items:
            if isinstance(item, RunFinished):
                break
    assert client.closed == 0
    assert agent.history[-1].finish_reason == "stop"


async def test_caller_of_ask_cancelled() -> None:
    """Cancelling ``ask``, as a timeout around it does, stops the run and closes its connection."""
    agent, client = scripted(words(TextDelta("a", 0), gate := Gate()), "Next.")
    asking = asyncio.ensure_future(agent.ask("Go."))
    await until(gate._reached.is_set)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (client.closed, agent.running) == (1, False)
    assert not other_tasks()
    assert (await agent.ask("Next?")).text == "Next."


async def test_two_questions_wait_in_order() -> None:
    """Questions that come while one is answered are answered in the order in which they came."""
    gate = Gate()
    agent, client = scripted(words(TextDelta("a", 0), gate, *reply_text("").frames), "b", "c")
    asked = [asyncio.ensure_future(agent.ask(text)) for text in "123"]
    while not client.asked:
        await asyncio.sleep(0)
    assert len(client.asked) == 1
    gate.open()
    assert [reply.text for reply in await asyncio.gather(*asked)] == ["a", "b", "c"]
    said = [message.text for message in agent.history if message.role == "user"]
    assert said == ["1", "2", "3"]


async def test_refused_while_busy() -> None:
    """``when_busy="refuse"`` raises at once and leaves the run that is going on alone."""
    gate = Gate()
    agent, _ = scripted(words(TextDelta("a", 0), gate, *reply_text("").frames))
    shown: list[Any] = []
    agent._engine.listen(shown.append)
    first = asyncio.ensure_future(agent.ask("1"))
    while not agent.running:
        await asyncio.sleep(0)
    with pytest.raises(AgentBusy, match="another question"):
        await agent.ask("2", when_busy="refuse")
    refused = [item async for item in agent.stream("3", when_busy="refuse")]
    assert [type(item) for item in refused] == [RunStarted, RunFailed]
    gate.open()
    assert (await first).text == "a"
    # The displays saw one run, and no end but its own.
    assert_well_formed(shown)


async def test_stopped_while_waiting_for_its_turn() -> None:
    """A question that is cancelled before its turn adds nothing, and the line goes on."""
    gate = Gate()
    agent, _ = scripted(words(TextDelta("a", 0), gate, *reply_text("").frames), "c")
    first = asyncio.ensure_future(agent.ask("1"))
    second = asyncio.ensure_future(agent.ask("2"))
    third = asyncio.ensure_future(agent.ask("3"))
    for _ in range(10):
        await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.open()
    assert [(await first).text, (await third).text] == ["a", "c"]
    assert [message.text for message in agent.history if message.role == "user"] == ["1", "3"]
    assert not other_tasks()


async def test_a_tool_asks_its_own_agent() -> None:
    """It gets `AgentBusy` instead of waiting for itself, by each of the ways to ask."""

    async def again() -> str:
        return (await agent.ask("Again?")).text

    def again_blocking() -> str:
        return agent.ask_blocking("Again?").text

    agent, _ = scripted(
        reply_calls(("again", {}), ("again_blocking", {})), "Well.", tools=[again, again_blocking]
    )
    assert (await asyncio.wait_for(agent.ask("Go."), 60)).text == "Well."
    assert [call.state for call in agent.calls] == ["failed", "failed"]
    assert all("AgentBusy" in call.text for call in agent.calls)


async def test_a_tool_asks_another_agent() -> None:
    """Agents inside tools work, awaited and blocking."""
    other, _ = scripted(always="From below.")

    async def below() -> str:
        return (await other.ask("Well?")).text

    def below_blocking() -> str:
        return other.ask_blocking("Well?").text

    agent, _ = scripted(
        reply_calls(("below", {})),
        reply_calls(("below_blocking", {})),
        "Good.",
        tools=[below, below_blocking],
    )
    assert (await asyncio.wait_for(agent.ask("Go."), 60)).text == "Good."
    assert [call.result for call in agent.calls] == ["From below.", "From below."]


async def test_stop_closes_the_connection_at_once() -> None:
    """On a real socket, the server sees the client go within a moment of the stop."""
    gate = Gate()
    script = [words(TextDelta("Half", 0), gate, *reply_text("!").frames), "Next."]
    with FakeServer(script) as server:
        client = OpenAIChatClient(api_key="test", base_url=server.url)
        agent = Agent("openai:any", executor=Executor({"openai": client}))
        items = []
        async for item in agent.stream("Go."):
            items.append(item)
            if isinstance(item, TextDelta):
                agent.stop()
        await asyncio.to_thread(server.requests[0].wait_disconnected, 1.0)
        assert isinstance(items[-1], RunCancelled)
        assert agent.history[-1].text == "Half"
        assert (await agent.ask("Next?")).text == "Next."
        await client.aclose()


async def test_on_another_loop() -> None:
    """A run on the thread for I/O tells the reader's loop all, in order; a stop reaches it."""
    agent, client = scripted(
        reply_calls(("add", {"a": 1, "b": 2})),
        reply_text("Three is it.", pieces=4),
        words(TextDelta("Half", 0), Gate()),
        tools=[add],
    )
    items = [item async for item in agent._engine.stream("Go.", loop=io_loop())]
    assert_well_formed(items)
    assert isinstance(items[-1], RunFinished)
    stopped = []
    async for item in agent._engine.stream("More.", loop=io_loop()):
        stopped.append(item)
        if isinstance(item, TextDelta):
            agent.stop()
    assert_well_formed(stopped)
    assert isinstance(stopped[-1], RunCancelled)
    assert client.closed == 1
    assert_valid(agent.history)


async def test_stopped_before_the_other_loop_began() -> None:
    """A stop that overtakes the start still ends in one well-formed run."""
    agent, _ = scripted(always="Hello.")
    for _ in range(50):
        heard: list[Any] = []
        stop, done = agent._engine.start(("Go.",), heard.append, loop=io_loop())
        stop()
        await asyncio.wrap_future(done)
        assert_well_formed(heard)
    assert_valid(agent.history)


async def test_stops_from_many_threads() -> None:
    """Stops from several threads at any time leave a valid history and a free agent."""
    agent, _ = scripted(always=reply_calls(("add", {"a": 1, "b": 2})), tools=[add], max_steps=9)
    for number in range(20):
        reading = asyncio.ensure_future(collected(agent))
        await asyncio.sleep(number / 5000)
        stoppers = [threading.Thread(target=agent.stop) for _ in range(3)]
        for stopper in stoppers:
            stopper.start()
        assert_well_formed(await reading)
        for stopper in stoppers:
            stopper.join()
    assert_valid(agent.history)
    assert not agent.running


async def test_reset_right_after_the_end() -> None:
    """Whoever hears that the run is over may empty the conversation at once."""
    agent, _ = scripted(always="Hello.")
    async for item in agent._engine.stream("Go.", loop=io_loop()):
        if isinstance(item, RunFinished):
            agent.reset()
    assert (agent.history, agent.calls) == ((), ())


async def test_reset_while_running() -> None:
    """A conversation that is being added to is not emptied."""
    agent, _ = scripted(words(TextDelta("a", 0), Gate()))
    async with aclosing(agent.stream("Go.")) as items:
        async for item in items:
            if isinstance(item, TextDelta):
                break
        with pytest.raises(AgentBusy, match="stop"):
            agent.reset()


def test_reader_whose_loop_was_closed() -> None:
    """A loop closed under its reader does not break the run of the other thread."""
    agent, _ = scripted(words(TextDelta("a", 0), gate := Gate(), *reply_text("b").frames))

    async def begin() -> Any:
        box: Mailbox[Any] = Mailbox()
        _, done = agent._engine.start(("Go.",), box.put, loop=io_loop())
        await box.take()
        return done

    loop = asyncio.new_event_loop()
    done = loop.run_until_complete(begin())
    loop.close()
    gate.open()
    done.result(60)
    assert agent.history[-1].text == "ab"
    assert not agent.running


def test_loops_that_end_with_a_run_on_them() -> None:
    """A script whose ``asyncio.run`` ends in mid-run leaves an agent that can be asked again."""
    agent, client = scripted(words(TextDelta("a", 0), Gate()), "Next.")

    async def leave() -> None:
        asyncio.ensure_future(agent.ask("Go."))  # noqa: RUF006 - left alone on purpose
        while not agent.history:
            await asyncio.sleep(0.001)

    asyncio.run(leave())
    assert client.closed == 1
    assert asyncio.run(agent.ask("Next?")).text == "Next."
    assert_valid(agent.history)


async def test_many_turns_leave_nothing() -> None:
    """300 turns, some stopped: no tasks, threads, launches or held turns are left over."""
    agent, client = scripted(
        always=lambda asked: (
            reply_calls(("add", {"a": 1, "b": 2}), pieces=1)
            if asked.prompt.messages[-1].role == "user"
            else reply_text("Three.")
        ),
        tools=[add],
    )
    await agent.ask("Warm up.")
    agent.reset()
    client.asked.clear()
    gc.collect()
    threads = threading.active_count()
    before = _alive()
    for number in range(300):
        if number % 10 == 9:
            reading = asyncio.ensure_future(collected(agent))
            for _ in range(number % 30):
                await asyncio.sleep(0)
            agent.stop()
            await reading
        else:
            await agent.ask("Go.")
        client.asked.clear()
    assert_valid(agent.history)
    agent.reset()
    gc.collect()
    assert not other_tasks()
    assert threading.active_count() == threads
    assert not agent._engine._launched
    left = {name: count - before.get(name, 0) for name, count in _alive().items()}
    assert all(count < 5 for count in left.values()), left


def _alive() -> dict[str, int]:
    """How many of the kinds that a run is made of are alive."""
    kinds = (
        "Future",
        "Task",
        "Run",
        "Session",
        "CallRunner",
        "Mailbox",
        "Launch",
        "MessageBuilder",
    )
    counts = dict.fromkeys(kinds, 0)
    for item in gc.get_objects():
        name = type(item).__name__
        if name in counts:
            counts[name] += 1
    return counts
