"""What a tool is called and what it says of itself, if nobody said otherwise."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

from nbagent.errors import ToolSchemaError
from nbagent.tools.docstrings import Described, read_docstring
from nbagent.tools.signature import core, layers

__all__ = ["checked_name", "described", "name_of"]

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # what every provider accepts


def name_of(function: Callable[..., Any]) -> str:
    """The function's name; of a callable object that of its class."""
    for layer in layers(function):
        name = getattr(layer, "__name__", None)
        if isinstance(name, str):
            return name
        if not isinstance(layer, functools.partial):
            return type(layer).__name__
    return ""


def checked_name(name: str) -> str:
    """The name, if providers take it.

    Raises:
        ToolSchemaError: They do not.
    """
    if not NAME.fullmatch(name):
        raise ToolSchemaError(
            f"{name!r} cannot be the name of a tool: providers take 1 to 64 letters a-z, digits, "
            '"_" and "-". Give one with tool(name=...).'
        )
    return name


def described(function: Callable[..., Any]) -> Described:
    """The docstring; of a callable object that of ``__call__``, else of its class."""
    if isinstance(function, functools.partial):
        return described(function.func)  # its own is that of `partial`
    if isinstance(function, type):
        return read_docstring(None if _is_made(function) else inspect.getdoc(function))
    if inspect.isroutine(function):
        return read_docstring(core(function).__doc__ or inspect.getdoc(function))
    own = read_docstring(getattr(core(function), "__doc__", None))
    of_class = read_docstring(inspect.getdoc(type(function)))
    merged = {**of_class.parameters, **own.parameters}
    return Described(own.summary or of_class.summary, merged)


def _is_made(kind: type) -> bool:
    """Whether the docstring is the signature that dataclasses and named tuples give themselves."""
    return (kind.__doc__ or "").startswith(f"{kind.__name__}(")
