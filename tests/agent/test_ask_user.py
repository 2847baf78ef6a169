"""`ask_user`: the model asks, somebody answers, or the model is told that nobody does."""

import asyncio
from typing import Any

import pytest

from nbagent import (
    Agent,
    ConfigurationError,
    QuestionAnswered,
    QuestionAsked,
    RunCancelled,
    ToolFinished,
    ask_user,
    tool,
)
from nbagent.testing import ScriptedClient, reply_calls
from nbagent.widget.commands import parse

from .agents import assert_valid, assert_well_formed, collected, scripted, until

ASKS = reply_calls(("ask_user", {"question": "Which one?", "choices": ["mpg", "weight"]}))


def asking(**options: Any) -> tuple[Agent, ScriptedClient]:
    """An agent whose model asks the person once."""
    return scripted(ASKS, "Thanks.", tools=[ask_user], **options)


async def test_a_reader_of_the_stream_answers() -> None:
    """The question is an event with its choices; `Agent.answer` gives the model its result."""
    agent, _ = asking()
    items: list[Any] = []
    async for item in agent.stream("Go."):
        items.append(item)
        if isinstance(item, QuestionAsked):
            assert agent.questions == (item,)
            assert agent.answer(item.tool_call_id, "mpg")
            assert not agent.answer(item.tool_call_id, "again")
    assert_well_formed(items)
    assert [i for i in items if isinstance(i, QuestionAsked)] == [
        QuestionAsked(items[0].run_id, "call_1", "ask_user", "Which one?", ("mpg", "weight"))
    ]
    assert QuestionAnswered(items[0].run_id, "call_1", "mpg") in items
    assert agent.calls[0].result == "mpg" and agent.questions == ()


@pytest.mark.parametrize("awaits", [False, True])
async def test_code_answers(awaits: bool) -> None:
    """``agent.asker`` is a function or an async one."""
    agent, _ = asking()

    async def later(question: QuestionAsked) -> str:
        await asyncio.sleep(0)
        return question.choices[1]

    agent.asker = later if awaits else lambda question: question.choices[1]
    await agent.ask("Go.")
    assert agent.calls[0].text == "weight"


async def test_nobody_is_there() -> None:
    """The model is told so, and goes on."""
    agent, client = asking()
    assert (await agent.ask("Go.")).text == "Thanks."
    assert "Nobody is there" in client.prompts[1].messages[-1].tool_results[0].text


def test_in_a_script() -> None:
    """`ask_blocking` is answered by an asker on the calling thread."""
    agent, _ = asking()
    agent.asker = lambda question: "both"
    agent.ask_blocking("Go.")
    assert agent.calls[0].text == "both"


async def test_an_agent_as_a_tool_asks_where_it_is_called() -> None:
    """The question is in the outer run, under a name that says who asks; its own asker is first."""
    for own in (False, True):
        inner, _ = scripted(ASKS, "Inner.", tools=[ask_user], name="cars")
        outer, _ = scripted(reply_calls(("cars", {"request": "?"})), "Outer.", tools=[inner])
        if own:
            inner.asker = lambda question: "mpg"
        asked = []
        async for item in outer.stream("Go."):
            if isinstance(item, QuestionAsked):
                asked.append((item.tool_call_id, item.name))
                assert outer.answer(item.tool_call_id, "weight")
        assert asked == ([] if own else [("call_1/call_1", "cars/ask_user")])
        assert outer.calls[0].result.calls[0].text == ("mpg" if own else "weight")


async def test_a_broken_asker_is_a_failed_call() -> None:
    """What it raises, or an answer that is no text, is the call's error; the run goes on."""
    for broken in (lambda question: 7, lambda question: 1 / 0):
        agent, _ = asking()
        agent.asker = broken  # type: ignore[assignment]  # what is tried here
        assert (await agent.ask("Go.")).text == "Thanks."
        assert agent.calls[0].state == "failed"


async def test_a_stop_ends_the_waiting() -> None:
    """The call is cancelled, the history valid, and no question left."""
    agent, _ = asking()
    task = asyncio.ensure_future(collected(agent))
    await until(lambda: agent.questions)
    agent.stop()
    items = await task
    assert isinstance(items[-1], RunCancelled)
    assert agent.questions == () and agent.calls[0].state == "cancelled"
    assert_valid(agent.history)


async def test_two_questions_at_once() -> None:
    """Each call gets its own answer."""
    both = reply_calls(("ask_user", {"question": "A?"}), ("ask_user", {"question": "B?"}))
    agent, _ = scripted(both, "Thanks.", tools=[ask_user])
    async for item in agent.stream("Go."):
        if isinstance(item, QuestionAsked):
            agent.answer(item.tool_call_id, item.question.lower())
    assert [call.result for call in agent.calls] == ["a?", "b?"]


async def test_a_tool_of_ones_own_asks() -> None:
    """Called inside an async tool, `ask_user` asks in that tool's name."""

    @tool
    async def drop() -> str:
        """Drops a column."""
        return f"dropped {await ask_user('Which column?')}"

    agent, _ = scripted(reply_calls(("drop", {})), "Done.", tools=[drop])
    asked: list[QuestionAsked] = []
    agent.on(QuestionAsked, asked.append)
    agent.asker = lambda question: "mpg"
    await agent.ask("Go.")
    assert agent.calls[0].result == "dropped mpg" and asked[0].name == "drop"


async def test_the_page_answers() -> None:
    """The command of the page is an answer like any other; the transcript has the question."""
    agent, _ = asking()
    widget = agent.widget
    agent._repr_mimebundle_()
    task = asyncio.ensure_future(agent.ask("Go."))
    await until(lambda: agent.questions)
    transcript = widget.snapshot_now()[1]
    assert transcript["calls"]["call_1"]["question"] == {
        "question": "Which one?",
        "choices": ["mpg", "weight"],
    }
    assert transcript["status"] == "waiting"
    agent._obey(parse({"type": "answer", "tool_call_id": "call_1", "text": "mpg"}))
    await task
    after = widget.snapshot_now()[1]
    assert after["calls"]["call_1"]["question"]["answer"] == "mpg" and after["status"] == "idle"
    widget.close()


def test_an_asker_has_to_be_a_function() -> None:
    """Anything else is refused at once."""
    agent, _ = scripted()
    with pytest.raises(ConfigurationError, match="asker is a function"):
        agent.asker = "me"  # type: ignore[assignment]  # what is refused


async def test_a_call_has_one_end() -> None:
    """After the answer comes the call's own end."""
    agent, _ = asking()
    agent.asker = lambda question: "mpg"
    items = await collected(agent)
    kinds = [item.kind for item in items if isinstance(item, (QuestionAnswered, ToolFinished))]
    assert kinds == ["question_answered", "tool_finished"]
