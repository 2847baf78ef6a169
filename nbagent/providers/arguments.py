"""The arguments of earlier calls on their way back to a provider that parses them. Pure."""

from __future__ import annotations

from typing import Any

import pydantic_core

__all__ = ["arguments_object"]


def arguments_object(arguments: str) -> dict[str, Any]:
    """The object that ``arguments`` are.

    Servers fail on arguments that are not JSON, and the model is still to see what it wrote: that
    is then the value of ``not_json``.
    """
    try:
        value = pydantic_core.from_json(arguments)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"not_json": arguments}
