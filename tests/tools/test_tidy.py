"""What is taken out of pydantic's JSON schemas, and what docstrings add to them."""

import dataclasses
from typing import Any

from pydantic import TypeAdapter

from nbagent.tools.tidy import Quiet, tidy, without_titles


@dataclasses.dataclass
class Line:
    """A line.

    Attributes:
        start: Where it begins.
        title: What it is called.
    """

    start: int
    title: str = "none"
    length: float = dataclasses.field(default=0.0, init=False)


def schema_of(kind: Any) -> dict[str, Any]:
    return TypeAdapter(kind).json_schema(schema_generator=Quiet)


def test_titles_go_and_names_stay() -> None:
    """The keyword goes; a property that is called so stays, and so does data."""
    schema = {"title": "T", "properties": {"title": {"title": "Title", "default": {"title": 1}}}}
    assert without_titles(schema) == {"properties": {"title": {"default": {"title": 1}}}}


def test_docstrings_of_classes_describe_their_fields() -> None:
    """What ``Attributes:`` says stands at the fields, and no more in the text."""
    line = tidy({"$defs": {"Line": schema_of(Line)}})["$defs"]["Line"]
    assert line["description"] == "A line."
    assert line["properties"]["start"]["description"] == "Where it begins."
    assert line["properties"]["title"]["description"] == "What it is called."


def test_what_init_does_not_take_is_not_offered() -> None:
    """A field with ``init=False`` could not be given."""
    assert list(schema_of(Line)["properties"]) == ["start", "title"]


def test_defaults_beyond_json_go() -> None:
    """Infinity and NaN, also inside of a list, are not JSON."""
    schema = {"default": [1.0, float("inf")], "type": "array"}
    assert without_titles(schema) == {"type": "array"}
