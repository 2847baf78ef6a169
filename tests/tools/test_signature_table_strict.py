"""The signature table in its strict form: what OpenAI's rules leave, and the way back."""

import dataclasses
import datetime
import enum
import pathlib
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union

import pytest
from pydantic import BaseModel, ConfigDict, Field

from nbagent.errors import ToolSchemaError
from nbagent.tools import Tool, tool
from tests.tools.signature_table import Row, check_call, echo, got, rows
from tests.tools.test_strict import nodes

STR, INT, NUM = {"type": "string"}, {"type": "integer"}, {"type": "number"}
STRICT = {"strict": True}
# What the API takes, by its documentation of supported schemas.
SUPPORTED = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf"),
    *("$ref", "$defs", "description", "pattern", "format", "multipleOf", "minimum", "maximum"),
    *("exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"),
}
FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}


class Mode(str, enum.Enum):
    READ = "r"
    WRITE = "w"


@dataclasses.dataclass
class Person:
    name: str
    age: int = 3
    tags: list[str] = dataclasses.field(default_factory=list)


class Tree(BaseModel):
    value: int = 1
    children: "list[Tree]" = []
    parent: "Tree | None" = None


class Cat(BaseModel):
    kind: Literal["cat"]
    n: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    n: Optional[int] = 5  # noqa: UP045 - this spelling is the case


class Pair(NamedTuple):
    left: int
    right: str = "x"


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


Pet = Annotated[Union[Cat, Dog], Field(discriminator="kind")]  # noqa: UP007 - this spelling is the case


def plain(a: int, b: str = "x", c: "int | None" = None, d: "int | None" = 5) -> None: ...
def person(a: Person, b: "Person | None" = None) -> None: ...
def people(a: "list[Person] | None" = None) -> None: ...
def in_tuple(a: "tuple[Person, int] | None" = None) -> None: ...
def tree(a: Tree) -> None: ...
def pet(a: Pet, b: "Cat | Dog | None" = None) -> None: ...
def pets(a: "list[Pet] | None" = None) -> None: ...
def pair(a: Pair) -> None: ...
def text(a: Annotated[str, Field(min_length=2, pattern="^a", description="A word.")]) -> None: ...
def looked_around(a: Annotated[str, Field(pattern="^(?!x)")]) -> None: ...
def count(a: Annotated[int, Field(ge=1, lt=9, multiple_of=2)] = 2) -> None: ...
def listed(a: Annotated[list[int], Field(min_length=1, max_length=3)]) -> None: ...
def unique(a: set[int], b: "tuple[int, str]" = (1, "x")) -> None: ...
def mode(
    a: Mode = Mode.READ, b: Literal["x", "y"] = "x", c: Literal[1, "a", None] = None
) -> None: ...
def times(a: datetime.datetime, b: Optional[datetime.date] = None) -> None: ...  # noqa: UP045 - case
def path(a: pathlib.Path = pathlib.Path("x")) -> None: ...
def infinite(a: float = float("inf")) -> None: ...
def anything(a: Any, b: Any = None, c: list = []) -> None: ...  # type: ignore[type-arg]  # noqa: B006 - never changed
def nothing() -> None: ...
def star(*a: int) -> None: ...
def described(a: Annotated[Person, "Who."]) -> None: ...


def null_or(schema: dict[str, Any], default: str = "", words: str = "") -> dict[str, Any]:
    """What an optional one becomes."""
    told = " ".join(filter(None, [words, default and f"Default: {default} (null stands for it)."]))
    return {**schema, "type": [schema["type"], "null"], **({"description": told} if told else {})}


def ref_or_null(name: str) -> dict[str, Any]:
    return {"anyOf": [{"$ref": f"#/$defs/{name}"}, {"type": "null"}]}


OR_NULL = {"anyOf": [INT, {"type": "null"}]}
BOB = {"name": "Bob", "age": None, "tags": None}
LEAF = {"value": None, "children": None, "parent": None}
TABLE = [
    Row(plain, {"a": INT, "b": null_or(STR, '"x"'), "c": OR_NULL, "d": {**OR_NULL,
        "description": "Default: 5 (null stands for it)."}},
        calls=[({"a": 1, "b": None, "c": None, "d": None}, got(1, "x", None, None)),
            ({"a": 1, "b": "q", "c": 2, "d": 4}, got(1, "q", 2, 4)),
            ({"a": 1}, got(1, "x", None, 5))]),
    Row(person, {"a": {"$ref": "#/$defs/Person"}, "b": ref_or_null("Person")},
        calls=[({"a": BOB, "b": None}, got(Person("Bob"), None)),
        ({"a": BOB, "b": {**BOB, "age": 4}}, got(Person("Bob"), Person("Bob", 4)))]),
    Row(people, {"a": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Person"}},
        {"type": "null"}]}}, calls=[({"a": [BOB]}, got([Person("Bob")])),
        ({"a": None}, got(None))]),
    Row(in_tuple, {"a": {"anyOf": [{"type": "array",
        "items": {"anyOf": [{"$ref": "#/$defs/Person"}, INT]}, "minItems": 2, "maxItems": 2},
        {"type": "null"}]}},
        calls=[({"a": [BOB, 1]}, got((Person("Bob"), 1)))]),
    Row(tree, {"a": {"$ref": "#/$defs/Tree"}},
        calls=[({"a": {**LEAF, "children": [LEAF], "parent": LEAF}}, got(Tree(children=[Tree()],
        parent=Tree())))]),
    Row(pet, {"a": {"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]},
        "b": {"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}, {"type": "null"}]}},
        calls=[({"a": {"kind": "cat", "n": None}, "b": {"kind": "dog", "n": None}},
            got(Cat(kind="cat"), Dog(kind="dog", n=None)))]),
    Row(pets, {"a": {"anyOf": [{"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/Cat"},
        {"$ref": "#/$defs/Dog"}]}}, {"type": "null"}]}},
        calls=[({"a": [{"kind": "dog", "n": None}, {"kind": "cat", "n": None}]},
            got([Dog(kind="dog", n=None), Cat(kind="cat")]))]),
    Row(pair, {"a": {"$ref": "#/$defs/Pair"}}, calls=[({"a": [1]}, got(Pair(1)))]),
    Row(text, {"a": {**STR, "pattern": "^a", "description": "A word. (minLength: 2)"}},
        calls=[({"a": "ab"}, got("ab"))]),
    Row(looked_around, {"a": {**STR, "description": '(pattern: "^(?!x)")'}},
        calls=[({"a": "ab"}, got("ab"))]),
    Row(count, {"a": null_or({**INT, "minimum": 1, "exclusiveMaximum": 9, "multipleOf": 2}, "2")},
        calls=[({"a": None}, got(2))]),
    Row(listed, {"a": {"type": "array", "items": INT, "minItems": 1, "maxItems": 3}},
        calls=[({"a": [1]}, got([1]))]),
    Row(unique, {"a": {"type": "array", "items": INT, "description": "(uniqueItems: true)"},
                 "b": null_or({"type": "array", "items": {"anyOf": [INT, STR]}, "minItems": 2,
                     "maxItems": 2}, '[1, "x"]')},
        calls=[({"a": [1, 1], "b": None}, got({1}, (1, "x"))),
            ({"a": [], "b": [2, "y"]}, got(set(), (2, "y")))]),
    Row(mode, {"a": {**ref_or_null("Mode"), "description": 'Default: "r" (null stands for it).'},
               "b": {"anyOf": [{**STR, "enum": ["x", "y"]}, {"type": "null"}],
                   "description": 'Default: "x" (null stands for it).'},
               "c": {"enum": [1, "a", None], "type": ["integer", "string", "null"]}},
        calls=[({"a": None, "b": None, "c": None}, got(Mode.READ, "x", None)),
            ({"a": "w", "b": "y", "c": 1}, got(Mode.WRITE, "y", 1))]),
    Row(times, {"a": {**STR, "format": "date-time"}, "b": {"anyOf": [{**STR, "format": "date"},
        {"type": "null"}]}},
        calls=[({"a": "2024-01-31T00:00:00", "b": None}, got(datetime.datetime(2024, 1, 31),
            None))]),
    Row(path, {"a": null_or(STR, '"x"', '(format: "path")')},
        calls=[({"a": None}, got(pathlib.Path("x")))]),
    Row(infinite, {"a": null_or(NUM)}, calls=[({"a": None}, got(float("inf")))]),
    Row(anything, {"a": {"type": ["string", "number", "boolean", "null"]},
        "b": {"type": ["string", "number", "boolean", "null"]},
                   "c": null_or({"type": "array", "items": {"type": ["string", "number",
                       "boolean", "null"]}}, "[]")},
        calls=[({"a": None, "b": None, "c": None}, got(None, None, [])),
            ({"a": 1, "b": "x", "c": [1]}, got(1, "x", [1]))]),
    Row(nothing, {}, calls=[({}, got())]),
    Row(star, {"a": null_or({"type": "array", "items": INT}, "[]")},
        calls=[({"a": None}, got()), ({"a": [1, 2]}, got(1, 2))]),
    Row(described, {"a": {"anyOf": [{"$ref": "#/$defs/Person"}], "description": "Who."}},
        calls=[({"a": BOB}, got(Person("Bob")))]),
]  # fmt: skip
for each in TABLE:
    each.options = STRICT


@rows(TABLE)
def test_schema(row: Row) -> None:
    """Each parameter in its strict form, all of them required."""
    spec = tool(echo(row.function), strict=True).spec
    assert spec.strict
    assert spec.parameters["properties"] == row.properties
    assert spec.parameters["required"] == list(row.properties)


@rows(TABLE)
def test_rules(row: Row) -> None:
    """Only known keywords and formats; objects closed and complete; references alone; typed."""
    for node in nodes(dict(tool(echo(row.function), strict=True).spec.parameters)):
        assert node.keys() <= SUPPORTED
        assert node.get("format", "date") in FORMATS
        assert node.keys() & {"type", "anyOf", "$ref"}
        assert "$ref" not in node or len(node) == 1
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])


@rows(TABLE)
async def test_calls(row: Row) -> None:
    """A null that stands for what was left out becomes the default, at any depth."""
    await check_call(row)


def of_dict(a: dict[str, int]) -> None: ...
def of_dicts(a: "list[dict[str, Any]]") -> None: ...
def of_open_model(a: Open) -> None: ...
def of_free(**a: int) -> None: ...


@pytest.mark.parametrize("function", [of_dict, of_dicts, of_open_model, of_free])
def test_free_keys_are_refused(function: Any) -> None:
    """What has no strict form is an error at decoration; without strict it is no error."""
    assert Tool.of(function).spec.parameters["type"] == "object"
    with pytest.raises(ToolSchemaError, match="strict=True does not allow objects with free keys"):
        tool(function, strict=True)
