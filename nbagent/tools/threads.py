"""Threads that a tool starts belong to its call: what they print is in its card.

A new thread starts with an empty context. ipykernel gives it the cell's for what it prints; inside
a tool it gets a copy of the tool's, which also lets a question to the tool's own agent be refused
there instead of waiting for ever. A thread pool lives longer than a call: there it is each
function's context that is carried along, not the worker's.
"""

from __future__ import annotations

import contextvars
import functools
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from nbagent.tools.shown import owner

__all__ = ["watch_threads"]

MARK = "nbagent_watches"


def watch_threads() -> None:
    """Watch `threading.Thread.start` and `ThreadPoolExecutor.submit`, once."""
    if not hasattr(threading.Thread.start, MARK):
        setattr(threading.Thread, "start", _starting(threading.Thread.start))  # noqa: B010 - a method is replaced, which mypy refuses as an assignment
    if not hasattr(ThreadPoolExecutor.submit, MARK):
        setattr(ThreadPoolExecutor, "submit", _submitting(ThreadPoolExecutor.submit))  # noqa: B010 - as above


def _starting(original: Callable[[Any], None]) -> Callable[[Any], None]:
    @functools.wraps(original)
    def start(thread: Any) -> None:
        # Our own threads live for many calls, or carry a context themselves.
        if owner.get() is not None and not thread.name.startswith("nbagent"):
            context, run = contextvars.copy_context(), thread.run
            thread.run = lambda: context.run(run)
        original(thread)

    setattr(start, MARK, True)
    return start


def _submitting(original: Callable[..., Future[Any]]) -> Callable[..., Future[Any]]:
    @functools.wraps(original)
    def submit(pool: Any, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if owner.get() is None:
            return original(pool, fn, *args, **kwargs)
        context = contextvars.copy_context()
        token = owner.set(None)  # for the worker thread that this may start
        try:
            return original(pool, context.run, fn, *args, **kwargs)
        finally:
            owner.reset(token)

    setattr(submit, MARK, True)
    return submit
