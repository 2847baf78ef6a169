"""A question asked again from code: in place of the last one, which stays a version."""

import asyncio

import pytest

from nbagent import Agent, Executor, StreamItem
from nbagent.errors import ConfigurationError
from nbagent.messages import FilePart
from nbagent.testing import ScriptedClient
from tests.agent.agents import until
from tests.agent.test_recount import picture


def agent_of(*script: str) -> Agent:
    """An agent that says these."""
    return Agent("scripted:any", executor=Executor({"scripted": ScriptedClient(script)}))


async def test_the_same_question_again():
    """The answer is a new one, the first is the first version and can be gone back to."""
    agent = agent_of("First.", "Second.")
    await agent.ask("What?")
    reply = await agent.ask_again()
    assert reply.text == "Second."
    assert [message.text for message in agent.history] == ["What?", "Second."]
    (point,) = agent.branches
    assert [version.messages[-1].text for version in point.versions] == ["First.", "Second."]
    agent.switch(point.versions[0])
    assert [message.text for message in agent.history] == ["What?", "First."]


async def test_other_words_keep_the_files():
    """Words alone take the place of the words, and the question's files stay with it."""
    agent = agent_of("First.", "Second.")
    await agent.ask(["What is in it?", FilePart(b"a,b\n1,2\n", "text/csv", "cars.csv")])
    await agent.ask_again("How many rows?")
    question = agent.history[0]
    assert question.text.startswith("How many rows?")
    assert [part.name for part in question.parts if isinstance(part, FilePart)] == ["cars.csv"]


@pytest.mark.parametrize("way", ["ask_again", "page"])
async def test_a_display_that_came_late_shows_one_question(way: str):
    """It knows the run by another name than those who heard it; hooks hear once that it is gone."""
    agent = agent_of("First.", "Second.")
    await agent.ask("What?")
    late: list[StreamItem] = []
    agent._engine.listen(late.append)
    gone: list[StreamItem] = []
    agent.on("history_cut", gone.append)
    if way == "ask_again":
        await agent.ask_again()
    else:
        assert agent._engine.retry(asyncio.get_running_loop())
        await until(lambda: not agent._engine._launched)
    shown = picture(late)["messages"]
    assert [part["text"] for m in shown for part in m["parts"]] == ["What?", "Second."]
    assert len(gone) == 1


async def test_nothing_was_asked():
    """An agent without a question says what to do."""
    with pytest.raises(ConfigurationError, match="Use `ask` first"):
        await agent_of().ask_again()


async def test_the_executor_alone():
    """An agent's executor can be asked without the agent, which does not hear of it."""
    agent = agent_of("Alone.")
    texts = [text async for text in agent.executor.stream_text("Hello", model=agent.model)]
    assert "".join(texts) == "Alone."
    assert agent.history == ()
