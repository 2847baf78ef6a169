"""`MCPServer`: a server of the Model Context Protocol as a source of tools."""

from __future__ import annotations

import importlib.util
import os
import weakref
from collections.abc import Mapping, Sequence

from typing_extensions import Self

from nbagent.errors import ConfigurationError, TransportError
from nbagent.mcp.io import on_io
from nbagent.mcp.link import Link
from nbagent.mcp.target import Target
from nbagent.mcp.tools import Approving, MCPTool
from nbagent.tools import ToolSource

__all__ = ["MCPServer"]


class MCPServer(ToolSource):
    """Tools on an MCP server: a child process (stdio) or an address (streamable HTTP)::

        agent = Agent(tools=[MCPServer("uvx mcp-server-git"), MCPServer("http://127.0.0.1:8000/mcp")])

    It is connected when it is first used. One that died is started again by the next call. It ends
    with `aclose` (or its agent's), with ``async with``, when nobody holds it any more, and with
    the interpreter.

    Args:
        server: A command line, a list of its words, or an address.
        env: Environment variables for the child, which else gets a few harmless ones (PATH, HOME).
        cwd: The child's working directory.
        headers: HTTP headers, such as ``{"Authorization": "Bearer …"}``.
        name: Stands before the names of its tools where they clash with others; by default what
            the server calls itself.
        prefix: Put before the name of each of its tools.
        timeout: Seconds that a call may take; None for no end.
        connect_timeout: Seconds that it may take to start.
        approve: Whether calls need a person's yes: True, False, a function of the `MCPTool` and
            the arguments (a dict), or ``"destructive"`` for tools that the server does not
            declare harmless.

    Raises:
        ConfigurationError: The arguments make no sense, or the extra ``mcp`` is not installed.
    """

    def __init__(
        self,
        server: str | Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        headers: Mapping[str, str] | None = None,
        name: str | None = None,
        prefix: str | None = None,
        timeout: float | None = 60.0,
        connect_timeout: float = 60.0,
        approve: Approving = False,
    ) -> None:
        if isinstance(approve, str) and approve != "destructive":
            raise ConfigurationError(
                "approve is True, False, 'destructive' or a function of the tool and the "
                f"arguments; got {approve!r}."
            )
        if importlib.util.find_spec("mcp") is None:
            raise ConfigurationError("MCP needs the official SDK: pip install 'nbagent[mcp]'.")
        self._link = Link(Target.of(server, env=env, cwd=cwd, headers=headers), connect_timeout)
        self._name = name
        self._prefix = prefix or ""
        self._timeout = timeout
        self._approve = approve
        self._known: tuple[MCPTool, ...] = ()
        # The link knows nothing of the server, which can so be collected while it is connected.
        weakref.finalize(self, self._link.abandon)

    def __repr__(self) -> str:
        state = "connected" if self.connected else "not connected"
        return f"<MCPServer {self._link.label}, {state}, {len(self._known)} tools>"

    @property
    def name(self) -> str:
        """Stands before the names of its tools where they clash with those of others."""
        return self._name or self._link.server_name or self._link.label

    @property
    def known(self) -> tuple[MCPTool, ...]:
        """Its tools as they were listed last; empty before it was connected."""
        return self._known

    @property
    def connected(self) -> bool:
        """Whether it is connected at the moment."""
        return self._link.connected

    @property
    def log(self) -> tuple[str, ...]:
        """The last messages of the server that could not be given to the card of one call."""
        return tuple(self._link.log)

    async def connect(self) -> Self:
        """Connects now, and lists the tools.

        Raises:
            TransportError: It cannot be reached.
        """
        await on_io(self._listed)
        return self

    async def offered(self) -> Sequence[MCPTool]:
        """Its tools. Listed again where it said that they changed.

        Raises:
            TransportError: It cannot be reached, and never was.
        """
        if self._link.to_be_asked:
            try:
                await self.connect()
            except TransportError:
                # One that died keeps its tools: a call brings it back, or tells the model why not.
                if not self._known:
                    raise
        return self._known

    async def aclose(self) -> None:
        """Ends the connection, and the child process. The next use connects again."""
        await on_io(self._link.aclose)

    async def __aenter__(self) -> Self:
        return await self.connect()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _listed(self) -> None:
        link = self._link
        await link.live()
        if link.connection.stale:
            from nbagent.mcp.listing import listed  # the SDK, which may not be installed

            self._known = await listed(
                self, link, prefix=self._prefix, approving=self._approve, timeout=self._timeout
            )
