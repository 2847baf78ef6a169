"""A download that may be cut and gone on with: the bytes so far, and the server's name for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["PartFile"]


class PartFile:
    """The first bytes of a file.

    Args:
        path: Where they are. The ETag is kept beside it.

    Attributes:
        path: Where they are.
        size: How many there are.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size if path.exists() else 0
        self._etag_path = path.with_name(path.name + ".etag")

    @property
    def etag(self) -> str:
        """The server's strong ETag of the whole file; empty where it gave none."""
        return self._etag_path.read_text() if self._etag_path.exists() else ""

    @etag.setter
    def etag(self, value: str) -> None:
        # RFC 9110, 13.1.5: If-Range takes strong validators alone.
        self._etag_path.write_text("" if value.startswith("W/") else value)

    @contextmanager
    def appending(self) -> Iterator[IO[bytes]]:
        """The file, open for more bytes; add what was written to ``size``."""
        with self.path.open("ab") as file:
            yield file

    def clear(self) -> None:
        """Forgets all bytes."""
        self.path.unlink(missing_ok=True)
        self._etag_path.unlink(missing_ok=True)
        self.size = 0

    def keep(self) -> None:
        """The file is whole: only the bytes stay."""
        self._etag_path.unlink(missing_ok=True)
