"""Tools that use agents: another one in every way, their own one refused; never a deadlock."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from nbagent import Agent, tool
from nbagent.testing import reply_calls
from tests.agent.agents import scripted

SECONDS = 10


def where() -> str:
    """The thread that it runs on."""
    return threading.current_thread().name


async def where_async() -> str:
    """The same, as a coroutine."""
    await asyncio.sleep(0.01)
    return threading.current_thread().name


def helper() -> Agent:
    """Another agent, with tools of both kinds."""
    calls = reply_calls(("where", {}), ("where_async", {}))
    agent, _ = scripted(calls, "Helped.", tools=[where, where_async])
    return agent


def asker(ask: Callable[[Agent], Any], thread: bool = False) -> Callable[[Agent], Any]:
    """Makes a tool that asks an agent in one of the ways."""

    def made(other: Agent) -> Any:
        if asyncio.iscoroutinefunction(ask):

            async def ask_it() -> str:
                return str((await ask(other)).text)

            return tool(ask_it, name="ask_it", thread=thread)

        def ask_it_too() -> str:
            return str(ask(other).text)

        return tool(ask_it_too, name="ask_it", thread=thread)

    return made


async def _await(other: Agent) -> Any:
    return await other.ask("Help.")


def _block(other: Agent) -> Any:
    return other.ask_blocking("Help.")


async def _block_in_coroutine(other: Agent) -> Any:
    return other.ask_blocking("Help.")


def _run(other: Agent) -> Any:
    return asyncio.run(other.ask("Help."))


WAYS = {
    "async tool awaits": asker(_await),
    "async tool on a thread awaits": asker(_await, thread=True),
    "async tool blocks": asker(_block_in_coroutine),
    "tool blocks": asker(_block),
    "tool on a thread blocks": asker(_block, thread=True),
    "tool on a thread runs a loop": asker(_run, thread=True),
}


def outer(way: str, other: Agent | None = None) -> Agent:
    """An agent whose tool asks the other one, or itself where there is none."""
    agent, _ = scripted(reply_calls(("ask_it", {})), "Done.", always="Done.")
    agent.tools.append(WAYS[way](other if other is not None else agent))
    return agent


def ended(work: Callable[[], Any]) -> Any:
    """Runs it on a thread that is the main one for its agents; fails where it does not end."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:  # handed to the test's own thread
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS)
    assert found, "it hangs"
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


def _asked(make: Callable[[], Agent]) -> Agent:
    async def cell() -> Agent:
        agent = make()
        await agent.ask("Go.")
        return agent

    return asyncio.run(cell())


def _asked_displayed(make: Callable[[], Agent]) -> Agent:
    async def cell() -> Agent:
        agent = make()
        agent._engine.attended = True
        await agent.ask("Go.")
        return agent

    return asyncio.run(cell())


def _asked_blocking(make: Callable[[], Agent]) -> Agent:
    agent = make()
    agent.ask_blocking("Go.")
    return agent


def _asked_blocking_in_a_cell(make: Callable[[], Agent]) -> Agent:
    async def cell() -> Agent:
        return _asked_blocking(make)

    return asyncio.run(cell())


CELLS = [_asked, _asked_displayed, _asked_blocking, _asked_blocking_in_a_cell]


@pytest.mark.parametrize("displayed", [False, True], ids=["hidden", "displayed"])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("way", WAYS)
def test_another_agent(way: str, cell: Any, displayed: bool) -> None:
    """Whoever asks it, from wherever, gets its answer, and its tools have run; or a clear no."""
    others: list[Agent] = []

    def make() -> Agent:
        other = helper()
        other._engine.attended = displayed
        others.append(other)
        return outer(way, other)

    agent = ended(lambda: cell(make))
    (call,) = agent.calls
    if call.state == "failed":
        # The one place that nobody can block: the thread of all agents' network.
        assert way == "async tool blocks" and "await agent.ask()" in call.text
        return
    assert call.result == "Helped."
    assert [inner.state for inner in others[0].calls] == ["done", "done"]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("way", WAYS)
def test_its_own_agent(way: str, cell: Any) -> None:
    """A tool that asks the agent that it belongs to is told so at once, and the run goes on."""
    agent = ended(lambda: cell(lambda: outer(way)))
    (call,) = agent.calls
    assert call.state == "failed"
    assert "AgentBusy" in call.text or "await agent.ask()" in call.text
    assert agent.history[-1].text == "Done."


def test_its_own_agent_through_another() -> None:
    """So is one that does it around a corner."""
    middle, _ = scripted(reply_calls(("back", {})), "Middle.")
    agent, _ = scripted(reply_calls(("through", {})), "Done.")

    async def back() -> str:
        """Asks the first."""
        return (await agent.ask("?")).text

    async def through() -> str:
        """Asks the second."""
        return (await middle.ask("?")).text

    middle.tools.append(back)
    agent.tools.append(through)
    ended(lambda: asyncio.run(agent.ask("Go.")))
    assert "AgentBusy" in middle.calls[0].text
    assert agent.calls[0].result == "Middle."


def test_two_runs_that_wait_in_a_circle() -> None:
    """Two agents whose tools ask one another at the same time: one is refused, both end."""
    one, _ = scripted(reply_calls(("ask_two", {})), always="One.")
    two, _ = scripted(reply_calls(("ask_one", {})), always="Two.")

    async def cell() -> None:
        begun = [asyncio.Event(), asyncio.Event()]

        async def ask_two() -> str:
            """Asks the second."""
            begun[0].set()
            await begun[1].wait()
            return (await two.ask("?")).text

        async def ask_one() -> str:
            """Asks the first."""
            begun[1].set()
            await begun[0].wait()
            return (await one.ask("?")).text

        one.tools.append(ask_two)
        two.tools.append(ask_one)
        await asyncio.gather(one.ask("Go."), two.ask("Go."))

    ended(lambda: asyncio.run(cell()))
    states = sorted([one.calls[0].state, two.calls[0].state])
    assert states == ["done", "failed"]
    assert "wait for one another" in one.calls[0].text + two.calls[0].text


def test_a_bare_thread_of_a_tool() -> None:
    """A thread that a tool starts and joins is known to be the tool's own."""
    agent, _ = scripted(reply_calls(("start", {})), "Done.", always="Done.")
    found: list[Any] = []

    def start() -> None:
        """Starts a thread that asks."""

        def ask() -> None:
            try:
                agent.ask_blocking("?")
            except Exception as error:
                found.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()

    agent.tools.append(tool(start, thread=True))
    ended(lambda: asyncio.run(agent.ask("Go.")))
    assert type(found[0]).__name__ == "AgentBusy"


def test_blocking_on_a_run_whose_coroutine_needs_this_loop() -> None:
    """A cell that would block the loop on which the agent's own tool rests is refused."""
    agent, _ = scripted(reply_calls(("rest", {})), "Done.", always="Done.")
    begun, refused = threading.Event(), threading.Event()

    async def rest() -> str:
        """Rests until the other was refused."""
        begun.set()
        while not refused.is_set():
            await asyncio.sleep(0.01)
        return "rested"

    agent.tools.append(rest)

    async def cells() -> None:
        agent._engine.attended = True
        first: Coroutine[Any, Any, Any] = agent.ask("Go.")
        task = asyncio.ensure_future(first)
        while not begun.is_set():
            await asyncio.sleep(0.01)
        with pytest.raises(Exception, match="event loop"):
            agent.ask_blocking("And?")
        refused.set()
        await task

    async def made_here() -> None:
        agent._engine.place = type(agent._engine.place).capture()
        await cells()

    ended(lambda: asyncio.run(made_here()))
    assert agent.calls[0].result == "rested"
