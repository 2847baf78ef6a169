"""`MCPServer` on a server of the official SDK in a child process."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbagent import Agent, MCPServer, ToolArgumentsError, Toolset, TransportError
from nbagent.errors import ToolExecutionError, ToolTimeout
from nbagent.messages import ImagePart
from nbagent.testing import reply_calls
from nbagent.tools import StreamOutput
from tests.agent.agents import add as own_add
from tests.agent.agents import assert_valid, collected, scripted
from tests.mcp.running import EVERYTHING, OLD, Web, alive, call, until, web
from tests.tools.listening import Heard


@pytest.fixture(scope="module", params=["stdio", "http"])
def server(request: pytest.FixtureRequest) -> Iterator[MCPServer]:
    """The same server over both transports. Its connection belongs to no test's loop."""
    there = Web() if request.param == "http" else None
    if there is not None:
        asyncio.run(there.start())
    made = MCPServer(EVERYTHING if there is None else there.url)
    asyncio.run(made.connect())
    yield made
    asyncio.run(made.aclose())
    if there is not None:
        there.kill()


# Tools and results


async def test_tools_as_any_other(server: MCPServer) -> None:
    """Listed with description and schema, under names that providers take; called by them."""
    tools = {tool.name: tool for tool in server.known}
    assert server.name == "everything"
    assert tools["add"].description == "Adds two numbers."
    assert set(tools["add"].spec.parameters["properties"]) == {"a", "b"}
    assert tools["odd_name_with_signs"].remote_name == "odd name/with:signs"
    assert tools["weather"].annotations == {"readOnlyHint": True}
    result = await call(server, "add", a=2, b=3)
    assert (result.value, result.text, result.error) == ("5", "5", None)
    assert (await call(server, "odd_name_with_signs")).value == "odd"


async def test_arguments_that_do_not_fit(server: MCPServer) -> None:
    """They are refused before anything is sent, each field named."""
    with pytest.raises(ToolArgumentsError, match=r"a: 'x' is not of type 'integer'"):
        await call(server, "add", a="x", b=1)
    with pytest.raises(ToolArgumentsError, match="'b' is a required property"):
        await call(server, "add", a=1)


async def test_structured_content_is_the_value(server: MCPServer) -> None:
    """Code gets the object, the model its text."""
    result = await call(server, "weather", city="Rome")
    assert result.value == {"city": "Rome", "degrees": 21.5}
    assert '"degrees": 21.5' in result.text


async def test_blocks_of_all_kinds(server: MCPServer) -> None:
    """Pictures are seen by model and person; what is no text is named in the text."""
    heard = Heard()
    result = await call(server, "blocks", heard)
    assert [type(image) for image in result.images] == [ImagePart, ImagePart]
    assert result.bundle.data["image/png"].startswith(b"\x89PNG")
    shown = [set(output.bundle.data) - {"text/plain"} for output in heard.displays]
    assert shown == [{"image/png"}, {"text/html"}]
    for words in ("some words", "a sound: audio/wav", "[notes: my notes](file:///notes.txt)"):
        assert words in result.text
    assert "file:///a.txt:\ninside a" in result.text and "octet-stream" in result.text
    assert len(result.value) == 7


async def test_a_tool_that_fails(server: MCPServer) -> None:
    """What the server says of it goes to the model, as a failure."""
    result = await call(server, "fails")
    assert isinstance(result.error, ToolExecutionError)
    assert result.text == "'fails' failed: the disk is full"


async def test_progress_and_log_messages(server: MCPServer) -> None:
    """Both arrive in the call's own card."""
    heard = Heard()
    await call(server, "long", heard, steps=2)
    assert heard.steps == [(0.5, "step 1"), (1.0, "step 2")]
    assert heard.outputs == [StreamOutput("stdout", f"[info] did {n}\n") for n in (1, 2)]


async def test_questions_are_refused(server: MCPServer) -> None:
    """A server that wants to question the person is told no, and so is the model."""
    result = await call(server, "asks")
    assert result.error is not None
    assert "question the person" in result.text


async def test_the_tools_change(server: MCPServer) -> None:
    """A notice has them listed again before the next request."""
    await call(server, "grows")
    await until(lambda: server._link.to_be_asked)
    assert "grown" in [tool.name for tool in await server.offered()]


# Stopping


async def test_stop_tells_the_server(server: MCPServer, tmp_path: Path) -> None:
    """A call that is cancelled here is cancelled there."""
    mark = tmp_path / "mark"
    task = asyncio.ensure_future(call(server, "waits", mark=str(mark)))
    await until(lambda: mark.exists() and mark.read_text() == "began")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: mark.read_text() == "cancelled")
    assert (await call(server, "add", a=1, b=1)).value == "2"


async def test_timeout(tmp_path: Path) -> None:
    """A call that takes too long is given up, here and there."""
    mark = tmp_path / "mark"
    async with MCPServer(EVERYTHING, timeout=2.0) as server:
        result = await call(server, "waits", mark=str(mark))
        assert isinstance(result.error, ToolTimeout)
        await until(lambda: mark.exists() and mark.read_text() == "cancelled")


# Servers that die


async def test_it_dies_in_mid_call_and_comes_back() -> None:
    """The model reads what happened and the last words; the next call starts it again."""
    async with MCPServer(EVERYTHING, env={"KEY": "out of memory"}) as server:
        before = int((await call(server, "pid")).text)
        result = await call(server, "dies")
        assert result.error is not None and not server.connected
        assert "'everything' went away while it worked on the call" in result.text
        assert "***, good bye" in result.text  # a secret is not told, not even by the server
        assert "not known" in result.text
        after = int((await call(server, "pid")).text)
        assert after != before and server.connected


async def test_it_dies_between_calls() -> None:
    """A server that was gone before the call is started again, and nobody notices."""
    async with MCPServer(EVERYTHING) as server:
        pid = int((await call(server, "pid")).text)
        subprocess.run(["kill", "-9", str(pid)], check=True)
        await until(lambda: not server.connected)
        result = await call(server, "pid")
        assert result.error is None and int(result.text) != pid


async def test_a_web_server_comes_back() -> None:
    """Away: the model reads that it cannot be reached. Back: the next call reaches it."""
    async with web() as there, MCPServer(there.url) as server:
        there.kill()
        result = await call(server, "add", a=1, b=2)
        assert result.error is not None and "cannot be" in result.text
        await there.start()
        assert (await call(server, "add", a=1, b=2)).value == "3"
        there.kill()
        await there.start()  # started anew between two calls: not noticed
        assert (await call(server, "add", a=1, b=2)).value == "3"
        result = await call(server, "dies")
        assert result.error is not None and "went away" in result.text


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["no-such-program-here"], "there is no such program"),
        (
            [sys.executable, "-c", "import sys; sys.exit('no licence: sk-secret')"],
            r"no licence: \*\*\*",
        ),
        ("http://127.0.0.1:9/mcp", "cannot be used: ConnectError"),
    ],
)
async def test_it_cannot_start(command: str | list[str], told: str) -> None:
    """The error names the server and has its last words, but no secret."""
    env = {"KEY": "sk-secret"} if isinstance(command, list) else None
    server = MCPServer(command, env=env)
    with pytest.raises(TransportError, match=told):
        await server.connect()
    with pytest.raises(TransportError, match=told):
        await Toolset([server]).resolve()


async def test_it_never_answers(tmp_path: Path) -> None:
    """A program that is no server is given up in time, and ended."""
    mark = tmp_path / "pid"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(3600)"
    server = MCPServer([sys.executable, "-c", code], connect_timeout=1)
    with pytest.raises(TransportError, match="did not answer within 1 second"):
        await server.connect()
    # On a busy machine it may have been ended before it could say who it is.
    assert not mark.exists() or not alive(int(mark.read_text()))


# The end


async def test_nothing_is_left_behind() -> None:
    """After aclose, and when nobody holds it any more, its process is gone."""
    server = MCPServer(EVERYTHING)
    pid = int((await call(server, "pid")).text)
    await server.aclose()
    assert not alive(pid) and not server.connected
    pid = int((await call(server, "pid")).text)  # the next use connects again
    held = server.known[0]
    del server
    gc.collect()
    await asyncio.sleep(0.2)
    assert alive(pid)  # its tools hold it
    del held
    gc.collect()
    await until(lambda: not alive(pid))


EXIT = """
import asyncio, sys
from nbagent import MCPServer
async def main():
    server = await MCPServer(sys.argv[1:]).connect()
    tools = {tool.name: tool for tool in server.known}
    print((await tools["pid"].invoke({})).text, flush=True)
    return server
server = asyncio.run(main())
"""


def test_the_interpreter_ends() -> None:
    """A script that never closes it leaves no process and no complaint."""
    done = subprocess.run(
        [sys.executable, "-c", EXIT, *EVERYTHING], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not alive(int(done.stdout))


# Older servers


async def test_a_server_of_older_days() -> None:
    """Pages, notices, log messages and a refused sampling, with a banner that is no message."""
    heard = Heard()
    async with MCPServer([*OLD, "x"], prefix="old_") as server:
        assert [tool.name for tool in server.known] == ["old_one", "old_two", "old_three"]
        assert (await call(server, "old_one", heard)).text == "one"
        assert heard.text("stderr") == '[warning db] {"rows": 3}\n'
        assert "not supported" in (await call(server, "old_three")).text
        await call(server, "old_two")
        await until(lambda: server._link.to_be_asked)
        assert [tool.name for tool in await server.offered()][-1] == "old_four"


async def test_messages_that_belong_to_no_call_are_kept() -> None:
    """Two calls at once over one pipe: a message that may be of either goes to neither card."""
    heard = [Heard(), Heard()]
    async with MCPServer(EVERYTHING) as server:
        await asyncio.gather(*(call(server, "long", each, steps=2) for each in heard))
        seen = [output.text for each in heard for output in each.outputs]
        assert sorted([*seen, *(f"{line}\n" for line in server.log)]) == sorted(
            ["[info] did 1\n", "[info] did 2\n"] * 2
        )
        assert all(each.steps == [(0.5, "step 1"), (1.0, "step 2")] for each in heard)


# With an agent


async def test_an_agent_uses_it_and_closes_it() -> None:
    """Its tools beside one's own; names give way; closed with the agent, and with its process."""
    calls = reply_calls(
        ("add", {"a": 1, "b": 1}), ("everything_add", {"a": 2, "b": 2}), ("pid", {})
    )
    agent, client = scripted(calls, "Done.", tools=[MCPServer(EVERYTHING), own_add])
    async with agent:
        assert agent.tools.names == ("add",)
        await agent.ask("Go.")
        assert [record.result for record in agent.calls][:2] == [2, "4"]
        pid = int(agent.calls[2].text)
        assert "everything_add" in [tool.name for tool in client.asked[0].tools]
        assert alive(pid)
    assert not alive(pid)


async def test_a_displayed_agent_uses_it() -> None:
    """On the I/O thread's loop as well, and from several loops at once."""
    agent, _ = scripted(reply_calls(("pid", {})), "Done.", tools=[MCPServer(EVERYTHING)])
    agent._repr_mimebundle_()
    async with agent:
        await agent.ask("Go.")
        here = await agent.tools["pid"].invoke({})
        there = await asyncio.to_thread(lambda: asyncio.run(agent.tools["pid"].invoke({})))
        assert agent.calls[0].text == here.text == there.text


async def test_an_agent_told_of_a_dead_server_goes_on() -> None:
    """The card says failed, the model reads why, the run goes on."""
    agent, _ = scripted(reply_calls(("dies", {})), "So be it.", tools=[MCPServer(EVERYTHING)])
    async with agent:
        reply = await agent.ask("Go.")
    assert reply.text == "So be it."
    assert (agent.calls[0].state, "went away" in agent.calls[0].text) == ("failed", True)


async def test_a_server_that_cannot_start_fails_the_run() -> None:
    """The person reads why; nothing was sent to the model."""
    agent, client = scripted("Never.", tools=[MCPServer("no-such-program-here")])
    with pytest.raises(TransportError, match="no such program"):
        await agent.ask("Go.")
    assert client.asked == []
    agent.tools.clear()
    assert (await agent.ask("Without it?")).text == "Never."
    assert_valid(agent.history)


@pytest.mark.parametrize(
    ("approve", "asked"),
    [
        (False, []),
        (True, ["add", "weather", "long"]),
        ("destructive", ["add", "long"]),
        (lambda tool, arguments: tool.name == "add" and arguments["a"] == 1, ["add"]),
    ],
)
async def test_approval(approve: object, asked: list[str]) -> None:
    """Always, never, by what the server declares, or as a function says."""
    calls = reply_calls(
        ("add", {"a": 1, "b": 1}), ("weather", {"city": "x"}), ("long", {"steps": 0})
    )
    seen: list[str] = []

    async def approver(request: object) -> bool:
        seen.append(request.name)  # type: ignore[attr-defined]  # an ApprovalRequested
        return True

    tools = [MCPServer(EVERYTHING, approve=approve)]  # type: ignore[arg-type]  # of several types
    agent, _ = scripted(calls, "Done.", tools=tools, approver=approver)
    async with agent:
        await collected(agent)
    assert sorted(seen) == sorted(asked)
    assert [record.state for record in agent.calls] == ["done"] * 3


async def test_fork_shares_it() -> None:
    """A fork uses the same process."""
    calls = reply_calls(("pid", {}))
    agent, _ = scripted(calls, "Done.", calls, "Done.", tools=[MCPServer(EVERYTHING)])
    async with agent:
        await agent.ask("Go.")
        other: Agent = agent.fork()
        await other.ask("Go.")
        assert agent.calls[0].text == other.calls[0].text
