"""Waiting for something, but not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["within"]

T = TypeVar("T")


async def within(seconds: float | None, work: Coroutine[Any, Any, T]) -> T | None:
    """What ``work`` gives, or None after so many seconds; it is cancelled then.

    Not `asyncio.wait_for`: a `TimeoutError` that ``work`` itself raises is passed on as such.
    """
    if seconds is None:
        return await work
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
        return task.result() if done else None
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
