"""`serve`, driven by the official client."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters

from nbagent import ConfigurationError, MCPServer, ToolContext, tool
from nbagent.mcp import Serving, serve
from tests.mcp.running import SERVERS, call, until

SCRIPT = StdioServerParameters(command=sys.executable, args=[str(SERVERS / "notebook.py")])
NAMES = ["where", "point", "later", "breaks"]


class Told:
    """What a client was told beside results."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.progress: list[tuple[float, float | None, str | None]] = []

    async def logged(self, params: Any) -> None:
        self.log.append(params.data)

    async def progressed(self, progress: float, total: float | None, message: str | None) -> None:
        self.progress.append((progress, total, message))


@asynccontextmanager
async def client(target: Any, mode: str = "auto") -> AsyncIterator[tuple[Client, Told]]:
    """The official client."""
    told = Told()
    made = Client(target, mode=mode, logging_callback=told.logged, log_level="info")
    async with made:
        yield made, told


def where() -> str:
    """Names its thread."""
    print("printed")  # noqa: T201 - what is tested is where it goes
    return threading.current_thread().name


@tool
def point(x: int, context: ToolContext) -> dict[str, int]:
    """Gives an object."""
    context.progress(0.5, "half way")
    return {"x": x}


@dataclass
class Size:
    """How big."""

    rows: int


def size() -> Size:
    """Gives a dataclass."""
    return Size(3)


def breaks() -> None:
    """Raises."""
    raise ValueError("no such column")


def picture() -> Any:
    """Draws."""
    from matplotlib.figure import Figure

    return Figure()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_over_http(mode: str) -> None:
    """Listed and called by clients of both ages: text, objects, pictures, progress, errors."""
    offered = serve([where, point, size, breaks, picture], name="mine")
    async with offered as serving, client(serving.url, mode) as (remote, told):
        tools = {each.name: each for each in (await remote.list_tools()).tools}
        assert list(tools) == ["where", "point", "size", "breaks", "picture"]
        assert tools["point"].input_schema["properties"] == {"x": {"type": "integer"}}
        main = await remote.call_tool("where", {})
        assert main.content[0].text == threading.main_thread().name
        given = await remote.call_tool("point", {"x": 3}, progress_callback=told.progressed)
        assert (given.structured_content, given.is_error) == ({"x": 3}, False)
        assert (await remote.call_tool("size", {})).structured_content == {"rows": 3}
        drawn = await remote.call_tool("picture", {})
        assert [block.type for block in drawn.content] == ["text", "image"]
        for name, arguments, words in (
            ("breaks", {}, "ValueError: no such column"),
            ("point", {"x": "a"}, "x: expected an integer"),
            ("nope", {}, "There is no tool named 'nope'"),
        ):
            failed = await remote.call_tool(name, arguments)
            assert failed.is_error and words in failed.content[0].text
        assert told.progress == [(0.5, 1.0, "half way")]
        assert told.log == ["printed"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_over_stdio(mode: str) -> None:
    """A script that prints here and there does not spoil the messages; tools run in its main."""
    async with client(SCRIPT, mode) as (remote, told):
        assert [each.name for each in (await remote.list_tools()).tools] == NAMES
        assert (await remote.call_tool("where", {})).content[0].text == "main"
        given = await remote.call_tool("point", {"x": 1}, progress_callback=told.progressed)
        assert given.structured_content == {"x": 1}
        assert (await remote.call_tool("later", {"text": "so"})).content[0].text == "so"
        assert (await remote.call_tool("breaks", {})).is_error
        assert told.log == ["printed by a tool"] and told.progress == [(0.5, 1.0, "half way")]


def test_nothing_but_messages_on_standard_output() -> None:
    """Not even what was printed before it served, and it ends when its client leaves."""
    # Unbuffered, what was printed before is gone already.
    env = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    command = [sys.executable, *SCRIPT.args]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=60, env=env)
    assert (done.returncode, done.stdout) == (0, "")
    assert "printed before serving" in done.stderr


async def test_our_own_client() -> None:
    """`MCPServer` on `serve`."""
    async with serve([point]) as serving, MCPServer(serving.url) as server:
        assert (await call(server, "point", x=4)).value == {"x": 4}


async def test_changes_while_it_serves() -> None:
    """What is offered is looked at for each listing and call."""
    async with serve([point]) as serving, client(serving.url) as (remote, _):
        serving.tools.append(size)
        names = [each.name for each in (await remote.list_tools(cache_mode="refresh")).tools]
        assert names == ["point", "size"]
        serving.tools.remove("point")
        assert (await remote.call_tool("point", {"x": 1})).is_error


async def test_approval() -> None:
    """Without anybody to ask it is refused; an approver is asked, and may change arguments."""

    @tool(approve=True)
    def drop(column: str) -> str:
        """Drops."""
        return column

    async with serve([drop]) as serving, client(serving.url) as (remote, _):
        refused = await remote.call_tool("drop", {"column": "a"})
        assert refused.is_error and "approver=" in refused.content[0].text
    asked = serve([drop], approver=lambda request: True)
    async with asked as serving, client(serving.url) as (remote, _):
        assert (await remote.call_tool("drop", {"column": "a"})).content[0].text == "a"


async def test_a_client_that_stops_waiting() -> None:
    """Its call is cancelled here."""
    ends: list[str] = []

    async def waits() -> None:
        """Waits."""
        ends.append("begun")
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    async with serve([waits]) as serving, client(serving.url) as (remote, _):
        calling = asyncio.ensure_future(remote.call_tool("waits", {}))
        await until(lambda: ends == ["begun"])
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        await until(lambda: ends == ["begun", "cancelled"])


# Who may reach it


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Host": "evil.example"}, 421), ({"Origin": "http://evil.example"}, 403)],
)
async def test_pages_of_others_are_refused(headers: dict[str, str], status: int) -> None:
    """A page that reaches the port under a name of its own, or from elsewhere, gets nothing."""
    async with serve([point]) as serving, httpx.AsyncClient(trust_env=False) as http:
        assert (await http.post(serving.url, json={}, headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"host": "0.0.0.0"}, "this machine alone"),
        ({"host": "example.org"}, "this machine alone"),
        ({"transport": "carrier pigeon"}, "'http' or 'stdio'"),
        ({"transport": "stdio"}, "use transport='http'"),
        ({"approver": 3}, "approver is"),
    ],
)
async def test_mistakes(options: dict[str, Any], told: str) -> None:
    """Each is told when it is called."""
    with pytest.raises(ConfigurationError, match=told):
        serve([point], **options)


async def test_a_port_that_is_taken() -> None:
    """Told at once, with the port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Port {port}"):
            serve([point], port=port)


# The end


async def test_close_from_a_cell() -> None:
    """From a running loop, blocking: it ends also while a client stays; twice is once."""
    serving = serve([point])
    assert serving.url.startswith("http://127.0.0.1:") and serving.url in repr(serving)
    async with client(serving.url) as (remote, _):
        await remote.list_tools()
        serving.close()
        assert serving.closed
        serving.close()
    assert "closed" in repr(serving)
    with pytest.raises(httpx.ConnectError):
        async with httpx.AsyncClient(trust_env=False) as http:
            await http.get(serving.url)


def test_in_a_script() -> None:
    """`wait` runs the tools on the thread that waits, until it is closed from elsewhere."""
    serving = serve([where])

    def drive(there: Serving) -> str:
        async def asked() -> str:
            async with client(there.url) as (remote, _):
                return str((await remote.call_tool("where", {})).content[0].text)

        try:
            return asyncio.run(asked())
        finally:
            there.close()

    with concurrent.futures.ThreadPoolExecutor() as pool:
        answer = pool.submit(drive, serving)
        serving.wait()
        assert answer.result(60) == threading.main_thread().name
