"""What a run gives in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbagent.agent.calls import CallRecord
from nbagent.messages import Message, Usage

__all__ = ["Reply"]


@dataclass(frozen=True, repr=False)
class Reply:
    """The answer to one question.

    Attributes:
        text: The words of the last message.
        calls: The calls that were made on the way, in order.
        usage: The tokens of all steps together.
        messages: What the run added to the history.
        run_id: The run's name on its events.
        cost: US dollars for all steps together, by the price table; None where it does not say.
        output: The value of the agent's ``output=`` type, or of its own strategy; else None.
    """

    text: str
    calls: tuple[CallRecord, ...]
    usage: Usage
    messages: tuple[Message, ...]
    run_id: str = ""
    output: Any = None
    cost: float | None = None

    def __repr__(self) -> str:
        calls = f", {len(self.calls)} calls" if self.calls else ""
        text = self.text if len(self.text) <= 200 else self.text[:199] + "…"
        return f"Reply({text!r}{calls})"

    def __str__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text
