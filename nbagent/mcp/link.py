"""One server and the connection to it, of which there is a new one whenever the last one ended."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from nbagent.agent.io_thread import io_loop
from nbagent.mcp.target import Target

__all__ = ["Link"]


class Link:
    """A server that is connected when it is needed. All but the attributes is for the I/O loop.

    Attributes:
        label: What may be shown of the server.
        connection: The `Connection` of the moment, or the last one; None before the first. Not
            typed as such, because its module needs the SDK.
        server_name: What the server called itself when it was connected last.
    """

    def __init__(self, target: Target, connect_timeout: float) -> None:
        self.label = target.label
        self.connection: Any = None
        self.server_name = ""
        self._target = target
        self._seconds = connect_timeout
        self._lock = asyncio.Lock()

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self.connection is not None and not self.connection.over

    @property
    def to_be_asked(self) -> bool:
        """Whether its tools are not known, or not any more."""
        return self.connection is None or (self.connected and self.connection.stale)

    @property
    def log(self) -> Iterable[str]:
        """The last messages that belong to no call."""
        return self.connection.log if self.connection is not None else ()

    async def live(self) -> Any:
        """The connection; a new one where there is none.

        Raises:
            TransportError: The server cannot be reached.
        """
        async with self._lock:
            if not self.connected:
                # On another thread: the SDK takes a second, and others have their I/O here.
                module = await asyncio.to_thread(importlib.import_module, "nbagent.mcp.connection")
                made = module.Connection(self._target)
                await made.opened(self._seconds)
                self.connection, self.server_name = made, made.server_name
            return self.connection

    async def aclose(self) -> None:
        """Ends the connection."""
        async with self._lock:
            connection, self.connection = self.connection, None
            if connection is not None:
                await connection.aclose()

    def abandon(self) -> None:
        """Nobody will use it any more. From any thread, also in the middle of a collection."""
        if self.connection is not None:
            with suppress(RuntimeError):  # the interpreter is about to end, and the loop is gone
                io_loop().call_soon_threadsafe(self.connection.close_soon)
