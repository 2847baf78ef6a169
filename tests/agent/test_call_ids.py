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


def test_taken_ids_are_replaced_for_the_whole_reply() -> None:
    """Delta and complete frame of a taken id get the same new one."""
    ids = CallIds(TakenIds().of([Message.assistant(ToolCall("call_0", "add"))], []))
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
    assert CallIds(TakenIds().of([], [gone])).unique(frame) != frame


def test_what_is_free_stays() -> None:
    """Free ids and other frames pass as they are."""
    ids = CallIds([])
    for frame in (ToolCallComplete("call_0", "add", "{}", 0), TextDelta("a", 0)):
        assert ids.unique(frame) is frame


def test_ids_of_a_conversation_that_grows_and_is_replaced() -> None:
    """What came since the last look is added; of another conversation nothing old is left."""
    taken = TakenIds()
    said = [Message.user("?"), Message.assistant(ToolCall("a", "add"))]
    assert taken.of(said, []) == {"a"}
    said[-1] = Message.assistant(ToolCall("a", "add"), ToolCall("b", "add"))
    said += [Message.user("!"), Message.assistant(ToolCall("c", "add"))]
    record = CallRecord.refused(ToolCall("d", "add"), "failed", ToolError("no"))
    assert taken.of(said, [record]) == {"a", "b", "c", "d"}
    assert taken.of([Message.user("new")], []) == set()
    assert taken.of([], []) == set()
