"""Types that hold answers to a JSON schema."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from nbagent import ConfigurationError
from nbagent.agent.output_from_schema import type_of_schema

NODE = {
    "type": "object",
    "properties": {"next": {"$ref": "#/$defs/Node"}, "n": {"type": "integer"}},
}


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string", "minLength": 2, "pattern": "^a"}, ["ab"], ["a", "bb", 3]),
        ({"type": "integer", "minimum": 1, "exclusiveMaximum": 9}, [1, 8], [0, 9, "x"]),
        ({"type": "number", "multipleOf": 2}, [2, 4.0], [3]),
        ({"type": ["string", "null"]}, ["a", None], [[]]),
        ({"enum": ["a", 1, None]}, ["a", 1, None], ["b"]),
        ({"const": "x"}, ["x"], ["y"]),
        ({"anyOf": [{"type": "boolean"}, {"type": "array"}]}, [True, [1]], [{}]),
        ({"allOf": [{"type": "integer"}]}, [1], ["x"]),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 1}, [[1]], [[], ["x"]]),
        ({"properties": {"a": {"type": "integer"}}}, [{}, {"a": 1, "b": 2}], [{"a": "x"}]),
        (
            {
                "type": "object",
                "properties": {"a": True},
                "required": ["a"],
                "additionalProperties": False,
            },
            [{"a": 1}],
            [{}, {"a": 1, "b": 2}],
        ),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, [{"a": 1}], [{"a": "x"}]),
        ({"$defs": {"Node": NODE}, **NODE}, [{"n": 1, "next": {"n": 2}}], [{"next": {"n": "x"}}]),
        ({}, [1, "a", None], []),
    ],
)
def test_a_schema_holds_what_it_says(
    schema: dict[str, Any], good: list[Any], bad: list[Any]
) -> None:
    """What fits comes out as it is, what does not is refused."""
    adapter: TypeAdapter[Any] = TypeAdapter(type_of_schema(schema))
    for value in good:
        assert adapter.validate_python(value) == value
    for value in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "objekt"},
        {"properties": 3},
        {"$ref": "#/$defs/Nobody"},
        {"enum": 3},
        {"items": 1, "type": 2},
    ],
)
def test_a_schema_that_makes_no_sense(schema: dict[str, Any]) -> None:
    """It is refused where it is given, not when the answer has come."""
    with pytest.raises(ConfigurationError, match="no JSON schema that can be read"):
        type_of_schema(schema)
