"""A call that is made once more: the answer up to it, and the call under a name of its own. Pure.

The new course is another version of the answer. The calls that are not made again are the same in
both, records included; only the one that is made again has to have another id. Its provider still
reads the id that it gave, and so the very message that it wrote.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nbagent.agent.calls import CallRecord
from nbagent.agent.journal import calls_in
from nbagent.errors import ConfigurationError
from nbagent.messages import Message, Part, ToolCall

__all__ = ["CallAgain", "found"]


@dataclass(frozen=True, slots=True)
class CallAgain:
    """The beginning of an answer that goes on from a call.

    Attributes:
        question: What was asked, as a message of its own.
        said: What followed, up to the model's message with the call.
        asking: That message, in which the call has its new id.
        results: What came of the other calls of that message; None where it has no others.
        calls: The records of all calls that are not made again.
        call: The call that is, with the arguments that its function got the last time.
    """

    question: Message
    said: tuple[Message, ...]
    asking: Message
    results: Message | None
    calls: tuple[CallRecord, ...]
    call: ToolCall

    @classmethod
    def of(
        cls,
        messages: Sequence[Message],
        records: Sequence[CallRecord],
        start: int,
        tool_call_id: str,
    ) -> CallAgain:
        """The beginning of the answer to the question at ``start``, up to one of its calls."""
        at, old = found(messages, tool_call_id)
        asking = messages[at]
        new = replace(
            old,
            tool_call_id=f"call_{uuid.uuid4().hex[:24]}",
            provider_id=old.provider_id or old.tool_call_id,
        )
        parts: tuple[Part, ...] = tuple(new if part is old else part for part in asking.parts)
        others = [
            result
            for message in messages[at + 1 : at + 2]
            for result in message.tool_results
            if result.tool_call_id != tool_call_id
        ]
        ran = next((each for each in records if each.tool_call_id == tool_call_id), None)
        kept = (*messages[start + 1 : at], replace(asking, parts=parts))
        not_again = calls_in(kept) - {new.tool_call_id}
        return cls(
            replace(messages[start]),
            kept[:-1],
            kept[-1],
            Message.tool(*others) if others else None,
            tuple(record for record in records if record.tool_call_id in not_again),
            replace(new, arguments=ran.arguments if ran is not None else new.arguments),
        )

    @property
    def messages(self) -> tuple[Message, ...]:
        """All of it, the question first."""
        results = () if self.results is None else (self.results,)
        return (self.question, *self.said, self.asking, *results)


def found(messages: Sequence[Message], tool_call_id: str) -> tuple[int, ToolCall]:
    """Where the message with a call stands, and the call.

    Raises:
        ConfigurationError: The conversation has no such call.
    """
    for at in range(len(messages) - 1, -1, -1):
        for call in messages[at].tool_calls:
            if call.tool_call_id == tool_call_id:
                return at, call
    raise ConfigurationError(
        f"The conversation has no call {tool_call_id!r}. agent.calls has those of the version that "
        "it goes on with; a call inside of a call is another agent's."
    )
