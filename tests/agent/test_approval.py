"""Calls that need a yes: who is asked, what the answers do, and what is never asked about."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from nbagent import (
    Approval,
    ApprovalRequested,
    ApprovalsChanged,
    ConfigurationError,
    RunFailed,
    RunFinished,
    ToolArgumentsError,
    ToolFinished,
    ToolQueued,
    ToolStarted,
    tool,
)
from nbagent.agent.io_thread import io_loop
from nbagent.testing import reply_calls
from nbagent.widget.commands import Approve, Revoke
from tests.agent.agents import (
    assert_valid,
    assert_well_formed,
    collected,
    other_tasks,
    scripted,
)


@tool(approve=True)
def drop(table: str, limit: int = 1) -> str:
    """Drops a table."""
    return f"dropped {table}"


CALL = reply_calls(("drop", {"table": "cars"}))


async def answered(answer: Any) -> tuple[Any, list[Any]]:
    """An agent whose approver gave this answer to one call, and what its run told."""
    agent, _ = scripted(CALL, "Done.", tools=[drop], approver=lambda request: answer)
    items = await collected(agent)
    assert_well_formed(items)
    assert_valid(agent.history)
    return agent, items


async def test_approver_says_yes() -> None:
    """True lets the call run, after the request was told."""
    agent, items = await answered(True)
    assert agent.calls[-1].result == "dropped cars"
    request = next(item for item in items if isinstance(item, ApprovalRequested))
    assert (request.name, request.arguments) == ("drop", '{"table": "cars"}')


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (False, "did not allow this call."),
        ("it is the only copy", "the only copy"),
        (Approval(False, reason="not today"), "not today"),
    ],
)
async def test_approver_says_no(answer: Any, told: str) -> None:
    """A denied call never begins, and the model reads the reason."""
    agent, items = await answered(answer)
    assert not any(isinstance(item, ToolStarted) for item in items)
    assert agent.calls[-1].state == "denied"
    (result,) = [part for message in agent.history for part in message.tool_results]
    assert told in result.text


async def test_edited_arguments_are_what_runs() -> None:
    """The person's arguments are what the function, the events and the record have."""
    agent, items = await answered(Approval(True, '{"table": "copies"}'))
    assert agent.calls[-1].result == "dropped copies"
    assert agent.calls[-1].arguments == '{"table": "copies"}'
    started = next(item for item in items if isinstance(item, ToolStarted))
    assert started.arguments == '{"table": "copies"}'


async def test_edited_arguments_are_validated() -> None:
    """What the person wrote has to fit as well; else the call fails with that text."""
    agent, items = await answered(Approval(True, '{"table": "cars", "limit": "many"}'))
    assert agent.calls[-1].state == "failed"
    assert "limit: expected an integer" in agent.calls[-1].text
    assert not any(isinstance(item, ToolStarted) for item in items)


async def test_always_is_asked_once() -> None:
    """After "always" the tool runs without asking, until that is taken back."""
    asked: list[str] = []

    async def always(request: ApprovalRequested) -> Approval:
        asked.append(request.tool_call_id)
        return Approval(True, always=True)

    agent, _ = scripted(CALL, CALL, CALL, "Done.", tools=[drop], approver=always)
    await agent.ask("Go.")
    assert len(asked) == 1
    assert agent.always_approved == ("drop",)
    assert agent.revoke("drop")
    assert agent.always_approved == ()
    assert not agent.revoke("drop")


async def test_invalid_arguments_are_not_asked_about() -> None:
    """Nobody is asked to allow a call that could not run."""
    agent, _ = scripted(
        reply_calls(("drop", {"tabel": "cars"}), ("drop", '{"table": ')),
        "Sorry.",
        tools=[drop],
        approver=lambda request: pytest.fail("asked"),
    )
    await agent.ask("Go.")
    assert [call.state for call in agent.calls] == ["failed", "failed"]


async def test_approve_function_decides() -> None:
    """A function as ``approve=`` gets the validated arguments; what it raises fails the call."""

    @tool(approve=lambda arguments: 1 / arguments["n"] < 1)
    def grow(n: int) -> int:
        """Grows."""
        return n

    agent, _ = scripted(
        reply_calls(("grow", {"n": 1}), ("grow", {"n": 2}), ("grow", {"n": 0})),
        "Done.",
        tools=[grow],
        approver=lambda request: False,
    )
    await agent.ask("Go.")
    assert [call.state for call in agent.calls] == ["done", "denied", "failed"]


async def test_reader_of_the_stream_answers() -> None:
    """A reader approves and denies by the calls' ids; another id answers nothing."""
    agent, _ = scripted(
        reply_calls(("drop", {"table": "a"}), ("drop", {"table": "b"})), "Done.", tools=[drop]
    )
    items = []
    async for item in agent.stream("Go."):
        items.append(item)
        if isinstance(item, ApprovalRequested):
            assert not agent.approve("nobody")
            if "a" in item.arguments.partition(":")[2]:
                # Answered late, and from another thread.
                assert await asyncio.to_thread(agent.approve, item.tool_call_id)
            else:
                assert agent.deny(item.tool_call_id, "keep b")
            assert not agent.approve(item.tool_call_id)
    assert_well_formed(items)
    assert [call.state for call in agent.calls] == ["done", "denied"]


async def test_nobody_to_ask() -> None:
    """``ask`` without an approver or a display denies at once instead of waiting for ever."""
    agent, _ = scripted(CALL, "Pity.", tools=[drop])
    await asyncio.wait_for(agent.ask("Go."), 60)
    assert agent.calls[-1].state == "denied"
    assert "nobody can be asked" in agent.calls[-1].text


async def test_stop_while_waiting() -> None:
    """A stop ends the waiting; the call cannot be approved afterwards."""
    agent, _ = scripted(CALL, "Next.", tools=[drop])
    items = []
    async for item in agent.stream("Go."):
        items.append(item)
        if isinstance(item, ApprovalRequested):
            agent.stop()
    assert_well_formed(items)
    assert agent.calls[-1].state == "cancelled"
    assert not agent.approve(agent.calls[-1].tool_call_id)
    assert_valid(agent.history)
    assert not other_tasks()


async def test_approver_that_raises() -> None:
    """Its error ends the run, the call has its end, and nothing was run."""

    async def broken(request: ApprovalRequested) -> bool:
        raise LookupError("no answer")

    agent, _ = scripted(CALL, "Next.", tools=[drop], approver=broken)
    items = await collected(agent)
    assert_well_formed(items)
    end = items[-1]
    assert isinstance(end, RunFailed)
    assert isinstance(end.error, LookupError)
    (call,) = [item for item in items if isinstance(item, ToolFinished)]
    assert (call.state, agent.calls[-1].state) == ("failed", "failed")
    assert_valid(agent.history)


async def test_answer_that_is_none() -> None:
    """An answer of another type says what answers there are."""
    agent, _ = scripted(CALL, tools=[drop], approver=lambda request: 1)  # type: ignore[arg-type, return-value]  # the mistake to be told of
    with pytest.raises(ConfigurationError, match="True, False, a reason"):
        await agent.ask("Go.")
    with pytest.raises(ConfigurationError, match="approver is an async function"):
        agent.approver = "yes"  # type: ignore[assignment]  # the mistake to be told of


async def test_approver_runs_where_the_agent_was_made() -> None:
    """On a run of the other thread the approver may still use what lives on the person's loop."""
    answers: asyncio.Queue[bool] = asyncio.Queue()
    home = asyncio.get_running_loop()

    async def person(request: ApprovalRequested) -> bool:
        assert asyncio.get_running_loop() is home
        home.call_later(0.01, answers.put_nowait, True)
        return await answers.get()

    agent, _ = scripted(CALL, "Done.", tools=[drop], approver=person)
    items = [item async for item in agent._engine.stream("Go.", loop=io_loop())]
    assert isinstance(items[-1], RunFinished)
    assert agent.calls[-1].state == "done"


async def test_an_answer_that_comes_at_once_from_another_thread() -> None:
    """Whoever is told of a request can answer it there and then."""
    agent, _ = scripted(CALL, "Done.", tools=[drop])

    def hear(item: Any) -> None:
        if isinstance(item, ApprovalRequested):
            assert agent.approve(item.tool_call_id)

    _, done = agent._engine.start(("Go.",), hear, loop=io_loop())
    await asyncio.wait_for(asyncio.wrap_future(done), 60)
    assert agent.calls[-1].state == "done"


async def test_bad_edits_come_back() -> None:
    """Arguments that the tool does not take are refused, and the call waits on for better ones."""
    agent, _ = scripted(CALL, "Done.", tools=[drop])
    items = []
    async for item in agent.stream("Go."):
        items.append(item)
        if isinstance(item, ApprovalRequested):
            with pytest.raises(ToolArgumentsError, match="limit"):
                agent.approve(item.tool_call_id, arguments='{"table": "a", "limit": "many"}')
            assert agent.approve(item.tool_call_id, arguments='{"table": "b", "limit": 2}')
    assert_well_formed(items)
    assert (agent.calls[0].result, agent.calls[0].arguments) == (
        "dropped b",
        '{"table": "b", "limit": 2}',
    )
    # After the yes it is queued again, with what will run.
    assert [i.arguments for i in items if isinstance(i, ToolQueued)][-1] == agent.calls[0].arguments


async def test_bad_edits_of_the_page_are_shown_to_it() -> None:
    """The page is told the request again, with what the person wrote and what is wrong with it."""
    agent, _ = scripted(CALL, "Done.", tools=[drop])
    requests = []
    async for item in agent.stream("Go."):
        if isinstance(item, ApprovalRequested):
            requests.append(item)
            if len(requests) == 1:
                agent._obey(Approve(item.tool_call_id, '{"tabel": "a"}', True))
            else:
                agent._obey(Approve(item.tool_call_id, None, False))
    assert requests[1].arguments == '{"tabel": "a"}'
    assert "tabel" in requests[1].error and not requests[0].error
    assert agent.calls[0].state == "done"
    assert agent.always_approved == ()


async def test_always_answers_the_others_that_wait() -> None:
    """For one of three calls of a tool that wait it lets all three run."""
    calls = reply_calls(*(("drop", {"table": name}) for name in "abc"))
    agent, _ = scripted(calls, "Done.", tools=[drop])
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    waiting: list[str] = []
    async for item in agent.stream("Go."):
        if isinstance(item, ApprovalRequested):
            waiting.append(item.tool_call_id)
            if len(waiting) == 3:
                assert agent.approve(waiting[1], always=True)
    assert [call.state for call in agent.calls] == ["done"] * 3
    agent.revoke("drop")
    changes = [item.always for item in heard if isinstance(item, ApprovalsChanged)]
    assert changes == [("drop",), ()]


async def test_a_display_that_comes_late_hears_what_is_approved() -> None:
    """Who joins after "always" is told of it too."""
    agent, _ = scripted(CALL, "Done.", tools=[drop], approver=lambda r: Approval(True, always=True))
    await agent.ask("Go.")
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    assert ApprovalsChanged(("drop",)) in heard


async def test_nobody_answers_in_time() -> None:
    """A request has its time; then it is denied with that reason, and the run goes on."""
    agent, _ = scripted(CALL, "Pity.", tools=[drop], approval_timeout=0.05)
    items = await collected(agent)
    assert_well_formed(items)
    assert agent.calls[0].state == "denied"
    assert "nobody answered within 0.05 seconds" in agent.calls[0].text
    assert not agent.approve(agent.calls[0].tool_call_id)
    assert not other_tasks()


async def test_an_approver_that_takes_too_long() -> None:
    """The time holds for code as well; the approver is cancelled."""
    left = asyncio.Event()

    async def slow(request: ApprovalRequested) -> bool:
        try:
            await asyncio.sleep(60)
        finally:
            left.set()
        return True

    agent, _ = scripted(CALL, "Pity.", tools=[drop], approver=slow, approval_timeout=0.05)
    await asyncio.wait_for(agent.ask("Go."), 60)
    assert agent.calls[0].state == "denied" and left.is_set()


async def test_a_timeout_error_of_the_approver_is_its_own() -> None:
    """It is not taken for ours."""

    async def broken(request: ApprovalRequested) -> bool:
        raise TimeoutError("theirs")

    agent, _ = scripted(CALL, tools=[drop], approver=broken, approval_timeout=5)
    with pytest.raises(TimeoutError, match="theirs"):
        await agent.ask("Go.")


async def test_a_plain_approver_may_block() -> None:
    """It runs where tools run, and not on the loop of the network."""
    home = threading.get_ident()

    def person(request: ApprovalRequested) -> bool:
        return threading.get_ident() == home

    agent, _ = scripted(CALL, "Done.", tools=[drop], approver=person)
    items = [item async for item in agent._engine.stream("Go.", loop=io_loop())]
    assert isinstance(items[-1], RunFinished)
    assert agent.calls[0].state == "done"


async def test_an_interrupted_approver_says_no() -> None:
    """Ctrl-C while a plain approver asks denies the call; the run goes on."""

    def person(request: ApprovalRequested) -> bool:
        raise KeyboardInterrupt

    agent, _ = scripted(CALL, "Fine.", tools=[drop], approver=person)
    assert (await agent.ask("Go.")).text == "Fine."
    assert "interrupted" in agent.calls[0].text


@pytest.mark.parametrize("wrong", [0, -1, True, "soon"])
def test_what_is_no_time(wrong: object) -> None:
    """A time that makes no sense is told where it is given."""
    with pytest.raises(ConfigurationError, match="approval_timeout"):
        scripted(approval_timeout=wrong)


async def test_the_page_takes_always_back() -> None:
    """The widget's command revokes it."""
    agent, _ = scripted(CALL, "Done.", tools=[drop], approver=lambda r: Approval(True, always=True))
    await agent.ask("Go.")
    assert agent.always_approved == ("drop",)
    agent._obey(Revoke("drop"))
    assert agent.always_approved == ()
