"""Graphs that several tests of strategies are drawn on."""

from __future__ import annotations

from typing import Any

from nbagent import (
    Graph,
    Node,
    RunContext,
    tool,
)


def straight(*steps: Any, name: str = "straight") -> Graph[Any, Any]:
    """A strategy of one step after the other."""
    graph: Graph[Any, Any] = Graph(name)
    graph.path(graph.start, *steps, graph.finish)
    return graph


def keeps(name: str, value: str) -> Node[Any, str]:
    """A node that writes into the run's storage."""

    async def run(context: RunContext, given: Any) -> str:
        context.state["key"] = value
        return f"{name} gives {value}"

    return Node.of(run, name)


async def with_stored(context: RunContext, value: str) -> str:
    """The value, with what the storage has now."""
    return f"{value}; stored {context.state.get('key')}"


THREE = (keeps("first", "value1"), keeps("second", "value2"), keeps("third", "value3"))


@tool
def delete(path: str) -> str:
    """Deletes a file."""
    return f"deleted {path}"
