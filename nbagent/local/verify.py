"""Whether a file is the one it should be: by size, by SHA-256, and by a stamp that spares the hash.

Hashing 491 MB takes about a second, too long for each start. A stamp in the cache says that a file
of this path, size and modification time had this hash; when anything differs, it is hashed again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from nbagent.local.artefact import Artefact
from nbagent.local.errors import WeightsCorrupt

__all__ = ["CHUNK", "Progress", "Verifier", "sha256_of"]

CHUNK = 1024 * 1024
Progress = Callable[[int, int, str], None]
"""Told bytes done, bytes in all, and what is being done. It may raise to stop the work."""


def sha256_of(path: Path, progress: Progress) -> str:
    """The file's SHA-256, read a mebibyte at a time."""
    digest = hashlib.sha256()
    total = path.stat().st_size
    done = 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            done += len(piece)
            progress(done, total, f"Checking {path.name}")
    return digest.hexdigest()


class Verifier:
    """Checks files against an artefact.

    Args:
        artefact: What they should be.
        stamps: The folder where stamps are kept.
    """

    def __init__(self, artefact: Artefact, stamps: Path) -> None:
        self._artefact = artefact
        self._stamps = stamps

    def check(self, path: Path, progress: Progress) -> None:
        """Does nothing if ``path`` is the artefact.

        Raises:
            WeightsCorrupt: It is not.
            OSError: It cannot be read.
        """
        size = path.stat().st_size
        if size != self._artefact.size:
            raise WeightsCorrupt(
                f"{path} has {size:,} bytes; {self._artefact.filename} has "
                f"{self._artefact.size:,}. It is cut or another file."
            )
        if self._read_stamp(path) == self._stamp(path):
            return
        self.compare(path, sha256_of(path, progress))
        self.remember(path)

    def compare(self, path: Path, digest: str) -> None:
        """Raises `WeightsCorrupt` if ``digest``, of what is at ``path``, is not the artefact's."""
        if digest != self._artefact.sha256:
            raise WeightsCorrupt(
                f"{path} has SHA-256 {digest}; {self._artefact.filename} has "
                f"{self._artefact.sha256}. It is damaged or another file."
            )

    def remember(self, path: Path) -> None:
        """Writes the stamp of a file that was just found right."""
        target = self._stamp_path(path)
        temporary = target.with_suffix(f".{os.getpid()}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(self._stamp(path)))
            temporary.replace(target)
        except OSError:
            # A cache that cannot be written to costs a hash at each start, nothing else.
            return

    def _stamp(self, path: Path) -> dict[str, object]:
        state = path.stat()
        return {
            "path": str(path.resolve()),
            "size": state.st_size,
            "mtime_ns": state.st_mtime_ns,
            "sha256": self._artefact.sha256,
        }

    def _read_stamp(self, path: Path) -> object:
        try:
            return json.loads(self._stamp_path(path).read_text())
        except (OSError, ValueError):
            # No stamp, or a broken one: the file is hashed.
            return None

    def _stamp_path(self, path: Path) -> Path:
        key = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:20]
        return self._stamps / f"{key}.json"
