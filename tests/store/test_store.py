"""Many conversations in one file: found again, rolled back, edited, listed, deleted, refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from nbagent import (
    Agent,
    AgentBusy,
    ConfigurationError,
    Executor,
    Gone,
    Store,
    StoreError,
)
from nbagent.testing import Gate, reply_calls, reply_text
from tests.agent.agents import until
from tests.store.agents import PNG, TOOLS, agent_on, full_agent
from tests.store.opened import opened


async def test_a_conversation_is_there_again(path: Path) -> None:
    """History, calls, settings and checkpoints come back; the conversation goes on."""
    store = Store(path)
    agent = await full_agent(store=store, conversation="cars")
    other = opened(path, after=agent, tools=TOOLS)
    assert other.history == agent.history
    assert (other.model, other.instructions, other.usage) == (agent.model, "Be good.", agent.usage)
    assert [c.id for c in other.checkpoints] == [c.id for c in agent.checkpoints]
    assert isinstance(other.calls[0].result, Gone)
    assert other.calls[0].outcome.bundle.data["image/png"] == PNG
    assert (await other.ask("More?")).text == "On."
    assert len(opened(path, after=other).history) == len(agent.history) + 2


async def test_set_later(path: Path) -> None:
    """All that was said before the store was set is in it; None ends the writing."""
    agent = await full_agent()
    agent.store = store = Store(path)
    name = agent.conversation
    assert name is not None
    assert opened(path, name, agent).history == agent.history
    agent.store = None
    agent.reset()
    assert store.conversations()[0].messages == 9
    assert agent.conversation is None


async def test_roll_back(path: Path) -> None:
    """Back to a checkpoint, on from there, and back to what was left: here and in the file."""
    store = Store(path)
    agent, _ = agent_on("One.", "Two.", "Else.", store=store, conversation="cars")
    await agent.ask("1?")
    await agent.ask("2?")
    first, last = agent.checkpoints[1], agent.checkpoints[-1]
    assert [c.label for c in agent.checkpoints] == [
        "asked: 1?",
        "answered: One.",
        "asked: 2?",
        "answered: Two.",
    ]
    agent.rollback(first)
    assert [m.text for m in agent.history] == ["1?", "One."]
    assert opened(path, after=agent).history == agent.history
    await agent.ask("3?")
    other = opened(path, after=agent)
    assert [m.text for m in other.history] == ["1?", "One.", "3?", "Else."]
    other.rollback(last.id)
    assert [m.text for m in other.history] == ["1?", "One.", "2?", "Two."]
    assert [m.text for m in opened(path, after=other).history] == ["1?", "One.", "2?", "Two."]
    with pytest.raises(ConfigurationError, match="no checkpoint 'x'"):
        other.rollback("x")


async def test_results_live_after_a_roll_back() -> None:
    """Without a store too, and the objects of calls that are there again are the same."""
    agent, _ = agent_on(reply_calls(("table", {"rows": 1})), "One.", "Two.", tools=TOOLS)
    await agent.ask("1?")
    result, there = agent.calls[0].result, agent.checkpoints[-1]
    agent.rollback(agent.checkpoints[0])
    assert agent.calls == ()
    agent.rollback(there)
    assert agent.calls[0].result is result


async def test_edits_are_written(path: Path) -> None:
    """What is edited, dropped or emptied is so in the file."""
    agent, _ = agent_on("One.", "Two.", store=Store(path), conversation="cars")
    await agent.ask("1?")
    await agent.ask("2?")
    agent.drop(2)
    assert opened(path, after=agent).history == agent.history
    with agent.edit() as messages:
        del messages[0]
    assert [m.text for m in opened(path, after=agent).history] == ["One."]
    agent.reset()
    again = opened(path, after=agent)
    assert again.history == ()
    again.rollback(again.checkpoints[3])
    assert len(again.history) == 4


async def test_listed_found_renamed_deleted(path: Path) -> None:
    """Conversations are listed, words found in upper and lower case, and gone when deleted."""
    store = Store(path)
    for name, answer in (("a", "Straße 100%"), ("b", "Nothing")):
        agent, _ = agent_on(answer, store=store, conversation=name)
        await agent.ask(f"What about {name}?")
    assert [(c.name, c.title, c.messages, c.model) for c in store.conversations()] == [
        ("b", "What about b?", 2, "scripted:any"),
        ("a", "What about a?", 2, "scripted:any"),
    ]
    assert [(f.conversation, f.role) for f in store.search("STRASSE 100%")] == [("a", "assistant")]
    assert [f.conversation for f in store.search("what")] == ["b", "a"]
    assert store.search("100_") == []
    agent.conversation = "c"
    with pytest.raises(StoreError, match="'a' already"):
        agent.conversation = "a"
    assert store.delete("a")
    assert not store.delete("a")
    assert [c.name for c in store.conversations()] == ["c"]
    with pytest.raises(StoreError, match="no conversation named 'a'"):
        store.read("a")


async def test_deleting_takes_its_big_content_along(path: Path) -> None:
    """Content that only a deleted conversation used goes; shared content stays."""
    store = Store(path)
    for name in "ab":
        await full_agent(store=store, conversation=name)
    count = "SELECT count(*) FROM blobs"
    store.flush()
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute(count).fetchone() == (2,)
        store.delete("a")
        assert db.execute(count).fetchone() == (2,)
        store.delete("b")
        assert db.execute(count).fetchone() == (0,)


async def test_deleted_while_it_goes_on(path: Path, caplog: Any) -> None:
    """The agent goes on without the store, with a word about it."""
    store = Store(path)
    agent, _ = agent_on("One.", store=store, conversation="a")
    store.delete("a")
    with caplog.at_level(logging.ERROR, "nbagent"):
        assert (await agent.ask("1?")).text == "One."
        store.flush()
    assert "was deleted" in caplog.text


def test_what_is_no_store(tmp_path: Path) -> None:
    """Another file, another program's database, a newer store and a folder are refused."""
    text = tmp_path / "a.txt"
    text.write_text("Not a database, but long enough to be taken for one." * 100)
    with pytest.raises(StoreError, match="not a database"):
        Store(text)
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE x (y)")
    with pytest.raises(StoreError, match="another program"):
        Store(other)
    Store(tmp_path / "new.db").close()
    with contextlib.closing(sqlite3.connect(tmp_path / "new.db")) as db:
        db.execute("PRAGMA user_version = 9")
    with pytest.raises(StoreError, match="newer version"):
        Store(tmp_path / "new.db")
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path / "none" / "x.db")
    with pytest.raises(ConfigurationError, match="store is a Store"):
        # The mistake is what is tried.
        Agent("scripted:any", executor=Executor({}), store="x.db")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="give store="):
        Agent("scripted:any", executor=Executor({}), conversation="x")


def test_closed(path: Path) -> None:
    """A closed store says so; closing it again does nothing."""
    store = Store(path)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.conversations()


async def test_in_memory() -> None:
    """A store without a file."""
    store = Store(":memory:")
    agent, _ = agent_on("One.", store=store, conversation="a")
    await agent.ask("1?")
    assert "a" in store
    assert len(Agent(store=store, conversation="a", executor=Executor({})).history) == 2


async def test_not_while_a_run_goes_on() -> None:
    """Roll back and edits wait for nobody: they are refused, and change nothing."""
    gate = Gate()
    agent, client = agent_on(reply_text("One."), lambda asked: reply_text("Two.").with_options())
    await agent.ask("1?")
    checkpoint, before = agent.checkpoints[0], agent.history

    async def hold() -> None:
        await gate.passed()

    agent.tools.append(hold)
    client._queue._waiting.clear()
    client.add(reply_calls(("hold", {})), "Done.")
    asking = asyncio.ensure_future(agent.ask("2?"))
    await until(lambda: len(client.asked) > 1)
    for change in (
        lambda: agent.rollback(checkpoint),
        lambda: agent.drop(1),
        lambda: setattr(agent, "history", []),
        agent.reset,
    ):
        with pytest.raises(AgentBusy, match="A run is going on"):
            change()
    assert agent.history[:2] == before
    gate.open()
    await asking
    assert len(agent.history) == 6
