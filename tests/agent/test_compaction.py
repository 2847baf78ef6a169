"""Long conversations: what the model is given of them, what is said about it, what stays."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbagent import (
    Agent,
    Budget,
    ConfigurationError,
    ContextWindowExceeded,
    Executor,
    Graph,
    HistoryCompacted,
    LastMessages,
    Message,
    Model,
    Notice,
    Retry,
    RunFinished,
    ServerError,
    Summary,
    TextPart,
    ToolCall,
    ToolResultPart,
    ToolSpec,
    Usage,
    compact,
    stream_with_tools,
)
from nbagent.agent.compaction import Compaction
from nbagent.agent.cutting import cut_before, places
from nbagent.agent.tokens import context_tokens, estimated
from nbagent.testing import Reply, ScriptedClient, reply_calls, reply_text
from tests.agent.agents import add, assert_valid, assert_well_formed, collected, scripted
from tests.judges import judge_all

SMALL = Model("scripted", "small", context_window=1000)


def small(*replies: Any, **options: Any) -> tuple[Agent, ScriptedClient]:
    """An agent on a model with a window of 1,000 tokens."""
    client = ScriptedClient(replies)
    return Agent(SMALL, executor=Executor({"scripted": client}), **options), client


def said(client: ScriptedClient, number: int = -1) -> list[tuple[str, str]]:
    """Roles and words of a request."""
    return [(m.role, m.text) for m in client.prompts[number].messages]


async def test_a_summary_takes_the_place_of_the_older_part() -> None:
    """The model writes it, without tools; the next request has it, and the last question whole."""
    agent, client = small(
        reply_text("One.", usage=Usage(300, 10)),
        reply_text("Two.", usage=Usage(850, 10)),
        reply_text("The person counts.", usage=Usage(60, 5)),
        reply_text("Three.", usage=Usage(90, 10)),
        tools=[add],
        instructions="Count.",
        compaction=Summary(keep=2),
    )
    await agent.ask("1?")
    await agent.ask("2?")
    items = await collected(agent, "3?")
    assert_well_formed(items)
    asked = client.asked[2]
    assert asked.tools == ()
    assert "1?" in asked.prompt.messages[-1].text
    assert "Count." not in asked.prompt.messages[0].text
    assert len(asked.prompt.messages) == 1
    system, note, *rest = said(client)
    assert system == ("system", "Count.")
    assert note[0] == "user"
    assert note[1].startswith("[Summary of the 3 earlier messages")
    assert note[1].endswith("The person counts.")
    assert rest == [("assistant", "Two."), ("user", "3?")]
    # The conversation itself is whole, and everybody was told.
    assert [m.text for m in agent.history] == ["1?", "One.", "2?", "Two.", "3?", "Three."]
    (event,) = (item for item in items if isinstance(item, HistoryCompacted))
    assert (event.left_out, event.given, event.summary) == (3, 3, "The person counts.")
    assert event.tokens_before > 800 > event.tokens_after
    assert any(isinstance(item, Notice) and "Nothing is deleted" in item.text for item in items)
    # Its own request is paid for, and is no step.
    assert agent.usage == Usage(1300, 35)
    assert isinstance(items[-1], RunFinished)
    assert items[-1].reply.usage == Usage(150, 15)


async def test_what_the_model_is_given_can_be_looked_at() -> None:
    """`context` is what goes to the model, `history` what was said."""
    agent, _ = small(
        reply_text("One.", usage=Usage(900, 10)), "Short.", "Two.", compaction=Summary(keep=1)
    )
    await agent.ask("1?")
    assert agent.context == agent.history
    await agent.ask("2?")
    assert len(agent.history) == 4
    assert [m.text for m in agent.context][1:] == ["2?", "Two."]
    assert "Short." in agent.context[0].text
    assert_valid(agent.context)


async def test_it_is_not_done_again_before_it_is_due() -> None:
    """After a cut the usage of the replies before it says nothing any more."""
    agent, client = small(
        reply_text("One.", usage=Usage(900, 10)),
        "Short.",
        reply_text("Two.", usage=Usage(100, 10)),
        reply_text("Three.", usage=Usage(130, 10)),
        compaction=Summary(),
    )
    for number in "123":
        await agent.ask(number)
    assert len(client.asked) == 4


async def test_a_second_summary_is_made_of_the_first() -> None:
    """What was left out before is in it; nothing is summarised twice."""
    agent, client = small(
        reply_text("One.", usage=Usage(900, 10)),
        "First summary.",
        reply_text("Two.", usage=Usage(900, 10)),
        "Second summary.",
        reply_text("Three.", usage=Usage(100, 10)),
        compaction=Summary(keep=1),
    )
    for number in ("1?", "2?", "3?"):
        await agent.ask(number)
    request = client.prompts[3].messages[-1].text
    assert "First summary." in request
    assert "2?" in request
    assert "1?" not in request
    assert "Second summary." in agent.context[0].text
    assert "First summary." not in agent.context[0].text


async def test_a_summary_that_fails_does_not_end_the_run() -> None:
    """Before it is too late the conversation goes on whole, and that is said."""
    fails = Reply(raises=ServerError("down", status=500))
    agent, _ = small(
        reply_text("One.", usage=Usage(900, 10)), fails, "Two.", compaction=Summary(keep=1)
    )
    agent._engine.settings.executor = Executor(
        agent._engine.settings.executor._clients, retry=Retry(attempts=1)
    )
    await agent.ask("1?")
    items = await collected(agent, "2?")
    assert isinstance(items[-1], RunFinished)
    assert agent.context == agent.history
    assert any(isinstance(i, Notice) and "could not be made shorter" in i.text for i in items)


async def test_the_provider_says_that_it_is_too_long() -> None:
    """The conversation is made shorter and asked once more, within the same step."""
    refused = Reply(raises=ContextWindowExceeded("too long", status=400))
    agent, client = scripted("One.", refused, "A summary.", "Two.", compaction=Summary(keep=1))
    await agent.ask("1?")
    items = await collected(agent, "2?")
    assert_well_formed(items)
    assert isinstance(items[-1], RunFinished)
    assert [text for _, text in said(client)][1:] == ["2?"]
    assert "A summary." in said(client)[0][1]


async def test_too_long_and_nothing_to_leave_out() -> None:
    """The provider's error is what the person reads; without a compaction as well."""
    refused = Reply(raises=ContextWindowExceeded("too long", status=400))
    for compaction in (Summary(), LastMessages(5), None):
        agent, _ = scripted(refused, compaction=compaction)
        with pytest.raises(ContextWindowExceeded):
            await agent.ask("A very long question.")


async def test_last_messages() -> None:
    """So many are given, a note says how many are not, and the history is whole."""
    agent, client = scripted(always="Yes.", compaction=LastMessages(3))
    for number in range(5):
        await agent.ask(f"{number}?")
    note, *rest = said(client)
    assert note == ("user", "[Note: 6 earlier messages of this conversation were left out here.]")
    assert rest == [("user", "3?"), ("assistant", "Yes."), ("user", "4?")]
    assert len(agent.history) == 10


async def test_a_call_stays_with_its_result_and_the_question_stays() -> None:
    """Within one long run the steps in the middle go, never half of one, never the question."""
    calls = reply_calls(("add", {"a": 1, "b": 2}), ("add", {"a": 3, "b": 4}))
    agent, client = scripted(
        *([calls] * 5), "Done.", tools=[add], compaction=LastMessages(3), instructions="Add."
    )
    await agent.ask("Go.")
    assert_valid(agent.history)
    for prompt in client.prompts:
        messages = prompt.messages[1:]
        assert_valid(messages)
        assert messages[0].role == "user"
        assert sum(m.text == "Go." for m in messages) == 1
        assert len(messages) <= 3 + 2


async def test_budget() -> None:
    """At so many tokens the oldest go, down to half; then there is peace for a while."""
    words = "word " * 100  # some 125 tokens
    replies = [reply_text(words, usage=Usage(0, 0)) for _ in range(12)]
    agent, client = scripted(*replies, compaction=Budget(1000))
    sizes = []
    for _ in range(12):
        await agent.ask(words)
        sizes.append(len(client.prompts[-1].messages))
    assert max(sizes) <= 8
    assert sum(b < a for a, b in itertools.pairwise(sizes)) == 3
    assert len(agent.history) == 24


async def test_a_window_that_is_not_known() -> None:
    """Then a number of tokens says when."""
    agent, client = scripted(
        reply_text("One.", usage=Usage(600, 10)), "Short.", "Two.", compaction=Summary(at=500)
    )
    await agent.ask("1?")
    await agent.ask("2?")
    assert len(client.asked) == 3
    other, client = scripted(
        reply_text("One.", usage=Usage(10**6, 10)), "Two.", compaction=Summary()
    )
    await other.ask("1?")
    await other.ask("2?")
    assert len(client.asked) == 2


async def test_by_hand() -> None:
    """`compact` does it now, in any way; then there is nothing more to leave out."""
    agent, client = scripted("One.", "Two.", "All of it.", "Three.")
    assert await agent.compact() is False
    await agent.ask("1?")
    await agent.ask("2?")
    assert await agent.compact(Summary(keep=1)) is True
    assert [m.text for m in agent.context][1:] == ["2?", "Two."]
    assert await agent.compact(LastMessages(1)) is False
    await agent.ask("3?")
    assert "All of it." in said(client)[0][1]


async def test_an_edit_of_what_was_left_out_puts_it_back() -> None:
    """A summary of what was never said would be a lie; edits behind the cut leave it."""
    agent, _ = scripted("One.", "Two.", "All of it.")
    await agent.ask("1?")
    await agent.ask("2?")
    await agent.compact(Summary(keep=2))
    agent.drop(1)
    assert "All of it." in agent.context[0].text
    agent.replace(0, Message.user("One?"))
    assert agent.context == agent.history
    agent.reset()
    assert agent.context == ()


async def test_a_fork_goes_on_from_the_same_context() -> None:
    """What was summarised is not read again by a copy of the conversation."""
    agent, _ = scripted("One.", "Two.", "All of it.", "Three.")
    await agent.ask("1?")
    await agent.ask("2?")
    await agent.compact(Summary(keep=1))
    session = agent.session().fork()
    assert session.history.context == agent.context


async def test_a_node_of_a_strategy() -> None:
    """`compact(...)` makes the conversation shorter where the graph says so."""
    graph: Graph[Any, Any] = Graph("short")
    graph.path(graph.start, compact(LastMessages(1)), stream_with_tools(), graph.finish)
    agent, client = scripted(always="Yes.", strategy=graph)
    await agent.ask("1?")
    items = await collected(agent, "2?")
    assert said(client)[1:] == [("user", "2?")]
    assert any(isinstance(item, HistoryCompacted) for item in items)


async def test_ones_own() -> None:
    """A `Compaction` of one's own says when, and what."""

    class Never(Compaction):
        """Never."""

        def due(self, session: Any) -> bool:
            return False

        async def made(self, session: Any) -> None:
            return None

    agent, _ = scripted(always="Yes.", compaction=Never())
    await agent.ask("1?")
    assert await agent.compact() is False


@pytest.mark.parametrize("wrong", ["Summary", Summary, 3])
def test_what_is_no_compaction(wrong: Any) -> None:
    """The error says what to write."""
    with pytest.raises(ConfigurationError, match=r"LastMessages\(20\)"):
        scripted(compaction=wrong)
    agent, _ = scripted()
    with pytest.raises(ConfigurationError, match="compaction"):
        agent.compaction = wrong


@pytest.mark.parametrize(
    "make",
    [
        lambda: Summary(at=0),
        lambda: Summary(keep=0),
        lambda: LastMessages(0),
        lambda: Budget(1.5),  # type: ignore[arg-type]  # the mistake under test
        lambda: Budget(100, down_to=-1),
    ],
)
def test_numbers_that_make_no_sense(make: Any) -> None:
    """Each is refused where it is written."""
    with pytest.raises(ConfigurationError, match="number"):
        make()


def test_tokens_are_counted_by_the_last_usage_and_estimated_behind_it() -> None:
    """What the provider counted is exact; only the rest is a rule of thumb."""
    answer = Message("assistant", (TextPart("x" * 400),), "stop", Usage(1000, 100))
    question = Message.user("y" * 400)
    assert estimated([question]) == 104
    assert context_tokens((question, answer)) == 1100
    assert context_tokens((question, answer, question)) == 1204
    assert context_tokens((question, answer, question), measured_from=2) == 3 * 104


def _conversation(turns: list[int]) -> list[Message]:
    """Questions with so many steps of calls before the answer; the last has none yet."""
    messages: list[Message] = []
    for turn, steps in enumerate(turns):
        messages.append(Message.user(f"{turn}?"))
        for step in range(steps):
            call = ToolCall(f"c{turn}_{step}", "add")
            messages.append(Message("assistant", (call,), "tool_calls"))
            messages.append(Message.tool(ToolResultPart(call.tool_call_id, "add", "3")))
        messages.append(Message("assistant", (TextPart(f"{turn}."),), "stop"))
    return messages[:-1]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5), st.data())
def test_any_cut_leaves_a_conversation(turns: list[int], data: st.DataObject) -> None:
    """Begins with the person's words, has the last of them, and each call with its result."""
    messages = _conversation(turns)
    where = list(places(messages))
    if not where:
        return
    cut = cut_before(messages, data.draw(st.sampled_from(where)), "So far.")
    given_ = cut.applied(messages)
    assert_valid(given_)
    judge_all(given_, [ToolSpec("add")])
    assert given_[0].role == "user"
    last = [m for m in messages if m.role == "user"][-1]
    assert any(m is last for m in given_)
    assert cut.left_out + len(given_) - 1 == len(messages)
    assert [m for m in messages if any(m is g for g in given_)] == list(given_[1:])
