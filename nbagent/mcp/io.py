"""From any loop to the I/O thread's, where the connections to MCP servers live."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from nbagent.agent.io_thread import io_loop

__all__ = ["on_io"]

T = TypeVar("T")


async def on_io(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Awaits it on the I/O loop. Cancelling the one who waits cancels it there."""
    loop = io_loop()
    if asyncio.get_running_loop() is loop:
        return await make()
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(make(), loop))
