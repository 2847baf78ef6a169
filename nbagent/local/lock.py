"""One process at a time: a lock on a file, which the system lets go when its holder dies.

So a lock cannot go stale: the file that stays behind after a crash locks nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["held"]

POLL_SECONDS = 0.2

if sys.platform == "win32":
    import msvcrt

    def _try(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def held(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the lock of ``path`` while the body runs; waits for it as long as it takes.

    Args:
        path: The lock's file, made if it is not there. It stays.
        waiting: Called five times a second while another holder has it; may raise to give up.

    Raises:
        OSError: The file cannot be made, or its file system knows no locks.
    """
    with path.open("ab") as file:
        while not _taken(file):
            waiting()
            time.sleep(POLL_SECONDS)
        # Closing the file lets go.
        yield


def _taken(file: IO[bytes]) -> bool:
    try:
        _try(file)
    except (BlockingIOError, PermissionError):
        # Windows says PermissionError where others say EWOULDBLOCK.
        return False
    return True
