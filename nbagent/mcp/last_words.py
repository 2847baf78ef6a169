"""The end of what a child process wrote to standard error: kept, and shown to nobody till asked."""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TextIO

__all__ = ["LastWords"]

LINES, LENGTH = 10, 400  # that are kept, and characters of each


class LastWords:
    """Give `writer` to the child as its standard error; then `handed_over`.

    A pipe and a thread that reads it: the child must never wait for a reader, and what it says
    must neither fill a disk nor spill into a cell.
    """

    def __init__(self) -> None:
        source, target = os.pipe()
        self.writer: TextIO = os.fdopen(target, "w", encoding="utf-8")
        self._lines: deque[str] = deque(maxlen=LINES)
        self._thread = threading.Thread(
            target=self._read, args=(source,), name="nbagent-mcp-stderr", daemon=True
        )
        self._thread.start()

    def handed_over(self) -> None:
        """The child has its own end: the pipe ends with the child."""
        self.writer.close()

    def settle(self, seconds: float = 0.5) -> None:
        """Waits for the rest of what a child that is gone had written."""
        self.handed_over()
        self._thread.join(seconds)

    @property
    def text(self) -> str:
        """The last lines."""
        return "\n".join(self._lines)

    def _read(self, source: int) -> None:
        with os.fdopen(source, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.strip():
                    self._lines.append(line.rstrip()[:LENGTH])
