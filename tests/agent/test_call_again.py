"""A call that is made again: the answer goes on from its new result, as a version of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nbagent import (
    Agent,
    AgentBusy,
    Approval,
    ApprovalRequested,
    ConfigurationError,
    Message,
    RunLimitReached,
    ServerError,
    UnknownTool,
    tool,
)
from nbagent.frames import TextDelta
from nbagent.messages import ToolCall, ToolResultPart
from nbagent.testing import Reply, reply_calls
from tests.agent.agents import add, assert_valid, scripted
from tests.agent.test_recount import picture
from tests.agent.test_versions import texts


class Shelf:
    """A tool's own objects: what is not there fails, and every look is counted."""

    def __init__(self) -> None:
        self.has: dict[str, int] = {}
        self.looked: list[str] = []

    def look(self, key: str) -> int:
        """Looks something up."""
        self.looked.append(key)
        return self.has[key]


ASKED = reply_calls(("add", {"a": 1, "b": 2}), ("look", {"key": "x"}), text="First.")


async def failed(*more: Any, **options: Any) -> tuple[Agent, Any, Shelf]:
    """An agent whose second call of two has failed, and the model has said so."""
    shelf = Shelf()
    tools = [add, shelf.look]
    agent, client = scripted(ASKED, "It is not there.", *more, tools=tools, **options)
    await agent.ask("What is x?")
    return agent, client, shelf


async def test_the_answer_goes_on_from_the_new_result() -> None:
    """The call runs on the objects as they are now; the model reads its new result alone."""
    agent, client, shelf = await failed("It is 5.")
    shelf.has["x"] = 5
    old = agent.calls[1]
    assert old.state == "failed"
    reply = await agent.call_again(old)
    assert (reply.text, [call.result for call in reply.calls]) == ("It is 5.", [3, 5])
    assert shelf.looked == ["x", "x"]
    assert [call.result for call in agent.calls] == [3, 5]
    assert [call.name for call in agent.calls] == ["add", "look"]
    asked, _, told = (prompt.messages for prompt in client.prompts)
    assert told[0] == asked[0]
    assert [part.text for part in told[2].tool_results] == ["3", "5"]
    assert "KeyError" not in repr(told)
    assert_valid(client.prompts[-1].messages)


async def test_what_was_there_is_a_version() -> None:
    """It and later questions are there as they were; calls that were not made again are shared."""
    agent, _, shelf = await failed("Later.", "It is 5.", "More.")
    await agent.ask("And then?")
    before, calls = agent.history, agent.calls
    shelf.has["x"] = 5
    await agent.call_again(calls[1].tool_call_id)
    await agent.ask("Sure?")
    assert texts(agent) == ["What is x?", "First.", "", "It is 5.", "Sure?", "More."]
    (point,) = agent.branches
    assert (point.index, point.current, len(point.versions)) == (0, 1, 2)
    new = agent.calls
    assert new[0] is calls[0]
    assert new[1].tool_call_id != calls[1].tool_call_id
    agent.switch(point.versions[0])
    assert agent.history == before
    assert agent.calls == calls
    agent.switch(agent.branches[0].versions[1])
    assert agent.calls == new


async def test_displays_show_the_same() -> None:
    """A display from the start, one that came between and one that came late show one picture."""
    agent, _, shelf = await failed("It is 5.")
    between: list[Any] = []
    agent._engine.listen(between.append)
    shelf.has["x"] = 5
    await agent.call_again(agent.calls[1])
    late: list[Any] = []
    agent._engine.listen(late.append)
    shown, told = picture(between), picture(late)
    assert [m["parts"] for m in shown["messages"]] == [m["parts"] for m in told["messages"]]
    assert [m["usage"] for m in shown["messages"]] == [m["usage"] for m in told["messages"]]
    assert shown["calls"] == told["calls"]
    assert [call["state"] for call in shown["calls"].values()] == ["done", "done"]
    assert shown["messages"][0]["versions"] == {"index": 1, "count": 2}


async def test_who_follows_hears_what_happened_alone() -> None:
    """Steps and calls that are shown again have not happened again: no follower counts them."""
    agent, _, shelf = await failed("It is 5.")
    heard: list[Any] = []
    agent.on("*", heard.append)
    shelf.has["x"] = 5
    used = agent.usage
    reply = await agent.call_again(agent.calls[1])
    kinds = [item.kind for item in heard]
    assert kinds.count("step_started") == kinds.count("tool_started") == 1
    assert kinds.index("tool_started") < kinds.index("step_started")
    assert reply.usage.input_tokens == agent.usage.input_tokens - used.input_tokens


async def test_a_call_in_the_middle_of_an_answer() -> None:
    """What followed its group is of the old version; what stood before it stays, unrun."""
    shelf = Shelf()
    shelf.has["y"] = 7
    agent, client = scripted(
        reply_calls(("look", {"key": "y"})),
        reply_calls(("look", {"key": "x"})),
        reply_calls(("look", {"key": "y"})),
        "No.",
        "Yes.",
        tools=[shelf.look],
    )
    await agent.ask("Go.")
    shelf.has["x"] = 5
    await agent.call_again(agent.calls[1])
    assert shelf.looked == ["y", "x", "y", "x"]
    assert [call.result for call in agent.calls] == [7, 5]
    assert agent.history[-1].text == "Yes."
    assert_valid(client.prompts[-1].messages)


async def test_approval_is_asked_again_with_the_arguments_as_they_were_edited() -> None:
    """The function gets what it got; the model's own message stays as the model wrote it."""
    got: list[int] = []

    @tool(approve=True)
    def drop(rows: int) -> str:
        """Drops rows."""
        got.append(rows)
        if len(got) == 1:
            raise ValueError("locked")
        return "gone"

    requests: list[str] = []

    async def approver(request: ApprovalRequested) -> Any:
        requests.append(request.arguments)
        from_page = '{"rows": 3}' if len(requests) == 1 else request.arguments
        return Approval(True, arguments=from_page)

    agent, client = scripted(
        reply_calls(("drop", {"rows": 9})), "Locked.", "Gone.", tools=[drop], approver=approver
    )
    await agent.ask("Drop them.")
    await agent.call_again(agent.calls[0])
    assert got == [3, 3]
    assert requests == ['{"rows": 9}', '{"rows": 3}']
    assert agent.history[1].tool_calls[0].arguments == '{"rows": 9}'
    assert client.prompts[-1].messages[1].tool_calls[0].arguments == '{"rows": 9}'


async def test_denied_again_and_stopped_again() -> None:
    """Each attempt is a version of its own; what was stopped says so, and can be retried too."""
    begun, gate = asyncio.Event(), asyncio.Event()
    answers = iter([False, True])

    @tool(approve=lambda arguments: not gate.is_set())
    async def wait() -> str:
        """Waits."""
        begun.set()
        await gate.wait()
        return "done"

    async def approver(request: ApprovalRequested) -> bool:
        return next(answers)

    agent, _ = scripted(
        reply_calls(("wait", {})), "Denied.", "Done.", tools=[wait], approver=approver
    )
    await agent.ask("Wait.")
    assert agent.calls[0].state == "denied"
    again = asyncio.ensure_future(agent.call_again(agent.calls[0]))
    await asyncio.wait_for(begun.wait(), 60)
    agent.stop()
    with pytest.raises(asyncio.CancelledError):
        await again
    assert agent.calls[0].state == "cancelled"
    gate.set()
    await agent.call_again(agent.calls[0])
    assert agent.calls[0].state == "done"
    (point,) = agent.branches
    states = [[call.state for call in version.calls] for version in point.versions]
    assert states == [["denied"], ["cancelled"], ["done"]]


async def test_while_it_runs_a_late_display_shows_it() -> None:
    """A display that comes while the call runs sees what was said before it, and it running."""
    there, begun, held = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(n: int) -> int:
        """Waits."""
        if not there.is_set():
            raise ValueError("not yet")
        begun.set()
        await held.wait()
        return n

    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2}), ("slow", {"n": 1}), text="First."),
        "No.",
        "Yes.",
        tools=[add, slow],
    )
    await agent.ask("Go.")
    there.set()
    again = asyncio.ensure_future(agent.call_again(agent.calls[1]))
    await asyncio.wait_for(begun.wait(), 60)
    late: list[Any] = []
    agent._engine.listen(late.append)
    shown = picture(late)
    assert [call["state"] for call in shown["calls"].values()] == ["done", "running"]
    assert shown["messages"][1]["parts"][0]["text"] == "First."
    with pytest.raises(AgentBusy, match="before a call is made again"):
        await agent.call_again(agent.calls[0])
    held.set()
    assert (await again).text == "Yes."


async def test_what_cannot_be_made_again() -> None:
    """An unknown call and a tool that is gone say so, and nothing has changed."""
    agent, client, _ = await failed("It is 5.")
    before = agent.history
    with pytest.raises(ConfigurationError, match=r"no call 'outer/inner'.*agent\.calls"):
        await agent.call_again("outer/inner")
    agent.tools.remove("look")
    with pytest.raises(UnknownTool, match=r"no tool 'look' any more. The tools are: add\."):
        await agent.call_again(agent.calls[1])
    assert agent.history == before
    assert (agent.branches, len(client.prompts), agent.running) == ((), 2, False)
    early = Message.assistant(ToolCall("c", "add", '{"a": 1, "b": 1}'))
    agent.history = [early, Message.tool(ToolResultPart("c", "add", "2"))]
    with pytest.raises(ConfigurationError, match="before the first question"):
        await agent.call_again("c")


async def test_a_call_of_another_version_is_not_here() -> None:
    """Its id is another one's; the version has to be switched to first."""
    agent, _, shelf = await failed("It is 5.", "It is 6.")
    old = agent.calls[1]
    shelf.has["x"] = 5
    await agent.call_again(old)
    with pytest.raises(ConfigurationError, match="no call"):
        await agent.call_again(old)
    agent.switch(agent.branches[0].versions[0])
    await agent.call_again(old)
    assert [len(v.messages) for v in agent.branches[0].versions] == [4, 4, 4]
    assert texts(agent)[-1] == "It is 6."


async def test_a_run_that_fails_behind_it_keeps_the_result() -> None:
    """The model cannot be reached: the new result is in the version, and it says how it failed."""
    broken = Reply([TextDelta("It", 0)], raises=ServerError("down"))
    agent, _, shelf = await failed(broken, "It is 5.")
    shelf.has["x"] = 5
    with pytest.raises(ServerError):
        await agent.call_again(agent.calls[1])
    assert agent.calls[1].result == 5
    assert [len(version.messages) for version in agent.branches[0].versions] == [4, 4]
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    assert (heard[-1].kind, str(heard[-1].error)) == ("run_failed", "down")
    reply = await agent.ask_again()
    assert reply.text == "It is 5."
    assert len(agent.branches[0].versions) == 3


async def test_limits_count_anew() -> None:
    """A run that used up its steps can be gone on with from one of its calls."""
    shelf = Shelf()
    agent, _ = scripted(
        *[reply_calls(("look", {"key": "x"}))] * 2, "It is 5.", tools=[shelf.look], max_steps=2
    )
    with pytest.raises(RunLimitReached):
        await agent.ask("What is x?")
    shelf.has["x"] = 5
    assert (await agent.call_again(agent.calls[1])).text == "It is 5."
