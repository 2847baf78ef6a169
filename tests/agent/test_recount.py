"""A conversation told again, for a display that comes late."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from nbagent import (
    Agent,
    End,
    Executor,
    Message,
    NestedItem,
    QuestionAnswered,
    QuestionAsked,
    RunCancelled,
    RunFailed,
    RunFinished,
    ServerError,
    TextDelta,
    ToolCall,
    ToolFinished,
    ToolResultPart,
    Usage,
    ask_user,
)
from nbagent.agent.audience import ENDS
from nbagent.agent.history import NOT_RUN
from nbagent.agent.recount import recount
from nbagent.testing import reply_calls, reply_text
from nbagent.widget.transcript import Transcript
from nbagent.widget.translate import Translator
from tests.agent.agents import add, assert_well_formed, scripted, words


def picture(items: Any) -> Any:
    """What a display shows of these items, without times."""
    translator, transcript = Translator("scripted:any", now=lambda: 0.0), Transcript("scripted:any")
    for item in items:
        for op in translator.translate(item):
            transcript.apply(op)
    return _without_times(transcript.snapshot())


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        skipped = ("started", "elapsed", "arguments_done")
        return {key: _without_times(item) for key, item in value.items() if key not in skipped}
    return [_without_times(item) for item in value] if isinstance(value, list) else value


async def test_the_same_picture() -> None:
    """What a late display shows of runs that ended is what one from the start shows."""
    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2}), ("add", {"a": "x"}), text="So.", pieces=3),
        reply_text("Three.", reasoning="Hm.", pieces=2, usage=Usage(3, 4)),
        "Second.",
        tools=[add],
    )
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    await agent.ask("First?")
    await agent.ask("Second?")
    late: list[Any] = []
    agent._engine.listen(late.append)
    assert picture(late) == picture(heard)


async def test_a_run_that_did_not_end_well() -> None:
    """A partial reply is told, its run as failed; as cancelled where nobody knows more."""
    agent, _ = scripted(words(TextDelta("Half", 0)))
    with pytest.raises(Exception, match="no End"):
        await agent.ask("Go.")
    late: list[Any] = []
    agent._engine.listen(late.append)
    assert_well_formed(late)
    assert isinstance(late[-1], RunFailed)
    assert "no End" in str(late[-1].error)
    assert isinstance(list(recount(agent.history, [], "m"))[-1], RunCancelled)
    assert TextDelta("Half", 0) in late


async def test_in_mid_run_at_any_moment() -> None:
    """A display that comes at any turn of the loop ends in the same picture."""
    turns, going = 0, True
    while going:
        agent, _ = scripted(
            "Before.",
            reply_calls(("add", {"a": 1, "b": 2}), pieces=2),
            reply_text("Three.", pieces=3),
            tools=[add],
        )
        heard: list[Any] = []
        agent._engine.listen(heard.append)
        await agent.ask("First?")
        asking = asyncio.ensure_future(agent.ask("1 + 2?"))
        for _ in range(turns):
            await asyncio.sleep(0)
        going = not asking.done()
        late: list[Any] = []
        agent._engine.listen(late.append)
        await asking
        assert picture(late) == picture(heard)
        turns += 1
    assert turns > 15


def test_results_without_records() -> None:
    """A conversation from elsewhere shows its calls as done, failed or cancelled."""
    call = [ToolCall(str(number), "f") for number in range(3)]
    messages = [
        Message.user("a"),
        Message("assistant", tuple(call), "tool_calls", Usage(1, 2)),
        Message.tool(
            ToolResultPart("0", "f", "fine"),
            ToolResultPart("1", "f", "ValueError: no", error=True),
            ToolResultPart("2", "f", NOT_RUN, error=True),
        ),
        Message("assistant", (), "stop"),
    ]
    items = list(recount(messages, [], "m"))
    states = [item.state for item in items if isinstance(item, ToolFinished)]
    assert states == ["done", "failed", "cancelled"]
    assert [item.usage for item in items if isinstance(item, End)] == [Usage(1, 2), Usage()]
    assert isinstance(items[-1], RunFinished)


async def test_failed_run_then_another() -> None:
    """Runs are told apart by what the person said, whatever their ends."""
    agent, _ = scripted(
        words(TextDelta("x", 0)).with_options(raises=ServerError("gone", status=500)), "Fine."
    )
    with pytest.raises(ServerError):
        await agent.ask("1")
    await agent.ask("2")
    items: list[Any] = []
    agent._engine.listen(items.append)
    ends = [type(item) for item in items if isinstance(item, ENDS)]
    assert ends == [RunFailed, RunFinished]


async def test_a_question_comes_with_its_answer() -> None:
    """A call that asked the person is shown as that, and so is one that nobody answered."""
    choices = {"question": "Which?", "choices": ["a", "b"]}
    agent, _ = scripted(
        reply_calls(("ask_user", choices), ("ask_user", {"question": 3})),
        "Done.",
        tools=[ask_user],
    )
    agent.asker = lambda question: "b"
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    await agent.ask("Go.")
    late: list[Any] = []
    agent._engine.listen(late.append)
    assert picture(late) == picture(heard)
    asked = [item for item in late if isinstance(item, QuestionAsked)]
    assert [(each.question, each.choices) for each in asked] == [("Which?", ("a", "b"))]
    assert [item.answer for item in late if isinstance(item, QuestionAnswered)] == ["b"]


async def test_nobody_was_asked() -> None:
    """Where nobody could be asked there was no question, and the card is a plain one."""
    agent, _ = scripted(reply_calls(("ask_user", {"question": "Which?"})), "a.", tools=[ask_user])
    await agent.ask("Go.")
    late: list[Any] = []
    agent._engine.listen(late.append)
    assert not [item for item in late if isinstance(item, (QuestionAsked, QuestionAnswered))]


async def test_the_run_inside_of_a_call(tmp_path: Path) -> None:
    """A run of another agent is shown in its call, also a run in that, and after a restart."""
    deep, _ = scripted("Deep.", name="deep")
    inner, _ = scripted(
        reply_calls(("deep", {"request": "?"}), ("add", {"a": 1, "b": 2})),
        reply_calls(("ask_user", {"question": "Sure?"})),
        "Three.",
        tools=[deep, add, ask_user],
        name="inner",
    )
    inner.asker = lambda question: "Yes."
    agent, _ = scripted(reply_calls(("inner", {"request": "1 + 2?"})), "3.", tools=[inner])
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    await agent.ask("Go.")
    late: list[Any] = []
    agent._engine.listen(late.append)
    assert any(isinstance(item, NestedItem) for item in late)
    assert picture(late) == picture(heard)
    loaded = Agent.load(agent.save(tmp_path / "a.json"), tools=[], executor=Executor({}))
    again: list[Any] = []
    loaded._engine.listen(again.append)
    assert picture(again) == picture(heard)
    assert loaded.calls[-1].result.text == "Three."
    assert [call.name for call in loaded.calls[-1].result.calls] == ["deep", "add", "ask_user"]
