"""Each call has a pyplot of its own."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import pytest

from nbagent.tools import ToolContext, tool
from tests.tools.listening import Heard

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def no_figures() -> Iterator[None]:
    """No figure of another test is open."""
    plt.close("all")
    yield
    plt.close("all")


@tool
async def draw(name: str) -> list[int]:
    """Draws without making a figure first, in turns with others."""
    plt.plot([1, 2])
    await asyncio.sleep(0.01)
    plt.plot([2, 1])
    await asyncio.sleep(0.01)
    plt.title(name)
    return [len(plt.gca().lines), *plt.get_fignums()]


@tool(thread=True)
def draw_in_thread(name: str) -> list[int]:
    """The same on a thread."""
    plt.plot([1, 2])
    time.sleep(0.01)
    plt.plot([2, 1])
    time.sleep(0.01)
    plt.title(name)
    return [len(plt.gca().lines), *plt.get_fignums()]


@pytest.mark.parametrize("one", [draw, draw_in_thread], ids=["asyncio", "threads"])
async def test_calls_that_plot_in_turns(one: Any) -> None:
    """Nobody draws on anybody's figure, and each card has its own one."""
    heard = [Heard() for _ in range(4)]
    results = await asyncio.gather(
        *(one.invoke({"name": f"n{n}"}, ToolContext(listener=h)) for n, h in enumerate(heard))
    )
    assert [result.value for result in results] == [[2, 1]] * 4
    assert [len(one.displays) for one in heard] == [1] * 4
    assert len({one.displays[0].bundle.data["image/png"] for one in heard}) == 4
    assert plt.get_fignums() == []


async def test_the_cells_figures_are_left_alone() -> None:
    """A tool neither draws on the figure of a cell nor closes it, nor does it leave its own."""
    plt.figure()
    plt.plot([1])

    @tool
    def f() -> int:
        plt.plot([1, 2])
        plt.plot([1, 2])
        before = len(plt.get_fignums())
        plt.close("all")
        plt.figure(1)
        return before

    heard = Heard()
    assert (await f.invoke("", ToolContext(listener=heard))).value == 1
    assert len(plt.gca().lines) == 1
    assert plt.get_fignums() == [1]


async def test_a_figure_given_as_a_value_can_be_used_after() -> None:
    """A figure that a tool returned is closed for pyplot and alive as an object."""

    @tool
    def f() -> Any:
        plt.plot([1])
        return plt.gcf()

    figure = (await f.invoke("", ToolContext(listener=Heard()))).value
    assert plt.get_fignums() == []
    figure.axes[0].plot([2])
    assert len(figure.axes[0].lines) == 2
    plt.figure()
    assert plt.gcf() is not figure


def test_the_first_import_inside_two_calls_at_once() -> None:
    """pyplot that is imported by the tools themselves is divided from the first figure on."""
    code = """
import asyncio, sys, time
sys.argv = ["x"]
from nbagent.tools import ToolContext, tool
from tests.tools.listening import Heard

@tool(thread=True)
def f(name: str) -> list[int]:
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    plt.plot([1])
    time.sleep(0.3)
    plt.title(name)
    return plt.get_fignums()

async def main():
    heard = [Heard(), Heard()]
    results = await asyncio.gather(
        *(f.invoke({"name": n}, ToolContext(listener=h)) for n, h in zip("ab", heard))
    )
    assert [r.value for r in results] == [[1], [1]], [(r.value, r.text) for r in results]
    assert [len(h.displays) for h in heard] == [1, 1]
    import matplotlib.pyplot as plt
    assert plt.get_fignums() == []

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


async def test_a_thread_of_a_tool_plots_in_its_card() -> None:
    """A figure made on a thread that the tool started is the tool's as well."""

    @tool
    def f() -> None:
        thread = threading.Thread(target=lambda: plt.plot([1]))
        thread.start()
        thread.join()

    heard = Heard()
    await f.invoke("", ToolContext(listener=heard))
    assert len(heard.displays) == 1
    assert plt.get_fignums() == []
