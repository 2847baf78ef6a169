"""The calls of an agent: what was called, with what, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from nbagent.errors import ToolError
from nbagent.messages import ToolCall, ToolResultPart
from nbagent.tools import ToolResult
from nbagent.tools.outputs import ToolOutput

__all__ = ["CallRecord", "ToolState"]

# "cancelled": by a stop of the run, or by an interrupt of the kernel that ended this call alone.
# "interrupted": its end is not known, because the kernel or the run went away under it.
ToolState: TypeAlias = Literal["done", "failed", "denied", "cancelled", "interrupted"]


@dataclass(frozen=True, repr=False)
class CallRecord:
    """One call with its outcome.

    Attributes:
        tool_call_id: The call's id, the same as on its frames and its card.
        name: The tool's name.
        arguments: The JSON text that the function got.
        state: How it ended.
        outcome: Both sides of the result.
        elapsed: Seconds that the function took.
        outputs: What it printed and displayed, as its card shows it.
    """

    tool_call_id: str
    name: str
    arguments: str
    state: ToolState
    outcome: ToolResult
    elapsed: float = 0.0
    outputs: tuple[ToolOutput, ...] = ()

    def __repr__(self) -> str:
        text = self.arguments if len(self.arguments) <= 60 else self.arguments[:59] + "…"
        return f"<{self.name}({text}): {self.state}>"

    @property
    def result(self) -> Any:
        """The object that the function returned, itself; None where there is none."""
        return self.outcome.value

    @property
    def text(self) -> str:
        """What the model read."""
        return self.outcome.text

    @property
    def error(self) -> ToolError | None:
        """Why there is no result."""
        return self.outcome.error

    def part(self) -> ToolResultPart:
        """The result as the history carries it."""
        return ToolResultPart(
            self.tool_call_id,
            self.name,
            self.outcome.text,
            self.outcome.images,
            self.state != "done",
        )

    @classmethod
    def refused(cls, call: ToolCall, state: ToolState, error: ToolError) -> CallRecord:
        """A call whose function never ran, or did not end."""
        return cls(
            call.tool_call_id,
            call.name,
            call.arguments,
            state,
            ToolResult(None, str(error), error=error),
        )
