"""Answers of a Python type: what is asked for, and what is read."""

from __future__ import annotations

import dataclasses
import enum
import json
from itertools import pairwise
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, field_validator
from typing_extensions import TypedDict

from nbagent import ConfigurationError, OutputElement, OutputInvalid, PartialOutput
from nbagent.agent.output_json import PART
from nbagent.agent.output_types import TypedShape
from tests.counting import counted_calls


class Leg(BaseModel):
    """A part of a trip."""

    city: str
    nights: int = 1


class Trip(BaseModel):
    """A trip."""

    title: str = Field(description="What it is called.")
    mood: Literal["good", "bad"]
    legs: list[Leg] = []

    @field_validator("title")
    @classmethod
    def said(cls, title: str) -> str:
        """A validator of the person's own."""
        if not title:
            raise ValueError("say something")
        return title.strip()


@dataclasses.dataclass
class Point:
    """A dataclass."""

    x: int


class Note(TypedDict):
    """A TypedDict."""

    text: str


class Size(enum.Enum):
    """A choice."""

    SMALL = "s"
    LARGE = "l"


SCHEMA = {
    "title": "Row",
    "type": "object",
    "properties": {"name": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
    "required": ["name"],
}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Trip, '{"title": " a ", "mood": "bad", "legs": null}', Trip(title="a", mood="bad")),
        (Point, '{"x": 1}', Point(1)),
        (Note, '{"text": "n"}', {"text": "n"}),
        (list[Leg], '{"value": [{"city": "Rome", "nights": null}]}', [Leg(city="Rome")]),
        (list[Leg], 'Well: [{"city": "Rome", "nights": 2}]', [Leg(city="Rome", nights=2)]),
        (int, '{"value": 3}', 3),
        (int, "3", 3),
        (bool, '{"value": true}', True),
        (Size, '{"value": "l"}', Size.LARGE),
        (Literal["a", "b"], '"a"', "a"),
        (Leg | Point, '{"value": {"x": 3}}', Point(3)),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (tuple[int, ...], '{"value": [1, 2]}', (1, 2)),
        (SCHEMA, '{"name": "n", "count": null}', {"name": "n"}),
        ({"type": "array", "items": {"type": "number"}}, '{"value": [1, 2.5]}', [1, 2.5]),
    ],
)
def test_every_kind_of_type(kind: Any, text: str, value: Any) -> None:
    """Its schema is one that providers hold a model to, and its value comes out of the text."""
    shape = TypedShape(kind)
    assert shape.schema.schema["type"] == "object"
    assert shape.schema.strict or kind == dict[str, int]
    assert shape.value(text) == value
    assert type(shape.value(text)) is type(value)
    reader = shape.reader("r")
    events = [event for piece in text for event in reader.feed(piece)]
    if text[0] == "{":
        assert events[-1] == PartialOutput("r", value)


def test_a_model_is_told_its_fields() -> None:
    """In their order, with their types, choices and descriptions; nested ones indented."""
    assert TypedShape(Trip).instructions().splitlines()[1:-1] == [
        "- title: string. What it is called.",
        '- mood: one of "good", "bad"',
        "- legs: list of object or null. Default: [] (null stands for it).",
        "  - city: string",
        "  - nights: integer or null. Default: 1 (null stands for it).",
    ]


@pytest.mark.parametrize(
    ("kind", "text", "errors"),
    [
        (Trip, "No idea.", ["There is no JSON object in the answer."]),
        (Trip, '{"title": "a", "mood": "so"}', ["mood: Input should be 'good' or 'bad', got 'so'"]),
        (Trip, '{"title": "", "mood": "bad"}', ["title: Value error, say something, got ''"]),
        (list[Leg], '{"value": [{"nights": 1}]}', ["[0].city: Field required"]),
        (SCHEMA, '{"name": "n", "count": 0}', None),
    ],
)
def test_what_is_wrong_is_named(kind: Any, text: str, errors: list[str] | None) -> None:
    """The field, what was expected and what came; the error has the text."""
    with pytest.raises(OutputInvalid) as caught:
        TypedShape(kind).value(text)
    assert caught.value.text == text
    assert caught.value.errors and errors in (None, list(caught.value.errors))


@pytest.mark.parametrize("kind", [type("Odd", (), {}), {"type": "objekt"}, {"properties": 3}])
def test_what_cannot_be_described_is_refused_at_once(kind: Any) -> None:
    """A class that pydantic does not know, or a schema that is none."""
    with pytest.raises(ConfigurationError, match="output="):
        TypedShape(kind)


def test_a_list_comes_element_by_element() -> None:
    """Each element once, as soon as it is whole; the values so far with the last one partial."""
    shape = TypedShape(list[Leg])
    text = json.dumps({"value": [{"city": "Rome", "nights": 2}, {"city": "Bari", "nights": None}]})
    reader = shape.reader("r")
    events = [event for piece in text for event in reader.feed(piece)]
    elements = [event for event in events if isinstance(event, OutputElement)]
    assert elements == [
        OutputElement("r", 0, Leg(city="Rome", nights=2)),
        OutputElement("r", 1, Leg(city="Bari")),
    ]
    partial = [event.value for event in events if isinstance(event, PartialOutput)]
    assert partial[-1] == [Leg(city="Rome", nights=2), Leg(city="Bari")]
    assert [value[0].city for value in partial][:6] == [None, "", "R", "Ro", "Rom", "Rome"]
    assert partial[5][0].nights is None
    assert all(one != other for one, other in pairwise(partial))
    assert all(event.value[0].nights == 2 for event in events[events.index(elements[0]) + 1 : -2])


def test_no_element_comes_behind_one_that_is_wrong() -> None:
    """The answer will be asked for again, so nobody is told of its rest."""
    reader = TypedShape(list[int]).reader("r")
    events = reader.feed('{"value": [1, "x", 3]}')
    assert [event.value for event in events] == [1]


def test_an_object_that_is_there_already_is_validated() -> None:
    """What a strategy of one's own gives has to be of the type too."""
    assert TypedShape(Point).checked({"x": "1"}) == Point(1)
    with pytest.raises(OutputInvalid, match="x"):
        TypedShape(Point).checked({"x": "one"})


def test_a_long_answer_costs_in_proportion_to_its_length() -> None:
    """Four times the text takes no more than about four times as many calls."""
    shape = TypedShape(list[Leg])

    def calls_for(count: int) -> int:
        text = json.dumps({"value": [{"city": f"City {n}", "nights": n} for n in range(count)]})
        reader = shape.reader("r")
        with counted_calls() as calls:
            told = sum(len(reader.feed(text[at : at + 4])) for at in range(0, len(text), 4))
        assert told < count + PART * 20
        return calls.count

    calls_for(50)
    assert calls_for(2000) < 4.5 * calls_for(500)
