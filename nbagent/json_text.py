"""Values as JSON that can be sent: also those with halves of surrogate pairs in their text.

Python has such text for names of files that are no UTF-8, for one, and a tool that lists a folder
gives them to the model. No UTF-8 can carry them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pydantic_core

__all__ = ["to_json"]


def to_json(value: Any) -> bytes:
    """``value`` as JSON in UTF-8; half of a pair that stands alone is replaced (U+FFFD).

    Raises:
        pydantic_core.PydanticSerializationError: Something in it is no JSON.
    """
    try:
        return pydantic_core.to_json(value)
    except pydantic_core.PydanticSerializationError:
        # Looked at only here: nearly all text is whole, and a conversation may be long.
        return pydantic_core.to_json(_whole(value))


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, Mapping):
        return {_whole(key): _whole(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(item) for item in value]
    return value
