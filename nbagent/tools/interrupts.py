"""Kernel interrupts (SIGINT): letting them reach a tool, and keeping them from anything else."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from nbagent.tools.failures import ToolInterrupted

__all__ = ["interrupted", "interruptible"]


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
        signal.signal(signal.SIGINT, before if before is not None else signal.default_int_handler)
