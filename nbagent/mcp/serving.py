"""`serve`: the notebook's tools for other programs."""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib
import ipaddress
import socket
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

from typing_extensions import Self

from nbagent.agent.approval import Approver
from nbagent.agent.checks import approver_of, toolset_of
from nbagent.agent.io_thread import io_loop
from nbagent.errors import ConfigurationError
from nbagent.tools import MainThread, Toolset

__all__ = ["Serving", "serve"]

CLOSE_SECONDS = 5.0
Serve = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


class Serving:
    """Tools that are being offered. Ends with `close`, with ``with``, and with the interpreter.

    Attributes:
        url: Where clients reach it; empty over standard input and output.
        tools: What is offered. It can be changed at any time.
    """

    def __init__(self, url: str, tools: Toolset, place: MainThread) -> None:
        self.url = url
        self.tools = tools
        self._place = place
        self._closing = asyncio.Event()
        self._done: concurrent.futures.Future[None] = concurrent.futures.Future()

    def __repr__(self) -> str:
        where = "closed" if self.closed else self.url or "standard input and output"
        return f"<Serving {', '.join(self.tools.names) or 'no tools'}: {where}>"

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._done.done()

    def close(self) -> None:
        """Ends it, and waits for the end, some seconds at most."""
        with suppress(RuntimeError):  # the loop is gone, and the server with it
            io_loop().call_soon_threadsafe(self._closing.set)
        if asyncio._get_running_loop() is io_loop():
            return  # it would wait for itself
        with suppress(concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
            self._done.result(CLOSE_SECONDS)

    async def aclose(self) -> None:
        """Ends it, and waits for the end."""
        io_loop().call_soon_threadsafe(self._closing.set)
        await asyncio.wait({asyncio.wrap_future(self._done)})

    def wait(self) -> None:
        """Waits until it ends, in a script. Tools run on the calling thread meanwhile.

        Raises:
            KeyboardInterrupt: It was interrupted; it is closed then.
        """
        try:
            self._place.pump(self._done)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _begin(self, serve: Serve) -> None:
        self._done = asyncio.run_coroutine_threadsafe(serve(self._closing), io_loop())


def serve(
    tools: Iterable[Any],
    *,
    name: str = "nbagent",
    transport: str = "http",
    host: str = "127.0.0.1",
    port: int = 0,
    approver: Approver | None = None,
) -> Serving:
    """Offers tools to other programs, as a server of the Model Context Protocol.

    Over HTTP it serves in the background and returns at once: a client is given its ``url``. The
    tools run in this process, plain functions on its main thread. What they print goes to the
    client as log messages. Over standard input and output (a script that the client starts) it
    returns when the client leaves.

    Args:
        tools: Functions, `Tool`s, `Toolset`s, other servers.
        name: What the server calls itself.
        transport: ``"http"`` or ``"stdio"``.
        host: An address of this machine alone; others are refused.
        port: The port, by default a free one.
        approver: Answers for calls of tools with ``approve``, as an agent's; without one such
            calls are refused.

    Raises:
        ConfigurationError: The arguments make no sense, the port is taken, or the extra ``mcp`` is
            not installed.
        ToolSchemaError: A function cannot be described to a model.
    """
    offered, place = toolset_of(tools), MainThread.capture()
    approver = approver_of(approver)
    # The SDK, which may not be installed: that module imports it.
    offering = importlib.import_module("nbagent.mcp.offering")
    web = importlib.import_module("nbagent.mcp.web")
    server = offering.server_of(name, offered, place, approver)
    if transport == "http":
        bound = _bound(host, port)
        shown = f"[{host}]" if ":" in host else host
        serving = Serving(f"http://{shown}:{bound.getsockname()[1]}/mcp", offered, place)
        serving._begin(lambda closing: web.over_http(server, bound, closing))
        return serving
    if transport != "stdio":
        raise ConfigurationError(f"transport is 'http' or 'stdio'; got {transport!r}.")
    _check_alone()
    serving = Serving("", offered, place)
    serving._begin(lambda closing: web.over_stdio(server, closing))
    serving.wait()
    return serving


def _bound(host: str, port: int) -> socket.socket:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ConfigurationError(
            f"Tools are offered to this machine alone (127.0.0.1), not on {host!r}: whoever "
            "reaches the port may call them. Put a tunnel or a proxy that asks for a key before it."
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen()
    except OSError as error:
        bound.close()
        raise ConfigurationError(f"Port {port} of {host} cannot be used: {error}.") from error
    return bound


def _check_alone() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise ConfigurationError(
        "transport='stdio' is for a script that a client starts. In a notebook, or where a loop "
        "runs, use transport='http'."
    )
