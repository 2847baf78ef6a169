"""Keeps the ids of calls apart in one conversation.

Some servers name the first call of every reply ``call_0``. An id that the conversation already
has is replaced by one of ours, the same from the call's first delta to its result.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from nbagent.agent.calls import CallRecord
from nbagent.agent.history import History
from nbagent.frames import StreamFrame, ToolCallComplete, ToolCallDelta
from nbagent.messages import Message, ToolCall

__all__ = ["CallIds", "TakenIds"]


class TakenIds:
    """The ids that a conversation has already, gathered as it grows.

    A run of a thousand steps would else go through all messages a thousand times.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._known = self._records = self._edits = 0

    def clear(self) -> None:
        """Forgets them."""
        self._ids, self._known, self._records = set(), 0, 0

    def of(self, history: History, records: Sequence[CallRecord]) -> set[str]:
        """The ids of a conversation, always the same one, and of its records."""
        if history.edits != self._edits or len(records) < self._records:
            self.clear()
        # The last one known may since have become another, longer one: it is looked at again.
        self._ids.update(_ids_in(history.since(max(0, self._known - 1))))
        self._ids.update(record.tool_call_id for record in records[self._records :])
        self._known, self._records, self._edits = len(history), len(records), history.edits
        return self._ids


class CallIds:
    """Renames the calls of one reply where their ids are taken.

    Args:
        taken: The ids that the conversation has, or its display.
        claims: Shared by branches that go on side by side: who has used an id first.
    """

    def __init__(self, taken: Iterable[str], claims: dict[str, CallIds] | None = None) -> None:
        self._claims = claims
        self._taken = taken if isinstance(taken, set) else set(taken)
        self._renamed: dict[str, str] = {}

    def unique(self, frame: StreamFrame) -> StreamFrame:
        """The frame, under another id if its own is taken."""
        if not isinstance(frame, (ToolCallDelta, ToolCallComplete)):
            return frame
        if frame.tool_call_id not in self._taken and self._is_free(frame.tool_call_id):
            return frame
        ours = self._renamed.setdefault(frame.tool_call_id, f"call_{uuid.uuid4().hex[:24]}")
        return replace(frame, tool_call_id=ours)

    def _is_free(self, tool_call_id: str) -> bool:
        return self._claims is None or self._claims.setdefault(tool_call_id, self) is self


def _ids_in(messages: Iterable[Message]) -> Iterator[str]:
    # The parts themselves: `tool_calls` makes a tuple of every message.
    for message in messages:
        if message.role == "assistant":
            for part in message.parts:
                if isinstance(part, ToolCall):
                    yield part.tool_call_id
