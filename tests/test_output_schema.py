"""The form that an answer is to have."""

import dataclasses

import pydantic
import pytest

from nbagent.errors import ConfigurationError
from nbagent.output_schema import OutputSchema


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
