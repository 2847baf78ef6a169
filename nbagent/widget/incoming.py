"""Files on their way from the page: pieces in, whole files out.

Jupyter's server closes the connection over a message of more than 10 MiB, so a file comes in
pieces. The page's own limits are kept here too: nothing that comes in is trusted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nbagent.errors import ConfigurationError
from nbagent.widget.commands import CommandError, Upload

__all__ = ["ALL", "EACH", "Incoming", "ReceivedFile"]

EACH = 10_000_000  # bytes of one file
ALL = 40_000_000  # of what waits to be asked, for all pages of a widget together


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that the person attached."""

    name: str
    data: bytes


@dataclass
class _Arriving:
    name: str
    size: int
    data: bytearray = field(default_factory=bytearray)


class Incoming:
    """The files that were sent and not asked yet; from any thread."""

    def __init__(self) -> None:
        self._files: dict[str, _Arriving] = {}
        self._guard = threading.Lock()

    def put(self, piece: Upload, buffers: Sequence[bytes | memoryview]) -> None:
        """Takes a piece.

        Raises:
            CommandError: It is not the next one of its file, or more than was said, or too much.
        """
        if len(buffers) != 1:
            raise CommandError("upload: its bytes are the one buffer of the message")
        data = bytes(buffers[0])
        with self._guard:
            arriving = self._arriving(piece)
            if piece.offset != len(arriving.data) or piece.offset + len(data) > arriving.size:
                del self._files[piece.file]
                raise CommandError(f"upload.offset: {piece.offset} is not the next of its file")
            arriving.data += data
            self._forget_oldest(piece.file)

    def take(self, files: Iterable[str]) -> list[ReceivedFile]:
        """The files of these ids, which are then forgotten.

        Raises:
            ConfigurationError: One of them did not arrive whole.
        """
        with self._guard:
            arrived = [self._files.pop(file, None) for file in files]
        if any(each is None or len(each.data) != each.size for each in arrived):
            raise ConfigurationError(
                "A file did not arrive whole: the connection to the kernel was lost on the way. "
                "Send the question again."
            )
        return [ReceivedFile(each.name, bytes(each.data)) for each in arrived if each is not None]

    def _arriving(self, piece: Upload) -> _Arriving:
        if piece.offset == 0:
            if not 0 < piece.size <= EACH:
                raise CommandError(f"upload.size: 1 to {EACH:,} bytes")
            self._files[piece.file] = _Arriving(piece.name, piece.size)
        if piece.file not in self._files:
            raise CommandError("upload.file: its beginning did not arrive")
        return self._files[piece.file]

    def _forget_oldest(self, but: str) -> None:
        """What was sent and never asked, because a page went away, must not fill the kernel."""
        for file in [known for known in self._files if known != but]:
            if sum(each.size for each in self._files.values()) <= ALL:
                return
            del self._files[file]
