"""A server over streamable HTTP on a port of this machine, or over standard input and output."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from typing import Any

# Comes with the SDK.
import uvicorn

from nbagent.mcp.sdk import NotificationOptions, Server, TransportSecuritySettings, stdio_server

__all__ = ["over_http", "over_stdio"]

logging.getLogger("uvicorn").addHandler(logging.NullHandler())  # else its errors land in a cell

GRACE_SECONDS = 1  # that open streams have when the server is closed


async def over_http(server: Server[Any], bound: socket.socket, closing: asyncio.Event) -> None:
    """Serves on a socket that is bound already, until it is told to close."""
    host, port = bound.getsockname()[:2]
    names = (host, "localhost", "127.0.0.1", "[::1]")
    app = server.streamable_http_app(
        # A page in a browser may reach this port under a name of its own making: such are refused.
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=[f"{name}:{port}" for name in names],
            allowed_origins=[f"http://{name}:{port}" for name in names],
        )
    )
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_SECONDS
    )
    listening = uvicorn.Server(config)
    serving = asyncio.ensure_future(listening.serve(sockets=[bound]))
    ending = asyncio.ensure_future(closing.wait())
    try:
        await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending.cancel()
        listening.should_exit = True
        await serving


async def over_stdio(server: Server[Any], closing: asyncio.Event) -> None:
    """Serves the process that started this one, until it leaves or the server is told to close."""
    options = server.create_initialization_options(NotificationOptions())
    async with stdio_server() as (read, write):
        # The SDK sends to standard error what is printed. What waits in the buffer, now and at the
        # end, must go there as well, and not between the messages.
        sys.stdout.flush()
        serving = asyncio.ensure_future(server.run(read, write, options))
        ending = asyncio.ensure_future(closing.wait())
        await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
        for task in (serving, ending):
            task.cancel()
        await asyncio.wait({serving, ending})
        sys.stdout.flush()
