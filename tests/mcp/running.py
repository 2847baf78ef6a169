"""Servers in child processes, and looking after them."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nbagent import MCPServer, ToolContext, ToolResult
from tests.tools.listening import Heard

SERVERS = Path(__file__).parent / "servers"
EVERYTHING = [sys.executable, str(SERVERS / "everything.py")]
OLD = [sys.executable, str(SERVERS / "old.py")]


async def call(
    server: MCPServer, name: str, heard: Heard | None = None, /, **arguments: Any
) -> ToolResult:
    """Calls a tool of a server by its name here."""
    tools = {tool.name: tool for tool in await server.offered()}
    return await tools[name].invoke(arguments, ToolContext(listener=heard or Heard()))


def alive(pid: int) -> bool:
    """Whether a process is there and runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return _exists(pid) and not Path("/proc").exists()
    return state != "Z"


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


async def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to be so"
        await asyncio.sleep(0.02)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Web:
    """A server over HTTP that can be killed and started again on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    async def start(self) -> None:
        self.process = subprocess.Popen(
            [*EVERYTHING, str(self.port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        await until(self._answers, 30)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _answers(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0


@asynccontextmanager
async def web() -> AsyncIterator[Web]:
    """A server over HTTP."""
    made = Web()
    await made.start()
    try:
        yield made
    finally:
        made.kill()
