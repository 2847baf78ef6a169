"""Time limits, stops and odd ends of calls, in every place."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from nbagent.errors import ToolTimeout
from nbagent.tools import Inline, MainThread, ToolContext, ToolInterrupted, ToolRaised, tool
from tests.tools.test_main_thread import Elsewhere, asked, elsewhere

__all__ = ["elsewhere"]


class Odd(BaseException):
    """What no ``except Exception`` catches."""


@pytest.mark.parametrize("place", [Inline, MainThread.capture], ids=["inline", "home"])
async def test_a_plain_function_on_the_main_thread_is_ended(place: Any) -> None:
    """A sleep of an hour is cut short in the caller's own thread; its ``finally`` runs."""
    cleaned: list[bool] = []

    @tool(timeout=0.1)
    def f() -> None:
        try:
            time.sleep(3600)
        finally:
            cleaned.append(True)

    result = await f.invoke("", ToolContext(place=place()))
    assert isinstance(result.error, ToolTimeout) and "0.1 seconds" in result.text
    assert cleaned == [True]


async def test_it_is_ended_when_asked_for_from_another_thread(elsewhere: Elsewhere) -> None:
    """The home thread is free again, and the one who asked has its answer."""
    ended = threading.Event()

    @tool(timeout=0.1)
    def f() -> None:
        try:
            while True:
                time.sleep(0.01)
        finally:
            ended.set()

    place = MainThread.capture()
    result = await asked(elsewhere.submit(f.invoke("", ToolContext(place=place))))
    assert isinstance(result.error, ToolTimeout)
    assert ended.wait(60)
    assert await asked(elsewhere.submit(place.run(lambda: 7, lambda: None))) == 7


# An interrupt that hits a destructor is lost, as any Ctrl-C would be; pytest would complain.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_at_the_last_moment_nothing_else_is_interrupted() -> None:
    """Calls that end as their time is up give a value or a timeout, and leave nothing behind."""

    @tool(timeout=0.002)
    def f() -> None:
        time.sleep(0.0018)

    for _ in range(100):
        result = await f.invoke("", ToolContext(place=MainThread.capture()))
        assert result.error is None or isinstance(result.error, ToolTimeout), result.error
    time.sleep(0.05)


@pytest.mark.parametrize("where", ["thread", "pool"])
async def test_a_coroutine_elsewhere_is_cancelled(where: str) -> None:
    """A timeout and a stop both reach a coroutine on another thread, and wait for its cleaning."""
    ended: list[str] = []
    begun = threading.Semaphore(0)

    with ThreadPoolExecutor(1) as pool:
        options: Any = {"thread": True} if where == "thread" else {"run_on": pool}

        async def f() -> None:
            begun.release()
            try:
                await asyncio.sleep(3600)
            finally:
                await asyncio.sleep(0.01)
                ended.append("cleaned")

        result = await tool(f, timeout=0.5, **options).invoke("")
        assert isinstance(result.error, ToolTimeout)
        # On a busy machine the time may be up before it began.
        assert ended == ["cleaned"] * begun.acquire(blocking=False)
        ended.clear()
        task = asyncio.ensure_future(tool(f, **options).invoke(""))
        assert await asyncio.to_thread(begun.acquire, timeout=60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended == ["cleaned"]


async def test_a_coroutine_at_home_is_cleaned_up_before_its_end_is_told(
    elsewhere: Elsewhere,
) -> None:
    """Cancelling from another thread waits for the ``finally`` on the home loop."""
    begun, order = threading.Event(), []

    @tool
    async def f() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.02)
            order.append("cleaned")

    async def stopped(place: MainThread) -> None:
        task = asyncio.ensure_future(f.invoke("", ToolContext(place=place)))
        while not begun.is_set():
            await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.wait({task})
        order.append("told")

    await asked(elsewhere.submit(stopped(MainThread.capture())))
    assert order == ["cleaned", "told"]


async def test_a_queued_call_in_a_pool_is_taken_back() -> None:
    """One that waits for a free worker never runs once it was cancelled."""
    free, ran = threading.Event(), []

    with ThreadPoolExecutor(1) as pool:

        @tool(run_on=pool)
        def f(n: int) -> None:
            ran.append(n)
            free.wait(60)

        first = asyncio.ensure_future(f.invoke({"n": 1}))
        second = asyncio.ensure_future(f.invoke({"n": 2}))
        await asyncio.sleep(0.05)
        second.cancel()
        await asyncio.wait({second})
        free.set()
        await first
    assert ran == [1]


@pytest.mark.parametrize("options", [{}, {"thread": True}], ids=["main", "thread"])
@pytest.mark.parametrize("is_async", [False, True])
async def test_what_no_except_exception_catches(options: Any, is_async: bool) -> None:
    """An exception beside `Exception` is the call's result, not the end of the run."""

    def f() -> None:
        raise Odd("odd")

    async def g() -> None:
        raise Odd("odd")

    result = await tool(g if is_async else f, name="f", **options).invoke("")
    assert isinstance(result.error, ToolRaised) and result.text.endswith("Odd: odd")


@pytest.mark.parametrize("options", [{}, {"thread": True}], ids=["main", "thread"])
async def test_an_interrupt_that_the_tool_raises_itself(options: Any) -> None:
    """It is taken for one of the person, wherever it comes up."""

    def f() -> None:
        raise KeyboardInterrupt

    result = await tool(f, **options).invoke("")
    assert isinstance(result.error, ToolInterrupted)


async def test_a_loop_of_its_own_on_the_main_thread_is_a_clear_error() -> None:
    """``asyncio.run`` cannot work where a loop runs already: the card says what does."""

    @tool
    def f() -> None:
        work = asyncio.sleep(0)
        try:
            asyncio.run(work)
        finally:
            work.close()

    result = await f.invoke("")
    assert "running event loop" in result.text
    assert "async def" in "".join(getattr(result.error, "__notes__", []))


async def test_an_async_generator_that_is_stopped_is_closed() -> None:
    """Its ``finally`` runs."""
    begun, ended = asyncio.Event(), asyncio.Event()

    @tool
    async def f() -> Any:
        try:
            yield 1
            begun.set()
            await asyncio.sleep(3600)
        finally:
            ended.set()

    task = asyncio.ensure_future(f.invoke(""))
    await begun.wait()
    task.cancel()
    await asyncio.wait({task})
    assert ended.is_set()
