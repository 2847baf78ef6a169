"""Schemas for structured outputs, with the official SDK's own transformation as the judge."""

from enum import Enum
from typing import Annotated, Literal

import pydantic
import pytest
from anthropic import transform_schema

from nbagent.providers.anthropic_schema import closed_schema


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Wheel(pydantic.BaseModel):
    size: Annotated[int, pydantic.Field(ge=10, le=30, description="Inches.")]
    name: Annotated[str, pydantic.Field(pattern="^a", max_length=3)] = "a"


class Car(pydantic.BaseModel):
    """A car."""

    kind: Literal["car"]
    colour: Colour | None
    wheels: Annotated[list[Wheel], pydantic.Field(min_length=4)]
    spare: list[Wheel] = pydantic.Field(default_factory=list, min_length=1)
    built: pydantic.AwareDatetime
    site: pydantic.HttpUrl
    owner: str | int | Wheel


class Tree(pydantic.BaseModel):
    children: list["Tree"]


@pytest.mark.parametrize("model", [Wheel, Car, Tree, pydantic.RootModel[Wheel]])
def test_it_does_what_the_sdk_does(model):
    """Closed objects, kept shapes, the rest in the description: the same schema, key for key."""
    schema = pydantic.TypeAdapter(model).json_schema()
    assert closed_schema(schema) == transform_schema(schema)


def test_a_schema_that_says_nothing_is_left_alone():
    """Anything goes: there is nothing to close, and nothing to fail on."""
    assert closed_schema({}) == {}
    assert closed_schema(True) is True
