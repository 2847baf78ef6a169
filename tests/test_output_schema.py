"""The form that an answer is to have."""

import dataclasses

import pydantic
import pytest

from nbagent.errors import ConfigurationError
from nbagent.output_schema import OutputSchema, described


class Answer(pydantic.BaseModel):
    """A model."""

    number: int


@dataclasses.dataclass
class Data:
    """A dataclass."""

    number: int


@pytest.mark.parametrize(
    ("output", "name"),
    [(Answer, "Answer"), (Data, "Data"), ({"title": "T", "type": "object"}, "T"), ({}, "output")],
)
def test_from_models_dataclasses_and_schemas(output, name):
    """Each gives a name and a schema."""
    schema = OutputSchema.of(output)
    assert schema.name == name
    assert OutputSchema.of(schema) is schema
    if not isinstance(output, dict):
        assert schema.schema["properties"]["number"]["type"] == "integer"


def test_from_any_type_that_pydantic_describes():
    """A list of numbers is a form too."""
    assert OutputSchema.of(list[int]).schema == {"type": "array", "items": {"type": "integer"}}


def test_what_has_no_schema():
    """The error says what to give."""
    with pytest.raises(ConfigurationError, match="Give a pydantic model"):
        OutputSchema.of(type("Odd", (), {}))


CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "integer"}},
    "required": ["a"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (CLOSED, True),
        ({"type": "integer"}, True),
        ({**CLOSED, "additionalProperties": True}, False),
        ({**CLOSED, "required": []}, False),
        ({"type": "array", "items": {"type": "object"}}, False),
        ({**CLOSED, "properties": {"a": CLOSED}}, True),
        ({**CLOSED, "properties": {"a": {"anyOf": [{"type": "object"}]}}}, False),
    ],
)
def test_strict(schema, strict):
    """Strict is what requires all and allows nothing else, all the way down."""
    assert OutputSchema("n", schema).strict is strict


def test_a_name_that_providers_take():
    """Brackets of generic types and spaces of titles are left out."""
    assert OutputSchema.of(list[int]).name == "list"
    assert OutputSchema.of({"title": "My [odd] title!"}).name == "My_odd_title"


def test_objects_of_a_type_are_closed_and_those_of_a_schema_are_not():
    """A type has no other fields; what a schema says is left as it is."""
    assert OutputSchema.of(Answer).strict
    assert OutputSchema.of({"type": "object", "properties": {}}).schema == {
        "type": "object",
        "properties": {},
    }


def test_fields_in_words():
    """One a line, with type, choices and description; nested and repeated types come to an end."""
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    schema = {
        "$defs": {"Node": node},
        "type": "object",
        "properties": {
            "day": {"type": "string", "format": "date", "description": "Which  day."},
            "size": {"anyOf": [{"const": "s"}, {"type": "null"}]},
            "tags": {"type": "array", "items": {"enum": ["a", 1]}},
            "odd": {},
            "node": {"$ref": "#/$defs/Node"},
        },
    }
    lines = described(schema).splitlines()
    assert lines[:6] == [
        "- day: date as YYYY-MM-DD. Which day.",
        '- size: "s" or null',
        '- tags: list of one of "a", 1',
        "- odd: anything",
        "- node: object",
        "  - next: object",
    ]
    assert len(lines) < 12
