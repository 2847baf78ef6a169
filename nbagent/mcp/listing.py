"""The tools of a server, made from what it says of them; and calling one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbagent.errors import TransportError
from nbagent.mcp.arguments import check_of
from nbagent.mcp.connection import ConnectionLost, NotSent
from nbagent.mcp.io import on_io
from nbagent.mcp.link import Link
from nbagent.mcp.results import failed, result_of
from nbagent.mcp.sdk import types
from nbagent.mcp.tools import Approving, MCPTool
from nbagent.messages import ToolSpec
from nbagent.tools import SpecFunction, ToolContext, ToolResult
from nbagent.tools.names import named

__all__ = ["listed"]

AGAIN = (
    "Whether it had done its work is not known: look at what was done, where you can. The next "
    "call connects to the server anew."
)


async def listed(
    owner: object, link: Link, *, prefix: str, approving: Approving, timeout: float | None
) -> tuple[MCPTool, ...]:
    """The tools of a server that is connected, under names that providers take.

    Args:
        owner: Kept alive by its tools: the connection ends with it.
        link: The server.
        prefix: Put before each name.
        approving: See `Approving`.
        timeout: Seconds that a call may take.

    Raises:
        TransportError: The server does not say.
    """
    taken: set[str] = set()
    made: list[MCPTool] = []
    for tool in await link.connection.tools():
        name = named(prefix + tool.name, taken)
        taken.add(name)
        hints = (
            tool.annotations.model_dump(by_alias=True, exclude_none=True)
            if tool.annotations
            else {}
        )
        schema = {"properties": {}, **tool.input_schema}
        made.append(
            MCPTool(
                ToolSpec(name, tool.description or tool.title or "", schema),
                _function(owner, link, tool),
                remote_name=tool.name,
                annotations=hints,
                approving=approving,
                check=check_of(name, schema),
                timeout=timeout,
            )
        )
    return tuple(made)


def _function(owner: object, link: Link, tool: types.Tool) -> SpecFunction:
    async def function(arguments: dict[str, Any], context: ToolContext) -> ToolResult:
        holding = owner  # see `listed`
        try:
            given = await on_io(lambda: _called(link, tool.name, arguments, context))
            return result_of(tool.name, given, context)
        except ConnectionLost as error:
            return failed(f"{error}\n{AGAIN}")
        except TransportError as error:
            return failed(str(error))
        finally:
            del holding

    return function


async def _called(
    link: Link, name: str, arguments: Mapping[str, Any], context: ToolContext
) -> types.CallToolResult:
    """Calls; a second time where the server was gone before it saw the first."""
    connection = await link.live()
    try:
        return await _sent(connection, name, arguments, context)
    except NotSent:
        return await _sent(await link.live(), name, arguments, context)


async def _sent(
    connection: Any, name: str, arguments: Mapping[str, Any], context: ToolContext
) -> types.CallToolResult:
    result: types.CallToolResult = await connection.call(name, dict(arguments), context)
    return result
