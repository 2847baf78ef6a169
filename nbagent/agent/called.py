"""A person's function as a graph calls it: with the context where it takes one, and awaited."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ["called"]

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def called(function: Callable[..., Any]) -> Callable[[Any, Any], Awaitable[Any]]:
    """An async function of context and value, from one of ``(value)`` or ``(context, value)``."""
    takes_context = _takes_context(function)

    async def run(context: Any, value: Any) -> Any:
        given = function(context, value) if takes_context else function(value)
        return await given if inspect.isawaitable(given) else given

    run.__wrapped__ = function  # type: ignore[attr-defined]  # so that it is known again
    return run


def _takes_context(function: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (ValueError, TypeError):
        return False  # some built-in functions and classes do not say: str, for one
    taken = [parameter for parameter in parameters if parameter.kind in POSITIONAL]
    required = [one for one in taken if one.default is inspect.Parameter.empty]
    # (context, value=None) has one that is required, and means the context all the same.
    return len(required) > 1 or (len(taken) > 1 and taken[0].name == "context")
