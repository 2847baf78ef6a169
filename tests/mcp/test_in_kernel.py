"""MCP inside a real ipykernel: servers as children of the kernel, and the kernel as a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from mcp import Client

from tests.mcp.running import EVERYTHING, alive
from tests.tools.test_in_kernel import Kernel

pytestmark = pytest.mark.e2e

SERVED = """
import threading
from nbagent.mcp import serve
value = [1]
def look() -> dict[str, object]:
    "Looks at the notebook."
    print("seen by the client alone")
    return {"value": value[0], "main": threading.current_thread() is threading.main_thread()}
serving = serve([look])
print(serving.url)
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    """A kernel."""
    made = Kernel()
    yield made
    made.close()


async def asked(url: str) -> object:
    """What the official client gets from outside."""
    async with Client(url) as remote:
        return (await remote.call_tool("look", {})).structured_content


def test_the_notebook_serves(kernel: Kernel) -> None:
    """Calls from outside see the notebook's variables, on its main thread, and print in no cell."""
    url = "".join(kernel.run(SERVED)).strip()
    assert asyncio.run(asked(url)) == {"value": 1, "main": True}
    assert kernel.run("value[0] = 2") == []
    assert asyncio.run(asked(url)) == {"value": 2, "main": True}
    assert kernel.run("serving.close()") == []


def test_a_child_of_the_kernel(kernel: Kernel) -> None:
    """Its errors spill into no cell, it works in and between cells, and it ends with the kernel."""
    kernel.run(f"from nbagent import MCPServer\nserver = await MCPServer({EVERYTHING!r}).connect()")
    call = "tools = {t.name: t for t in server.known}\nprint((await tools['pid'].invoke({})).text)"
    pid = int("".join(kernel.run(call)))
    assert alive(pid)
    assert kernel.run("await server.aclose()") == []
    assert not alive(pid)
    pid = int("".join(kernel.run(call)))
    kernel.client.shutdown()
    kernel.manager.finish_shutdown(waittime=20)
    assert not alive(pid)
