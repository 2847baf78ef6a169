"""MCP, the Model Context Protocol: servers as sources of tools, and tools offered to others.

Needs the extra: ``pip install 'nbagent[mcp]'``. It is imported when a server is first used. From
below upward:

* ``target``, ``last_words``: what is connected to; what a child process said before it died
* ``sdk``: all that is used of the official SDK
* ``results``, ``arguments``: from what a server says to our values
* ``connection``: one session, held open by one task on the I/O thread
* ``tools``, ``source``: `MCPServer`
* ``offering``, ``web``, ``serving``: `serve`
"""

from nbagent.mcp.serving import Serving, serve
from nbagent.mcp.source import MCPServer
from nbagent.mcp.tools import MCPTool

__all__ = ["MCPServer", "MCPTool", "Serving", "serve"]
