"""Where functions run: the home thread, its queue, the pump, and what is done when it is gone."""

import asyncio
import concurrent.futures
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

import pytest

from nbagent.tools import Inline, MainThread, ToolContext, ToolInterrupted, tool
from tests.tools.listening import Heard

T = TypeVar("T")
flavour: ContextVar[str] = ContextVar("flavour", default="none")


class Elsewhere:
    """A loop on a thread of its own, as the agent's network I/O has."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def submit(self, work: Awaitable[T]) -> concurrent.futures.Future[T]:
        async def run() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self.loop)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(60)
        self.loop.close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    yield made
    made.close()


def nothing() -> None: ...


async def asked(future: concurrent.futures.Future[T]) -> T:
    return await asyncio.wait_for(asyncio.wrap_future(future), 60)


async def test_it_runs_at_home(elsewhere: Elsewhere) -> None:
    """Functions and coroutines asked for from elsewhere run on the home thread and loop."""
    place, home = MainThread.capture(), threading.get_ident()

    async def loop_of() -> Any:
        return asyncio.get_running_loop()

    assert await asked(elsewhere.submit(place.run(threading.get_ident, nothing))) == home
    found = await asked(elsewhere.submit(place.run_async(loop_of, nothing)))
    assert found is asyncio.get_running_loop()


async def test_it_waits_while_a_cell_blocks(elsewhere: Elsewhere) -> None:
    """A job is queued, not started, until the home loop is free."""
    place, begun = MainThread.capture(), threading.Event()
    future = elsewhere.submit(place.run(threading.get_ident, begun.set))
    time.sleep(0.1)  # a cell that blocks
    assert not begun.is_set()
    assert await asked(future) == threading.get_ident()
    assert begun.is_set()


async def test_context_variables_come_along(elsewhere: Elsewhere) -> None:
    """What the caller had set is set in the job; what the job sets stays there."""
    place = MainThread.capture()

    async def ask() -> tuple[str, str]:
        flavour.set("sweet")

        async def read() -> str:
            return flavour.get()

        return await place.run(flavour.get, nothing), await place.run_async(read, nothing)

    assert await asked(elsewhere.submit(ask())) == ("sweet", "sweet")
    assert flavour.get() == "none"


async def test_on_the_home_loop_it_runs_directly() -> None:
    """Asked on the home thread, nothing is queued: no deadlock with oneself."""
    place = MainThread.capture()
    assert await place.run(lambda: 1, nothing) == 1
    assert await place.run_async(lambda: asyncio.sleep(0, 2), nothing) == 2


async def test_exceptions_travel(elsewhere: Elsewhere) -> None:
    """What a job raises is raised to the one who waits."""
    place = MainThread.capture()

    def fail() -> None:
        raise ValueError("x")

    async def fail_async() -> None:
        raise ValueError("y")

    with pytest.raises(ValueError, match="x"):
        await asked(elsewhere.submit(place.run(fail, nothing)))
    with pytest.raises(ValueError, match="y"):
        await asked(elsewhere.submit(place.run_async(fail_async, nothing)))


async def test_cancelling_what_has_not_begun(elsewhere: Elsewhere) -> None:
    """A queued job that is cancelled never runs."""
    place, ran = MainThread.capture(), threading.Event()
    jobs = [
        elsewhere.submit(place.run(ran.set, nothing)),
        elsewhere.submit(place.run_async(lambda: asyncio.to_thread(ran.set), nothing)),
    ]
    time.sleep(0.05)
    for job in jobs:
        job.cancel()
    time.sleep(0.05)
    await asyncio.sleep(0.1)
    assert not ran.is_set()


async def test_cancelling_a_coroutine(elsewhere: Elsewhere) -> None:
    """A coroutine at home is cancelled when the one who waits is."""
    place, begun, ended = MainThread.capture(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    future = elsewhere.submit(place.run_async(work, begun.set))
    await asyncio.wait_for(begun.wait(), 60)
    future.cancel()
    await asyncio.wait_for(ended.wait(), 60)


async def test_cancelling_a_running_function(elsewhere: Elsewhere) -> None:
    """It goes on to its end, is told, and the one who waits is free at once."""
    place = MainThread.capture()
    seen: list[bool] = []
    context = ToolContext(place=place)

    @tool
    def f(context: ToolContext) -> None:
        elsewhere.loop.call_soon_threadsafe(future.cancel)
        for _ in range(6000):
            if context.cancelled:
                break
            time.sleep(0.01)
        seen.append(context.cancelled)

    future = elsewhere.submit(f.invoke("", context))
    while not seen:
        await asyncio.sleep(0.01)
    assert seen == [True] and future.cancelled()


async def test_jobs_run_one_after_another(elsewhere: Elsewhere) -> None:
    """Plain functions never overlap on the home thread, and keep their order."""
    place, log = MainThread.capture(), []

    def job(n: int) -> None:
        log.append(n)
        time.sleep(0.001)
        log.append(n)

    async def many() -> None:
        await asyncio.gather(
            *(place.run(lambda n=n: job(n), nothing) for n in range(20))  # type: ignore[misc]  # n is bound early
        )

    await asked(elsewhere.submit(many()))
    assert log == [n for n in range(20) for _ in "ab"]


async def test_an_interrupt_ends_one_job_only(elsewhere: Elsewhere) -> None:
    """A kernel interrupt while a function runs at home ends it, also where SIGINT is ignored."""
    place = MainThread.capture()

    def stuck() -> None:
        signal.raise_signal(signal.SIGINT)
        time.sleep(60)

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as ipykernel has it between cells
    try:
        with pytest.raises(ToolInterrupted):
            await asked(elsewhere.submit(place.run(stuck, nothing)))
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        result = await asked(elsewhere.submit(tool(stuck).invoke("", ToolContext(place=place))))
    finally:
        signal.signal(signal.SIGINT, before)
    assert isinstance(result.error, ToolInterrupted)
    assert "stuck" in result.error.traceback
    assert await asked(elsewhere.submit(place.run(lambda: 1, nothing))) == 1


@pytest.mark.parametrize("with_loop", [True, False])
async def test_pump(elsewhere: Elsewhere, with_loop: bool) -> None:
    """A cell that waits executes queued functions itself; coroutines run at the asker's."""
    place = MainThread.capture() if with_loop else MainThread(None, threading.current_thread())

    async def where() -> int:
        await asyncio.sleep(0.01)
        return threading.get_ident()

    async def ask() -> list[int]:
        first = await place.run(threading.get_ident, nothing)
        second = await place.run_async(where, nothing)
        await asyncio.sleep(0.05)
        return [first, second, await place.run(threading.get_ident, nothing)]

    if with_loop:
        # A coroutine that was queued just before the cell began to wait is handed back.
        early = elsewhere.submit(place.run_async(where, nothing))
        time.sleep(0.02)
    done = elsewhere.submit(ask())
    place.pump(done)
    home = threading.get_ident()
    assert done.result(0) == [home, elsewhere.thread.ident, home]
    if with_loop:
        assert await asked(early) == elsewhere.thread.ident


async def test_pump_when_all_is_done(elsewhere: Elsewhere) -> None:
    """A finished future is not waited for."""
    done: concurrent.futures.Future[None] = concurrent.futures.Future()
    done.set_result(None)
    MainThread.capture().pump(done)


async def test_interrupting_the_pump(elsewhere: Elsewhere) -> None:
    """An interrupt while nothing runs is the caller's; one that hits a tool is the tool's."""
    place = MainThread.capture()
    main = threading.main_thread().ident
    assert main is not None

    def stuck() -> None:
        signal.raise_signal(signal.SIGINT)

    done = elsewhere.submit(tool(stuck).invoke("", ToolContext(place=place)))
    place.pump(done)
    assert isinstance(done.result(0).error, ToolInterrupted)

    never: concurrent.futures.Future[None] = concurrent.futures.Future()
    timer = threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        place.pump(never)


def test_without_a_home_loop_nothing_hangs(elsewhere: Elsewhere) -> None:
    """In a plain script, or once the loop is closed, a thread and the asker's loop do."""

    async def capture() -> MainThread:
        return MainThread.capture()

    for place in (asyncio.run(capture()), MainThread.capture()):
        thread = elsewhere.submit(place.run(threading.get_ident, nothing)).result(60)
        assert thread not in (threading.get_ident(), elsewhere.thread.ident)
        assert elsewhere.submit(place.run_async(_ident, nothing)).result(60)


def test_a_home_loop_that_stops_while_a_job_waits(elsewhere: Elsewhere) -> None:
    """A job that would wait for ever is taken back and run elsewhere."""

    async def queue_up() -> list[concurrent.futures.Future[int]]:
        place = MainThread.capture()
        jobs = [
            elsewhere.submit(place.run(threading.get_ident, nothing)),
            elsewhere.submit(place.run_async(_ident, nothing)),
        ]
        time.sleep(0.05)
        asyncio.get_running_loop().stop()
        return jobs

    loop = asyncio.new_event_loop()
    task = loop.create_task(queue_up())
    loop.run_forever()
    jobs = task.result()
    assert all(job.result(60) for job in jobs)
    loop.close()


async def _ident() -> int:
    return threading.get_ident()


async def test_started_is_told_once(elsewhere: Elsewhere) -> None:
    """The listener hears of the start when the job begins, wherever that is."""
    for place in (Inline(), MainThread.capture()):
        heard = Heard()
        context = ToolContext(place=place, listener=heard)
        await asked(elsewhere.submit(tool(lambda: 1, name="one").invoke("", context)))
        assert heard.starts == 1


async def test_a_tool_may_wait_for_another_agent(elsewhere: Elsewhere) -> None:
    """A tool on the main thread that pumps for a second run does not block itself."""
    place = MainThread.capture()

    def outer() -> int:
        done = elsewhere.submit(place.run(lambda: 7, nothing))
        place.pump(done)
        return done.result(0)

    run: Callable[[], Awaitable[int]] = lambda: place.run(outer, nothing)  # noqa: E731 - short
    assert await asked(elsewhere.submit(run())) == 7
