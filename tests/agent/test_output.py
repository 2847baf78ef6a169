"""Agents and sessions that give values of a type."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel

from nbagent import (
    Agent,
    ConfigurationError,
    End,
    Notice,
    Output,
    OutputElement,
    OutputInvalid,
    PartialOutput,
    RunFailed,
    RunFinished,
    Sections,
    TextDelta,
    ToolQueued,
    plan_and_do,
    react,
)
from nbagent.testing import Reply, reply_calls, reply_text
from tests.agent.agents import add, assert_valid, assert_well_formed, scripted

GOOD = '{"city": "Rome", "nights": 3}'
BAD = '{"city": "Rome", "nights": "many"}'


class Trip(BaseModel):
    """A trip."""

    city: str
    nights: int


ROME = Trip(city="Rome", nights=3)


async def items_of(agent: Agent, **options: Any) -> list[Any]:
    """All items of one run."""
    return [item async for item in agent.stream("Where to?", **options)]


def partial(items: list[Any]) -> list[Any]:
    """The partial values among the items."""
    return [item.value for item in items if isinstance(item, PartialOutput)]


async def test_an_agent_gives_typed_values_and_streams_them() -> None:
    """The reply has the value; on the way there are parts of it, each other than the one before."""
    agent, client = scripted(reply_text(GOOD, pieces=len(GOOD)), output=Trip)
    items = await items_of(agent)
    assert_well_formed(items)
    assert items[-1].reply.output == ROME and items[-1].reply.text == GOOD
    values = partial(items)
    assert [value.city for value in values] == ["", "R", "Ro", "Rom", "Rome", "Rome"]
    assert [value.nights for value in values] == [None] * 5 + [3]
    assert values[-1] == ROME and all(type(value) is Trip for value in values)
    assert client.asked[0].params["output"].name == "Trip"


async def test_a_question_may_ask_for_another_type() -> None:
    """For this one alone; words are a type too."""
    agent, _ = scripted(GOOD, '{"value": [1, 2]}', "Just words.", GOOD, output=Trip)
    assert (await agent.ask("?")).output == ROME
    assert (await agent.ask("?", output=list[int])).output == [1, 2]
    assert (await agent.ask("?", output=str)).output == "Just words."
    assert (await agent.fork().ask("?")).output == ROME


def test_blocking_questions_have_it_too() -> None:
    """From a plain cell."""
    agent, _ = scripted(GOOD)
    assert agent.ask_blocking("?", output=Trip).output == ROME


@pytest.mark.parametrize(
    ("output", "text", "value"),
    [
        (Literal["a", "b"], '{"value": "a"}', "a"),
        ({"type": "object", "properties": {"n": {"type": "integer"}}}, '{"n": 1}', {"n": 1}),
        (Trip | int, '{"value": 7}', 7),
        (Sections("A"), "## A\nText", None),
    ],
)
async def test_of_all_kinds(output: Any, text: str, value: Any) -> None:
    """Choices, schemas, unions and Markdown."""
    agent, _ = scripted(text, output=output)
    reply = await agent.ask("?")
    assert reply.output == value or (value is None and reply.output[0].body == "Text")


@pytest.mark.parametrize(
    "options",
    [
        {"output": type("Odd", (), {})},
        {"output": {"type": "objekt"}},
        {"output": Trip, "output_retries": -1},
        {"output": Trip, "output_retries": True},
    ],
)
def test_what_makes_no_sense_is_refused_at_once(options: dict[str, Any]) -> None:
    """Where the agent is made, not when an answer has come."""
    with pytest.raises(ConfigurationError, match="output"):
        scripted(**options)


@pytest.mark.parametrize("options", [{"form": "xml"}, {"check": "yes"}])
def test_an_output_checks_its_arguments(options: dict[str, Any]) -> None:
    """A form that there is not, a check that cannot be called."""
    with pytest.raises(ConfigurationError):
        Output(Trip, **options)


async def test_a_question_with_a_type_that_cannot_be_described() -> None:
    """It is refused before the run."""
    agent, client = scripted(GOOD)
    with pytest.raises(ConfigurationError, match="has no JSON schema"):
        agent.stream("?", output=type("Odd", (), {}))
    assert not client.asked


async def test_what_does_not_fit_goes_back_to_the_model() -> None:
    """With what is wrong; the history holds the question and the good answer alone."""
    agent, client = scripted(BAD, GOOD, output=Trip)
    items = await items_of(agent)
    assert_well_formed(items)
    assert items[-1].reply.output == ROME
    notice = next(item.text for item in items if isinstance(item, Notice))
    assert "nights: Input should be a valid integer" in notice and "1 of 2" in notice
    second = client.prompts[1].messages
    assert [message.role for message in second[-3:]] == ["user", "assistant", "user"]
    assert second[-2].text == BAD
    assert "- nights: Input should be a valid integer" in second[-1].text
    assert [message.text for message in agent.history] == ["Where to?", GOOD]
    assert items[-1].reply.usage.input_tokens == 20


async def test_it_goes_back_only_so_often() -> None:
    """Then the error has the text and what is wrong; the last answer stays in the history."""
    agent, client = scripted(BAD, "No.", always=BAD, output=Trip, output_retries=3)
    with pytest.raises(OutputInvalid, match="no valid Trip") as caught:
        await agent.ask("?")
    assert len(client.asked) == 4
    assert caught.value.text == BAD and len(caught.value.errors) == 1
    assert [message.text for message in agent.history] == ["?", BAD]
    assert_valid(agent.history)


@pytest.mark.parametrize(
    ("reason", "words"),
    [("refusal", "refused to answer"), ("length", "token limit"), ("content_filter", "filtered")],
)
async def test_an_answer_that_was_refused_or_cut(reason: Any, words: str) -> None:
    """The error says so, and the model is not asked again."""
    cut = Reply(frames=(TextDelta('{"city": "Ro', 0), End(reason)))
    agent, client = scripted(cut, output=Trip)
    items = await items_of(agent)
    assert isinstance(items[-1], RunFailed) and isinstance(items[-1].error, OutputInvalid)
    assert words in str(items[-1].error) and items[-1].error.text == '{"city": "Ro'
    assert len(client.asked) == 1


async def test_a_whole_answer_at_the_limit_is_one() -> None:
    """Whatever the provider calls its end."""
    agent, _ = scripted(Reply(frames=(TextDelta(GOOD, 0), End("length"))), output=Trip)
    assert (await agent.ask("?")).output == ROME


async def test_a_check_of_ones_own() -> None:
    """What it raises goes to the model; it may be async."""

    async def far(trip: Trip) -> None:
        if trip.city == "Rome":
            raise ValueError("Not Rome again.")

    agent, client = scripted(GOOD, '{"city": "Oslo", "nights": 1}', output=Output(Trip, check=far))
    assert (await agent.ask("?")).output.city == "Oslo"
    assert "Not Rome again." in client.prompts[1].messages[-1].text


async def test_tools_in_the_same_run_and_the_answer_as_a_call() -> None:
    """A provider that has no constraint beside tools is given a tool more; nobody sees its call."""
    agent, client = scripted(
        reply_calls(("add", {"a": 1, "b": 2})),
        reply_calls(("final_answer", GOOD), pieces=8),
        output=Trip,
        tools=[add],
    )
    items = await items_of(agent)
    assert_well_formed(items)
    assert items[-1].reply.output == ROME and partial(items)[-1] == ROME
    assert [item.name for item in items if isinstance(item, ToolQueued)] == ["add"]
    assert [call.name for call in agent.calls] == ["add"]
    assert [tool.name for tool in client.asked[1].tools] == ["add", "final_answer"]
    assert agent.history[-1].text == GOOD and agent.history[-1].finish_reason == "stop"
    assert_valid(agent.history)


async def test_a_repair_may_call_tools() -> None:
    """The model may find out what it did not know; all of it is in the history."""
    agent, _ = scripted(
        BAD,
        reply_calls(("add", {"a": 1, "b": 2})),
        reply_calls(("final_answer", GOOD)),
        output=Trip,
        tools=[add],
    )
    assert (await agent.ask("?")).output == ROME
    assert [m.role for m in agent.history] == ["user", "assistant", "tool", "assistant"]
    assert_valid(agent.history)


@pytest.mark.parametrize("strategy", [react(), plan_and_do()])
async def test_thoughts_and_plans_are_words(strategy: Any) -> None:
    """Only what may be the answer is asked for in its form."""
    agent, client = scripted("First I think.", GOOD, output=Trip, strategy=strategy)
    items = await items_of(agent)
    assert items[-1].reply.output == ROME
    assert ["output" in asked.params for asked in client.asked] == [False, True]
    assert partial(items)[-1] == ROME


async def test_a_strategy_of_ones_own_gives_values() -> None:
    """An object is validated; that it does not fit is the strategy's error, not the model's."""

    async def plain(context: Any, question: Any) -> Any:
        return {"city": "Rome", "nights": question}

    agent, client = scripted(strategy=plain, output=Trip)
    assert (await agent.ask("3")).output == ROME
    with pytest.raises(OutputInvalid, match="nights"):
        await agent.ask("many")
    assert not client.asked


async def test_a_session_asks_for_values() -> None:
    """By streaming, or in one call that puts right what does not fit."""
    agent, client = scripted(GOOD, BAD, '{"value": [4]}', "[4]")
    async with agent.session() as session:
        session.user("Where to?")
        items = [item async for item in session.stream(output=Trip)]
        assert partial(items) == [ROME]
        session.user("How long?")
        assert await session.output(list[int], temperature=0) == [4]
    assert [message.role for message in agent.history] == ["user", "assistant"] * 2
    assert "Where to?" in client.prompts[-1].messages[1].text
    assert client.asked[-1].params["temperature"] == 0


async def test_a_session_gives_up_too() -> None:
    """After as many retries as it was told."""
    agent, client = scripted(always="No.")
    async with agent.session() as session:
        session.user("Where to?")
        with pytest.raises(OutputInvalid, match="no JSON object"):
            await session.output(Trip, retries=1)
    assert len(client.asked) == 2


async def test_elements_of_a_list_are_told_one_by_one() -> None:
    """Before the list is whole."""
    text = '{"value": [{"city": "Rome", "nights": 3}, {"city": "Bari", "nights": 1}]}'
    agent, _ = scripted(reply_text(text, pieces=len(text)), output=list[Trip])
    items = await items_of(agent)
    elements = [item for item in items if isinstance(item, OutputElement)]
    assert [(item.index, item.value.city) for item in elements] == [(0, "Rome"), (1, "Bari")]
    assert items.index(elements[0]) < len(items) // 2 + 5
    assert isinstance(items[-1], RunFinished)


async def test_a_displayed_agent_shows_no_values() -> None:
    """They are told to whoever asked; a page has the text."""
    agent, _ = scripted(GOOD, output=Trip)
    seen: list[Any] = []
    agent._engine.listen(seen.append)
    items = await items_of(agent)
    assert partial(items) and not partial(seen)
    assert isinstance(seen[-1], RunFinished)
