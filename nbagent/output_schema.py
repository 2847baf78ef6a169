"""The form that an answer is to have, as a JSON schema, and told in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pydantic
import pydantic_core

from nbagent.errors import ConfigurationError

__all__ = ["OutputSchema", "described"]

# Providers take names of these characters alone; those of generic types have brackets.
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
DEFINITIONS = "#/$defs/"
# A type may contain itself; deeper than this its fields are not told again.
DEPTH = 4
WORDS = {"boolean": "true or false"}
# Constrained to these, a small model that is not told how they are written makes a year of a day.
FORMATS = {
    "date": "date as YYYY-MM-DD",
    "time": "time as HH:MM:SS",
    "date-time": "date and time as YYYY-MM-DDTHH:MM:SS, with Z or an offset",
    "duration": "duration as ISO 8601 writes it (P1DT2H)",
}


@dataclass(frozen=True)
class OutputSchema:
    """The form that the answer is to have: a name and a JSON schema."""

    name: str
    schema: Mapping[str, Any]

    @classmethod
    def of(cls, output: Any) -> OutputSchema:
        """From a pydantic model, a dataclass, any type that pydantic describes, or a schema.

        Objects of a type are closed: what is not among their fields would not be read.

        Raises:
            ConfigurationError: pydantic cannot describe ``output``.
        """
        if isinstance(output, OutputSchema):
            return output
        if isinstance(output, Mapping):
            return cls(_name(str(output.get("title") or "")), output)
        try:
            schema = pydantic.TypeAdapter(output).json_schema()
        except pydantic.errors.PydanticUserError as error:
            raise ConfigurationError(
                f"output={output!r} has no JSON schema: {error.message} Give a pydantic model, a "
                "dataclass or a JSON schema."
            ) from error
        return cls(_name(str(getattr(output, "__name__", ""))), _closed(schema))

    @property
    def strict(self) -> bool:
        """Whether every object in it requires all its properties and allows no others."""
        return _strict(self.schema)


def described(schema: Mapping[str, Any]) -> str:
    """The fields of an object, one a line, as a model reads them; nested ones are indented."""
    return "\n".join(_lines(schema, schema.get("$defs") or {}, 0))


def _name(name: str) -> str:
    return NOT_IN_NAMES.sub("_", name).strip("_")[:64] or "output"


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if node.get("type") == "object" and isinstance(node.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed


def _strict(schema: Any) -> bool:
    if isinstance(schema, list):
        return all(_strict(item) for item in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return False
        if set(schema.get("required", ())) != set(properties):
            return False
    return all(_strict(value) for value in schema.values())


def _lines(node: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> Iterator[str]:
    node = _resolved(node, definitions)
    for name, child in (node.get("properties") or {}).items():
        about = " ".join(str(_told(child, definitions).get("description") or "").split())
        words = f"{'  ' * depth}- {name}: {_kind(child, definitions)}"
        yield f"{words}. {about}" if about else words
        if depth < DEPTH:
            for inner in _objects(child, definitions):
                yield from _lines(inner, definitions, depth + 1)


def _told(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    return node if "description" in node else _resolved(node, definitions)


def _objects(
    node: Mapping[str, Any], definitions: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """The objects that a field holds: itself, those in its list, or those of its union."""
    node = _resolved(node, definitions)
    if "properties" in node:
        yield node
    if isinstance(node.get("items"), Mapping):
        yield from _objects(node["items"], definitions)
    for option in node.get("anyOf") or node.get("oneOf") or ():
        yield from _objects(option, definitions)


def _kind(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    node = _resolved(node, definitions)
    if "enum" in node:
        return "one of " + ", ".join(_json(value) for value in node["enum"])
    if "const" in node:
        return _json(node["const"])
    options = node.get("anyOf") or node.get("oneOf")
    if options:
        return " or ".join(dict.fromkeys(_kind(option, definitions) for option in options))
    kinds = node.get("type", "anything")
    names = kinds if isinstance(kinds, list) else [kinds]
    words = " or ".join(
        _list(node, definitions) if kind == "array" else str(WORDS.get(kind, kind))
        for kind in names
    )
    form = node.get("format")
    return FORMATS.get(str(form), f"{words} ({form})") if form else words


def _list(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    items = node.get("items")
    return f"list of {_kind(items, definitions)}" if isinstance(items, Mapping) else "list"


def _resolved(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(DEPTH):
        reference = str(node.get("$ref") or "")
        if not reference.startswith(DEFINITIONS):
            break
        node = definitions.get(reference.removeprefix(DEFINITIONS)) or {}
    return node


def _json(value: Any) -> str:
    return pydantic_core.to_json(value).decode()
