"""What becomes of a JSON schema that pydantic made before a model reads it.

Titles made out of names go, defaults that JSON cannot carry go, and what the docstring of a
dataclass or model says of its fields comes to stand at the fields.
"""

from __future__ import annotations

import enum
import inspect
import math
from typing import Any

from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, JsonSchemaWarningKind
from pydantic_core import core_schema

from nbagent.tools.docstrings import read_docstring

__all__ = ["Quiet", "tidy", "without_titles"]

NAMES = frozenset({"properties", "$defs", "patternProperties"})  # here the keys are names
DATA = frozenset({"default", "const", "enum", "examples", "required"})  # here they are data

PLAIN = (str, int, float, bool)


class Quiet(GenerateJsonSchema):
    """pydantic's own, but silent, and without what a model could do nothing with."""

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        """Say nothing of a default that JSON cannot carry: the function has it."""

    def encode_default(self, dft: Any) -> Any:
        """As JSON; of an enum that JSON cannot carry the name, as `readable` has it."""
        if dft is None or type(dft) in PLAIN:
            return dft  # pydantic would build a validator for the purpose
        by_name = isinstance(dft, enum.Enum) and type(dft.value) not in PLAIN
        return dft.name if by_name else super().encode_default(dft)

    def is_subclass_schema(self, schema: core_schema.IsSubclassSchema) -> JsonSchemaValue:
        """No model can write down a class."""
        raise PydanticInvalidForJsonSchema(f"{schema['cls']!r} would have to be a class itself")

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """Without the fields that ``__init__`` does not take; with what the docstring says."""
        result, kind = super().dataclass_schema(schema), schema["cls"]
        for name, field in getattr(kind, "__dataclass_fields__", {}).items():
            if not field.init:
                result.get("properties", {}).pop(name, None)
        words = kind.__doc__ or ""
        if words and not words.startswith(f"{kind.__name__}("):  # what dataclasses write themselves
            result.setdefault("description", inspect.cleandoc(words))  # not all of pydantic have it
        return result


def tidy(schema: dict[str, Any]) -> dict[str, Any]:
    """A copy in the form that models are given."""
    clean: dict[str, Any] = {"properties": {}, **without_titles(schema)}
    for definition in clean.get("$defs", {}).values():
        _describe(definition)
    return clean


def without_titles(node: Any) -> Any:
    """A copy of a schema, or of a list of schemas, with no ``title`` keyword anywhere in it."""
    if isinstance(node, list):
        return [without_titles(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _part(key, value)
        for key, value in node.items()
        if key != "title" and not (key == "default" and _beyond_json(value))
    }


def _part(key: str, value: Any) -> Any:
    if key in NAMES:
        return {name: without_titles(schema) for name, schema in value.items()}
    return value if key in DATA else without_titles(value)


def _beyond_json(value: Any) -> bool:
    """Whether there is an infinity or a NaN in it, which Python writes and nobody else reads."""
    if isinstance(value, float):
        return not math.isfinite(value)
    parts = value.values() if isinstance(value, dict) else value
    return isinstance(value, (dict, list)) and any(_beyond_json(part) for part in parts)


def _describe(definition: dict[str, Any]) -> None:
    """Take the docstring of a class apart: of each field what is said of it."""
    text = definition.get("description", "")
    if "\n" not in text or "properties" not in definition:
        return
    said = read_docstring(inspect.cleandoc(text))
    described = said.parameters.keys() & definition["properties"].keys()
    if described:
        definition["description"] = said.summary
    for name in described:
        definition["properties"][name].setdefault("description", said.parameters[name])
