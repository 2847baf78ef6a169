"""``run_on`` a process pool: values, prints, errors, lost workers."""

# ruff: noqa: T201 - printing is what is tested

import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import matplotlib.pyplot as plt
import pytest

from nbagent.errors import ToolSchemaError
from nbagent.tools import Tool, ToolContext, ToolInterrupted, ToolRaised, tool
from tests.tools.listening import Heard


class Awkward(Exception):
    """An exception that cannot be sent between processes as it is."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def where(n: int) -> tuple[int, int]:
    print("working on", n)
    print("careful", file=sys.stderr)
    return os.getpid(), n * 2


def fail(kind: str) -> None:
    if kind == "awkward":
        raise Awkward(1, 2)
    if kind == "die":
        os._exit(1)
    raise ValueError(kind)


@tool
def decorated(n: int) -> int:
    return n + os.getpid() * 0


async def later(n: int) -> int:
    return n + 1


@pytest.fixture
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as made:
        yield made


async def test_it_runs_there_and_prints_here(pool: ProcessPoolExecutor) -> None:
    """The value is the worker's, what it printed is in the call's card, async works too."""
    heard = Heard()
    result = await tool(where, run_on=pool).invoke({"n": 2}, ToolContext(listener=heard))
    assert result.error is None, result.text
    pid, doubled = result.value
    assert pid != os.getpid() and doubled == 4
    assert heard.text() == "working on 2\n" and heard.text("stderr") == "careful\n"
    assert heard.starts == 1
    assert (await tool(later, run_on=pool).invoke({"n": 1})).value == 2
    assert (await tool(decorated, run_on=pool).invoke({"n": 1})).value == 1


async def test_errors_of_workers(pool: ProcessPoolExecutor) -> None:
    """The exception comes back with the worker's traceback; a lost worker is a result too."""
    failing = tool(fail, run_on=pool)
    result = await failing.invoke({"kind": "x"})
    assert result.text == "ValueError: x"
    assert (
        isinstance(result.error, ToolRaised) and "raise ValueError(kind)" in result.error.traceback
    )
    assert "1 and 2" in (await failing.invoke({"kind": "awkward"})).text
    lost = await failing.invoke({"kind": "die"})
    assert isinstance(lost.error, ToolRaised) and "BrokenProcessPool" in lost.text


def test_a_context_cannot_go_there(pool: ProcessPoolExecutor) -> None:
    """A `ToolContext` in another process is an error at decoration."""

    def f(context: ToolContext) -> None: ...

    with pytest.raises(ToolSchemaError, match="another process"):
        tool(f, run_on=pool)
    assert Tool.of(f).spec.parameters["properties"] == {}


def lock() -> object:
    return threading.Lock()


def draw() -> None:
    plt.plot([1, 2])
    plt.title("There")


def interrupted() -> None:
    raise KeyboardInterrupt


async def test_what_cannot_be_sent(pool: ProcessPoolExecutor) -> None:
    """A value, a function and an argument that stay where they are: said so, the pool goes on."""
    held = threading.Lock()
    value = await tool(lock, run_on=pool).invoke("")
    assert "its value, a lock, cannot be sent" in value.text
    function = await tool(lambda: held, name="holds", run_on=pool).invoke("")
    assert "the function or its arguments cannot be sent" in function.text
    assert isinstance(function.error, ToolRaised)
    assert (await tool(later, run_on=pool).invoke({"n": 1})).value == 2


async def test_figures_and_interrupts_of_workers(pool: ProcessPoolExecutor) -> None:
    """A worker's figure is in the card and told to the model; its interrupt ends the call alone."""
    heard = Heard()
    result = await tool(draw, run_on=pool).invoke("", ToolContext(listener=heard))
    assert heard.displays[-1].bundle.data["image/png"][:4] == b"\x89PNG"
    assert "There" in result.text and result.images
    assert isinstance((await tool(interrupted, run_on=pool).invoke("")).error, ToolInterrupted)


async def test_a_pool_that_was_shut_down(pool: ProcessPoolExecutor) -> None:
    """It takes no call, and the result says why."""
    pool.shutdown()
    assert "shutdown" in (await tool(later, run_on=pool).invoke({"n": 1})).text
