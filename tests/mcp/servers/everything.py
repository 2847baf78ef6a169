"""A server with one tool of each kind, made with the official SDK: ``everything.py [PORT]``.

Run as a child process, over stdio or, with a port, over streamable HTTP.
"""

import asyncio
import os
import sys
from pathlib import Path

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from pydantic import BaseModel

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg"
)
server = MCPServer("everything")


class Weather(BaseModel):
    """What it is like outside."""

    city: str
    degrees: float


@server.tool(structured_output=False)
def add(a: int, b: int) -> str:
    """Adds two numbers."""
    return str(a + b)


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def weather(city: str) -> Weather:
    """The weather in a city."""
    return Weather(city=city, degrees=21.5)


@server.tool(structured_output=False)
def blocks() -> list[object]:
    """One block of each kind."""
    return [
        TextContent(text="some words"),
        ImageContent(data=f"{PNG}==", mime_type="image/png"),
        ImageContent(data=f"{PNG}==", mime_type="image/png"),
        AudioContent(data="UklGRg==", mime_type="audio/wav"),
        ResourceLink(name="notes", uri="file:///notes.txt", description="my notes"),
        EmbeddedResource(resource=TextResourceContents(uri="file:///a.txt", text="inside a")),
        EmbeddedResource(
            resource=BlobResourceContents(
                uri="file:///b.bin", blob="AAEC", mime_type="application/octet-stream"
            )
        ),
    ]


@server.tool(structured_output=False)
def fails() -> CallToolResult:
    """Says that it failed."""
    return CallToolResult(content=[TextContent(text="the disk is full")], is_error=True)


@server.tool(structured_output=False, annotations=ToolAnnotations(destructive_hint=True))
async def long(steps: int, ctx: Context) -> str:
    """Tells how far it is."""
    for step in range(steps):
        await ctx.report_progress(step + 1, steps, f"step {step + 1}")
        await ctx.info(f"did {step + 1}")
        await asyncio.sleep(0.01)
    return "done"


@server.tool(structured_output=False)
async def waits(mark: str) -> str:
    """Waits for ever; writes down that it was cancelled."""
    Path(mark).write_text("began")
    try:
        await asyncio.sleep(3600)
    except BaseException:
        Path(mark).write_text("cancelled")
        raise
    return "never"


@server.tool(structured_output=False)
def pid() -> str:
    """The server's process."""
    return str(os.getpid())


@server.tool(structured_output=False)
def dies() -> str:
    """Ends the server in the middle of the call."""
    sys.stderr.write("out of memory, good bye\n")
    sys.stderr.flush()
    os._exit(3)


@server.tool(structured_output=False)
async def grows(ctx: Context) -> str:
    """Adds a tool to the server and says so."""
    server.add_tool(pid, name="grown", structured_output=False)
    await ctx.notify_tools_changed()
    await ctx.session.send_tool_list_changed()
    return "grown"


@server.tool(structured_output=False)
async def asks(ctx: Context) -> str:
    """Wants to question the person."""
    answer = await ctx.elicit("Your name?", Weather)
    return str(answer)


@server.tool(name="odd name/with:signs", structured_output=False)
def odd() -> str:
    """Has a name that no provider takes."""
    return "odd"


@server.tool(structured_output=False)
def environment(name: str) -> str:
    """An environment variable."""
    return os.environ.get(name, "not set")


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("stdio")
