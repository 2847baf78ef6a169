"""A conversation that every provider accepts."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from nbagent import Message, TextPart, ToolCall, ToolResultPart
from nbagent.agent.history import NOT_RUN, History
from tests.agent.agents import assert_valid


def call(identity: str) -> ToolCall:
    """A call under this id."""
    return ToolCall(identity, "add", json.dumps({"id": identity}))


def test_a_given_history_is_repaired() -> None:
    """Open calls of a conversation that was handed in are answered where they stand."""
    history = History(
        [
            Message.user("a"),
            Message.assistant(call("1"), call("2")),
            Message.tool(ToolResultPart("2", "add", "two")),
            Message.user("b"),
            Message.assistant(call("3")),
        ]
    )
    assert_valid(history.messages)
    results = [(part.tool_call_id, part.text) for m in history.messages for part in m.tool_results]
    assert results == [("2", "two"), ("1", NOT_RUN), ("3", NOT_RUN)]


def test_ids_that_come_again() -> None:
    """A result of an earlier call does not answer a later one of the same id."""
    history = History()
    for _ in range(2):
        history.add(Message.assistant(call("call_0")))
        assert [item.tool_call_id for item in history.open_calls] == ["call_0"]
        history.close("stopped")
    assert [message.role for message in history.messages] == ["assistant", "tool"] * 2


def test_results_share_one_message() -> None:
    """Results that come at different times stand together, as providers want them."""
    history = History([Message.user("a")])
    history.add(Message.assistant(call("1"), call("2")))
    history.answer([ToolResultPart("1", "add", "one")])
    history.answer([])
    history.close("stopped")
    assert [part.tool_call_id for part in history.messages[-1].tool_results] == ["1", "2"]
    assert_valid(history.messages)


def test_a_reply_that_says_nothing_is_left_out() -> None:
    """An empty assistant message, which providers refuse, is not kept."""
    history = History()
    history.add(Message("assistant"))
    history.add(Message("assistant", (TextPart(""),)))
    assert history.messages == ()


def test_mappings() -> None:
    """Messages may be written as chat APIs write them."""
    history = History([{"role": "user", "content": "Hi."}])
    assert history.messages == (Message.user("Hi."),)


def test_drop_last_question() -> None:
    """The last question goes with all that followed it; without one nothing goes."""
    history = History([Message.user("a"), Message.assistant("A"), Message.user("b")])
    history.add(Message.assistant(call("1")))
    history.close("stopped")
    assert history.drop_last_question() == Message.user("b")
    assert [message.text for message in history.messages] == ["a", "A"]
    history.clear()
    assert history.drop_last_question() is None


MESSAGES = st.one_of(
    st.just(Message.user("u")),
    st.just(Message.assistant("a")),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True).map(
        lambda ids: Message.assistant(*map(call, ids))
    ),
)


@given(st.lists(MESSAGES, max_size=8))
def test_any_history_without_results(messages: list[Message]) -> None:
    """Whatever calls stand in it, each is followed by exactly one result."""
    kept = History(messages).messages
    for position, message in enumerate(kept):
        if message.tool_calls:
            results = [part.tool_call_id for part in kept[position + 1].tool_results]
            assert results == [item.tool_call_id for item in message.tool_calls]
    said = [message for message in kept if message.role != "tool"]
    assert list(map(_words, said)) == list(map(_words, messages))
    assert_valid(kept)


def _words(message: Message) -> tuple[str, str, int]:
    """A message but for the ids of its calls, which are replaced where they come again."""
    return message.role, message.text, len(message.tool_calls)


def test_one_message_can_be_forgotten() -> None:
    """The very one, not another that says the same; what is not there is no matter."""
    first, second = Message.assistant("a"), Message.assistant("a")
    history = History([Message.user("q"), first, second])
    history.forget(first)
    history.forget(first)
    assert history.messages == (Message.user("q"), second) and history.messages[1] is second


def test_edits_are_told_from_what_only_grows() -> None:
    """What is appended, or put in place of the last message, is no edit; all else is one."""
    history = History([Message.user("a")])
    history.add(Message.assistant(ToolCall("1", "f"), ToolCall("2", "f")))
    history.answer([ToolResultPart("1", "f", "x")])
    history.answer([ToolResultPart("2", "f", "y")])
    history.replace((*history.messages, Message.user("b")))
    assert history.edits == 0
    assert history.messages is history.messages
    changes = [
        lambda: history.drop_last_question(),
        lambda: history.replace([Message.user("z"), *history.messages[1:]]),
        lambda: history.replace(history.messages[:1]),
        lambda: history.clear(),
    ]
    for number, change in enumerate(changes, 1):
        change()
        assert history.edits == number
