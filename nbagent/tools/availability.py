"""Whether a tool is offered at the moment, as a function of the person's own says."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from nbagent.errors import ConfigurationError, ToolError
from nbagent.tools.tool import Tool

__all__ = ["Available", "Check", "available_now", "check_of"]

Available: TypeAlias = (
    Callable[[], bool | Awaitable[bool]] | Callable[[Tool[..., Any]], bool | Awaitable[bool]]
)
Check: TypeAlias = Callable[[Tool[..., Any]], bool | Awaitable[bool]]


def check_of(available: Any) -> Check:
    """The function as one that takes the tool; it may be written without any parameter.

    Raises:
        ConfigurationError: It cannot be called.
    """
    if not callable(available):
        raise ConfigurationError(
            "available is a function that says whether the tools are offered now, as in "
            f"Toolset([drop], available=lambda: unlocked); got {available!r}."
        )
    if _takes_tool(available):
        return available  # type: ignore[no-any-return]  # what it gives is read as truth
    return lambda tool: available()


async def available_now(checks: tuple[Check, ...], tool: Tool[..., Any]) -> bool:
    """Whether every check says yes.

    Raises:
        ToolError: A check raised.
    """
    try:
        for check in checks:
            answer = check(tool)
            if not (await answer if inspect.isawaitable(answer) else answer):
                return False
    except Exception as error:
        raise ToolError(
            f"The available= function of tool {tool.name!r} raised {type(error).__name__}: {error}."
        ) from error
    return True


def _takes_tool(available: Callable[..., Any]) -> bool:
    try:
        inspect.signature(available).bind(None)
    except TypeError:
        return False
    except ValueError:  # one of the built-in ones that do not tell: called with the tool
        return True
    return True
