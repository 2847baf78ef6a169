"""The signature table: enums, dataclasses, typed dicts, named tuples, models and generics."""

import dataclasses
import enum
import typing
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, Optional, TypeVar, Union

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    Json,
    PositiveInt,
    RootModel,
    SecretStr,
    conint,
)
from typing_extensions import NotRequired, Required, TypeAliasType, TypedDict

from tests.tools.signature_table import Row, check_call, check_schema, check_wrong, got, rows

STR, INT, NUM = {"type": "string"}, {"type": "integer"}, {"type": "number"}
T = TypeVar("T")
Bound = TypeVar("Bound", bound=int)
Either = TypeVar("Either", int, str)
UserId = NewType("UserId", int)
Numbers = TypeAliasType("Numbers", "list[int]")
Tree = TypeAliasType("Tree", "dict[str, Tree] | int")


class Colour(enum.Enum):
    """A colour."""

    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Mode(str, enum.Enum):
    READ = "r"
    WRITE = "w"


class Mixed(enum.Enum):
    ONE = 1
    S = "s"


class Corner(enum.Enum):
    """A corner."""

    ORIGIN = (0, 0)
    FAR = (1, 1)


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


@dataclasses.dataclass
class Line:
    """A line.

    Attributes:
        start: Where it
            begins.
    """

    start: Point
    end: Point = dataclasses.field(default_factory=lambda: Point(1, 1))
    tags: list[str] = dataclasses.field(default_factory=list)
    length: float = dataclasses.field(default=0.0, init=False)


@dataclasses.dataclass(frozen=True)
class Linked:
    value: int
    next: "Linked | None" = None


class Box(typing.TypedDict):
    width: float
    name: str


class Partly(TypedDict, total=False):
    a: Required[int]
    b: str


class Mostly(typing.TypedDict):
    a: int
    b: NotRequired[str]


class Folder(typing.TypedDict, total=False):
    size: int
    inside: "list[Folder]"


class Pair(NamedTuple):
    left: int
    right: str = "x"


class Address(BaseModel):
    city: str = Field(description="The city.", min_length=1)


class User(BaseModel):
    """A user."""

    name: str
    address: Address
    tags: list[str] = []
    age: Annotated[Optional[int], Field(ge=0)] = None  # noqa: UP045 - this spelling is the case


class Node(BaseModel):
    """A node."""

    value: int
    children: "list[Node]" = Field(default_factory=list, description="Below.")


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int


class Named(BaseModel):
    how_many: int = Field(alias="howMany")


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Holder(BaseModel, Generic[T]):
    value: T


def colour(a: Colour = Colour.RED) -> None: ...
def level(a: Level) -> None: ...
def mode(a: Mode) -> None: ...
def mixed(a: Mixed) -> None: ...
def corner(a: Corner = Corner.FAR) -> None: ...
def colours(a: list[Colour]) -> None: ...
def member(a: Literal[Colour.RED]) -> None: ...
def point(a: Point) -> None: ...
def line(a: Line) -> None: ...
def default_point(a: Point = Point(1, 2)) -> None: ...  # noqa: B008 - never changed
def maybe_point(a: Optional[Point] = None) -> None: ...  # noqa: UP045 - this spelling is the case
def points(a: list[Point]) -> None: ...
def linked(a: Linked) -> None: ...
def box(a: Box) -> None: ...
def partly(a: Partly) -> None: ...
def mostly(a: Mostly) -> None: ...
def folder(a: Folder) -> None: ...
def pair(a: Pair) -> None: ...
def user(a: User) -> None: ...
def address(a: Annotated[Address, "Where to."]) -> None: ...
def node(a: Node) -> None: ...
def closed(a: Closed) -> None: ...
def named(a: Named) -> None: ...
def pet(a: Annotated[Union[Cat, Dog], Field(discriminator="kind")]) -> None: ...  # noqa: UP007 - this spelling is the case
def pet_untold(a: Union[Cat, Dog]) -> None: ...  # noqa: UP007 - this spelling is the case
def held(a: Holder[int]) -> None: ...
def root(a: RootModel[list[int]]) -> None: ...
def user_id(a: UserId) -> None: ...
def alias(a: Numbers) -> None: ...
def recursive_alias(a: Tree) -> None: ...
def generic(a: T, b: list[T]) -> None: ...
def bound(a: Bound) -> None: ...
def either(a: Either, b: Either) -> None: ...
def constrained(a: conint(gt=3), b: PositiveInt) -> None: ...  # type: ignore[valid-type]  # this spelling is the case
def secret(a: SecretStr) -> None: ...
def json_text(a: Json[list[int]]) -> None: ...


def ref(name: str, **more: Any) -> dict[str, Any]:
    return {"a": {"$ref": f"#/$defs/{name}", **more}}


POINT = {
    "type": "object",
    "properties": {"x": INT, "y": {**INT, "default": 0}},
    "required": ["x"],
}
CAT = {"kind": {"type": "string", "const": "cat"}, "lives": {**INT, "default": 9}}
DOG = {"kind": {"type": "string", "const": "dog"}, "name": STR}
TABLE = [
    Row(colour, ref("Colour", default="red"), [],
        calls=[({}, got(Colour.RED)), ({"a": "blue"}, got(Colour.BLUE))],
        wrong=[({"a": "green"}, "a: expected one of 'red' or 'blue', got 'green'")],
        defs={"Colour": {"type": "string", "enum": ["red", "blue"], "description": "A colour."}}),
    Row(level, ref("Level"), calls=[({"a": 2}, got(Level.HIGH))],
        wrong=[({"a": 3}, "a: expected one of 1 or 2")],
        defs={"Level": {"type": "integer", "enum": [1, 2]}}),
    Row(mode, ref("Mode"), calls=[({"a": "w"}, got(Mode.WRITE))],
        wrong=[({"a": "x"}, "a: expected one of 'r' or 'w'")],
        defs={"Mode": {"type": "string", "enum": ["r", "w"]}}),
    Row(mixed, ref("Mixed"), calls=[({"a": 1}, got(Mixed.ONE)), ({"a": "s"}, got(Mixed.S))],
        wrong=[({"a": "t"}, "a")],
        defs={"Mixed": {"enum": [1, "s"]}}),
    Row(corner, {"a": {"type": "string", "enum": ["ORIGIN", "FAR"], "default": "FAR",
        "description": "A corner."}}, [],
        calls=[({}, got(Corner.FAR)), ({"a": "ORIGIN"}, got(Corner.ORIGIN))],
        wrong=[({"a": "NEAR"}, "a: expected one of 'ORIGIN' or 'FAR', got 'NEAR'")]),
    Row(colours, {"a": {"type": "array", "items": {"$ref": "#/$defs/Colour"}}},
        calls=[({"a": ["red"]}, got([Colour.RED]))],
        wrong=[({"a": ["red", "x"]}, "a[1]: expected one of")]),
    Row(member, {"a": {"type": "string", "const": "red"}},
        calls=[({"a": "red"}, got(Colour.RED))], wrong=[({"a": "blue"}, "a")]),
    Row(point, ref("Point"), calls=[({"a": {"x": 1}}, got(Point(1))),
        ({"a": '{"x": 1}'}, got(Point(1)))], defs={"Point": POINT},
        wrong=[({"a": {}}, "a.x: missing"), ({"a": {"x": "q"}}, "a.x: expected an integer"),
            ({"a": 3}, "a: expected an object"),
               ({"a": {"x": 1, "z": 1}}, "a.z: unknown field")]),
    Row(line, ref("Line"), calls=[({"a": {"start": {"x": 1}}}, got(Line(Point(1)))),
                                  ({"a": {"start": {"x": 1}, "end": {"x": 2, "y": 3},
                                      "tags": ["t"]}}, got(Line(Point(1), Point(2, 3), ["t"])))],
        defs={"Point": POINT, "Line": {"description": "A line.", "required": ["start"],
            "properties": {
            "start": {"$ref": "#/$defs/Point", "description": "Where it begins."},
                "end": {"$ref": "#/$defs/Point"},
            "tags": {"type": "array", "items": STR}}}},
        wrong=[({"a": {"start": {"x": 1}, "length": 2}}, "a.length"),
            ({"a": {"start": {"y": 1}}}, "a.start.x: missing")]),
    Row(default_point, ref("Point", default={"x": 1, "y": 2}), [], calls=[({}, got(Point(1, 2)))],
        defs={"Point": POINT}),
    Row(maybe_point, {"a": {"anyOf": [{"$ref": "#/$defs/Point"}, {"type": "null"}],
        "default": None}}, [],
        calls=[({}, got(None)), ({"a": {"x": 1}}, got(Point(1)))],
            wrong=[({"a": {"y": 1}}, "a.x: missing")]),
    Row(points, {"a": {"type": "array", "items": {"$ref": "#/$defs/Point"}}},
        calls=[({"a": [{"x": 1}, '{"x": 2}']}, got([Point(1), Point(2)]))],
            wrong=[({"a": [{"x": 1}, {"x": None}]}, "a[1].x: expected an integer")]),
    Row(linked, ref("Linked"), calls=[({"a": {"value": 1, "next": {"value": 2}}}, got(Linked(1,
        Linked(2))))],
        wrong=[({"a": {"value": 1, "next": {"value": "x"}}}, "a.next.value: expected an integer")]),
    Row(box, ref("Box"), calls=[({"a": {"width": 1, "name": "n"}}, got({"width": 1.0,
        "name": "n"}))],
        defs={"Box": {"type": "object", "properties": {"width": NUM, "name": STR},
            "required": ["width", "name"]}},
        wrong=[({"a": {"width": 1}}, "a.name: missing")]),
    Row(partly, ref("Partly"), calls=[({"a": {"a": 1}}, got({"a": 1}))],
        defs={"Partly": {"required": ["a"], "properties": {"a": INT, "b": STR}}},
        wrong=[({"a": {"b": "x"}}, "a.a: missing"),
            ({"a": {"a": 1, "c": 2}}, "a.c: unknown field")]),
    Row(mostly, ref("Mostly"), calls=[({"a": {"a": 1}}, got({"a": 1})),
        ({"a": {"a": 1, "b": "x"}}, got({"a": 1, "b": "x"}))],
        defs={"Mostly": {"required": ["a"], "properties": {"a": INT, "b": STR}}}),
    Row(folder, ref("Folder"), calls=[({"a": {"inside": [{"size": 1}]}},
        got({"inside": [{"size": 1}]}))],
        defs={"Folder": {"properties": {"size": INT, "inside": {"type": "array",
            "items": {"$ref": "#/$defs/Folder"}}}}},
        wrong=[({"a": {"inside": [{"size": "x"}]}}, "a.inside[0].size: expected an integer")]),
    Row(pair, ref("Pair"), calls=[({"a": [1]}, got(Pair(1))), ({"a": [1, "y"]}, got(Pair(1, "y")))],
        defs={"Pair": {"type": "array", "prefixItems": [INT, {**STR, "default": "x"}],
            "minItems": 1, "maxItems": 2}},
        wrong=[({"a": ["q"]}, "a[0]: expected an integer")]),
    Row(user, ref("User"), calls=[({"a": {"name": "n", "address": {"city": "c"}}},
        got(User(name="n", address=Address(city="c")))),
                                  ({"a": {"name": "n", "address": '{"city": "c"}'}},
                                      got(User(name="n", address=Address(city="c"))))],
        defs={"User": {"description": "A user.", "required": ["name", "address"], "properties": {
            "name": STR, "address": {"$ref": "#/$defs/Address"}, "tags": {"type": "array",
                "items": STR, "default": []},
            "age": {"anyOf": [{**INT, "minimum": 0}, {"type": "null"}], "default": None}}},
            "Address": {"properties": {"city": {**STR, "description": "The city.",
                "minLength": 1}}}},
        wrong=[({"a": {"name": "n", "address": {}}}, "a.address.city: missing"),
            ({"a": {"name": "n"}}, "a.address: missing")]),
    Row(address, ref("Address", description="Where to."),
        calls=[({"a": {"city": "c"}}, got(Address(city="c")))],
        wrong=[({"a": {"city": ""}}, "a.city")]),
    Row(node, ref("Node"), calls=[({"a": {"value": 1, "children": [{"value": 2}]}},
        got(Node(value=1, children=[Node(value=2)])))],
        defs={"Node": {"description": "A node.", "required": ["value"], "properties": {
            "value": INT, "children": {"type": "array", "items": {"$ref": "#/$defs/Node"},
                "description": "Below."}}}},
        wrong=[({"a": {"value": 1, "children": [{}]}}, "a.children[0].value: missing")]),
    Row(closed, ref("Closed"), calls=[({"a": {"a": 1}}, got(Closed(a=1)))],
        defs={"Closed": {"additionalProperties": False}},
        wrong=[({"a": {"a": 1, "b": 2}}, "a.b: unknown field")]),
    Row(named, ref("Named"), calls=[({"a": {"howMany": 1}}, got(Named(howMany=1)))],
        defs={"Named": {"required": ["howMany"]}},
        wrong=[({"a": {}}, "a.howMany: missing")]),
    Row(pet, {"a": {"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
                    "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/$defs/Cat",
                        "dog": "#/$defs/Dog"}}}},
        calls=[({"a": {"kind": "dog", "name": "n"}}, got(Dog(kind="dog", name="n")))],
        defs={"Cat": {"properties": CAT}, "Dog": {"properties": DOG}},
        wrong=[({"a": {"kind": "cow"}}, "a.kind: expected one of 'cat', 'dog', got 'cow'"),
            ({"a": {}}, "a.kind: missing"),
               ({"a": {"kind": "dog"}}, "a.name: missing")]),
    Row(pet_untold, {"a": {"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}},
        calls=[({"a": {"kind": "cat"}}, got(Cat(kind="cat")))],
            wrong=[({"a": {"kind": "cow"}}, "a.kind: expected one of 'cat'")]),
    Row(held, ref("Holder_int_"), calls=[({"a": {"value": 1}}, got(Holder[int](value=1)))],
        defs={"Holder_int_": {"properties": {"value": INT}}},
        wrong=[({"a": {"value": "x"}}, "a.value: expected an integer")]),
    Row(root, ref("RootModel_list_int__"), calls=[({"a": [1]}, got(RootModel[list[int]]([1])))],
        wrong=[({"a": ["x"]}, "a[0]: expected an integer")]),
    Row(user_id, {"a": INT}, calls=[({"a": 1}, got(1))]),
    Row(alias, ref("Numbers"), calls=[({"a": [1]}, got([1]))],
        defs={"Numbers": {"type": "array", "items": INT}},
        wrong=[({"a": 1}, "a: expected a list")]),
    Row(recursive_alias, ref("Tree"), calls=[({"a": {"k": {"l": 1}}}, got({"k": {"l": 1}}))]),
    Row(generic, {"a": {}, "b": {"type": "array", "items": {}}},
        calls=[({"a": 1, "b": ["x"]}, got(1, ["x"]))]),
    Row(bound, {"a": INT}, calls=[({"a": 1}, got(1))],
        wrong=[({"a": "x"}, "a: expected an integer")]),
    Row(either, {"a": {"anyOf": [INT, STR]}, "b": {"anyOf": [INT, STR]}},
        calls=[({"a": 1, "b": "x"}, got(1, "x"))]),
    Row(constrained, {"a": {**INT, "exclusiveMinimum": 3}, "b": {**INT, "exclusiveMinimum": 0}},
        calls=[({"a": 4, "b": 1}, got(4, 1))],
        wrong=[({"a": 3, "b": 1}, "a: should be greater than 3"),
            ({"a": 4, "b": 0}, "b: should be greater than 0")]),
    Row(secret, {"a": {**STR, "format": "password", "writeOnly": True}},
        calls=[({"a": "s"}, got(SecretStr("s")))]),
    Row(json_text, {"a": {**STR, "contentMediaType": "application/json",
        "contentSchema": {"type": "array", "items": INT}}},
        calls=[({"a": "[1]"}, got([1]))]),
]  # fmt: skip


@rows(TABLE)
def test_schema(row: Row) -> None:
    """The model is told the class's own fields, under its name in ``$defs``."""
    check_schema(row)


@rows(TABLE)
async def test_calls(row: Row) -> None:
    """The function gets instances, not dictionaries."""
    await check_call(row)


@rows(TABLE)
async def test_wrong_arguments(row: Row) -> None:
    """What does not fit is refused with the whole way to the field."""
    await check_wrong(row)
