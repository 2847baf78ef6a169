"""Interrupts that reach a tool and nothing else."""

import asyncio
import signal
import threading
import time
from typing import Any

import pytest

from nbagent.tools import MainThread, ToolContext, ToolInterrupted, tool
from nbagent.tools.interrupts import Deadline, Stepwise, interruptible
from tests.tools.test_main_thread import Elsewhere, asked, elsewhere

__all__ = ["elsewhere"]


def _interrupt_soon() -> None:
    main = threading.main_thread().ident or 0
    timer = threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.daemon = True
    timer.start()


async def test_code_of_a_coroutine_that_blocks(elsewhere: Elsewhere) -> None:
    """An async tool that works without awaiting is ended by an interrupt, and only it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as ipykernel has it between cells
    try:

        @tool
        async def f() -> None:
            await asyncio.sleep(0)
            _interrupt_soon()
            time.sleep(3600)

        context = ToolContext(place=MainThread.capture())
        result = await asked(elsewhere.submit(f.invoke("", context)))
        assert isinstance(result.error, ToolInterrupted)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


async def test_steps_are_passed_on() -> None:
    """Values, exceptions, cancelling and futures go through as through a plain await."""

    async def value() -> int:
        await asyncio.sleep(0.001)
        return 3

    async def error() -> None:
        await asyncio.sleep(0)
        raise LookupError("x")

    async def patient() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "cancelled"
        return ""

    async def stepwise(inner: Any) -> Any:
        return await Stepwise(inner)

    assert await stepwise(value()) == 3
    with pytest.raises(LookupError):
        await stepwise(error())
    task = asyncio.ensure_future(stepwise(patient()))
    await asyncio.sleep(0.01)
    task.cancel()
    assert await task == "cancelled"
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, 5)
    assert await stepwise(future) == 5


def test_an_interrupt_at_the_very_end() -> None:
    """One that is pending when the block is left still puts the old handler back."""
    before = signal.getsignal(signal.SIGINT)
    for _ in range(50):
        try:
            with interruptible():
                signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            pass
        assert signal.getsignal(signal.SIGINT) is before


def test_a_deadline_on_another_thread_does_nothing() -> None:
    """Nobody can end a function there: the main thread is not interrupted in its place."""
    found: list[bool] = []

    def run() -> None:
        deadline = Deadline(0.01)
        with deadline:
            time.sleep(0.05)
        found.append(deadline.passed)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [False]
