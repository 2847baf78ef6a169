"""What can go wrong with the embedded model::

    LocalModelError (NbagentError)
    ├── WeightsUnavailable    no source gave the weights; ``.failures`` says why, source by source
    ├── SourceFailed          one source did not give them
    ├── WeightsCorrupt        a file is not the one it should be
    ├── DiskFull              not enough room; nothing was begun
    └── ServerStartError      the model's process did not come up; ``.log`` is its last words
        └── PortInUse         somebody else listens on the port that was asked for

A missing ``xllamacpp`` is a `ConfigurationError`, like everything that has to be installed first.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nbagent.errors import NbagentError

__all__ = [
    "DiskFull",
    "LocalModelError",
    "PortInUse",
    "ServerStartError",
    "SourceFailed",
    "WeightsCorrupt",
    "WeightsUnavailable",
]


class LocalModelError(NbagentError):
    """Base of what goes wrong with the embedded model."""


class SourceFailed(LocalModelError):
    """One source of the weights did not give them; the next one is tried."""


class WeightsUnavailable(LocalModelError):
    """No source gave the weights.

    Attributes:
        failures: Why, by the source's name, in the order in which they were tried.
    """

    def __init__(self, message: str, failures: Mapping[str, str] | None = None) -> None:
        self.failures = dict(failures or {})
        reasons = "".join(f"\n  - {name}: {why}" for name, why in self.failures.items())
        super().__init__(message + reasons)


class WeightsCorrupt(LocalModelError):
    """A file is not the one it should be, by its size or its SHA-256."""


class DiskFull(LocalModelError):
    """Not enough room on the disk.

    Attributes:
        needed: Bytes that have to be free.
        free: Bytes that are.
        folder: Where.
    """

    def __init__(self, needed: int, free: int, folder: Path) -> None:
        super().__init__(
            f"Not enough disk space for the model in {folder}: {_mb(needed)} needed, "
            f"{_mb(free)} free. Make room, or set NBAGENT_CACHE to a folder on another disk."
        )
        self.needed = needed
        self.free = free
        self.folder = folder


class ServerStartError(LocalModelError):
    """The model's process did not come up. ``log`` holds the last lines that it wrote."""

    def __init__(self, message: str, *, log: str = "") -> None:
        super().__init__(f"{message}\nLast lines of its log:\n{log}" if log else message)
        self.log = log


class PortInUse(ServerStartError):
    """Somebody else listens on the port that was asked for."""


def _mb(count: int) -> str:
    return f"{count:,} bytes ({count / 1e6:,.0f} MB)"
