"""The nodes of a strategy that talk to a model and run its tools."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nbagent.agent.calls import CallRecord
from nbagent.agent.graph import Graph, Node
from nbagent.agent.run_context import RunContext
from nbagent.agent.transform import Transform
from nbagent.messages import FilePart, ImagePart, Message, TextPart, ToolResultPart

__all__ = ["ToolsNode", "run_tools", "said", "stream_with_tools", "tools_node"]


@dataclass(frozen=True, eq=False)
class ToolsNode(Node[Any, list[CallRecord]]):
    """A node that runs calls.

    Attributes:
        only: The names of the tools whose calls it runs; None for all.
    """

    only: frozenset[str] | None = None


NOT_HERE = "This call was not run: only calls of other tools are run at this point."


def stream_with_tools(
    *,
    transform: Transform | None = None,
    reminder: str = "",
    answers: bool = True,
    name: str = "stream_with_tools",
    **params: Any,
) -> Node[Any, Message]:
    """A node that asks the model, with the tools in the request, and tells the frames as they come.

    Words, images and files that it is given are said to the model first, as the person's. The
    question and the results of `run_tools` are in the conversation already: nothing is added.
    Its value is the model's `Message`, which is in the conversation too.

    Args:
        transform: An async generator function that gets the frames and gives those that everybody
            else sees, the conversation included: it may pass them on, change them, leave them out,
            or end the stream by returning. Whatever else it gives is told as `NodeOutput`.
        reminder: Said to the model after the conversation; it does not become part of it.
        answers: Whether what the model says may be the run's answer: it is then asked for the
            form that the run's ``output=`` wants.
        name: The node's name.
        params: Parameters of the request, such as ``temperature``, ``tool_choice`` or ``tools=()``.
    """

    async def run(context: RunContext, value: Any) -> Message:
        said(context, value)
        return await context.reply(
            transform=transform, reminder=reminder, answers=answers, params=params
        )

    return Node(name, run)


def run_tools(
    *, parallel: bool = True, only: str | Iterable[str] | None = None, name: str = "run_tools"
) -> ToolsNode:
    """A node that runs the calls of the model's last message.

    Their results are in the conversation; its value is the list of their records.

    Args:
        parallel: Side by side, or one after the other.
        only: The names of the tools whose calls are run here; the model is told that the others
            were not.
        name: The node's name.
    """
    names = None if only is None else frozenset([only] if isinstance(only, str) else only)

    async def run(context: RunContext, value: Any) -> list[CallRecord]:
        if names is not None:
            history = context.session.history
            left = [call for call in history.open_calls if call.name not in names]
            history.answer(
                ToolResultPart(call.tool_call_id, call.name, NOT_HERE, error=True) for call in left
            )
        return await context.run_tools(parallel=parallel)

    return ToolsNode(name, run, only=names)


def tools_node(graph: Graph[Any, Any], name: str) -> ToolsNode | None:
    """The one node of a graph that runs the calls of a tool; None where there is not just one.

    Args:
        graph: Looked at itself, not the graphs inside.
        name: The tool's.
    """
    nodes = [node for node in graph.nodes if isinstance(node, ToolsNode)]
    found = [node for node in nodes if node.only is None or name in node.only]
    return found[0] if len(found) == 1 else None


def said(context: RunContext, value: Any) -> None:
    """Says to the model what a node was given, if that is words and not the question itself."""
    words = () if value is context.question else _words(value)
    if words:
        context.session.user(*words)


def _words(value: Any) -> tuple[Any, ...]:
    """What of a node's value is said to the model."""
    if isinstance(value, (str, TextPart, ImagePart, FilePart)):
        return (value,)
    if isinstance(value, (list, tuple)):
        return tuple(i for i in value if isinstance(i, (str, TextPart, ImagePart, FilePart)))
    return ()
