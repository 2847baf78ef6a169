"""The thread for I/O."""

from __future__ import annotations

import asyncio
import threading

from nbagent.agent.io_thread import io_loop


def test_one_daemon_for_all() -> None:
    """There is one loop, running on one daemon thread, however often it is asked for."""
    assert io_loop() is io_loop()

    async def where() -> threading.Thread:
        return threading.current_thread()

    thread = asyncio.run_coroutine_threadsafe(where(), io_loop()).result(60)
    assert (thread.name, thread.daemon) == ("nbagent-io", True)
