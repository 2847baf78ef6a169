"""The doors of a call's output: threads, pools, clearing, displays without a shell, children."""

# ruff: noqa: T201 - printing is what is tested

import asyncio
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from rich.console import Console
from tqdm import tqdm

from nbagent.tools import ClearOutput, StreamOutput, ToolContext, tool
from tests.tools.listening import Heard


async def heard_of(function: Any, **options: Any) -> Heard:
    """What the listener of one call heard; the call went well."""
    heard = Heard()
    result = await tool(function, name="f", **options).invoke("", ToolContext(listener=heard))
    assert result.error is None, getattr(result.error, "traceback", result.error)
    return heard


async def test_threads_of_a_tool(capsys: pytest.CaptureFixture[str]) -> None:
    """What a thread prints that a tool started, and one that this thread started, is the tool's."""

    def inner() -> None:
        print("inner")

    def outer() -> None:
        print("outer")
        thread = threading.Thread(target=inner)
        thread.start()
        thread.join()

    def f() -> None:
        thread = threading.Thread(target=outer)
        thread.start()
        thread.join()
        timer = threading.Timer(0.001, lambda: print("timer"))
        timer.start()
        timer.join()

    assert (await heard_of(f)).text() == "outer\ninner\ntimer\n"
    assert capsys.readouterr().out == ""


async def test_a_pool_that_outlives_the_tool(capsys: pytest.CaptureFixture[str]) -> None:
    """A pool's worker that was started inside a call does not stay the call's."""
    with ThreadPoolExecutor(1) as pool:

        def f() -> None:
            pool.submit(print, "inside").result()

        heard = await heard_of(f)
        pool.submit(print, "outside").result()
        second = await heard_of(f)
    assert heard.text() == second.text() == "inside\n"
    assert capsys.readouterr().out == "outside\n"


async def test_what_libraries_write() -> None:
    """Progress bars, rich tables and warnings are in the card, carriage returns and all."""

    def f() -> None:
        for _ in tqdm(range(3), mininterval=0):
            print("step", end="\r")
        Console(force_terminal=True).print("[bold]rich[/bold]")
        warnings.warn("careful", stacklevel=1)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # pytest notes warnings instead of showing them, as a notebook does.
        warnings.showwarning = _show_warning
        heard = await heard_of(f)
    assert heard.text().startswith("step\rstep\rstep\r")
    assert "\x1b[1mrich" in heard.text()
    assert "\r100%" in heard.text("stderr") and "careful" in heard.text("stderr")


def _show_warning(message: Any, *rest: Any, **options: Any) -> None:
    sys.stderr.write(f"{message}\n")


async def test_clearing_is_told_and_forgotten() -> None:
    """``clear_output`` goes to the card, and the model hears what was left."""
    from IPython.display import clear_output

    def f() -> None:
        for step in range(3):
            clear_output(wait=True)
            print("at", step)

    heard = Heard()
    result = await tool(f).invoke("", ToolContext(listener=heard))
    assert any(isinstance(item, ClearOutput) for item in heard.outputs)
    assert heard.outputs[-2:] == [StreamOutput("stdout", "2"), StreamOutput("stdout", "\n")] or (
        heard.text().endswith("at 2\n")
    )
    assert "at 2" in result.text and "at 1" not in result.text


async def test_display_without_a_shell() -> None:
    """Where IPython would print an object, a call still gets its bundle."""
    from IPython.display import HTML, display

    heard = await heard_of(lambda: display(HTML("<b>x</b>"), 3))
    assert [one.bundle.data.get("text/html") for one in heard.displays] == ["<b>x</b>", None]


async def test_a_child_process_that_was_forked() -> None:
    """What a forked child prints is not taken for its parent's, and is not lost in a copy."""
    code = """
import asyncio, os, sys
from nbagent.tools import ToolContext, tool
from tests.tools.listening import Heard

def f():
    if os.fork() == 0:
        print("from the child", flush=True)
        os._exit(0)
    os.wait()

heard = Heard()
asyncio.run(tool(f).invoke("", ToolContext(listener=heard)))
print("heard", repr(heard.text()))
"""
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.stdout.splitlines() == ["from the child", "heard ''"], done.stderr


async def test_input_waits_for_nobody() -> None:
    """Without a kernel ``input()`` reads standard input as ever: at its end it says so."""
    code = """
import asyncio
from nbagent.tools import tool
result = asyncio.run(tool(lambda: input("? "), name="ask").invoke(""))
print(result.text)
"""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert "EOFError" in done.stdout


async def test_tasks_left_behind() -> None:
    """What a task prints that an async tool left behind reaches nobody else's card."""
    left: list[asyncio.Task[None]] = []

    async def later() -> None:
        await asyncio.sleep(0.02)
        print("late")

    async def f() -> None:
        left.append(asyncio.ensure_future(later()))

    async def g() -> None:
        await asyncio.sleep(0.05)
        print("g")

    first, second = await asyncio.gather(heard_of(f), heard_of(g))
    await left[0]
    assert second.text() == "g\n"
    assert first.text() in ("", "late\n")


async def test_output_of_many_threads_stays_apart() -> None:
    """Five calls on threads with three threads each: every line is in its own card."""

    @tool(thread=True)
    def f(name: str) -> None:
        def work(n: int) -> None:
            for _ in range(20):
                print(f"{name}{n}\n", end="")
                time.sleep(0.0005)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    heard = {name: Heard() for name in "abcde"}
    await asyncio.gather(
        *(f.invoke({"name": name}, ToolContext(listener=h)) for name, h in heard.items())
    )
    for name, one in heard.items():
        lines = one.text().splitlines()
        assert len(lines) == 60 and {line[0] for line in lines} == {name}
