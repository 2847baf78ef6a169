"""What is written when: step by step, by threads and processes at once, up to the last moment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from nbagent import (
    FilePart,
    Store,
    StoreError,
)
from nbagent.agent.repair import INTERRUPTED
from nbagent.testing import reply_calls
from tests.agent.agents import assert_valid
from tests.store.agents import agent_on
from tests.store.opened import opened

ROOT = Path(__file__).parents[2]


async def test_each_step_is_written_as_it_ends(path: Path) -> None:
    """In mid-run the file has the question, then the reply, then the results."""
    store, seen = Store(path), []

    def look() -> None:
        store.flush()
        seen.append(store.conversations()[0].messages)

    agent, _ = agent_on(
        reply_calls(("look", {})), reply_calls(("look", {})), "Done.", tools=[look], store=store
    )
    await agent.ask("Go.")
    look()
    assert seen == [2, 4, 6]


async def test_a_call_that_ran_when_the_kernel_went_away(path: Path) -> None:
    """It is interrupted, and the next question is one that providers accept."""
    store, free, begun = Store(path), asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await free.wait()

    agent, _ = agent_on(reply_calls(("wait", {})), "x", tools=[wait], store=store, conversation="c")
    asking = asyncio.ensure_future(agent.ask("Go."))
    await begun.wait()
    other = opened(path, "c", agent, tools=[wait])
    assert [call.state for call in other.calls] == ["interrupted"]
    assert other.history[-1].tool_results[0].text == INTERRUPTED
    await other.ask("And?")
    assert_valid(other.history)
    free.set()
    await asking


async def test_nothing_is_touched_on_the_loop(path: Path) -> None:
    """Hashing, packing and writing happen on the store's thread, none of it on the loop's own."""
    big = os.urandom(20_000_000)
    here: set[str] = set()
    there: set[str] = set()
    threading.setprofile(_places(there))
    try:
        store = Store(path)
    finally:
        threading.setprofile(None)  # type: ignore[arg-type]  # as its documentation says
    agent, _ = agent_on("Done.", store=store)
    before = sys.getprofile()
    sys.setprofile(_places(here))
    try:
        await agent.ask(["Go.", FilePart(big)])
        while store._waiting:
            await asyncio.sleep(0.005)
    finally:
        sys.setprofile(before)
    store.flush()
    assert path.with_name("chats.db-wal").stat().st_size + path.stat().st_size > len(big)
    work = {"sqlite3", "rows.py", "blobs.py"}
    assert work <= there and here.isdisjoint({*work, "_hashlib"})


def _places(seen: set[str]) -> Callable[[FrameType, str, Any], None]:
    """A profile function that notes in which files and modules of C functions are called."""

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            seen.add(Path(frame.f_code.co_filename).name)
        elif event == "c_call":
            owner = type(getattr(argument, "__self__", None))
            seen.add(getattr(argument, "__module__", None) or owner.__module__)

    return note


WRITER = """
import asyncio, sys
from nbagent import Store
from tests.store.agents import agent_on, reply_calls, TOOLS
async def main(path, name, turns):
    calls = reply_calls(("table", {"rows": 1}))
    script = [calls, "Fine."] * turns
    store = Store(path)
    agent, _ = agent_on(*script, tools=TOOLS, store=store, conversation=name)
    print("go", flush=True)
    for turn in range(turns):
        await agent.ask(f"{turn}?")
        if turn % 5 == 4:
            store.flush()
        print(turn, flush=True)
asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def writer(path: Path, name: str, turns: int) -> subprocess.Popen[bytes]:
    """A process that asks so many questions."""
    arguments = [sys.executable, "-c", WRITER, str(path), name, str(turns)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=ROOT)


def test_two_processes_at_once(path: Path) -> None:
    """Processes that write at the same time, also the first time, lose nothing."""
    going = [writer(path, name, 15) for name in "abc"]
    for process in going:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert output.split()[-1] == b"14"
    assert sorted((c.name, c.messages) for c in Store(path).conversations()) == [
        ("a", 60),
        ("b", 60),
        ("c", 60),
    ]


def test_two_processes_on_one_conversation(path: Path) -> None:
    """Both branches are there; the head is that of whoever wrote last."""
    going = [writer(path, "same", 5) for _ in range(2)]
    for process in going:
        process.communicate(timeout=120)
        assert process.returncode == 0
    stored = Store(path).read("same")
    assert len(stored.checkpoints) == 2 * 5 * 4
    assert stored.head is not None
    assert_valid(stored.head.messages)


def test_killed_in_mid_write(path: Path) -> None:
    """Killed at any moment, the store is whole, and has every step that was flushed before."""
    for number in range(4):
        process = writer(path, f"c{number}", 2000)
        assert process.stdout is not None
        assert process.stdout.readline() == b"go\n"
        time.sleep(0.05 + 0.017 * number)
        process.send_signal(signal.SIGKILL)
        output, _ = process.communicate()
        turns = output.count(b"\n")
        store = Store(path)
        with contextlib.closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        head = store.read(f"c{number}").head
        # What came after the last flush may have been on its way; each turn is four messages.
        assert turns < 5 or (head is not None and len(head.messages) >= turns // 5 * 20)
        if head is not None:
            agent = opened(path, f"c{number}")
            assert_valid(agent.history)
        store.close()


async def test_a_disk_that_is_full(path: Path) -> None:
    """Steps that cannot be written are kept, said by flush, and written when they can be."""
    store = Store(path, timeout=0.05)
    agent, _ = agent_on("One.", store=store, conversation="a")
    store.flush()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert (await agent.ask("1?")).text == "One."
        with pytest.raises(StoreError, match=r"could not be written .*locked"):
            store.flush()
        other.execute("ROLLBACK")
    store.flush()
    assert store.conversations()[0].messages == 2


async def test_from_several_threads(path: Path) -> None:
    """Agents on different threads write to one store."""
    store = Store(path)

    def work(number: int) -> None:
        agent, _ = agent_on(always="Fine.", store=store, conversation=str(number))
        for turn in range(10):
            agent.ask_blocking(f"{turn}?")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        await asyncio.sleep(0.01)
    assert [c.messages for c in store.conversations()] == [20] * 4


def test_all_is_written_when_the_interpreter_ends(path: Path) -> None:
    """Nobody has to close the store: what waits is written before the process is over."""
    process = writer(path, "a", 3)
    process.communicate(timeout=120)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT length FROM conversations").fetchone() == (12,)
