"""Cases of sessions and streams that the original framework's own tests and issues have.

Its write session (requests, prompts that are updated and rewritten, another model, other
parameters) and its streaming API: what its authors left open (a streamed answer that never reached
the history, calls that got lost on the way) is what most of these hold to.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from nbagent import (
    Agent,
    End,
    Message,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    StreamTruncated,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.testing import Gate, ScriptedClient, reply_calls, reply_text
from tests.agent.agents import add, assert_valid, other_tasks, scripted, words

CONVERSATION = (
    Message.user("I have some text."),
    Message.assistant("I can process it."),
)


async def asked(agent: Agent, *said: str, **options: Any) -> tuple[list[Any], Any]:
    """What one request of a session gave, and the session's messages after it."""
    async with agent.session() as session:
        for text in said:
            session.user(text)
        frames = [frame async for frame in session.stream(**options)]
        return frames, session.messages


def with_history(*replies: Any, **options: Any) -> tuple[Agent, ScriptedClient]:
    """An agent that was talked to before."""
    return scripted(*replies, history=CONVERSATION, **options)


async def test_a_request_adds_one_message() -> None:
    """The model's, at the end; what was there stays."""
    agent, _ = with_history("This is a test response", tools=[add])
    _, messages = await asked(agent, "Go.")
    assert messages[:2] == CONVERSATION
    assert [message.text for message in messages[2:]] == ["Go.", "This is a test response"]
    assert messages[-1].role == "assistant"


async def test_a_request_without_tools_adds_one_message() -> None:
    """And offers none, whatever the session has."""
    agent, client = with_history("Response without tools", tools=[add])
    _, messages = await asked(agent, "Go.", tools=())
    assert client.asked[0].tools == ()
    assert messages[-1].text == "Response without tools"


async def test_several_things_are_said_before_one_request() -> None:
    """As when a prompt is updated: the model gets all of them, in order."""
    agent, client = with_history("Yes.")
    await asked(agent, "One.", "Two.")
    assert [m.text for m in client.prompts[0].messages[-2:]] == ["One.", "Two."]


async def test_a_rewritten_prompt_is_what_is_sent() -> None:
    """All of it is another one; the instructions stay the session's."""
    agent, client = with_history("Fine.", instructions="Be kind.")
    async with agent.session() as session:
        session.messages = [Message.user("Rewritten.")]
        async for _ in session.stream():
            pass
        assert [m.text for m in session.messages] == ["Rewritten.", "Fine."]
    assert [m.text for m in client.prompts[0].messages] == ["Be kind.", "Rewritten."]


async def test_another_model_for_a_session() -> None:
    """It is asked from then on, and the agent keeps its own."""
    agent, client = with_history("One.", "Two.")
    async with agent.session() as session:
        session.model = "scripted:other"
        session.user("Go.")
        async for _ in session.stream():
            pass
    await agent.ask("Again.")
    assert [each.model for each in client.asked] == ["scripted:other", "scripted:any"]


async def test_other_parameters_for_a_session_and_for_a_request() -> None:
    """The request's count over the session's."""
    agent, client = with_history("One.", "Two.", params={"temperature": 1.0})
    async with agent.session() as session:
        session.params = {"temperature": 0.5}
        for options in list[dict[str, Any]](({}, {"temperature": 0.0})):
            session.user("Go.")
            async for _ in session.stream(**options):
                pass
    assert [each.params["temperature"] for each in client.asked] == [0.5, 0.0]


async def test_what_was_streamed_is_in_the_history_by_itself() -> None:
    """The next request has it: no append by hand, as in the issues of the original."""
    agent, client = scripted("Hello there.", "Again.")
    async with agent.session() as session:
        for _ in range(2):
            session.user("Hi.")
            async for _ in session.stream():
                pass
    assert [m.text for m in client.prompts[1].messages] == ["Hi.", "Hello there.", "Hi."]


async def test_streamed_calls_are_in_the_next_request_with_their_results() -> None:
    """Call and result, with one id."""
    agent, client = scripted(reply_calls(("add", {"a": 1, "b": 2}), pieces=3), "3.", tools=[add])
    async with agent.session() as session:
        session.user("1 + 2?")
        async for _ in session.stream():
            pass
        records = await session.run_tools()
        async for _ in session.stream():
            pass
    call, result = client.prompts[1].messages[-2:]
    assert call.tool_calls[0].tool_call_id == result.tool_results[0].tool_call_id
    assert (result.tool_results[0].text, records[0].result) == ("3", 3)


async def test_frames_of_words_reasoning_and_calls_come_in_order() -> None:
    """Deltas before their complete frame, one end, and it is last."""
    reply = reply_calls(("add", {"a": 1, "b": 2}), text="Let me add.", pieces=2)
    thinking = replace(reply, frames=(ReasoningDelta("Hm.", 7), *reply.frames))
    agent, _ = scripted(thinking, tools=[add])
    frames, messages = await asked(agent, "Go.")
    kinds = [type(frame) for frame in frames]
    order = [kinds.index(kind) for kind in (ReasoningDelta, ReasoningComplete, TextDelta)]
    order += [kinds.index(kind) for kind in (TextComplete, ToolCallDelta, ToolCallComplete)]
    assert order == sorted(order)
    assert kinds.count(End) == 1 and kinds[-1] is End
    assert (messages[1].reasoning, messages[1].text) == ("Hm.", "Let me add.")


async def test_a_text_only_stream_is_the_stream_filtered() -> None:
    """The words alone, as the original's `filterTextOnly`."""
    agent, _ = scripted(reply_calls(("add", {"a": 1, "b": 2}), text="Let me add."), tools=[add])
    frames, _ = await asked(agent, "Go.")
    assert "".join(frame.text for frame in frames if isinstance(frame, TextDelta)) == "Let me add."


async def test_two_calls_streamed_in_turns_come_out_whole() -> None:
    """Each with its own arguments."""
    calls = words(
        ToolCallDelta("a", "add", '{"a": 1,', 0),
        ToolCallDelta("b", "add", '{"a": 3,', 1),
        ToolCallDelta("a", "add", ' "b": 2}', 0),
        ToolCallDelta("b", "add", ' "b": 4}', 1),
        End("tool_calls"),
    )
    agent, _ = scripted(calls, "Done.", tools=[add])
    await agent.ask("Go.")
    assert [call.result for call in agent.calls] == [3, 7]


async def test_a_call_without_arguments() -> None:
    """Its arguments are an empty object, not nothing."""
    agent, _ = scripted(words(ToolCallDelta("a", "now", "", 0), End("tool_calls")))
    frames, _ = await asked(agent, "Go.")
    (complete,) = [frame for frame in frames if isinstance(frame, ToolCallComplete)]
    assert complete.arguments == "{}"


async def test_a_stream_that_breaks_off_keeps_what_came() -> None:
    """The error is raised; the words stay, marked by having no finish_reason."""
    agent, _ = scripted(words(TextDelta("So far", 0)))
    async with agent.session() as session:
        session.user("Go.")
        with pytest.raises(StreamTruncated):
            async for _ in session.stream():
                pass
        assert session.messages[-1].text == "So far"
        assert session.messages[-1].finish_reason is None


async def test_a_reader_that_leaves_closes_the_connection() -> None:
    """What it saw is kept, and the session goes on."""
    agent, client = scripted(words(TextDelta("So far", 0), Gate()), "Next.")
    async with agent.session() as session:
        session.user("Go.")
        stream = session.stream()
        async for _ in stream:
            break
        await stream.aclose()
        assert client.closed == 1
        session.user("On.")
        async for _ in session.stream():
            pass
        assert [m.text for m in session.messages] == ["Go.", "So far", "On.", "Next."]
    assert not other_tasks()


async def test_usage_and_finish_come_with_the_end() -> None:
    """As the provider said them, on the frame and on the message."""
    agent, _ = scripted(reply_text("Hi.", pieces=3))
    frames, messages = await asked(agent, "Go.")
    assert frames[-1].usage == messages[-1].usage
    assert (frames[-1].finish_reason, messages[-1].usage.output_tokens) == ("stop", 3)


async def test_a_transform_sees_calls_as_they_stream() -> None:
    """With the tools in the request: what the original's streaming could not."""
    seen: list[str] = []

    async def watched(frames: AsyncIterator[StreamFrame]) -> AsyncIterator[Any]:
        async for frame in frames:
            seen.append(frame.kind)
            yield frame

    agent, client = scripted(reply_calls(("add", {"a": 1, "b": 2}), pieces=2), tools=[add])
    await asked(agent, "Go.", transform=watched)
    assert seen == ["tool_call_delta", "tool_call_delta", "tool_call_complete", "end"]
    assert len(client.asked[0].tools) == 1


async def test_calls_of_tools_that_are_gone_are_told_in_words() -> None:
    """A history with them can go on without the tools."""
    agent, client = scripted(reply_calls(("add", {"a": 1, "b": 2})), "3.", "Fine.", tools=[add])
    await agent.ask("1 + 2?")
    agent.tools.clear()
    await agent.ask("And now?")
    sent = client.prompts[-1].messages
    assert not any(message.tool_calls for message in sent)
    assert any("add" in message.text for message in sent)


async def test_no_call_is_left_without_a_result_in_a_session() -> None:
    """Also where the person's code never runs the tools and goes on."""
    agent, _ = scripted(reply_calls(("add", {"a": 1, "b": 2})), "Fine.", tools=[add])
    async with agent.session() as session:
        session.user("Go.")
        async for _ in session.stream():
            pass
        session.user("Never mind.")
        async for _ in session.stream():
            pass
        assert_valid(session.messages)


async def test_a_session_is_a_read_only_view_of_what_it_was() -> None:
    """Messages are values: a list taken before does not change with what follows."""
    agent, _ = with_history("Hi.")
    before = agent.history
    await asked(agent, "Go.")
    assert before == CONVERSATION
    assert len(agent.history) == 4
