"""The nodes of a strategy that talk to a model and run its tools, and the conditions between."""

from __future__ import annotations

from typing import Any

from nbagent.agent.calls import CallRecord
from nbagent.agent.graph import Node
from nbagent.agent.run_context import RunContext
from nbagent.agent.transform import Transform
from nbagent.messages import FilePart, ImagePart, Message, TextPart

__all__ = ["has_calls", "no_calls", "run_tools", "stream_with_tools"]


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
        said = () if value is context.question else _words(value)
        if said:
            context.session.user(*said)
        return await context.reply(
            transform=transform, reminder=reminder, answers=answers, params=params
        )

    return Node(name, run)


def run_tools(*, parallel: bool = True, name: str = "run_tools") -> Node[Any, list[CallRecord]]:
    """A node that runs the calls of the model's last message.

    Their results are in the conversation; its value is the list of their records.

    Args:
        parallel: Side by side, or one after the other.
        name: The node's name.
    """

    async def run(context: RunContext, value: Any) -> list[CallRecord]:
        return await context.run_tools(parallel=parallel)

    return Node(name, run)


def has_calls(message: Message) -> bool:
    """Whether the model asked for calls."""
    return bool(message.tool_calls)


def no_calls(message: Message) -> bool:
    """Whether the model asked for no calls: its words are an answer."""
    return not message.tool_calls


def _words(value: Any) -> tuple[Any, ...]:
    """What of a node's value is said to the model."""
    if isinstance(value, (str, TextPart, ImagePart, FilePart)):
        return (value,)
    if isinstance(value, (list, tuple)):
        return tuple(i for i in value if isinstance(i, (str, TextPart, ImagePart, FilePart)))
    return ()
