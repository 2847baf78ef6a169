"""A conversation changed by hand, of an agent and of a session; and what a session is held with."""

from __future__ import annotations

from typing import Any

import pytest

from nbagent import ConfigurationError, Executor, Message, ToolCall, ToolResultPart
from nbagent.agent.presented import GO_ON
from nbagent.agent.repair import NOT_RUN
from nbagent.testing import ScriptedClient, reply_calls
from tests.agent.agents import add, assert_valid, scripted, slow
from tests.agent.test_recount import picture


async def talked(**options: Any) -> tuple[Any, Any]:
    """An agent after a question with a call."""
    agent, client = scripted(
        reply_calls(("add", {"a": 1, "b": 2}), text="So."),
        "3.",
        always="On.",
        tools=[add],
        **options,
    )
    await agent.ask("1 + 2?")
    return agent, client


async def test_edit_as_a_list() -> None:
    """The list is taken over at the end of the block, repaired."""
    agent, _ = await talked()
    with agent.edit() as messages:
        del messages[2]
        messages.insert(0, Message.user("Hello"))
    assert [message.role for message in agent.history] == [
        "user",
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    assert agent.history[3].tool_results[0].text == NOT_RUN
    assert_valid(agent.history)


async def test_drop_replace_insert_truncate() -> None:
    """One message or several, by number."""
    agent, _ = await talked()
    agent.replace(0, Message.user("2 + 1?"))
    agent.insert(4, {"role": "user", "content": "Why?"})
    assert [message.text for message in agent.history] == ["2 + 1?", "So.", "", "3.", "Why?"]
    agent.drop()
    agent.replace(-1, {"role": "assistant", "content": "Three."})
    assert agent.history[-1] == Message("assistant", Message.assistant("Three.").parts, "stop")
    agent.truncate(2)
    assert [message.role for message in agent.history] == ["user", "assistant", "tool"]
    agent.drop(3)
    assert agent.history == ()
    assert agent.calls == ()


async def test_set_whole() -> None:
    """History is set like a list, of mappings too, and the next request has it."""
    agent, client = await talked()
    agent.history = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hello."}]
    await agent.ask("And?")
    assert [message.text for message in client.prompts[-1].messages] == ["Hi.", "Hello.", "And?"]


async def test_what_cannot_be() -> None:
    """A wrong edit is refused with the reason, and nothing changes."""
    agent, _ = await talked()
    before = agent.history
    with pytest.raises(ConfigurationError, match=r"Message 0 \(user\) has a ToolCall"):
        agent.replace(0, Message.user(ToolCall("x", "add")))
    with pytest.raises(ConfigurationError, match="history is a list of messages"):
        agent.history = [3]
    with pytest.raises(ConfigurationError, match="no message 9"):
        agent.replace(9, Message.user("x"))
    for count in (-1, 99, True, "x"):
        with pytest.raises(ConfigurationError, match="from 0 to 4"):
            agent.drop(count)
    with pytest.raises(ZeroDivisionError), agent.edit() as messages:
        messages.clear()
        raise ZeroDivisionError
    with pytest.raises(ConfigurationError, match="went on while"), agent.edit():
        agent.drop(1)
    assert agent.history == before[:3]


async def test_the_widget_follows() -> None:
    """A display that saw the run shows the same as one that comes after the edit."""
    agent, _ = await talked()
    heard: list[Any] = []
    agent._engine.listen(heard.append)
    await agent.ask("More?")
    agent.drop(1)
    agent.replace(0, Message.user("Else?"))
    late: list[Any] = []
    agent._engine.listen(late.append)
    seen, other = picture(heard), picture(late)
    assert [_shown(m) for m in seen["messages"]] == [_shown(m) for m in other["messages"]]
    assert seen["calls"] == other["calls"]
    assert _shown(other["messages"][0]) == ("user", "Else?")


def _shown(message: Any) -> tuple[str, str]:
    return message["role"], "".join(p["text"] for p in message["parts"] if p["kind"] == "text")


async def test_the_model_of_an_agent() -> None:
    """Model, tools, instructions and params are set between questions."""
    one, two = ScriptedClient(["One."]), ScriptedClient(["Two.", "Three."])
    agent, _ = scripted()
    agent._engine.settings.executor = Executor({"a": one, "b": two})
    agent.model = "a:x"
    assert (await agent.ask("1?")).text == "One."
    agent.model = "b:y"
    agent.instructions = "Be brief."
    agent.params = {"temperature": 0}
    agent.tools = [slow]
    agent.tool_calling = "prompted"
    assert (await agent.ask("2?")).text == "Two."
    assert two.asked[0].prompt.messages[0].text == "Be brief."
    assert two.asked[0].params["temperature"] == 0
    assert [tool.name for tool in two.asked[0].tools] == ["slow"]
    for name, wrong in (("model", 3), ("instructions", 3), ("params", 3), ("tool_calling", "x")):
        with pytest.raises(ConfigurationError):
            setattr(agent, name, wrong)
    assert (await agent.ask("3?")).text == "Three."


async def test_a_session_changes_for_itself() -> None:
    """What a session changes counts in it alone; the agent keeps its own."""
    agent, client = await talked(instructions="Be good.")
    async with agent.session() as session:
        session.model = "scripted:other"
        session.instructions = "Be brief."
        session.params = {"temperature": 0}
        session.tools = []
        session.user("And?")
        async for _ in session.stream():
            pass
        assert [message.text for message in session.messages[-2:]] == ["And?", "On."]
    asked = client.asked[-1]
    assert (asked.model, asked.tools, asked.params["temperature"]) == ("scripted:other", (), 0)
    assert asked.prompt.messages[0].text == "Be brief."
    assert (str(agent.model), agent.instructions, agent.params) == ("scripted:any", "Be good.", {})
    assert agent.tools.names == ("add",)


async def test_a_session_edits() -> None:
    """Dropped, replaced and set in a session, in the middle of its own block."""
    agent, _ = await talked()
    async with agent.session() as session:
        session.drop(1)
        session.replace(0, Message.user("Else?"))
        assert [message.role for message in session.messages] == ["user", "assistant", "tool"]
        session.messages = [Message.user("All else")]
        fork = session.fork()
        fork.user("In the fork")
        assert len(session.messages) == 1
        assert len(fork.messages) == 2
    assert [message.text for message in agent.history] == ["All else"]


async def test_calls_of_tools_that_are_gone() -> None:
    """They are told in words from the next question on; the history has them as they were."""
    agent, client = await talked()
    agent.tools = [slow]
    await agent.ask("And?")
    shown = client.prompts[-1].messages
    assert [message.role for message in shown] == ["user", "assistant", "user", "assistant", "user"]
    assert '[I called add with {"a": 1, "b": 2}]' in shown[1].text
    assert shown[2].text == "[add gave: 3]\n"
    assert agent.history[1].tool_calls
    agent.tools = [add]
    await agent.ask("Again?")
    assert client.prompts[-1].messages[1].tool_calls


async def test_a_reply_upon_a_reply() -> None:
    """Asked twice in a row without a word between, the model is told to go on."""
    agent, client = scripted("One.", "Two.")
    async with agent.session() as session:
        session.user("Go.")
        for _ in range(2):
            async for _ in session.stream():
                pass
    assert [message.text for message in client.prompts[1].messages] == ["Go.", "One.", GO_ON]
    assert [message.text for message in agent.history] == ["Go.", "One.", "Two."]


async def test_results_without_calls_go() -> None:
    """A history that begins with a result is one without it."""
    agent, _ = scripted(history=[Message.tool(ToolResultPart("1", "f", "x")), Message.user("a")])
    assert agent.history == (Message.user("a"),)
