"""The standard library's `TypedDict` before Python 3.12, which pydantic refuses.

It lacks what pydantic has to know of generic and inherited ones. Where a parameter names one, an
equal one made with ``typing_extensions`` takes its place.
"""

from __future__ import annotations

import sys
import types
import typing
from typing import Annotated, Any, Union

import typing_extensions

__all__ = ["readable"]

UNIONS = (typing.Union, types.UnionType)
# Types made at run time: named so that type checkers do not read them as type expressions.
ANNOTATED: Any = Annotated
NOT_REQUIRED: Any = typing_extensions.NotRequired
UNION: Any = Union
TYPED_DICT: Any = typing_extensions.TypedDict


def readable(annotation: Any) -> Any:
    """The annotation with every `TypedDict` in it in a form that pydantic reads."""
    if sys.version_info >= (3, 12):
        return annotation
    return _readable(annotation)


def _readable(annotation: Any) -> Any:
    if typing.is_typeddict(annotation) and type(annotation).__module__ == "typing":
        return _remade(annotation)
    parts = typing.get_args(annotation)
    new = tuple(_readable(part) for part in parts)
    if all(one is other for one, other in zip(parts, new, strict=True)):
        return annotation
    origin = typing.get_origin(annotation)
    if hasattr(annotation, "__metadata__"):
        return ANNOTATED[new]
    return UNION[new] if origin in UNIONS else origin[new]


def _remade(original: Any) -> Any:
    hints = typing_extensions.get_type_hints(original, include_extras=True)
    keys = {
        key: hint if key in original.__required_keys__ else NOT_REQUIRED[hint]
        for key, hint in ((key, _readable(hint)) for key, hint in hints.items())
    }
    new: Any = TYPED_DICT(original.__name__, keys)
    new.__doc__ = original.__doc__
    return new
