"""Keeps the ids of calls apart in one conversation.

Some servers name the first call of every reply ``call_0``. An id that the conversation already
has is replaced by one of ours, the same from the call's first delta to its result.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace

from nbagent.frames import StreamFrame, ToolCallComplete, ToolCallDelta
from nbagent.messages import Message, ToolCall

__all__ = ["CallIds"]


class CallIds:
    """Renames the calls of one reply where their ids are taken.

    Args:
        messages: The conversation so far.
        taken: Ids of calls that are no longer in it, and still on a display.
    """

    def __init__(self, messages: Iterable[Message], taken: Iterable[str] = ()) -> None:
        # The parts themselves: `tool_calls` makes a tuple of every message, at every step of a run.
        self._taken = {
            part.tool_call_id
            for message in messages
            if message.role == "assistant"
            for part in message.parts
            if isinstance(part, ToolCall)
        }
        self._taken.update(taken)
        self._renamed: dict[str, str] = {}

    def unique(self, frame: StreamFrame) -> StreamFrame:
        """The frame, under another id if its own is taken."""
        if not isinstance(frame, (ToolCallDelta, ToolCallComplete)):
            return frame
        if frame.tool_call_id not in self._taken:
            return frame
        ours = self._renamed.setdefault(frame.tool_call_id, f"call_{uuid.uuid4().hex[:24]}")
        return replace(frame, tool_call_id=ours)
