"""Annotations in a form that pydantic reads, and reads as a function means them.

Abstract collections become lists (pydantic would hand out a lazy iterator, and a wrong item would
be found only inside the function); members of an enum that JSON cannot carry go by their names.
"""

from __future__ import annotations

import collections.abc
import enum
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union

import typing_extensions
from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from nbagent.tools.typed_dicts import needs_remaking, remade

__all__ = ["readable"]

UNIONS = (typing.Union, types.UnionType)
LISTS = (
    *(collections.abc.Iterable, collections.abc.Collection),
    *(collections.abc.Container, collections.abc.Reversible, collections.abc.Sequence),
)
ITERATORS = (collections.abc.Iterator, collections.abc.Generator)
TEXT: Any = typing_extensions.LiteralString
TEXTS = (TEXT, getattr(typing, "LiteralString", TEXT))
# Types made at run time: named so that type checkers do not read them as type expressions.
ANNOTATED: Any = Annotated
LIST: Any = list
LITERAL: Any = Literal
UNION: Any = Union


def readable(annotation: Any, done: Mapping[Any, Any] = types.MappingProxyType({})) -> Any:
    """The annotation with all that is in it readable.

    Args:
        annotation: A resolved annotation.
        done: Typed dicts that were remade around this place already.
    """
    if needs_remaking(annotation):
        return done[annotation] if annotation in done else remade(annotation, readable, done)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _by_name(annotation) if _speechless(annotation) else annotation
    if any(annotation is text for text in TEXTS):
        return str
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    kind = origin or annotation
    if any(kind is one for one in (*LISTS, *ITERATORS)):
        return _listed(kind, parts, done)
    return _with_parts(annotation, origin, parts, done)


def _with_parts(annotation: Any, origin: Any, parts: Any, done: Mapping[Any, Any]) -> Any:
    if origin is typing.Literal:
        return _by_value(annotation, parts)
    if hasattr(annotation, "__metadata__"):  # what else stands there is no type
        parts = (annotation.__origin__, *annotation.__metadata__)
        new = (readable(parts[0], done), *parts[1:])
    else:
        new = tuple(readable(part, done) for part in parts)
    if all(one is other for one, other in zip(parts, new, strict=True)):
        return annotation
    if hasattr(annotation, "__metadata__"):
        return ANNOTATED[new]
    return UNION[new] if origin in UNIONS else origin[new]


def _by_value(annotation: Any, parts: tuple[Any, ...]) -> Any:
    """``Literal[Colour.RED]``: the value comes, the member is meant."""
    members = {part.value: part for part in parts if isinstance(part, enum.Enum)}
    if not members:
        return annotation

    def value_of(given: Any) -> Any:
        return given.value if isinstance(given, enum.Enum) else given

    def member_of(value: Any) -> Any:
        return members.get(value, value)

    values = LITERAL[tuple(value_of(part) for part in parts)]
    return ANNOTATED[values, BeforeValidator(value_of), AfterValidator(member_of)]


def _listed(kind: Any, parts: tuple[Any, ...], done: Mapping[Any, Any]) -> Any:
    whole = LIST[readable(parts[0], done)] if parts else list
    return ANNOTATED[whole, AfterValidator(iter)] if kind in ITERATORS else whole


def _speechless(kind: type[enum.Enum]) -> bool:
    """Whether a member's value is nothing that comes out of JSON as it went in."""
    plain = (str, int, float, bool, types.NoneType)
    return any(not isinstance(member.value, plain) for member in kind)


def _name_of(member: enum.Enum) -> str:
    return member.name


def _by_name(kind: type[enum.Enum]) -> Any:
    def member(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if isinstance(value, str) and value in kind.__members__:
            return kind[value]
        raise ValueError(f"expected one of {' or '.join(map(repr, kind.__members__))}")

    schema = {"type": "string", "enum": list(kind.__members__)}
    if kind.__doc__ and kind.__doc__ != "An enumeration.":  # what Python 3.10 gives to all
        schema["description"] = kind.__doc__
    by_name = PlainSerializer(_name_of)
    return ANNOTATED[kind, PlainValidator(member), by_name, WithJsonSchema(schema)]
