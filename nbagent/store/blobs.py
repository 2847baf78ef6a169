"""Where big content is kept: beside a saved file, each under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Protocol

from nbagent.errors import StoreError

__all__ = ["INLINE", "Blobs", "Sidecar", "digest", "write_atomically"]

INLINE = 16 * 1024  # bytes that are kept in place
NAME = re.compile(r"[0-9a-f]{64}")


class Blobs(Protocol):
    """Keeps bytes under their hash."""

    def put(self, data: bytes) -> str:
        """Keeps bytes, and gives their name."""

    def get(self, name: str) -> bytes:
        """The bytes of a name.

        Raises:
            StoreError: They are not there, or not what they were.
        """


class Sidecar:
    """A directory of blobs beside a file; made when the first one is put.

    Args:
        folder: The directory.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.used: set[str] = set()

    def put(self, data: bytes) -> str:
        """Writes the bytes, if they are not there yet, and gives their name."""
        name = digest(data)
        self.used.add(name)
        path = self.folder / name
        if not path.is_file() or path.stat().st_size != len(data):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)
        return name

    def get(self, name: str) -> bytes:
        """The bytes of a name.

        Raises:
            StoreError: The file is not there, or not what it was.
        """
        path = self.folder / name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StoreError(
                f"{path} cannot be read ({error.strerror}). What is big stands in the folder "
                f"{self.folder.name} beside the saved file: move and copy both together."
            ) from error
        if digest(data) != name:
            raise StoreError(f"{path} is damaged: its content is not what was saved there.")
        return data

    def sweep(self) -> None:
        """Removes what was kept for an earlier save and is not used any more."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            if NAME.fullmatch(path.name) and path.name not in self.used:
                path.unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()


def digest(data: bytes) -> str:
    """The name under which bytes are kept."""
    return hashlib.sha256(data).hexdigest()


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file that is there whole or not at all, also where the process is killed meanwhile.

    Raises:
        OSError: It cannot be written; what stood there stays.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """The permissions that the file has, or that a new one would have."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
