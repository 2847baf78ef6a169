"""Checkpoints: each change of a conversation can be gone back to, and costs what it adds."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent import Message
from nbagent.agent.calls import CallRecord
from nbagent.agent.history import History
from nbagent.agent.journal import Checkpoint, Journal
from nbagent.testing import reply_calls
from tests.agent.agents import add, assert_valid, scripted
from tests.agent.conversations import ASSISTANT, CONVERSATIONS, USER


async def test_a_checkpoint_at_each_step() -> None:
    """Question, each round of calls and the answer; those with calls under way are not offered."""
    agent, _ = scripted(
        reply_calls(("add", {"a": 1, "b": 2})),
        reply_calls(("add", {"a": 3, "b": 4})),
        "7",
        tools=[add],
    )
    await agent.ask("3 + 4?")
    labels = [checkpoint.label for checkpoint in agent.checkpoints]
    assert labels == ["asked: 3 + 4?", "called: add", "called: add", "answered: 7"]
    assert [len(checkpoint) for checkpoint in agent.checkpoints] == [1, 3, 5, 6]
    assert agent.checkpoints[1].messages == agent.history[:3]


OPS = st.lists(
    st.one_of(
        USER.map(lambda message: ("add", message)),
        ASSISTANT.map(lambda message: ("add", message)),
        st.just(("close", None)),
        st.just(("retry", None)),
        st.just(("clear", None)),
        CONVERSATIONS.map(lambda messages: ("replace", messages)),
        st.integers(0, 50).map(lambda number: ("go", number)),
    ),
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(ops=OPS)
def test_every_checkpoint_is_what_the_conversation_was(ops: Any) -> None:
    """Whatever is done, each checkpoint gives back the very messages of its moment."""
    history, calls = History(), list[CallRecord]()
    journal = Journal(history, calls)
    was: dict[str, tuple[Message, ...]] = {}
    journal.listen(lambda at: was.setdefault(at.id, history.messages) and None)
    for name, value in ops:
        if name == "add":
            history.close("stopped")
            history.add(value)
        elif name == "close":
            history.close("stopped")
        elif name == "retry":
            history.close("stopped")
            history.drop_last_question()
        elif name == "clear":
            history.clear()
        elif name == "replace":
            history.replace(value)
        elif journal.checkpoints:
            target = journal.checkpoints[value % len(journal.checkpoints)]
            journal.go(target)
            if not any(message.tool_calls for message in target.messages):
                assert history.messages == target.messages
        for checkpoint in journal.everything:
            assert checkpoint.messages == was[checkpoint.id]
            assert len(checkpoint) == len(was[checkpoint.id])
        assert (journal.head.messages if journal.head else ()) == history.messages


def test_a_long_chain_can_go() -> None:
    """A conversation of very many steps is let go of without a deep recursion."""
    checkpoint = None
    for number in range(100_000):
        checkpoint = Checkpoint(checkpoint, number, (Message.user("x"),))
    assert checkpoint is not None
    assert len(checkpoint.messages) == 100_000


async def test_retry_leaves_a_branch() -> None:
    """What a question was answered before it was asked again is still there to go back to."""
    agent, _ = scripted("One.", "Two.")
    await agent.ask("?")
    before = agent.checkpoints[-1]
    agent._engine._history.drop_last_question()
    await agent.ask("?")
    assert agent.history[-1].text == "Two."
    agent.rollback(before)
    assert agent.history[-1].text == "One."
    assert_valid(agent.history)
