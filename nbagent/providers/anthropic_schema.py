"""JSON schemas as Anthropic's structured outputs accept them. Pure.

The API constrains shapes, not values: objects are closed, and bounds, patterns and defaults are
refused. What is refused moves into the description, where the model reads it. The official SDK
does the same to the schemas of its users' types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["closed_schema"]

FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)


def closed_schema(schema: Any) -> Any:
    """``schema`` in the subset that the API accepts."""
    if not isinstance(schema, Mapping):
        return schema
    rest = dict(schema)
    closed: dict[str, Any] = {}
    if "$defs" in rest:
        closed["$defs"] = {name: closed_schema(each) for name, each in rest.pop("$defs").items()}
    if "$ref" in rest:
        return {**closed, "$ref": rest["$ref"]}
    closed.update(_form(rest))
    for name in ("description", "title"):
        if (text := rest.pop(name, None)) is not None:
            closed[name] = text
    if rest:
        words = "{" + ", ".join(f"{name}: {value}" for name, value in rest.items()) + "}"
        closed["description"] = "\n\n".join(filter(None, (closed.get("description"), words)))
    return closed


def _form(rest: dict[str, Any]) -> dict[str, Any]:
    """What is constrained; taken out of ``rest``."""
    if "enum" in rest or "const" in rest:
        rest.pop("type", None)
        return {name: rest.pop(name) for name in ("enum", "const") if name in rest}
    for name, kept in (("anyOf", "anyOf"), ("oneOf", "anyOf"), ("allOf", "allOf")):
        if isinstance(options := rest.get(name), list):
            del rest[name]
            rest.pop("type", None)
            return {kept: [closed_schema(option) for option in options]}
    kind = rest.pop("type", None)
    form = {} if kind is None else {"type": kind}
    if kind == "object" or "properties" in rest:
        form.update(_object(rest))
    elif kind == "array" and "items" in rest:
        form["items"] = closed_schema(rest.pop("items"))
    if rest.get("minItems") in (0, 1):
        form["minItems"] = rest.pop("minItems")
    if rest.get("format") in FORMATS:
        form["format"] = rest.pop("format")
    return form


def _object(rest: dict[str, Any]) -> dict[str, Any]:
    rest.pop("additionalProperties", None)
    properties = rest.pop("properties", {})
    form: dict[str, Any] = {
        "properties": {name: closed_schema(each) for name, each in properties.items()},
        "additionalProperties": False,
    }
    if "required" in rest:
        form["required"] = rest.pop("required")
    return form
