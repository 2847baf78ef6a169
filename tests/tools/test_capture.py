"""What a tool shows goes to its own listener, also when several run at once."""

# ruff: noqa: T201 - printing is what is tested

import asyncio
import contextlib
import io
import logging
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
async def talk(name: str) -> str:
    """Prints in turns with others."""
    for i in range(5):
        print(name, i)
        print(name, "err", i, file=sys.stderr)
        await asyncio.sleep(0.001)
    return name


@tool(thread=True)
def talk_in_thread(name: str) -> str:
    """The same on a thread, and in a thread of its own."""

    def helper() -> None:
        print(name, "helper")

    for i in range(5):
        print(name, i)
        print(name, "err", i, file=sys.stderr)
        time.sleep(0.001)
    asyncio.run(asyncio.to_thread(helper))
    return name


@pytest.mark.parametrize("one", [talk, talk_in_thread], ids=["asyncio", "threads"])
async def test_several_at_once(one: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Eight calls that print in turns: each listener has exactly its own, nobody else any."""
    heard = {f"t{n}": Heard() for n in range(8)}
    await asyncio.gather(
        *(one.invoke({"name": n}, ToolContext(listener=h)) for n, h in heard.items())
    )
    for name, listener in heard.items():
        expected = "".join(f"{name} {i}\n" for i in range(5))
        assert listener.text() == expected + (f"{name} helper\n" if one is talk_in_thread else "")
        assert listener.text("stderr") == "".join(f"{name} err {i}\n" for i in range(5))
    assert capsys.readouterr() == ("", "")


async def test_outside_a_tool_nothing_changes(capsys: pytest.CaptureFixture[str]) -> None:
    """Before, beside and after a call, printing goes where it always went."""

    @tool(thread=True)
    def slow() -> None:
        time.sleep(0.05)
        print("inside")

    heard = Heard()
    print("before")
    task = asyncio.ensure_future(slow.invoke("", ToolContext(listener=heard)))
    await asyncio.sleep(0.02)
    print("beside")
    await task
    print("after")
    assert capsys.readouterr().out == "before\nbeside\nafter\n"
    assert heard.text() == "inside\n"


async def test_without_a_listener_it_goes_to_the_cell(capsys: pytest.CaptureFixture[str]) -> None:
    """A call that nobody listens to prints as a plain call would."""

    @tool
    def f() -> None:
        print("hello")

    await f.invoke("")
    assert capsys.readouterr().out == "hello\n"


async def test_a_redirect_inside_the_tool_wins() -> None:
    """What a function collects for itself is not shown."""

    @tool
    def f() -> str:
        buffer = io.StringIO()
        with contextlib.redirect_stdout(buffer):
            print("mine")
        return buffer.getvalue()

    heard = Heard()
    assert (await f.invoke("", ToolContext(listener=heard))).value == "mine\n"
    assert heard.text() == ""


async def test_a_log_handler_made_earlier_is_heard() -> None:
    """A handler that holds the stream since long before the call still writes to the card."""
    logger = logging.getLogger("nbagent.test.capture")
    handler = logging.StreamHandler(sys.stderr)
    logger.addHandler(handler)

    @tool
    def f() -> None:
        logger.warning("careful")

    heard = Heard()
    try:
        await f.invoke("", ToolContext(listener=heard))
    finally:
        logger.removeHandler(handler)
    assert heard.text("stderr") == "careful\n"


async def test_a_listener_that_prints_does_not_hear_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No endless loop, and its words are not the tool's."""

    class Chatty(Heard):
        def output(self, output: Any) -> None:
            print("heard it")
            super().output(output)

    @tool
    def f() -> None:
        print("x")

    heard = Chatty()
    await f.invoke("", ToolContext(listener=heard))
    assert heard.text() == "x\n"
    assert "heard it" in capsys.readouterr().out


async def test_figures_left_open_are_shown_and_closed() -> None:
    """A figure that a tool drew and did not return is a display output; older ones are left."""
    older = plt.figure()

    @tool
    def f() -> None:
        plt.figure()
        plt.plot([1, 2], [3, 4])
        plt.title("New")

    heard = Heard()
    result = await f.invoke("", ToolContext(listener=heard))
    assert [d.bundle.data["image/png"][:4] for d in heard.displays] == [b"\x89PNG"]
    assert plt.get_fignums() == [older.number]
    assert "New" in result.text and result.images
    plt.close(older)


async def test_a_returned_figure_is_not_shown_twice() -> None:
    """The result is the result only; it is closed too, and still a figure."""

    @tool
    def f() -> Any:
        axes = plt.figure().add_subplot()
        axes.plot([1, 2])
        return axes

    heard = Heard()
    result = await f.invoke("", ToolContext(listener=heard))
    assert heard.displays == []
    assert plt.get_fignums() == []
    assert result.bundle.data["image/png"][:4] == b"\x89PNG"
    assert result.value.figure.axes == [result.value]


async def test_show_shows_the_tools_own_figures_at_that_moment() -> None:
    """``plt.show()`` between two figures keeps their order among the prints."""

    @tool
    def f() -> None:
        plt.plot([1])
        plt.show()
        print("between")
        plt.plot([2])
        plt.show()

    heard = Heard()
    await f.invoke("", ToolContext(listener=heard))
    kinds = [type(item).__name__ for item in heard.outputs if getattr(item, "text", "") != "\n"]
    assert kinds == ["DisplayOutput", "StreamOutput", "DisplayOutput"]


async def test_figures_of_two_at_once() -> None:
    """Two tools that plot at the same time each get their own figure."""

    both = threading.Barrier(2)

    @tool(thread=True)
    def f(title: str) -> None:
        figure = matplotlib.figure.Figure  # the class: pyplot's state is shared between threads
        both.wait(60)
        made = plt.figure(title, FigureClass=figure)
        both.wait(60)
        made.add_subplot().set_title(title)
        both.wait(60)

    heard = {"A": Heard(), "B": Heard()}
    results = await asyncio.gather(
        *(f.invoke({"title": t}, ToolContext(listener=h)) for t, h in heard.items())
    )
    for title, result, listener in zip("AB", results, heard.values(), strict=True):
        assert len(listener.displays) == 1
        assert f"plot '{title}'" in result.text
    assert plt.get_fignums() == []


async def test_figures_of_a_tool_that_raised_are_shown() -> None:
    """What was drawn before the error is there to look at."""

    @tool
    def f() -> None:
        plt.plot([1])
        raise ValueError("late")

    heard = Heard()
    result = await f.invoke("", ToolContext(listener=heard))
    assert result.text == "ValueError: late"
    assert len(heard.displays) == 1


async def test_context_display() -> None:
    """``context.display`` shows an object without IPython."""

    class Bold:
        def _repr_html_(self) -> str:
            return "<b>x</b>"

    @tool
    def f(context: ToolContext) -> None:
        context.display(Bold())

    heard = Heard()
    await f.invoke("", ToolContext(listener=heard))
    assert heard.displays[0].bundle.data["text/html"] == "<b>x</b>"
