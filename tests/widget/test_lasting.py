"""What a cell keeps of a widget: sent once beside it, replaced when something changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from nbagent.widget.lasting import LONGEST, PAUSE, Lasting
from tests.widget.kernel import kernel_page
from tests.widget.scripts import FakeClock

AGENT = """
import asyncio
from nbagent import Agent, Executor, tool
from nbagent.testing import ScriptedClient, reply_calls
agent = Agent("scripted:any", executor=Executor({"scripted": ScriptedClient([
    "One.", "Two.", "Three.", "Four."])}))
"""
VIEW = "application/vnd.jupyter.widget-view+json"


class FakeShell:
    """A kernel's shell, as far as displays go."""

    def __init__(self) -> None:
        self.events = self.display_pub = self
        self.published: list[tuple[dict[str, Any], bool, str]] = []
        self.after: list[Callable[..., None]] = []
        self.broken = False
        self.came = threading.Event()

    def register(self, event: str, callback: Callable[..., None]) -> None:
        """As IPython's events."""
        assert event == "post_run_cell"
        self.after.append(callback)

    def unregister(self, event: str, callback: Callable[..., None]) -> None:
        """As IPython's events."""
        self.after.remove(callback)

    def publish(
        self, data: Any, metadata: Any, transient: Any = None, update: bool = False
    ) -> None:
        """As IPython's publisher."""
        self.came.set()
        if self.broken:
            raise RuntimeError("the socket is gone")
        self.published.append((data, update, (transient or {}).get("display_id", "")))

    def end_cell(self) -> None:
        """A cell has run."""
        for callback in self.after:
            callback(None)


@pytest.fixture
def shell() -> FakeShell:
    """A shell."""
    return FakeShell()


@pytest.fixture
def clock() -> FakeClock:
    """Time that stands still."""
    return FakeClock()


def lasting(clock: FakeClock) -> Lasting:
    """Forms that count how often they were made."""
    count = iter(range(100))
    return Lasting(lambda: {"text/plain": str(next(count))}, clock)


def test_it_is_replaced_by_the_end_of_a_cell(shell: FakeShell, clock: FakeClock) -> None:
    """Only where something changed, under the id that it was displayed with."""
    kept = lasting(clock)
    kept.show(shell)
    kept.change()
    shell.end_cell()
    shell.end_cell()
    assert shell.published == [
        ({"text/plain": "0"}, False, kept.key),
        ({"text/plain": "1"}, True, kept.key),
    ]


def test_between_cells_a_moment_later(shell: FakeShell, clock: FakeClock) -> None:
    """What the page asked is kept without a cell, and many changes are one replacement."""
    kept = lasting(clock)
    kept.change()  # nobody sees it yet
    kept.show(shell)
    shell.came.clear()
    for _ in range(5):
        kept.change()
    clock.advance(PAUSE / 2)
    assert len(shell.published) == 1
    clock.advance(PAUSE)
    assert shell.came.wait(60)
    shell.end_cell()  # waits for the lock of whoever replaces
    assert [update for _, update, _ in shell.published] == [False, True]


def test_a_run_is_waited_for(shell: FakeShell, clock: FakeClock) -> None:
    """Nothing is sent at a run's begin, nor between two runs; but of a long one what there is."""
    kept = lasting(clock)
    kept.show(shell)
    shell.came.clear()
    for _ in range(2):
        kept.change(going=True)
        clock.advance(PAUSE)
        kept.change()
        clock.advance(PAUSE / 2)
    assert not shell.came.is_set()
    kept.change(going=True)
    clock.advance(LONGEST)
    assert shell.came.wait(60)
    shell.end_cell()
    assert len(shell.published) == 2


def test_shown_twice_it_is_heard_once(shell: FakeShell, clock: FakeClock) -> None:
    """Each cell that shows it has an output; all of them have the same id."""
    kept = lasting(clock)
    kept.show(shell)
    kept.show(shell)
    assert len(shell.after) == 1 and len(shell.published) == 2
    kept.end()
    kept.end()
    assert shell.after == []


def test_what_came_last_is_there_when_it_ends(shell: FakeShell, clock: FakeClock) -> None:
    """A widget that is closed right after an answer leaves it in its cell, and nothing later."""
    kept = lasting(clock)
    kept.show(shell)
    kept.change()
    kept.end()
    assert [update for _, update, _ in shell.published] == [False, True]
    kept.change()
    clock.advance(LONGEST)
    assert len(shell.published) == 2


def test_a_kernel_that_ends_harms_nothing(shell: FakeShell, clock: FakeClock, caplog: Any) -> None:
    """A publisher that fails is a warning, and later changes are tried again."""
    kept = lasting(clock)
    kept.show(shell)
    shell.broken = True
    kept.change()
    shell.end_cell()
    assert "could not be replaced" in caplog.text
    shell.broken = False
    kept.change()
    shell.end_cell()
    assert shell.published[-1][1]


def test_in_a_kernel() -> None:
    """One view, static forms beside it, replaced by the end of the cell that asked."""
    with kernel_page() as page:
        page.run(AGENT)
        page.run("agent")
        (static,) = (m["content"] for _, m in page.messages(of="display_data"))
        (live,) = (m["content"] for _, m in page.messages(of="execute_result"))
        assert VIEW in live["data"] and "text/html" not in live["data"]
        assert VIEW not in static["data"] and "text/html" in static["data"]
        page.run("_ = await agent.ask('1')")
        (first,) = (m for _, m in page.messages(of="update_display_data"))
        assert "One." in first["content"]["data"]["text/html"]
        assert first["content"]["transient"] == static["transient"]
        asked = page.run("for q in '23': _ = await agent.ask(q)")
        last = page.messages(of="update_display_data")[-1][1]
        assert "Three." in last["content"]["data"]["text/plain"]
        assert last["parent_header"]["msg_id"] == asked["parent_header"]["msg_id"]
        page.run("agent._engine.start(('4',)); None")
        newest = page.until(lambda: "Four." in str(page.messages(of="update_display_data")[-1][1]))
        assert newest


def test_in_a_tool_it_is_one_output() -> None:
    """A card has one output for it, with all forms."""
    with kernel_page() as page:
        page.run(AGENT)
        page.run(
            "@tool\ndef shows():\n  'Shows.'\n  display(agent)\n  return agent\n"
            "result = await shows.invoke('{}')\n"
            "outer = Agent('scripted:any', tools=[shows], executor=Executor({'scripted': "
            "ScriptedClient([reply_calls(('shows', {})), 'Done.'])}))\n"
            "_ = await outer.ask('Go.')"
        )
        data = "[dict(o.bundle.data) for o in outer.calls[0].outputs]"
        assert page.value(f"[len({data}), '{VIEW}' in {data}[0], 'text/html' in {data}[0]]") == (
            "[1, True, True]"
        )
        assert page.value(f"'{VIEW}' in result.bundle.data") == "True"
