"""Any list of messages becomes a conversation that every provider accepts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from nbagent import ConfigurationError, ImagePart, Message, ToolCall, ToolResultPart
from nbagent.agent.history import History
from nbagent.agent.presented import presented
from nbagent.agent.repair import NOT_RUN, history_of, repaired
from tests.agent.agents import assert_valid
from tests.agent.conversations import CONVERSATIONS, SPECS
from tests.judges import CLIENTS, judge


@pytest.mark.parametrize("name", CLIENTS)
@settings(max_examples=150, deadline=None)
@given(messages=CONVERSATIONS)
def test_any_conversation_is_accepted_by_every_provider(name: str, messages: Any) -> None:
    """Repaired, with the question that follows, each provider's judge takes it."""
    kept = (*History(messages).messages, Message.user("And now?"))
    assert_valid([message for message in kept if message.parts])
    judge(name, kept, SPECS)


@pytest.mark.parametrize("known", [frozenset({"add", "plot"}), frozenset({"add"}), frozenset()])
@pytest.mark.parametrize("name", CLIENTS)
@settings(max_examples=60, deadline=None)
@given(messages=CONVERSATIONS)
def test_any_prompt_is_accepted(name: str, known: Any, messages: Any) -> None:
    """As a request presents it, with the calls of tools that are gone in words."""
    kept = (Message.user("Go."), *History(messages).messages)
    specs = [spec for spec in SPECS if spec.name in known]
    shown = presented(kept, known)
    assert shown[-1].role != "assistant"
    judge(name, shown, specs)
    if not known:
        assert not any(message.tool_calls or message.tool_results for message in shown)


@settings(max_examples=150, deadline=None)
@given(messages=CONVERSATIONS)
def test_what_is_in_order_stays_as_it_is(messages: Any) -> None:
    """Repairing a second time changes nothing, not even an object."""
    once = repaired(messages)
    twice = repaired(once)
    assert len(once) == len(twice)
    assert all(map(lambda one, other: one is other, once, twice))


def test_results_are_found_where_they_stand() -> None:
    """A result behind the next question is put to its call; one of no call goes."""
    call, other = ToolCall("1", "f"), ToolCall("2", "g")
    one, two = ToolResultPart("1", "", "one"), ToolResultPart("9", "f", "nobody's")
    made = repaired(
        [
            Message.user("a"),
            Message.assistant(call, other),
            Message.user("b"),
            Message.tool(two, one),
        ]
    )
    assert [message.role for message in made] == ["user", "assistant", "tool", "user"]
    assert made[2].tool_results == (
        ToolResultPart("1", "f", "one"),
        ToolResultPart("2", "g", NOT_RUN, error=True),
    )


def test_ids_that_come_again_are_replaced() -> None:
    """The second call of the same id has another one, and its own result."""
    said = Message.assistant(ToolCall("call_0", "f"))
    made = repaired(
        [
            said,
            Message.tool(ToolResultPart("call_0", "f", "first")),
            said,
            Message.tool(ToolResultPart("call_0", "f", "second")),
        ]
    )
    assert_valid(made)
    assert [part.text for message in made for part in message.tool_results] == ["first", "second"]


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (Message.user(ToolCall("1", "f")), "ToolCall"),
        (Message.assistant(ToolResultPart("1", "f", "x")), "ToolResultPart"),
        (Message("tool", (ImagePart(b"x"),)), "ImagePart"),
    ],
)
def test_what_is_in_the_wrong_place_is_named(message: Message, named: str) -> None:
    """A part that its role cannot have is refused, with where it stands."""
    with pytest.raises(ConfigurationError, match=rf"Message 1 \(\w+\) has a {named}"):
        history_of([Message.user("a"), message])
