"""A conversation cut at an earlier question, and asked again from there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nbagent import AgentBusy, HistoryCut, HistoryReset, ImagePart, Message, RunStarted
from nbagent.frames import End
from nbagent.testing import Gate, Reply, reply_calls
from tests.agent.agents import add, scripted

PNG = ImagePart(b"\x89PNG")


async def ask_again(agent: Any, run_id: str, text: str | None = None) -> bool:
    """Asks on this loop, and waits until it is answered."""
    asked: bool = agent._engine.ask_again(run_id, text, asyncio.get_running_loop())
    await agent._engine.ended()
    return asked


def heard(agent: Any) -> list[Any]:
    """Everything that displays are told from now on."""
    items: list[Any] = []
    agent._engine.listen(items.append)
    return items


def runs(items: list[Any]) -> list[str]:
    """The runs that were told, in order."""
    return [item.run_id for item in items if isinstance(item, RunStarted)]


async def test_an_earlier_question_in_other_words() -> None:
    """What came after it goes with its calls; displays are told where the cut is, and no more."""
    agent, client = scripted(
        "One.", reply_calls(("add", {"a": 1, "b": 2})), "Two.", "Three.", "Other.", tools=[add]
    )
    items = heard(agent)
    for question in ("1", "2", "3"):
        await agent.ask(question)
    assert await ask_again(agent, runs(items)[1], "two")
    assert [message.text for message in agent.history] == ["1", "One.", "two", "Other."]
    assert agent.calls == ()
    assert [message.text for message in client.prompts[-1].messages] == ["1", "One.", "two"]
    cuts = [item for item in items if isinstance(item, (HistoryCut, HistoryReset))]
    assert cuts == [HistoryCut(runs(items)[1])]
    assert not await ask_again(agent, runs(items)[2]), "it went with the cut"


async def test_attachments_stay_with_an_edited_question() -> None:
    """Other words for a question about a picture are about the same picture."""
    agent, _ = scripted("A cat.", "A dog.")
    items = heard(agent)
    await agent.ask(["What is it?", PNG])
    assert await ask_again(agent, runs(items)[0], "Look again.")
    assert agent.history[0] == Message.user("Look again.", PNG)


async def test_a_question_from_before_the_display_came() -> None:
    """A history that was told anew can be cut as well, also after another cut."""
    agent, _ = scripted("Other.", "Again.")
    agent.history = [Message.user("a"), Message.assistant("A"), Message.user("b")]
    items = heard(agent)
    assert runs(items) == ["earlier_0", "earlier_1"]
    assert await ask_again(agent, "earlier_1", "c")
    assert [message.text for message in agent.history] == ["a", "A", "c", "Other."]
    assert await ask_again(agent, "earlier_0")
    assert [message.text for message in agent.history] == ["a", "Again."]


async def test_a_question_that_was_refused_before_it_was_said() -> None:
    """It is asked again, and the question before it stays."""
    agent, _ = scripted("One.", "Two.")
    items = heard(agent)
    await agent.ask("1")
    count = len(agent.history)
    started = RunStarted("refused", "2", "m")
    agent._engine._audience.tell(started)
    assert agent._engine.last_run == "refused"
    assert await ask_again(agent, "refused")
    assert [message.text for message in agent.history[count:]] == ["2", "Two."]
    assert len(runs(items)) == 3


async def test_what_cannot_be_asked_again() -> None:
    """An unknown run, an empty conversation, and any while a run goes on."""
    gate = Gate()
    agent, _ = scripted(Reply(frames=[gate, End("stop")]))
    assert not await ask_again(agent, "")
    assert agent._engine.last_run == ""
    assert agent._engine.take_back("unknown") == ()
    items = heard(agent)
    run = asyncio.ensure_future(agent.ask("1"))
    while not items:
        await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    assert not agent._engine.ask_again(runs(items)[0], None, loop)
    with pytest.raises(AgentBusy):
        agent._engine.take_back(runs(items)[0])
    gate.open()
    await run
