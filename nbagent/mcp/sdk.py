"""All that is used of the official SDK, from the extra ``mcp``. Imported nowhere else.

Nothing that `nbagent.mcp` imports at its top imports this module: it is imported when a server is
first used, for it may not be installed and takes a second.
"""

import logging

from nbagent.errors import ConfigurationError

try:
    import mcp_types as types
    from mcp import Client, MCPError, StdioServerParameters, stdio_client
    from mcp.client.streamable_http import streamable_http_client
    from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost
    from mcp.server import NotificationOptions, Server, ServerRequestContext
    from mcp.server.stdio import stdio_server
    from mcp.server.transport_security import TransportSecuritySettings
    from mcp.shared._httpx_utils import create_mcp_http_client
except ImportError as error:
    raise ConfigurationError(
        "MCP needs the official SDK, version 2.3 or later: pip install 'nbagent[mcp]'."
    ) from error

# It logs what a server does wrong. Nobody having asked for logs, that would land in a cell.
for _logger in ("mcp", "client"):
    logging.getLogger(_logger).addHandler(logging.NullHandler())

__all__ = [
    "Client",
    "ListenNotSupportedError",
    "MCPError",
    "NotificationOptions",
    "Server",
    "ServerRequestContext",
    "StdioServerParameters",
    "SubscriptionLost",
    "TransportSecuritySettings",
    "create_mcp_http_client",
    "stdio_client",
    "stdio_server",
    "streamable_http_client",
    "types",
]
