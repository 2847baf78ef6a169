"""Kernel interrupts (SIGINT): letting them reach a tool, and keeping them from anything else."""

from __future__ import annotations

import signal
import threading
from collections.abc import Awaitable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from nbagent.tools.failures import ToolInterrupted

__all__ = ["Deadline", "Stepwise", "interrupted", "interruptible"]

T = TypeVar("T")


def interrupted(error: BaseException) -> ToolInterrupted:
    """The error that stands for a `KeyboardInterrupt` outside the thread that was interrupted."""
    stand_in = ToolInterrupted("Interrupted by the user before it had finished.")
    stand_in.__cause__ = error
    return stand_in


@contextmanager
def interruptible() -> Iterator[None]:
    """Let a kernel interrupt raise `KeyboardInterrupt` in the function that runs inside.

    ipykernel ignores SIGINT between cells, and turns it into a cancelled cell while a cell awaits;
    either way a plain function on the main thread could not be interrupted.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        # None: the handler came from C, and Python cannot put it back.
        _put_back(before if before is not None else signal.default_int_handler)


def _put_back(handler: Any) -> None:
    try:
        signal.signal(signal.SIGINT, handler)
    except KeyboardInterrupt:
        # It was on its way: `signal` runs what is pending before it changes anything.
        signal.signal(signal.SIGINT, handler)
        raise


class Stepwise(Generic[T]):
    """An awaitable whose code can be interrupted on the main thread, as a plain function can.

    Between its steps, while it waits for something, the loop's own handler is in charge.
    """

    def __init__(self, inner: Awaitable[T]) -> None:
        self._inner = inner

    def __await__(self) -> Generator[Any, Any, T]:
        """The inner awaitable's steps, each in `interruptible`."""
        if threading.current_thread() is not threading.main_thread():
            return (yield from self._inner.__await__())
        steps: Any = self._inner.__await__()  # its own or C's iterator: send and throw, if any
        go, given = _sending(steps), None
        while True:
            try:
                with interruptible():
                    step = go(given)
            except StopIteration as end:
                value: T = end.value
                return value
            try:
                go, given = _sending(steps), (yield step)
            except BaseException as error:  # thrown in from outside: the inner one decides
                if not hasattr(steps, "throw"):
                    raise
                go, given = steps.throw, error


def _sending(steps: Any) -> Any:
    return steps.send if hasattr(steps, "send") else lambda _: next(steps)


class Deadline:
    """Raises `KeyboardInterrupt` in what runs inside (``with``) when so many seconds have passed.

    On the main thread alone: Python cannot end a function on another thread, and does nothing.

    Attributes:
        passed: Whether the time was up.
    """

    def __init__(self, seconds: float | None) -> None:
        self.passed = False
        self._over = False
        self._guard = threading.Lock()
        self._timer: threading.Timer | None = None
        if seconds is not None and threading.current_thread() is threading.main_thread():
            self._timer = threading.Timer(seconds, self._ring)
            self._timer.daemon = True

    def __enter__(self) -> None:
        if self._timer is not None:
            self._timer.start()

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            with self._guard:
                self._over = True  # from here on nothing is interrupted
            self._timer.cancel()

    def _ring(self) -> None:
        with self._guard:
            if not self._over:
                self.passed = True
                _interrupt_main_thread()


def _interrupt_main_thread() -> None:
    if hasattr(signal, "pthread_kill"):  # a real signal, which also ends a sleep or a read
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)  # Windows: noted, and handled by the main thread
