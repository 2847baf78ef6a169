"""`Agent`: the engine with its widget, on the threads of a script and of a notebook."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from nbagent import (
    Agent,
    ConfigurationError,
    Executor,
    ImagePart,
    OpenAIChatClient,
    RunFinished,
    TextDelta,
    TextPart,
    ToolQueued,
    ToolStarted,
    tool,
)
from nbagent.agent.io_thread import io_loop
from nbagent.testing import FakeServer, Gate, reply_calls, reply_error, reply_text
from nbagent.widget.commands import Approve, Ask, Command, Deny, Retry, Stop
from tests.agent.agents import (
    add,
    assert_valid,
    assert_well_formed,
    other_tasks,
    scripted,
    until,
    words,
)

CALL = reply_calls(("where", {}))


def view(agent: Agent) -> dict[str, Any]:
    """What the widget's page would show now."""
    return dict(agent.widget.snapshot_now()[1])


def said(agent: Agent) -> list[str]:
    """The words of the messages on the page."""
    return [
        "".join(part.get("text", "") for part in message["parts"] if part["kind"] == "text")
        for message in view(agent)["messages"]
    ]


def obey(agent: Agent, command: Command) -> None:
    """Sends a command as ipykernel 7.3 does: from another thread."""
    thread = threading.Thread(target=agent._obey, args=(command,))
    thread.start()
    thread.join()


# Arguments


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"model": "gpt-5"}, "provider:name"),
        ({"tools": add}, "tools is a list"),
        ({"tools": [add, add]}, "Two tools"),
        ({"max_steps": 0}, "max_steps"),
        ({"approver": "yes"}, "approver"),
        ({"tool_calling": "magic"}, "tool_calling"),
        ({"params": 3}, "params"),
        ({"history": "Hi."}, "history"),
        ({"executor": 3}, "executor"),
    ],
)
def test_arguments(options: dict[str, Any], told: str) -> None:
    """What does not make sense is refused when the agent is made, with a text that helps."""
    with pytest.raises(ConfigurationError, match=told):
        Agent(**{"model": "scripted:any", **options})


async def test_questions() -> None:
    """Words, or words with images; nothing, or anything else, is refused before a run begins."""
    agent, client = scripted("A cat.")
    for question in ("", "  ", [], None, [3]):
        with pytest.raises(ConfigurationError):
            await agent.ask(question)  # type: ignore[arg-type]  # mistakes to be told of
        with pytest.raises(ConfigurationError):
            agent.stream(question)  # type: ignore[arg-type]  # as above
        with pytest.raises(ConfigurationError):
            agent.ask_blocking(question)  # type: ignore[arg-type]  # as above
    with pytest.raises(ConfigurationError, match="when_busy"):
        await agent.ask("Hi.", when_busy="never")
    assert agent.history == ()
    image = ImagePart(b"png")
    await agent.ask(["What is this?", image])
    assert client.prompts[0].messages[0].parts == (TextPart("What is this?"), image)


def test_what_an_agent_says_of_itself() -> None:
    """Model, tools, and how much was said."""
    agent, _ = scripted(tools=[add])
    assert repr(agent) == "<Agent scripted:any with add; 0 messages>"
    assert [made.name for made in agent.tools] == ["add"]
    assert (str(agent.model), agent.running, agent.approver) == ("scripted:any", False, None)


async def test_reset_and_fork() -> None:
    """A fork goes on from a copy, apart from the first; a reset empties both history and page."""
    agent, _ = scripted(always="Hello.", tools=[add], max_steps=7, instructions="Be brief.")
    assert said(agent) == []
    await agent.ask("Hi.")
    other = agent.fork()
    await other.ask("More.")
    assert (len(agent.history), len(other.history)) == (2, 4)
    assert [made.name for made in other.tools] == ["add"]
    assert said(agent) == ["Hi.", "Hello."]
    agent.reset()
    assert (agent.history, agent.calls, said(agent)) == ((), (), [])
    assert said(other) == ["Hi.", "Hello.", "More.", "Hello."]
    await agent.ask("Hi.")
    assert said(agent) == ["Hi.", "Hello."]


async def test_a_fork_in_mid_run_is_valid() -> None:
    """A fork made by a running tool goes on from a history without open calls."""
    forks: list[Agent] = []

    @tool(thread=True)
    def split() -> str:
        """Forks the agent."""
        forks.append(agent.fork())
        return forks[0].ask_blocking("Well?").text

    agent, _ = scripted(reply_calls(("split", {})), "Well.", "Good.", tools=[split])
    assert (await agent.ask("Go.")).text == "Good."
    assert agent.calls[-1].result == "Well."
    assert_valid(forks[0].history)


# Displayed


async def test_displayed_it_runs_on_the_thread_for_io() -> None:
    """A displayed agent streams on while the main thread blocks; its tool waits for that thread."""

    def where() -> str:
        return threading.current_thread().name

    gate = Gate()
    agent, _ = scripted(words(gate, *CALL.frames), reply_text("Done.", pieces=3), tools=[where])
    agent._repr_mimebundle_()
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    asking = asyncio.ensure_future(agent.ask("Go."))
    await asyncio.to_thread(gate.wait_reached)
    gate.open()
    deadline = time.monotonic() + 60
    while not any(isinstance(item, ToolQueued) for item in heard):  # a cell that blocks the kernel
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.1)
    queued = [type(item) for item in heard]
    assert ToolQueued in queued
    assert ToolStarted not in queued
    assert view(agent)["calls"][agent.history[-1].tool_calls[0].tool_call_id]["state"] == "queued"
    assert (await asking).text == "Done."
    assert agent.calls[-1].result == threading.main_thread().name
    assert_well_formed(heard)


async def test_approval_in_the_widget() -> None:
    """Commands of the page answer requests, with edited arguments and for always."""

    @tool(approve=True)
    def drop(table: str) -> str:
        """Drops a table."""
        return table

    def call(name: str) -> Any:
        return reply_calls(("drop", {"table": name}))

    agent, _ = scripted(call("a"), call("b"), call("c"), call("d"), "Done.", tools=[drop])
    agent._repr_mimebundle_()

    def waiting() -> list[str]:
        calls = view(agent)["calls"].items()
        return [key for key, shown in calls if shown["state"] == "awaiting-approval"]

    asking = asyncio.ensure_future(agent.ask("Go."))
    answered: list[str] = []
    for command in (
        lambda call: Deny(call, "not a"),
        lambda call: Approve(call, '{"table": "copy"}'),
        lambda call: Approve(call, always=True),
    ):
        while not (new := [call for call in waiting() if call not in answered]):
            await asyncio.sleep(0.002)
        answered += new
        obey(agent, command(new[0]))
    await asking
    assert [call.state for call in agent.calls] == ["denied", "done", "done", "done"]
    assert [call.result for call in agent.calls] == [None, "copy", "c", "d"]


async def test_commands_of_the_page() -> None:
    """Ask, Stop and Retry work from a foreign thread; blank questions are nothing."""
    gate = Gate()
    agent, client = scripted(words(TextDelta("Half", 0), gate), "Whole.", "Second.")
    _ = agent.widget
    obey(agent, Ask("  "))
    obey(agent, Stop())
    obey(agent, Retry())
    assert not client.asked
    obey(agent, Ask("Go."))
    await until(lambda: said(agent)[1:] == ["Half"])
    obey(agent, Retry())  # not while it runs
    obey(agent, Stop())
    await until(lambda: not agent.running)
    assert [message.text for message in agent.history] == ["Go.", "Half"]
    await until(lambda: not agent._engine._launched)
    obey(agent, Retry())
    await until(lambda: len(agent.history) == 2 and agent.history[-1].text == "Whole.")
    await until(lambda: not agent._engine._launched)
    obey(agent, Ask("More."))
    await until(lambda: len(agent.history) == 4)
    assert [message.text for message in agent.history] == ["Go.", "Whole.", "More.", "Second."]
    assert view(agent)["status"] == "idle"


async def test_a_double_click_on_retry_takes_back_one_question() -> None:
    """Two Retry commands at once ask the last question again, once, and keep the ones before."""
    gate = Gate()
    agent, client = scripted("Hello.", "Hello.", words(gate, *reply_text("Hello.").frames))
    await agent.ask("1")
    await agent.ask("2")
    agent._obey(Retry())
    agent._obey(Retry())
    gate.open()
    await until(lambda: not agent._engine._launched)
    assert [message.text for message in agent.history] == ["1", "Hello.", "2", "Hello."]
    assert len(client.asked) == 3


async def test_widget_made_late() -> None:
    """A widget that is made after two runs and within a third shows all of them in the end."""
    gate = Gate()
    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2})),
        "Three.",
        "Two.",
        words(TextDelta("Ha", 0), gate, *reply_text("lf.").frames),
        tools=[add],
    )
    await agent.ask("1")
    await agent.ask("2")
    asking = asyncio.ensure_future(agent.ask("3"))
    await asyncio.to_thread(gate.wait_reached)
    assert said(agent) == ["1", "Three.", "2", "Two.", "3", "Ha"]
    assert view(agent)["status"] == "running"
    gate.open()
    await asking
    assert said(agent)[-1] == "Half."
    assert view(agent)["status"] == "idle"
    states = [message["state"] for message in view(agent)["messages"] if "state" in message]
    assert "cancelled" not in states


async def test_one_widget_for_ever() -> None:
    """The widget is made once, and the last line of a cell shows it with static forms."""
    agent, _ = scripted("Hello.")
    assert agent.widget is agent.widget
    await agent.ask("Hi.")
    data, _ = agent._repr_mimebundle_()
    assert "Hello." in data["text/plain"]
    assert "Hello." in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data


# Secrets


async def test_the_key_is_nowhere() -> None:
    """Not in a repr, an event, an error's text, the widget's state or its static forms."""
    key = "sk-very-secret-0123456789"
    with FakeServer([reply_error(401, "Incorrect API key."), "Hello."]) as server:
        client = OpenAIChatClient(api_key=key, base_url=server.url)
        agent = Agent(
            "openai:any",
            executor=Executor({"openai": client}),
            params={"extra": {"key": key}},
        )
        items: list[Any] = []
        for question in ("1", "2"):
            items += [item async for item in agent.stream(question)]
        assert isinstance(items[-1], RunFinished)
        shown = [agent, agent._engine.settings, client, agent.session(), *items]
        texts = [repr(item) for item in shown] + [str(item) for item in shown]
        texts += [repr(agent._repr_mimebundle_()), repr(agent.widget.get_state(["snapshot"]))]
        assert server.requests[0].headers["authorization"] == f"Bearer {key}"
        await client.aclose()
    assert not any(key in text for text in texts)


async def test_many_displayed_turns_leave_nothing() -> None:
    """100 turns across two threads leave no task on either loop, and no thread."""
    agent, _ = scripted(always="Hello.")
    agent._repr_mimebundle_()
    await agent.ask("Warm up.")
    threads = threading.active_count()
    for _ in range(100):
        await agent.ask("Go.")
    assert threading.active_count() <= threads

    async def tasks() -> int:
        return len(asyncio.all_tasks()) - 1

    count = asyncio.run_coroutine_threadsafe(tasks(), io_loop())
    assert await asyncio.wrap_future(count) == 0
    assert not other_tasks()
