"""The conversation as requests show it: each message is looked at once, and nothing is missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent import FilePart, Message, ToolCall, ToolResultPart
from nbagent.agent.content import in_words
from nbagent.agent.cutting import cut_before, places
from nbagent.agent.history import History
from nbagent.agent.presented import SETS, Presenter, presented
from tests.agent.conversations import CONVERSATIONS

NOTES = FilePart(b"a,b\n1,2", "text/csv", "notes.csv")
KNOWN = st.sampled_from([("add", "plot"), ("add",), ("gone",), ("plot", "gone"), ()])
CHANGES = st.one_of(
    st.tuples(st.just("add"), CONVERSATIONS),
    st.tuples(st.just("ask"), st.just(None)),
    st.tuples(st.just("close"), st.just(None)),
    st.tuples(st.just("drop"), st.just(None)),
    st.tuples(st.just("replace"), st.integers(0, 12)),
    st.tuples(st.just("cut"), st.integers(0, 12)),
    st.tuples(st.just("clear"), st.just(None)),
)


@settings(max_examples=300, deadline=None)
@given(steps=st.lists(st.tuples(CHANGES, KNOWN, st.sampled_from(["", "Now."])), max_size=12))
def test_what_is_remembered_is_what_is_seen_anew(steps: Any) -> None:
    """After any change, with any tools, it is what the pure function makes of the conversation."""
    history = History()
    for (change, value), known, reminder in steps:
        _changed(history, change, value)
        told = [in_words(message) for message in history.context]
        for offered in (known, ("add", "plot")):
            assert history.presented(offered, reminder) == presented(told, offered, reminder)


def test_an_earlier_message_is_not_looked_at_again() -> None:
    """However many turns there are, a request looks at those of its own and the one before."""
    presenter, said = Presenter(), _Watched()
    for number in range(50):
        said += _turns(1)
        said.looked = 0
        shown = presenter.presented(said, None, ("f",))
        assert len(shown) == 4 * (number + 1)
        assert said.looked <= 12


@pytest.mark.parametrize("sets", [2, SETS + 1])
def test_tools_that_change_from_request_to_request(sets: int) -> None:
    """A graph whose nodes offer different tools is told the calls of each rightly."""
    history = History(_turns(3))
    for number in range(3 * sets):
        known = {f"f{number % sets}"}
        assert history.presented(known) == presented(history.messages, known)
        history.add(Message.user(f"Question {number}"))
        history.add(Message.assistant(ToolCall(f"c{number}", f"f{number % sets}")))
        history.close("Done.")


def test_a_file_of_the_question_is_read_once() -> None:
    """Each step of a run gives the same message of words, not one made anew."""
    history = History([Message.user("Look.", NOTES)])
    one = history.presented(("f",))[0]
    history.add(Message.assistant(ToolCall("1", "f")))
    history.close("Done.")
    assert history.presented(("f",))[0] is one
    assert "a,b" in one.text


def _changed(history: History, change: str, value: Any) -> None:
    if change == "add":
        history.replace((*history.messages, *value))
    elif change == "ask":
        history.close("Stopped.")
        history.add(Message.user("Look.", NOTES))
    elif change == "close":
        history.close("Stopped.")
    elif change == "drop":
        history.drop_last_question()
    elif change == "replace":
        history.replace([m for at, m in enumerate(history.messages) if at != value])
    elif change == "cut":
        found = list(places(history.messages))
        history.cut = cut_before(history.messages, found[value % len(found)]) if found else None
    else:
        history.clear()


def _turns(count: int) -> list[Message]:
    made = [Message.user("Begin.")]
    for number in range(count):
        call = ToolCall(f"call_{number}", "f")
        made += [
            Message.assistant(call),
            Message.tool(ToolResultPart(call.tool_call_id, "f", "1")),
            Message.user("Go on."),
        ]
    return made


class _Watched(list):  # type: ignore[type-arg]  # of messages
    """Counts the messages that are read by index, in a slice or one after the other."""

    looked = 0

    def __getitem__(self, key: Any) -> Any:
        found: Any = super().__getitem__(key)
        self.looked += len(found) if isinstance(found, Sequence) else 1
        return found

    def __iter__(self) -> Any:
        self.looked += len(self)
        return super().__iter__()
