"""A type that holds answers to a JSON schema: made of dicts, lists and plain values.

pydantic validates the type, so that an answer to a schema is checked like any other. Conditions
between values (``if``, ``not``, ``dependentRequired``, several schemas in ``allOf``) are for the
model to read; they are not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union

import pydantic
import typing_extensions

from nbagent.errors import ConfigurationError

__all__ = ["type_of_schema"]

_KINDS: Mapping[str, Any] = {
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "null": None,
}
_LIMITS: Mapping[str, str] = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
}
_LIMITS_OF: Mapping[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength", "pattern"}),
    "array": frozenset({"minItems", "maxItems"}),
    "integer": frozenset(_LIMITS) - {"minLength", "maxLength", "pattern", "minItems", "maxItems"},
}

# For types that are put together at run time.
LITERAL: Any = Literal
UNION: Any = Union
TYPED_DICT: Any = typing_extensions.TypedDict
# What a schema raises whose values are of other kinds than they should be.
MALFORMED = (AttributeError, KeyError, TypeError, ValueError)


def type_of_schema(schema: Mapping[str, Any]) -> Any:
    """The type.

    Raises:
        ConfigurationError: The schema makes no sense.
    """
    try:
        kind = _Maker(schema).kind(schema, ())
        pydantic.TypeAdapter(kind)
    except (*MALFORMED, pydantic.errors.PydanticUserError) as error:
        words = f"{type(error).__name__}: {error}"
        raise ConfigurationError(
            f"output= is a mapping, but no JSON schema that can be read ({words})."
        ) from error
    return kind


class _Maker:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root

    def kind(self, node: Any, seen: tuple[str, ...]) -> Any:
        """The type of one node; ``seen`` are the references that led to it."""
        if not isinstance(node, Mapping):
            return Any  # `true`
        if "$ref" in node:
            return self._referred(str(node["$ref"]), seen)
        if "enum" in node or "const" in node:
            values = node["enum"] if "enum" in node else [node["const"]]
            plain = all(value is None or isinstance(value, (str, int)) for value in values)
            return LITERAL[tuple(values)] if plain else Any
        options = node.get("anyOf") or node.get("oneOf")
        if options:
            return UNION[tuple(self.kind(option, seen) for option in options)]
        if len(node.get("allOf", ())) == 1:
            return self.kind(node["allOf"][0], seen)
        kinds = node.get("type", "object" if "properties" in node else None)
        if isinstance(kinds, list):
            return UNION[tuple(self._plain(node, kind, seen) for kind in kinds)]
        return Any if kinds is None else self._plain(node, kinds, seen)

    def _plain(self, node: Mapping[str, Any], kind: str, seen: tuple[str, ...]) -> Any:
        if kind == "object":
            return self._object(node, seen)
        found = list[self.kind(node.get("items"), seen)] if kind == "array" else _KINDS[kind]  # type: ignore[misc]  # a type made at run time
        allowed = _LIMITS_OF.get("integer" if kind == "number" else kind, frozenset())
        limits = {_LIMITS[name]: node[name] for name in allowed & node.keys()}
        return Annotated[found, pydantic.Field(**limits)] if limits else found

    def _object(self, node: Mapping[str, Any], seen: tuple[str, ...]) -> Any:
        extra = node.get("additionalProperties", True)
        properties = node.get("properties") or {}
        if not properties:
            return dict[str, self.kind(extra, seen)] if extra is not False else dict[str, Any]  # type: ignore[misc]  # a type made at run time
        required = node.get("required", ())
        fields = {
            name: self.kind(child, seen)
            if name in required
            else typing_extensions.NotRequired[self.kind(child, seen)]
            for name, child in properties.items()
        }
        title = str(node.get("title") or "Answer")
        made = TYPED_DICT(title, fields)
        made.__pydantic_config__ = {"extra": "forbid" if extra is False else "allow"}
        return made

    def _referred(self, reference: str, seen: tuple[str, ...]) -> Any:
        if reference in seen:
            return Any  # a type inside itself is checked once
        node: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            node = node[step]
        return self.kind(node, (*seen, reference))
