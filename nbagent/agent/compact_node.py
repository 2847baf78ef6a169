"""A node of a strategy that makes the conversation shorter for the model."""

from __future__ import annotations

from typing import Any

from nbagent.agent.compaction import Compaction, Summary, compaction_of
from nbagent.agent.graph import Node
from nbagent.agent.run_context import RunContext

__all__ = ["compact"]


def compact(how: Compaction | None = None, *, name: str = "compact") -> Node[Any, Any]:
    """A node that leaves out the older messages of what the model is given, and says so.

    Its value is the one that it was given. See `Summary`, `LastMessages` and `Budget`.

    Args:
        how: In which way; by default as the agent does, else with a `Summary`.
        name: The node's name.

    Raises:
        ConfigurationError: ``how`` is no `Compaction`.
    """
    chosen = compaction_of(how)

    async def run(context: RunContext, value: Any) -> Any:
        await context.compact(chosen or context.compaction or Summary())
        return value

    return Node(name, run)
