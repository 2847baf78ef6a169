"""Conditions for the edges of a strategy, on what the model said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nbagent.agent.calls import CallRecord
from nbagent.messages import Message, ToolCall

__all__ = ["any_failed", "calls_to", "has_calls", "has_reasoning", "has_text", "no_calls"]


def has_calls(message: Message) -> bool:
    """Whether the model asked for calls."""
    return bool(message.tool_calls)


def no_calls(message: Message) -> bool:
    """Whether the model asked for no calls: its words are an answer."""
    return not message.tool_calls


def has_text(message: Message) -> bool:
    """Whether the model said something in words, beside calls or alone."""
    return bool(message.text.strip())


def has_reasoning(message: Message) -> bool:
    """Whether the model's reasoning is in the message."""
    return bool(message.reasoning.strip())


def calls_to(
    tool: Any, where: Callable[[Mapping[str, Any]], bool] | None = None
) -> Callable[[Message], bool]:
    """Whether the model asked for a call of this tool::

        graph.edge(ask, careful, when=calls_to("delete"))
        graph.edge(ask, big, when=calls_to(query, lambda arguments: arguments["rows"] > 1000))

    Args:
        tool: The tool, its function, or its name.
        where: Gets the arguments of a call and says whether that call counts. A call whose
            arguments are no JSON object does not.
    """
    name = tool if isinstance(tool, str) else getattr(tool, "name", getattr(tool, "__name__", ""))

    def condition(message: Message) -> bool:
        asked = (call for call in message.tool_calls if call.name == name)
        return any(where is None or _counts(call, where) for call in asked)

    condition.__name__ = f"calls {name}"
    return condition


def any_failed(records: Iterable[CallRecord]) -> bool:
    """Whether one of the calls that `run_tools` ran has no result."""
    return any(record.state != "done" for record in records)


def _counts(call: ToolCall, where: Callable[[Mapping[str, Any]], bool]) -> bool:
    try:
        arguments = json.loads(call.arguments or "{}")
    except ValueError:
        return False
    return isinstance(arguments, Mapping) and bool(where(arguments))
