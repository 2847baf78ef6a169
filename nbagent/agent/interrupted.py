"""Calls that were under way when a kernel ended: what the next one makes of them."""

from __future__ import annotations

from collections.abc import Sequence

from nbagent.agent.calls import CallRecord
from nbagent.agent.repair import INTERRUPTED, repaired
from nbagent.errors import ToolError
from nbagent.messages import Message

__all__ = ["interrupted"]


def interrupted(
    messages: Sequence[Message], calls: Sequence[CallRecord]
) -> tuple[list[Message], list[CallRecord]]:
    """The conversation with an end for each call that has none, and the records of these.

    Args:
        messages: The conversation as it was saved.
        calls: The records that were saved with it.
    """
    made = repaired(messages, INTERRUPTED)
    known = {record.tool_call_id for record in calls}
    lost = {
        result.tool_call_id
        for message in made
        for result in message.tool_results
        if result.text == INTERRUPTED
    }
    left = [
        CallRecord.refused(call, "interrupted", ToolError(INTERRUPTED))
        for message in made
        for call in message.tool_calls
        if call.tool_call_id in lost - known
    ]
    return made, left
