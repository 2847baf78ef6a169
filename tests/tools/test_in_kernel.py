"""Tools inside a real ipykernel: its streams, its display, its inline figures, its interrupts."""

import queue
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

pytestmark = pytest.mark.e2e

PNG = b"\x89PNG"
SETUP = """
import asyncio, sys, threading, time
from IPython.display import display, clear_output, HTML
from nbagent.tools import MainThread, ToolContext, tool
from tests.tools.listening import Heard

place = MainThread.capture()
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()

def call(one, arguments="", heard=None):
    heard = Heard() if heard is None else heard
    context = ToolContext(place=place, listener=heard)
    return heard, asyncio.run_coroutine_threadsafe(one.invoke(arguments, context), loop)
"""


class Kernel:
    """A kernel and what came of its last cell."""

    def __init__(self) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel()
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def send(self, code: str) -> str:
        return str(self.client.execute(code))

    def collect(self, identity: str) -> list[Any]:
        """Everything the page would get until the cell ends."""
        found: list[Any] = []
        printed = ""  # to which stream, where that was last: a slow kernel sends a line in pieces
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != identity:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return found
            before, printed = printed, content["name"] if kind == "stream" else ""
            if kind == "stream" and before == printed:
                found[-1] += content["text"]
            elif kind == "stream":
                found.append(content["text"])
            elif kind in ("display_data", "execute_result"):
                found.append(sorted(content["data"]))
            elif kind == "error":
                found.append(content["ename"])

    def run(self, code: str) -> list[Any]:
        return self.collect(self.send(code))

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    made = Kernel()
    assert made.run(SETUP) == []
    yield made
    made.close()


def test_what_a_tool_shows_reaches_its_listener_only(kernel: Kernel) -> None:
    """print, stderr, display, updates and clear_output of a tool do not touch the cell."""
    shown = kernel.run("""
@tool
def f() -> None:
    print("inside")
    print("warning", file=sys.stderr)
    handle = display(HTML("<b>x</b>"), display_id=True)
    handle.update(HTML("<b>y</b>"))
    clear_output()

print("before")
heard, future = call(f)
result = await asyncio.wrap_future(future)
print("after")
print(heard.text(), heard.text("stderr"))
print([(d.bundle.data.get("text/html"), d.update) for d in heard.displays])
display(1)
""")
    text = "".join(item for item in shown if isinstance(item, str))
    assert text.startswith("before\nafter\n")
    assert "inside\n warning" in text
    assert "[('<b>x</b>', False), ('<b>y</b>', True)]" in text
    assert shown.count(["text/plain"]) == 1


def test_display_in_threads(kernel: Kernel) -> None:
    """Two tools on threads that display at once each have their own."""
    shown = kernel.run("""
@tool(thread=True)
def g(name: str) -> None:
    for i in range(3):
        display(HTML(f"{name}{i}"))
        print(name, i)
        time.sleep(0.01)

calls = [call(g, {"name": n}) for n in "AB"]
for heard, future in calls:
    await asyncio.wrap_future(future)
print([[d.bundle.data["text/html"] for d in heard.displays] for heard, _ in calls])
""")
    assert shown == ["[['A0', 'A1', 'A2'], ['B0', 'B1', 'B2']]\n"]


def test_inline_figures_are_not_shown_again(kernel: Kernel) -> None:
    """A figure of a tool is in its card, and the end of the cell shows only the cell's own."""
    shown = kernel.run("""
import matplotlib.pyplot as plt

@tool
def h(show: bool) -> None:
    plt.plot([1, 2])
    if show:
        plt.show()

cards = []
for show in (True, False):
    heard, future = call(h, {"show": show})
    await asyncio.wrap_future(future)
    cards.append([d.bundle.data["image/png"][:4] for d in heard.displays])
print(cards)
""")
    assert shown == [f"{[[PNG], [PNG]]}\n"]
    shown = kernel.run("""
plt.plot([3]);
heard, future = call(h, {"show": True})
await asyncio.wrap_future(future);
""")
    assert shown == [["image/png", "text/plain"]]


def test_the_bundle_is_what_the_notebook_shows(kernel: Kernel) -> None:
    """IPython's own formatter decides, with what the person registered there."""
    shown = kernel.run("""
class Own: pass
get_ipython().display_formatter.formatters["text/html"].for_type(Own, lambda o: "<i>own</i>")
import pandas as pd

@tool
def own(frame: bool) -> object:
    return pd.DataFrame({"a": [1]}) if frame else Own()

for frame in (False, True):
    data = (await own.invoke({"frame": frame})).bundle.data
    print(sorted(data), "<i>own</i>" in data["text/html"], "<table" in data["text/html"])
""")
    assert "".join(shown) == (
        "['text/html', 'text/plain'] True False\n['text/html', 'text/plain'] False True\n"
    )


def test_a_blocking_cell_makes_calls_wait(kernel: Kernel) -> None:
    """While a cell blocks, a call is queued; when it ends, the call runs on the main thread."""
    shown = kernel.run("""
@tool
def where() -> bool:
    return threading.current_thread() is threading.main_thread()

heard, future = call(where)
time.sleep(0.2)
print(heard.starts, future.done())
""")
    assert shown == ["0 False\n"]
    assert kernel.run("print(heard.starts, future.result(60).value)") == ["1 True\n"]


def test_pump_in_a_blocking_cell(kernel: Kernel) -> None:
    """A cell that waits by pumping runs the call itself."""
    shown = kernel.run(
        "heard, future = call(where)\nplace.pump(future)\nprint(future.result().value)"
    )
    assert shown == ["True\n"]


@pytest.mark.parametrize("cell", ["await asyncio.wrap_future(future)", "place.pump(future)", ""])
def test_the_interrupt_button_ends_the_tool_only(kernel: Kernel, cell: str, tmp_path: Path) -> None:
    """While the cell awaits, while it pumps, and with no cell running at all."""
    begun = tmp_path / "begun"
    kernel.run(f"""
@tool
def stuck() -> None:
    open({str(begun)!r}, "w").close()
    while True:
        time.sleep(0.05)
""")
    identity = kernel.send(f"heard, future = call(stuck)\n{cell}\nprint('the cell went on')")
    deadline = time.monotonic() + 60
    while not begun.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.1)
    kernel.manager.interrupt_kernel()
    assert kernel.collect(identity) == ["the cell went on\n"]
    shown = kernel.run(
        "r = future.result(60)\nprint(type(r.error).__name__, 'Cell In[' in r.error.traceback)"
    )
    assert shown == ["ToolInterrupted True\n"]


def test_nothing_heavy_is_imported(kernel: Kernel) -> None:
    """Importing the tools brings neither pandas nor numpy nor matplotlib along."""
    shown = kernel.run("""
import subprocess
heavy = {"pandas", "numpy", "matplotlib", "PIL"}
code = f"import sys, nbagent.tools; print(sorted({heavy} & sys.modules.keys()))"
print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
""")
    assert "".join(shown).strip() == "[]"


def test_no_message_is_left(kernel: Kernel) -> None:
    """After all that, nothing of a tool has reached the page late."""
    with pytest.raises(queue.Empty):
        kernel.client.get_iopub_msg(timeout=0.5)
