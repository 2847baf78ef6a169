"""Versions of questions: nothing that was asked again is lost, and each can be gone on with."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbagent import (
    Agent,
    AgentBusy,
    ConfigurationError,
    Executor,
    Message,
    Model,
    ServerError,
    Store,
    UnsupportedCapability,
)
from nbagent.agent.cutting import cut_before
from nbagent.agent.version_tree import Limb, Place, tree_of
from nbagent.frames import TextDelta
from nbagent.testing import Gate, Reply, ScriptedClient, reply_calls
from tests.agent.agents import add, assert_valid, scripted, until, words
from tests.agent.test_recount import picture

Path_ = tuple[str, ...]


async def asked_again(agent: Agent, turn: int, text: str | None = None) -> None:
    """A question of the conversation, asked again as the page does."""
    engine = agent._engine
    starts = [n for n, message in enumerate(agent.history) if message.role == "user"]
    run = next((r for r, (at, _) in engine._audience.asked.items() if at == starts[turn]), None)
    name = run if run is not None else f"earlier_{turn}"
    assert engine.ask_again(name, text, asyncio.get_running_loop())
    await until(lambda: not engine._launched)


def texts(agent: Agent) -> list[str]:
    """What the conversation says."""
    return [message.text for message in agent.history]


def paths(agent: Agent) -> set[Path_]:
    """Every conversation that the agent can go on with, from its first to its last message."""
    agent._engine.versions.leave()
    found = {_path(agent.history)}

    def walk(before: Sequence[Message], places: Sequence[Place]) -> None:
        for place in places:
            for limb in place.others:
                whole = (*before[: place.start], *limb.messages)
                found.add(_path(whole))
                walk(whole, limb.places)

    walk(agent.history, tree_of(agent._engine.versions, agent.history))
    return found


def _path(messages: Sequence[Message]) -> Path_:
    return tuple(repr(message) for message in messages)


async def test_an_edited_question_keeps_what_it_was() -> None:
    """Both versions are there, with all that followed; switching swaps them, for the model too."""
    agent, client = scripted("One.", "Two.", "Other one.", "More.", always="On.")
    await agent.ask("First?")
    await agent.ask("Second?")
    await asked_again(agent, 0, "Else?")
    assert texts(agent) == ["Else?", "Other one."]
    (point,) = agent.branches
    assert (point.index, point.current) == (0, 1)
    assert [version.question.text for version in point.versions] == ["First?", "Else?"]
    assert [message.text for message in point.versions[0].messages][2:] == ["Second?", "Two."]
    agent.switch(point.versions[0])
    assert texts(agent) == ["First?", "One.", "Second?", "Two."]
    await agent.ask("Third?")
    assert [m.text for m in client.prompts[-1].messages][-3:] == ["Second?", "Two.", "Third?"]
    (point,) = agent.branches
    assert (point.current, len(point.versions[0].messages)) == (0, 6)
    agent.switch(point.versions[1])
    assert texts(agent) == ["Else?", "Other one."]
    assert repr(point.versions[0]) == "<BranchVersion 'First?': 6 messages>"


async def test_an_answer_asked_for_again_is_a_version() -> None:
    """Three answers to the same question; a failed attempt without a word is none."""
    agent, _ = scripted("One.", "Two.", ServerError("down"), "Three.")
    await agent.ask("Q?")
    await asked_again(agent, 0)
    await asked_again(agent, 0)
    assert texts(agent) == ["Q?"]
    await asked_again(agent, 0)
    (point,) = agent.branches
    answers = [[message.text for message in version.messages][1:] for version in point.versions]
    assert answers == [["One."], ["Two."], ["Three."]]
    assert point.current == 2


async def test_a_version_that_failed_says_so_again() -> None:
    """Switched back to, shown late and forked it ends with its error; a stopped one as stopped."""
    agent, _ = scripted(Reply([TextDelta("Half", 0)], raises=ServerError("down")), "Whole.")
    with pytest.raises(ServerError):
        await agent.ask("Q?")
    await asked_again(agent, 0)
    (point,) = agent.branches
    agent.switch(point.versions[0])
    for one in (agent, agent.fork()):
        heard: list[Any] = []
        one._engine.listen(heard.append)
        assert (heard[-1].kind, str(heard[-1].error)) == ("run_failed", "down")
    agent.switch(point.versions[1])
    late: list[Any] = []
    agent._engine.listen(late.append)
    assert late[-1].kind == "run_finished"
    agent.reset()
    assert not agent._engine.versions.failures


async def test_a_failure_is_the_runs_in_which_something_was_said() -> None:
    """A question that was refused before it was said leaves the answer before it as it was."""
    agent, _ = scripted("One.")
    agent.model = Model("scripted", "blind", frozenset())
    await agent.ask("Q?")
    with pytest.raises(UnsupportedCapability):
        await agent.ask([b"\x89PNG\r\n\x1a\n"])
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    assert [item.kind for item in heard if item.kind.startswith("run_")][-1] == "run_finished"


async def test_calls_are_those_of_the_version() -> None:
    """`calls` has the records in the conversation, with the very objects that came out."""

    class Thing:
        """Lives in the kernel."""

    made: list[Thing] = []

    def make() -> Thing:
        """Makes one."""
        made.append(Thing())
        return made[-1]

    agent, _ = scripted(reply_calls(("make", {})), "Made.", "None made.", tools=[make])
    await agent.ask("Make!")
    await asked_again(agent, 0, "Do not!")
    assert not agent.calls
    (point,) = agent.branches
    assert point.versions[0].calls[0].result is made[0]
    agent.switch(point.versions[0])
    assert agent.calls[0].result is made[0]
    assert_valid(agent.history)


async def test_versions_in_versions() -> None:
    """A version has the versions of its own questions; they come and go with it."""
    agent, _ = scripted(*(f"A{number}" for number in range(9)))
    await agent.ask("1")
    await agent.ask("2")
    await asked_again(agent, 1, "2b")
    await asked_again(agent, 0, "1b")
    assert [point.index for point in agent.branches] == [0]
    agent.switch(agent.branches[0].versions[0])
    assert [(point.index, point.current) for point in agent.branches] == [(0, 0), (2, 1)]
    agent.switch(agent.branches[1].versions[0])
    assert texts(agent) == ["1", "A0", "2", "A1"]
    assert len(paths(agent)) == 3


async def test_not_while_a_run_goes_and_not_what_is_gone() -> None:
    """Refused with the reason; the conversation stays as it is."""
    gate = Gate()
    agent, _ = scripted("One.", "Two.", words(gate), always="On.")
    await agent.ask("Q?")
    await asked_again(agent, 0)
    old = agent.branches[0].versions[0]
    going = asyncio.ensure_future(agent.ask("R?"))
    await until(lambda: agent.running)
    with pytest.raises(AgentBusy, match="before the switch"):
        agent.switch(old)
    assert not agent._engine.switch_run(agent._engine.last_run, 0)
    agent.stop()
    with pytest.raises(asyncio.CancelledError):
        await going
    agent.switch(old)
    agent.reset()
    assert agent.branches == ()
    with pytest.raises(ConfigurationError, match=r"no <BranchVersion 'Q\?'"):
        agent.switch(old)


async def test_changes_by_hand() -> None:
    """They make no version. What stood before a question may change: its versions stay."""
    agent, _ = scripted("One.", "Two.", "Two again.", "Two at last.")
    await agent.ask("1")
    await agent.ask("2")
    await asked_again(agent, 1)
    agent.replace(0, Message.user("One, really"))
    agent.switch(agent.branches[0].versions[0])
    assert texts(agent) == ["One, really", "One.", "2", "Two."]
    agent.drop(2)
    assert [point.current for point in agent.branches] == [None]
    await agent.ask("2c")
    assert [v.question.text for v in agent.branches[0].versions] == ["2", "2", "2c"]
    agent.history = [Message.user("All else")]
    assert agent.branches == ()


async def test_what_the_model_was_given_of_it() -> None:
    """A version whose beginning was left out for the model is gone on with like that."""
    agent, client = scripted("One.", "Two.", "Else.", "Three.")
    await agent.ask("1")
    await agent.ask("2")
    agent._engine.journal.cut = cut_before(agent.history, 2, "They said one.")
    given = agent._engine.context
    await asked_again(agent, 0, "1b")
    assert agent._engine.context == agent.history
    agent.switch(agent.branches[0].versions[0])
    assert agent._engine.context == given
    await agent.ask("3")
    assert "They said one." in client.prompts[-1].messages[0].text


async def test_a_rollback_keeps_them() -> None:
    """Back before the question and forth again, its versions are there again."""
    agent, _ = scripted("One.", "Two.", "Three.")
    await agent.ask("1")
    early = agent.checkpoints[-1]
    await agent.ask("2")
    await asked_again(agent, 1)
    late = agent.checkpoints[-1]
    agent.rollback(early)
    assert [point.current for point in agent.branches] == [None]
    agent.rollback(late)
    assert [point.current for point in agent.branches] == [1]


async def test_a_display_follows() -> None:
    """One that saw everything shows what one shows that comes after the switch."""
    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2})), "3.", "Two.", "Else.", tools=[add], always="On."
    )
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    await agent.ask("1 + 2?")
    await agent.ask("And?")
    await asked_again(agent, 1, "What?")
    await asked_again(agent, 0, "Hm?")
    for point, version in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)):
        agent.switch(agent.branches[point].versions[version])
        late: list[Any] = []
        agent._engine.listen(late.append)
        assert _look(picture(heard)) == _look(picture(late))
    asked = [m for m in picture(heard)["messages"] if m["role"] == "user"]
    assert [m["versions"] for m in asked] == [{"index": 0, "count": 2}, {"index": 1, "count": 2}]
    await asked_again(agent, 1)
    assert texts(agent)[-2:] == ["What?", "On."]
    assert agent._engine.switch_run(agent._engine.last_run, 0)
    assert texts(agent)[-2:] == ["And?", "Two."]
    assert not agent._engine.switch_run("nobody", 0)


def _look(shown: Any) -> Any:
    """A picture without the names of its messages: these are of whoever shows it."""
    messages = [{k: v for k, v in m.items() if k != "id"} for m in shown["messages"]]
    return messages, shown["calls"], shown["status"]


async def test_saved_and_stored(tmp_path: Path) -> None:
    """All versions are in the file and in the store; older files and stores have none."""
    store = Store(tmp_path / "chats.db")
    replies = [reply_calls(("add", {"a": 1, "b": 2})), *(f"A{number}" for number in range(9))]
    agent, _ = scripted(*replies, tools=[add], store=store, conversation="c")
    await agent.ask("1")
    await asked_again(agent, 0, "1b")
    await agent.ask("2")
    await asked_again(agent, 1)
    agent.switch(agent.branches[0].versions[0])
    everything = paths(agent)
    assert len(everything) == 3
    store.flush()
    loaded = Agent.load(agent.save(tmp_path / "c.json"), executor=Executor({}))
    stored = Agent(store=Store(tmp_path / "chats.db"), conversation="c", executor=Executor({}))
    for other in (loaded, stored, agent.fork()):
        assert paths(other) == everything
        (point,) = other.branches
        assert point.current == 0
        if other in (loaded, stored):
            assert point.versions[0].calls[0].result == 3
        other.switch(point.versions[1])
        assert [p.current for p in other.branches] == [1, 1]
        other.switch(other.branches[0].versions[0])
        assert paths(other) == everything


async def test_a_store_of_an_earlier_version(tmp_path: Path) -> None:
    """Its table is given the columns, whoever of several comes first."""
    store = Store(tmp_path / "old.db")
    for column in ("branches", "failures"):
        drop = f"ALTER TABLE conversations DROP COLUMN {column}"
        store._do(lambda drop=drop: store._db.execute(drop))
    store.close()
    agent, _ = scripted("One.", "Two.", store=Store(tmp_path / "old.db"), conversation="c")
    await agent.ask("1")
    await asked_again(agent, 0)
    assert len(paths(agent)) == 2


async def test_versions_share_what_they_share() -> None:
    """A message is kept once; what is reset is kept by nothing."""

    class Thing:
        """Lives in the kernel."""

    def make() -> Thing:
        """Makes one."""
        return Thing()

    agent, _ = scripted("A", "B", reply_calls(("make", {})), "C", always="D", tools=[make])
    for number in range(3):
        await agent.ask(f"{number}")
    await asked_again(agent, 2)
    (point,) = agent.branches
    assert len(point.versions[0].messages) == 4
    left = agent._engine.versions.forks[0].left[0]
    assert all(a is b for a, b in zip(left.tip.messages[:4], agent.history[:4], strict=True))
    watched = weakref.ref(point.versions[0].calls[0].result)
    agent.reset()
    del point, left
    gc.collect()
    assert watched() is None


ACTIONS = st.one_of(
    st.tuples(st.just("ask"), st.just(0), st.just(0)),
    st.tuples(st.sampled_from(["edit", "retry"]), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("switch"), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.sampled_from(["fork", "load", "store"]), st.just(0), st.just(0)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(actions=st.lists(ACTIONS, min_size=3, max_size=14))
def test_no_version_is_ever_lost(actions: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Asked, edited, asked again, switched, forked, saved, loaded, stored, in any order."""
    folder = tmp_path_factory.mktemp("versions")

    async def play() -> None:
        replies: list[Reply | str] = []
        for number in range(40):
            replies += [reply_calls(("add", {"a": number, "b": 1}), text="So"), f"A{number}"]
        client = ScriptedClient(replies)
        executor = Executor({"scripted": client})
        agent = Agent("scripted:any", executor=executor, tools=[add])
        known: set[Path_] = set()
        for number, (name, one, two) in enumerate(actions):
            before = _path(agent.history)
            turns = sum(message.role == "user" for message in agent.history)
            known.add(before)
            if name == "ask" or not turns:
                known.discard(before)
                await agent.ask(f"Q{number}")
            elif name in ("edit", "retry"):
                text = f"E{number}" if name == "edit" else None
                await asked_again(agent, one % turns, text)
            elif name == "switch" and agent.branches:
                point = agent.branches[one % len(agent.branches)]
                agent.switch(point.versions[two % len(point.versions)])
            elif name == "fork":
                agent = agent.fork()
            elif name == "load":
                path = agent.save(folder / f"{number}.json")
                agent = Agent.load(path, executor=executor, tools=[add])
            elif name == "store":
                agent.store = Store(folder / f"{number}.db")
                agent.conversation = "c"
                agent.store.flush()
                store = Store(folder / f"{number}.db")
                agent = Agent(store=store, conversation="c", executor=executor, tools=[add])
            known.add(_path(agent.history))
            assert_valid(agent.history)
            assert paths(agent) == known

    asyncio.run(play())


def test_a_limb_has_places() -> None:
    """The tree's own values are plain ones."""
    limb = Limb((Message.user("a"),), ())
    assert Place(0, None, (limb,)).others[0].places == ()
