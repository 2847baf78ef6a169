"""One call: values, progress, errors, timeouts, cancelling."""

# ruff: noqa: T201 - printing is what is tested

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest

from nbagent.errors import ToolExecutionError, ToolTimeout
from nbagent.messages import ToolCall
from nbagent.tools import MainThread, ToolContext, ToolInterrupted, ToolRaised, tool
from tests.tools.listening import Heard

flavour: ContextVar[str] = ContextVar("flavour", default="none")


@tool
def counting(n: int) -> Iterator[Any]:
    for i in range(n):
        yield (i / n, f"step {i}")


@tool
def returning(n: int) -> Generator[Any, None, int]:
    yield 0.5
    yield "half"
    yield {"k": 1}
    return n


@tool
async def counting_async(n: int) -> AsyncIterator[Any]:
    for i in range(n):
        yield i


async def test_generators_report_and_result() -> None:
    """Each yield is progress; the result is what was returned, else what came last."""
    heard = Heard()
    result = await counting.invoke({"n": 2}, ToolContext(listener=heard))
    assert result.value == (0.5, "step 1")
    assert heard.steps == [(0.0, "step 0"), (0.5, "step 1")]
    heard = Heard()
    assert (await returning.invoke({"n": 7}, ToolContext(listener=heard))).value == 7
    assert heard.steps == [(0.5, ""), (None, "half"), (None, '{"k":1}')]
    heard = Heard()
    assert (await counting_async.invoke({"n": 3}, ToolContext(listener=heard))).value == 2
    assert [text for _, text in heard.steps] == ["0", "1", "2"]


async def test_a_plain_function_may_return_an_awaitable() -> None:
    """A lambda around a coroutine works like the coroutine."""

    async def later() -> int:
        await asyncio.sleep(0)
        return 3

    assert (await tool(lambda: later(), name="lazy").invoke("")).value == 3


async def test_context_is_filled_in() -> None:
    """A parameter of that type gets the call's context; progress is held between 0 and 1."""

    @tool
    def f(context: ToolContext, n: int = 1) -> Any:
        context.progress(3, "far")
        return context.call

    call, heard = ToolCall("id", "f", "{}"), Heard()
    result = await f.invoke("", ToolContext(call, listener=heard))
    assert result.value is call
    assert heard.steps == [(1.0, "far")]
    assert heard.starts == 1


async def test_an_exception_is_a_result() -> None:
    """The model gets type and message, the person a traceback of their own frames."""

    def deeper(column: str) -> None:
        raise ValueError(f"no column {column!r}")

    @tool
    def f(column: str) -> None:
        deeper(column)

    result = await f.invoke({"column": "x"})
    assert result.value is None
    assert result.text == "ValueError: no column 'x'"
    assert isinstance(result.error, ToolRaised) and isinstance(result.error, ToolExecutionError)
    assert isinstance(result.error.__cause__, ValueError)
    lines = result.error.traceback
    assert lines.startswith("Traceback") and lines.endswith("ValueError: no column 'x'")
    assert "deeper(column)" in lines and "tools/running.py" not in lines and "asyncio" not in lines
    assert result.bundle.data["text/plain"] == lines


@pytest.mark.parametrize(
    ("raised", "text"), [(SystemExit(1), "SystemExit: 1"), (ValueError(), "ValueError")]
)
async def test_odd_exceptions(raised: BaseException, text: str) -> None:
    """``sys.exit()`` in a tool does not end the program; an empty message is no crash."""

    @tool
    def f() -> None:
        raise raised

    assert (await f.invoke("")).text == text


@pytest.mark.parametrize("is_async", [False, True])
async def test_an_interrupt_ends_the_tool_only(is_async: bool) -> None:
    """A `KeyboardInterrupt` becomes a result of its own kind."""

    @tool
    def f() -> None:
        raise KeyboardInterrupt

    @tool
    async def g() -> None:
        raise KeyboardInterrupt

    result = await (g if is_async else f).invoke("", ToolContext(place=MainThread.capture()))
    assert isinstance(result.error, ToolInterrupted)
    assert "interrupted by the user" in result.text


async def test_cancelling_passes_and_tells_the_function() -> None:
    """`asyncio.CancelledError` is never swallowed, and ``context.cancelled`` is set."""
    context, begun, ended = ToolContext(), asyncio.Event(), asyncio.Event()

    @tool
    async def f() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    task = asyncio.ensure_future(f.invoke("", context))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set() and context.cancelled


async def test_timeout_of_a_coroutine() -> None:
    """It is cancelled, its cleaning up runs, and the result says what happened."""
    ended = asyncio.Event()

    @tool(timeout=0.02)
    async def f() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    result = await f.invoke("")
    assert isinstance(result.error, ToolTimeout)
    assert "0.02 seconds" in result.text
    assert ended.is_set()


async def test_timeout_of_a_thread() -> None:
    """It is left alone, told so, and its result dropped."""
    over = threading.Event()

    @tool(timeout=0.02, thread=True)
    def f(context: ToolContext) -> None:
        while not context.cancelled:
            time.sleep(0.005)
        over.set()

    result = await f.invoke("")
    assert isinstance(result.error, ToolTimeout)
    assert over.wait(60)


async def test_a_quick_call_does_not_wait_for_its_timeout() -> None:
    """A tool that may take an hour gives its value when it has it."""

    @tool(timeout=3600)
    def f() -> int:
        return 1

    assert (await f.invoke("")).value == 1


async def test_a_timeout_error_of_the_function_is_its_own() -> None:
    """A `TimeoutError` that the function raises is not ours."""

    @tool(timeout=5)
    async def f() -> None:
        raise TimeoutError("theirs")

    assert (await f.invoke("")).text == "TimeoutError: theirs"


async def test_thread_and_pool() -> None:
    """Both leave the thread, both take the caller's context variables along."""
    flavour.set("sweet")

    def where() -> tuple[str, int]:
        return flavour.get(), threading.get_ident()

    async def where_async() -> tuple[str, int]:
        return where()

    with ThreadPoolExecutor(1) as pool:
        worker = pool.submit(threading.get_ident).result()
        for options in ({"thread": True}, {"run_on": pool}):
            for function in (where, where_async):
                taste, thread = (await tool(function, **options).invoke("")).value
                assert taste == "sweet"
                assert (thread == worker) if "run_on" in options else thread != worker
                assert thread != threading.get_ident()


async def test_calls_in_threads_overlap() -> None:
    """Four calls that wait for one another all come back."""
    all_four = threading.Barrier(4)

    @tool(thread=True)
    def meet() -> int:
        return all_four.wait(60)

    results = await asyncio.gather(*(meet.invoke("") for _ in range(4)))
    assert {result.value for result in results} == {0, 1, 2, 3}


async def test_render_is_for_the_person_only() -> None:
    """What ``render`` gives is shown; the value and the model's text stay the function's."""

    class Fancy:
        def __init__(self, n: int) -> None:
            self.n = n

        def _repr_html_(self) -> str:
            return f"<b>{self.n}</b>"

    @tool(render=Fancy)
    def f() -> int:
        return 3

    result = await f.invoke("")
    assert (result.value, result.text) == (3, "3")
    assert result.bundle.data["text/html"] == "<b>3</b>"


async def test_a_function_that_only_prints() -> None:
    """The model hears what a function showed that returned nothing."""

    @tool
    def f() -> None:
        print("mean 23.5")

    assert "mean 23.5" in (await f.invoke("", ToolContext(listener=Heard()))).text


async def test_the_limit_of_the_text_is_the_tools() -> None:
    """``text_limit`` decides how much a model reads."""

    @tool(text_limit=100)
    def f() -> str:
        return "x" * 1000

    result = await f.invoke("")
    assert len(result.text) <= 100 and "1,000 characters" in result.text
    assert len(result.value) == 1000
