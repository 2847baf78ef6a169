"""Annotations made readable: what changes, and that the rest stays the very object."""

import collections.abc
import enum
from typing import Annotated, Any, Literal, Optional

import pytest
from pydantic import Field, TypeAdapter
from typing_extensions import LiteralString

from nbagent.tools.readable import readable


class Corner(enum.Enum):
    ORIGIN = (0, 0)


class Colour(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    "annotation",
    [int, None, list[int], Optional[int], Literal["x"], Colour, Any, Annotated[int, Field(ge=1)]],  # noqa: UP045 - case
)
def test_most_stay_as_they_are(annotation: Any) -> None:
    """What pydantic reads already is not made anew."""
    assert readable(annotation) is annotation


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (collections.abc.Iterable[int], list[int]),
        (collections.abc.Iterable, list),
        (dict[str, collections.abc.Collection[int]], dict[str, list[int]]),
        (Optional[collections.abc.Sequence[str]], Optional[list[str]]),  # noqa: UP045 - case
        (Annotated[collections.abc.Iterable[int], "n"], Annotated[list[int], "n"]),
        (LiteralString, str),
    ],
)
def test_abstract_ones_become_lists(annotation: Any, expected: Any) -> None:
    """So that every item is checked before the function runs."""
    assert readable(annotation) == expected


def test_members_that_json_cannot_carry_go_by_name() -> None:
    """The names are offered; a name gives the member, and so does the member itself."""
    adapter: TypeAdapter[Any] = TypeAdapter(readable(Corner))
    assert adapter.json_schema()["enum"] == ["ORIGIN"]
    assert adapter.validate_python("ORIGIN") is Corner.ORIGIN
    assert adapter.validate_python(Corner.ORIGIN) is Corner.ORIGIN


def test_literal_members_go_by_value() -> None:
    """``Literal[Colour.RED]`` takes the value and gives the member."""
    adapter: TypeAdapter[Any] = TypeAdapter(readable(Literal[Colour.RED]))
    assert adapter.validate_json('"red"') is Colour.RED
    assert adapter.validate_python(Colour.RED) is Colour.RED
