"""The standard library's `TypedDict`: as a type, and as the keys that ``**kwargs`` takes.

Before Python 3.12 pydantic refuses it, since it lacks what pydantic has to know of generic and
inherited ones: an equal one made with ``typing_extensions`` takes its place.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Callable, Mapping
from typing import Any

import typing_extensions

__all__ = ["keys_of", "needs_remaking", "remade"]

# Types made at run time: named so that type checkers do not read them as type expressions.
NOT_REQUIRED: Any = typing_extensions.NotRequired
TYPED_DICT: Any = typing_extensions.TypedDict
NAMES = ("Required", "NotRequired", "ReadOnly")
QUALIFIERS = [
    getattr(module, name)
    for module in (typing, typing_extensions)
    for name in NAMES
    if hasattr(module, name)
]


def needs_remaking(annotation: Any) -> bool:
    """Whether it is one that pydantic refuses."""
    old = sys.version_info < (3, 12)
    return old and typing.is_typeddict(annotation) and type(annotation).__module__ == "typing"


def remade(
    original: Any, readable: Callable[[Any, Mapping[Any, Any]], Any], done: Mapping[Any, Any]
) -> Any:
    """An equal one of ``typing_extensions``.

    Args:
        original: The class.
        readable: Makes the types of its keys readable.
        done: What was remade around it already: the class may refer to itself.
    """
    keys = keys_of(original)
    blank = {key: Any if required else NOT_REQUIRED[Any] for key, (_, required) in keys.items()}
    new: Any = TYPED_DICT(original.__name__, blank)
    done = {**done, original: new}
    new.__annotations__ = {
        key: readable(hint, done) if required else NOT_REQUIRED[readable(hint, done)]
        for key, (hint, required) in keys.items()
    }
    new.__doc__ = original.__doc__
    return new


def keys_of(typed_dict: Any) -> dict[str, tuple[Any, bool]]:
    """Of each key its type, without qualifiers, and whether it is required."""
    hints = typing_extensions.get_type_hints(typed_dict, include_extras=True)
    return {key: _key(hint, key in typed_dict.__required_keys__) for key, hint in hints.items()}


def _key(hint: Any, required: bool) -> tuple[Any, bool]:
    """Qualifiers win: on Python 3.10 the standard library's class does not heed them itself."""
    origin = typing.get_origin(hint)
    if origin is None or origin not in QUALIFIERS:
        return hint, required
    name = str(origin)
    required = required if "ReadOnly" in name else "NotRequired" not in name
    return _key(typing.get_args(hint)[0], required)
