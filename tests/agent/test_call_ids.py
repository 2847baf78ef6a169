"""Ids that a conversation already has."""

from __future__ import annotations

from nbagent import (
    CallRecord,
    Message,
    TextDelta,
    ToolCall,
    ToolCallComplete,
    ToolCallDelta,
    ToolError,
)
from nbagent.agent.call_ids import CallIds, TakenIds
from nbagent.agent.history import History


def test_taken_ids_are_replaced_for_the_whole_reply() -> None:
    """Delta and complete frame of a taken id get the same new one."""
    ids = CallIds(TakenIds().of(History([Message.assistant(ToolCall("call_0", "add"))]), []))
    delta = ids.unique(ToolCallDelta("call_0", "add", "{", 0))
    whole = ids.unique(ToolCallComplete("call_0", "add", "{}", 0))
    assert isinstance(delta, ToolCallDelta)
    assert isinstance(whole, ToolCallComplete)
    assert delta.tool_call_id == whole.tool_call_id != "call_0"
    assert (delta.arguments, whole.arguments) == ("{", "{}")


def test_ids_of_calls_that_left_the_conversation() -> None:
    """Ids that are only on a display are taken too."""
    frame = ToolCallComplete("call_1", "add", "{}", 0)
    gone = CallRecord.refused(ToolCall("call_1", "add"), "failed", ToolError("no"))
    assert CallIds(TakenIds().of(History(), [gone])).unique(frame) != frame


def test_what_is_free_stays() -> None:
    """Free ids and other frames pass as they are."""
    ids = CallIds([])
    for frame in (ToolCallComplete("call_0", "add", "{}", 0), TextDelta("a", 0)):
        assert ids.unique(frame) is frame


def test_ids_of_a_conversation_that_grows_and_is_replaced() -> None:
    """What came since the last look is added; of another conversation nothing old is left."""
    taken = TakenIds()
    said = History([Message.user("?")])
    said.add(Message.assistant(ToolCall("a", "add")))
    assert taken.of(said, []) == {"a"}
    said.close("Done.")
    said.add(Message.user("!"))
    said.add(Message.assistant(ToolCall("b", "add"), ToolCall("c", "add")))
    record = CallRecord.refused(ToolCall("d", "add"), "failed", ToolError("no"))
    assert taken.of(said, [record]) == {"a", "b", "c", "d"}
    said.replace([Message.user("new"), Message.assistant(ToolCall("e", "add"))])
    assert taken.of(said, []) == {"e"}
    said.drop_last_question()
    said.add(Message.user("Newer."))
    assert taken.of(said, []) == set()
