"""Values of a type from a part of their JSON."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Optional, Union

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, RootModel, model_validator
from typing_extensions import NotRequired, TypedDict

from nbagent.agent.output_json import JSONReader
from nbagent.agent.output_partial import MISSING, PartialBuilder, item_type


class Color(enum.Enum):
    """A choice."""

    RED = "red"
    REDDISH = "reddish"


@dataclasses.dataclass(frozen=True)
class Point:
    """A dataclass."""

    x: int
    label: str = ""


class Extra(TypedDict):
    """A TypedDict."""

    note: str
    day: NotRequired[datetime.date]


class Cat(BaseModel):
    """One of two."""

    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    """The other one."""

    kind: Literal["dog"]
    name: str


class Tree(BaseModel):
    """A type that holds itself."""

    name: str
    children: list[Tree] = []


class Everything(BaseModel):
    """A model with fields of many kinds."""

    title: str
    mood: Literal["good", "goodish"]
    color: Color
    count: Annotated[int, Field(ge=0)]
    share: float
    day: datetime.date
    tags: list[str]
    unique: set[str]
    pair: tuple[int, str]
    point: Point
    extra: Extra
    pet: Union[Cat, Dog]  # noqa: UP007  # the older way of writing it has to be understood too
    maybe: Optional[Point]  # noqa: UP045  # as above
    table: dict[str, int]
    anything: Any
    tree: Tree
    named: str = Field(alias="Named")

    @model_validator(mode="after")
    def whole(self) -> Everything:
        """Fails on what is not whole."""
        assert self.title and self.tree.name is not None
        return self


DATA = {
    "title": "All of it",
    "mood": "goodish",
    "color": "reddish",
    "count": 120,
    "share": 12.5,
    "day": "2024-01-31",
    "tags": ["one", "two"],
    "unique": ["a", "b"],
    "pair": [12, "twelve"],
    "point": {"x": 12, "label": "here"},
    "extra": {"note": "soon", "day": "2024-02-01"},
    "pet": {"kind": "dog", "name": "Rex"},
    "maybe": {"x": 1, "label": "there"},
    "table": {"a": 10, "b": 20},
    "anything": {"deep": ["down", 1]},
    "tree": {"name": "root", "children": [{"name": "leaf", "children": []}]},
    "Named": "by its alias",
}


def values(kind: Any, data: Any, size: int = 1) -> list[Any]:
    """Each value that is built while the JSON of ``data`` arrives, the missing ones left out."""
    reader, builder, found = JSONReader("{["), PartialBuilder(), []
    text = json.dumps(data)
    for at in range(0, len(text), size):
        seen = reader.feed(text[at : at + size])
        if seen is not None:
            found.append(builder.build(kind, seen.data, seen.depth, seen.growing))
    return [value for value in found if value is not MISSING]


def test_every_field_comes_when_it_is_certain() -> None:
    """Texts grow; numbers, choices and dates come whole; what has not come is None and not set."""
    steps = values(Everything, DATA)
    assert steps[-1] == Everything.model_validate(DATA)
    assert all(type(step) is Everything for step in steps)
    assert {step.mood for step in steps} == {None, "goodish"}
    assert {step.color for step in steps} == {None, Color.REDDISH}
    assert {step.count for step in steps} == {None, 120}
    assert {step.share for step in steps} == {None, 12.5}
    assert {step.day for step in steps} == {None, datetime.date(2024, 1, 31)}
    titles = [step.title for step in steps if step.title]
    assert len(set(titles)) > 3 and all("All of it".startswith(title) for title in titles)
    first = next(step for step in steps if step.mood)
    assert first.model_fields_set == {"title", "mood"} and first.tags is None


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("point", Point(12, None)),  # type: ignore[arg-type]  # not come yet
        ("maybe", Point(1, "the")),
        ("extra", {"note": "so"}),
        ("tags", ["one", "tw"]),
        ("table", {"a": 10}),
        ("pair", (12, "twe")),
        ("unique", {"a"}),
        ("anything", {"deep": ["do"]}),
    ],
)
def test_what_is_nested_is_built_from_its_parts(field: str, wanted: Any) -> None:
    """Dataclasses, TypedDicts, lists and dicts inside show what is there of them."""
    steps = values(Everything, {field: DATA[field]})
    assert wanted in [getattr(step, field) for step in steps]


def test_a_model_in_a_model_is_built_from_its_parts() -> None:
    """Also one of a union, as soon as it is known which; and one that holds itself."""
    pets = [step.pet for step in values(Everything, {"pet": DATA["pet"]}) if step.pet]
    assert {type(pet) for pet in pets} == {Dog}
    assert "Re" in [pet.name for pet in pets]
    trees = [step.tree for step in values(Everything, {"tree": DATA["tree"]}) if step.tree]
    assert "le" in [tree.children[0].name for tree in trees if tree.children]
    assert "by it" in [step.named for step in values(Everything, {"Named": DATA["Named"]})]


@settings(deadline=None)
@given(
    st.builds(
        lambda title, tags, x, label: {
            "title": title,
            "tags": tags,
            "at": {"x": x, "label": label},
        },
        *(st.text(max_size=12), st.lists(st.text(max_size=6), max_size=4)),
        *(st.integers(), st.text(max_size=8)),
    ),
    st.integers(1, 9),
)
def test_each_value_is_a_beginning_of_the_last(data: Any, size: int) -> None:
    """Whatever the cut: texts are beginnings of the final ones, lists are too, numbers equal."""
    steps = values(Small, data, size)
    final = Small.model_validate(data)
    assert steps[-1] == final
    for step in steps:
        assert step.title is None or final.title.startswith(step.title)
        tags = step.tags or []
        assert tags[:-1] == final.tags[: max(len(tags) - 1, 0)]
        assert not tags or final.tags[len(tags) - 1].startswith(tags[-1])
        assert step.at is None or step.at.x in (None, final.at.x)


class Small(BaseModel):
    """A model for any text."""

    title: str
    tags: list[str]
    at: Point


@pytest.mark.parametrize(
    ("kind", "data", "growing", "wanted"),
    [
        (list[int], [1, 2], False, [1, 2]),
        (list[int], [1, "x", 3], False, [1]),
        (Sequence[str], ["a", "b"], True, ["a", "b"]),
        (frozenset[str], ["a", "b"], True, frozenset({"a", "b"})),
        (tuple[int, ...], [1, 2], False, (1, 2)),
        (list, ["a"], True, ["a"]),
        (dict, {"a": "x"}, True, {"a": "x"}),
        (int, [1], False, MISSING),
        (Point, ["x"], False, MISSING),
        (list[int] | list[str], ["a"], True, MISSING),
        (str | list[str], ["a"], True, ["a"]),
        (RootModel[list[str]], ["a"], True, RootModel[list[str]](["a"])),
        (Point, {"odd": "x"}, True, Point(None, None)),  # type: ignore[arg-type]  # not come yet
    ],
)
def test_of_any_type(kind: Any, data: Any, growing: bool, wanted: Any) -> None:
    """Also lists, dicts, root models and unions by themselves; what may be several waits."""
    assert PartialBuilder().build(kind, data, 1, growing) == wanted


def test_a_validator_that_fails_on_a_part_leaves_it_out() -> None:
    """Whatever it raises: it has its say when the whole is there."""

    class Odd(BaseModel):
        inner: Breaks

    built = PartialBuilder().build(Odd, {"inner": {"x": 1}}, 1, False)
    assert built.inner is None


class Breaks(BaseModel):
    """A model whose validator breaks."""

    x: int

    @model_validator(mode="after")
    def never(self) -> Breaks:
        """Always fails."""
        raise RuntimeError("broken")


def test_the_type_of_a_lists_elements() -> None:
    """Only of what is a list of any length."""
    assert item_type(list[int]) is int
    assert item_type(Annotated[tuple[str, ...], "x"]) is str
    assert item_type(tuple[int, str]) is None
    assert item_type(dict[str, int]) is None
