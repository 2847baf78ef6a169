"""`Agent.ask_blocking`: in a script, in a cell, interrupted, and where it would never end."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import pytest

from nbagent import (
    AgentBusy,
    ConfigurationError,
    ServerError,
    TextDelta,
)
from nbagent.agent.io_thread import io_loop
from nbagent.testing import Gate, reply_text
from tests.agent.agents import (
    assert_valid,
    scripted,
    until,
    words,
)

SCRIPT = """
import asyncio, threading
from nbagent import Agent, Executor, tool
from nbagent.testing import Gate, Reply, ScriptedClient, reply_calls
from nbagent.frames import TextDelta

def where() -> str:
    "Says on which thread it runs."
    return threading.current_thread().name

async def where_async() -> str:
    "Says on which thread it runs."
    await asyncio.sleep(0)
    return threading.current_thread().name

calls = reply_calls(("where", {}), ("where_async", {}))
def made(*script):
    client = ScriptedClient(script)
    return Agent("s:any", tools=[where, where_async], executor=Executor({"s": client}))
"""


def script(code: str, **options: Any) -> subprocess.Popen[str]:
    """A plain Python process that runs this."""
    source = SCRIPT + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", source],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
        **options,
    )


def printed(code: str) -> str:
    """What a script prints; it has to end well and say nothing else."""
    process = script(code)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return out


def test_ask_blocking_in_a_script() -> None:
    """Without any loop: plain functions run on the script's main thread, and it ends by itself."""
    out = printed(
        """
        agent = made(calls, "Done.")
        reply = agent.ask_blocking("Go.")
        print(reply.text, agent.calls[0].result, [call.state for call in agent.calls])
        """
    )
    assert out == "Done. MainThread ['done', 'done']\n"


def test_ask_blocking_inside_a_running_loop() -> None:
    """In a cell, which runs inside a loop: the main thread runs the functions while it blocks."""
    out = printed(
        """
        async def cell():
            agent = made(calls, "Done.", calls, "Again.")
            print(agent.ask_blocking("Go.").text, agent.calls[0].result)
            print((await agent.ask("Go.")).text, agent.calls[2].result, agent.calls[3].result)
            print([call.state for call in agent.calls])
        asyncio.run(cell())
        """
    )
    assert out.splitlines() == [
        "Done. MainThread",
        "Again. MainThread MainThread",
        "['done', 'done', 'done', 'done']",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for a child alone")
def test_interrupting_ask_blocking() -> None:
    """Ctrl-C raises in the script, the history is settled by then, and the next question works."""
    process = script(
        """
        agent = made(Reply(frames=(TextDelta("Half", 0), gate := Gate())), "Next.")
        def tell():
            gate.wait_reached()
            print("there", flush=True)
        threading.Thread(target=tell).start()
        try:
            agent.ask_blocking("Go.")
        except KeyboardInterrupt:
            print(agent.running, agent.history[-1].text, agent.history[-1].finish_reason)
        print(agent.ask_blocking("Next?").text)
        """
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (out, err) == ("False Half None\nNext.\n", "")


def test_ask_blocking_raises_what_failed() -> None:
    """The run's error, or the cancellation of a run that was stopped."""
    agent, _ = scripted(
        words(TextDelta("a", 0)).with_options(raises=ServerError("gone", status=500)),
        words(TextDelta("Half", 0), gate := Gate()),
    )
    with pytest.raises(ServerError, match="gone"):
        agent.ask_blocking("Go.")
    threading.Thread(target=lambda: (gate.wait_reached(), agent.stop())).start()
    with pytest.raises(asyncio.CancelledError):
        agent.ask_blocking("Go.")
    assert_valid(agent.history)


async def test_ask_blocking_that_would_wait_for_its_own_loop() -> None:
    """Where the blocked loop, or the I/O thread, would have to work, it is refused at once."""
    agent, _ = scripted(words(TextDelta("a", 0), gate := Gate(), *reply_text("").frames))
    asking = asyncio.ensure_future(agent.ask("1"))
    await until(lambda: agent.running)
    with pytest.raises(AgentBusy, match="would block"):
        agent.ask_blocking("2")
    gate.open()
    await asking

    async def on_the_thread() -> None:
        agent.ask_blocking("3")

    with pytest.raises(ConfigurationError, match="network I/O"):
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(on_the_thread(), io_loop()))
