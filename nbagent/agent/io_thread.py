"""The one thread of our own: a daemon with an event loop, where displayed agents do their I/O.

It goes on while a cell blocks the kernel's main thread, so a reply streams on regardless.
"""

from __future__ import annotations

import asyncio
import threading
from functools import lru_cache

__all__ = ["io_loop"]


@lru_cache(maxsize=1)
def io_loop() -> asyncio.AbstractEventLoop:
    """The loop, running. Made when it is first asked for, and kept for the process's life."""
    loop = asyncio.new_event_loop()
    running = threading.Event()
    loop.call_soon(running.set)
    threading.Thread(target=loop.run_forever, name="nbagent-io", daemon=True).start()
    running.wait()
    return loop
