"""The nodes of a strategy that change the conversation, or want a value of a type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nbagent.agent.called import called
from nbagent.agent.events import Notice
from nbagent.agent.graph import Node
from nbagent.agent.nodes import said
from nbagent.agent.output import Output
from nbagent.agent.output_repair import RETRIES, fitting
from nbagent.agent.repair import history_of
from nbagent.agent.run_context import RunContext
from nbagent.messages import Message, MessageLike

__all__ = ["add_messages", "edit_history", "stream_output"]


def add_messages(*messages: MessageLike, name: str = "add_messages") -> Node[Any, Any]:
    """A node that puts messages at the end of the conversation, and gives on what it got.

    Args:
        messages: `Message`s, or mappings such as ``{"role": "user", "content": "Go on."}``.
        name: The node's name.

    Raises:
        ConfigurationError: One of them is no message.
    """
    added = history_of(messages)

    async def run(context: RunContext, value: Any) -> Any:
        context.session.messages = (*context.session.messages, *added)
        return value

    return Node(name, run)


def edit_history(
    edit: Callable[..., Iterable[MessageLike]], *, name: str = "edit_history"
) -> Node[Any, Any]:
    """A node that puts another conversation in place of this one, and gives on what it got.

    Args:
        edit: Gets the messages and gives those that are to stand there; plain or async. Calls
            without results, and results without calls, are mended.
        name: The node's name.
    """
    change = called(edit)

    async def run(context: RunContext, value: Any) -> Any:
        context.session.messages = await change(context, context.session.messages)
        return value

    return Node(name, run)


def stream_output(
    output: Any,
    *,
    reminder: str = "",
    retries: int = RETRIES,
    name: str = "stream_output",
    **params: Any,
) -> Node[Any, Any]:
    """A node that asks the model for a value of a type, without tools; its value is that value.

    What it is given is said to the model first, as for `stream_with_tools`; the model's message is
    in the conversation.

    Args:
        output: A pydantic model, a dataclass, … or an `Output`; see `Agent`.
        reminder: Said to the model after the conversation; it does not become part of it.
        retries: How often an answer that does not fit goes back to the model.
        name: The node's name.
        params: Parameters of the request.

    Raises:
        ConfigurationError: The type cannot be described.
        OutputInvalid: At run time, no answer had the form.
    """
    wanted = Output.of(output)

    async def run(context: RunContext, value: Any) -> Any:
        async def ask(words: str) -> Message:
            how = {"tools": (), "output": wanted, **params}
            return await context.reply(reminder=words, params=how)

        said(context, value)
        return await fitting(
            wanted,
            await ask(reminder),
            ask,
            context.session.history.forget,
            retries=retries,
            notify=lambda text: context.emit(Notice(context.run_id, text)),
        )

    return Node(name, run)
