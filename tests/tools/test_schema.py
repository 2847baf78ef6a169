"""Signatures of every kind: what the model is told, and what the function gets."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import decimal
import enum
import inspect
import pathlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Optional, TypedDict, TypeVar, Union

import pytest
from pydantic import BaseModel, Field

from nbagent.errors import ToolArgumentsError, ToolSchemaError
from nbagent.tools import Tool, ToolContext, tool

T = TypeVar("T")


class Colour(enum.Enum):
    """A colour."""

    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


class Box(TypedDict):
    width: float
    name: str


class Pair(NamedTuple):
    left: int
    right: str


class Leaf(BaseModel):
    value: int


class Tree(BaseModel):
    """A tree."""

    leaf: Leaf
    children: list[Tree] = []


class Opaque:
    """Nothing that JSON could carry."""


def plain(a: int, b: str) -> None: ...
def default(a: int = 3) -> None: ...
def optional(a: Optional[int]) -> None: ...  # noqa: UP045 - this spelling is the case
def optional_default(a: int | None = None) -> None: ...
def implicit_optional(a: int = None) -> None: ...  # type: ignore[assignment]  # noqa: RUF013 - case
def implicit_described(a: Annotated[int, Field(ge=1, description="d")] = None) -> None: ...  # type: ignore[assignment]  # noqa: RUF013 - case
def union(a: Union[int, str]) -> None: ...  # noqa: UP007 - this spelling is the case
def union_bar(a: int | list[str]) -> None: ...
def literal(a: Literal["x", "y"]) -> None: ...
def enumerated(a: Colour) -> None: ...
def enum_default(a: Colour = Colour.RED) -> None: ...
def dataclass(a: Point) -> None: ...
def typed_dict(a: Box) -> None: ...
def named_tuple(a: Pair) -> None: ...
def model(a: Leaf) -> None: ...
def date(a: datetime.date) -> None: ...
def moment(a: datetime.datetime) -> None: ...
def span(a: datetime.timedelta) -> None: ...
def exact(a: decimal.Decimal) -> None: ...
def identity(a: uuid.UUID) -> None: ...
def path(a: pathlib.Path) -> None: ...
def raw(a: bytes) -> None: ...
def unique(a: set[int]) -> None: ...
def fixed(a: tuple[int, str]) -> None: ...
def many(a: tuple[int, ...]) -> None: ...
def mapping(a: dict[str, int]) -> None: ...
def nested(a: list[dict[str, list[int]]]) -> None: ...
def sequence(a: Sequence[int]) -> None: ...
def abstract_mapping(a: Mapping[str, int]) -> None: ...
def flags(a: bool, b: float) -> None: ...
def untyped(a, b=2): ...  # type: ignore[no-untyped-def]  # no annotation is the case
def anything(a: Any) -> None: ...
def thing(a: object) -> None: ...
def star(*values: int) -> None: ...
def star_after(a: int, b: int = 2, *values: int) -> None: ...
def double_star(a: int, **more: int) -> None: ...
def double_star_any(**more) -> None: ...  # type: ignore[no-untyped-def]  # no annotation is the case
def keyword_only(*, a: int, b: str = "x") -> None: ...
def positional_only(a: int, b: int = 2, /, c: int = 3) -> None: ...
def words(a: Annotated[int, "How many."]) -> None: ...
def constrained(a: Annotated[int, Field(ge=1, le=9, description="How many.")]) -> None: ...
def field_default(a: int = Field(5, description="How many.")) -> None: ...
def aliased(a: Annotated[int, Field(alias="howMany")]) -> None: ...
def odd_names(schema: int, _hidden: int, model_config: int, title: str, self_: int) -> None: ...
def generic(a: T, b: list[T]) -> T: ...  # type: ignore[empty-body]  # only its signature counts
def with_context(a: int, context: ToolContext, b: int = 1) -> None: ...
def maybe_context(a: int, context: ToolContext | None = None) -> None: ...
def nothing() -> None: ...


INT, STR, NULL = {"type": "integer"}, {"type": "string"}, {"type": "null"}

TABLE: list[tuple[Callable[..., Any], dict[str, Any], list[str]]] = [
    (plain, {"a": INT, "b": STR}, ["a", "b"]),
    (default, {"a": {**INT, "default": 3}}, []),
    (optional, {"a": {"anyOf": [INT, NULL]}}, ["a"]),
    (optional_default, {"a": {"anyOf": [INT, NULL], "default": None}}, []),
    (implicit_optional, {"a": {"anyOf": [INT, NULL], "default": None}}, []),
    (union, {"a": {"anyOf": [INT, STR]}}, ["a"]),
    (union_bar, {"a": {"anyOf": [INT, {"type": "array", "items": STR}]}}, ["a"]),
    (literal, {"a": {"type": "string", "enum": ["x", "y"]}}, ["a"]),
    (date, {"a": {"type": "string", "format": "date"}}, ["a"]),
    (moment, {"a": {"type": "string", "format": "date-time"}}, ["a"]),
    (span, {"a": {"type": "string", "format": "duration"}}, ["a"]),
    (identity, {"a": {"type": "string", "format": "uuid"}}, ["a"]),
    (path, {"a": {"type": "string", "format": "path"}}, ["a"]),
    (raw, {"a": {"type": "string", "format": "binary"}}, ["a"]),
    (unique, {"a": {"type": "array", "items": INT, "uniqueItems": True}}, ["a"]),
    (many, {"a": {"type": "array", "items": INT}}, ["a"]),
    (mapping, {"a": {"type": "object", "additionalProperties": INT}}, ["a"]),
    (sequence, {"a": {"type": "array", "items": INT}}, ["a"]),
    (abstract_mapping, {"a": {"type": "object", "additionalProperties": INT}}, ["a"]),
    (flags, {"a": {"type": "boolean"}, "b": {"type": "number"}}, ["a", "b"]),
    (untyped, {"a": {}, "b": {"default": 2}}, ["a"]),
    (anything, {"a": {}}, ["a"]),
    (thing, {"a": {}}, ["a"]),
    (star, {"values": {"type": "array", "items": INT, "default": []}}, []),
    (keyword_only, {"a": INT, "b": {**STR, "default": "x"}}, ["a"]),
    (positional_only, {"a": INT, "b": {**INT, "default": 2}, "c": {**INT, "default": 3}}, ["a"]),
    (words, {"a": {**INT, "description": "How many."}}, ["a"]),
    (
        constrained,
        {"a": {**INT, "minimum": 1, "maximum": 9, "description": "How many."}},
        ["a"],
    ),
    (field_default, {"a": {**INT, "default": 5, "description": "How many."}}, []),
    (aliased, {"howMany": INT}, ["howMany"]),
    (
        odd_names,
        {"schema": INT, "_hidden": INT, "model_config": INT, "title": STR, "self_": INT},
        ["schema", "_hidden", "model_config", "title", "self_"],
    ),
    (generic, {"a": {}, "b": {"type": "array", "items": {}}}, ["a", "b"]),
    (with_context, {"a": INT, "b": {**INT, "default": 1}}, ["a"]),
    (maybe_context, {"a": INT}, ["a"]),
    (nothing, {}, []),
]


@pytest.mark.parametrize(
    ("function", "properties", "required"), TABLE, ids=lambda v: getattr(v, "__name__", "")
)
def test_properties(
    function: Callable[..., Any], properties: dict[str, Any], required: list[str]
) -> None:
    """Each signature becomes exactly these properties, without titles, closed to others."""
    schema = dict(Tool.of(function).spec.parameters)
    assert schema.pop("properties") == properties
    assert schema.pop("required", []) == required
    assert schema == {"type": "object", "additionalProperties": False}


def echo(function: Callable[..., Any]) -> Tool[..., Any]:
    """A tool with the signature of another function, which returns what it was called with."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return (*args, *kwargs.values(), *kwargs) if kwargs else args

    call.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]  # lent
    call.__name__ = function.__name__
    call.__wrapped__ = function  # type: ignore[attr-defined]  # its globals resolve the annotations
    return Tool.of(call)


CALLS: list[tuple[Callable[..., Any], Any, tuple[Any, ...]]] = [
    (plain, '{"a": 1, "b": "x"}', (1, "x")),
    (plain, {"a": "1", "b": "x"}, (1, "x")),
    (plain, {"a": 1.0, "b": "x"}, (1, "x")),
    (default, "", (3,)),
    (default, "null", (3,)),
    (default, None, (3,)),
    (default, "{}", (3,)),
    (default, b'{"a": 4}', (4,)),
    (optional, {"a": None}, (None,)),
    (implicit_optional, '{"a": null}', (None,)),
    (implicit_described, "{}", (None,)),
    (union, {"a": "x"}, ("x",)),
    (union_bar, {"a": ["x"]}, (["x"],)),
    (literal, {"a": "y"}, ("y",)),
    (enumerated, '{"a": "blue"}', (Colour.BLUE,)),
    (enum_default, "{}", (Colour.RED,)),
    (dataclass, '{"a": {"x": 1}}', (Point(1),)),
    (typed_dict, '{"a": {"width": 1, "name": "n"}}', ({"width": 1.0, "name": "n"},)),
    (named_tuple, '{"a": [1, "r"]}', (Pair(1, "r"),)),
    (model, '{"a": {"value": 1}}', (Leaf(value=1),)),
    (date, '{"a": "2024-01-31"}', (datetime.date(2024, 1, 31),)),
    (date, {"a": datetime.date(2024, 1, 31)}, (datetime.date(2024, 1, 31),)),
    (moment, '{"a": "2024-01-31T10:00:00"}', (datetime.datetime(2024, 1, 31, 10),)),
    (span, '{"a": "PT90S"}', (datetime.timedelta(seconds=90),)),
    (exact, '{"a": "1.10"}', (decimal.Decimal("1.10"),)),
    (identity, '{"a": "12345678123456781234567812345678"}', (uuid.UUID("12345678" * 4),)),
    (path, '{"a": "x/y"}', (pathlib.Path("x/y"),)),
    (raw, '{"a": "x"}', (b"x",)),
    (unique, '{"a": [1, 1, 2]}', ({1, 2},)),
    (fixed, '{"a": [1, "x"]}', ((1, "x"),)),
    (many, '{"a": [1, 2]}', ((1, 2),)),
    (mapping, '{"a": {"k": 1}}', ({"k": 1},)),
    (nested, '{"a": [{"k": [1]}]}', ([{"k": [1]}],)),
    (untyped, '{"a": [1]}', ([1], 2)),
    (anything, {"a": Opaque}, (Opaque,)),
    (star, '{"values": [1, 2]}', (1, 2)),
    (star, "{}", ()),
    (star_after, '{"a": 1, "values": [7]}', (1, 2, 7)),
    (double_star, '{"a": 1, "k": 2}', (1, 2, "k")),
    (double_star_any, '{"k": [2]}', ([2], "k")),
    (keyword_only, '{"a": 1}', (1, "x", "a", "b")),
    (positional_only, '{"a": 1, "c": 4}', (1, 2, 4)),
    (field_default, "{}", (5,)),
    (aliased, '{"howMany": 2}', (2,)),
    (nothing, "", ()),
]


@pytest.mark.parametrize(
    ("function", "arguments", "expected"), CALLS, ids=lambda v: getattr(v, "__name__", "")
)
async def test_calls(
    function: Callable[..., Any], arguments: Any, expected: tuple[Any, ...]
) -> None:
    """Each call reaches the function with exactly these values, in the form it takes them."""
    result = await echo(function).invoke(arguments)
    assert result.error is None
    assert result.value == expected


def test_definitions_of_nested_types() -> None:
    """Enums, dataclasses and recursive models keep their ``$defs`` and say what they are."""
    schema = Tool.of(enum_default).spec.parameters
    assert schema["properties"]["a"] == {"$ref": "#/$defs/Colour", "default": "red"}
    assert schema["$defs"]["Colour"]["enum"] == ["red", "blue"]

    def grow(tree: Tree) -> None: ...

    schema = Tool.of(grow).spec.parameters
    assert schema["$defs"]["Tree"]["properties"]["children"]["items"] == {"$ref": "#/$defs/Tree"}
    assert "title" not in str(schema)


def test_free_keys_are_open_only_where_the_function_takes_them() -> None:
    """``**kwargs`` opens the object, with the type of its values."""
    assert Tool.of(double_star).spec.parameters["additionalProperties"] == INT
    assert Tool.of(double_star_any).spec.parameters["additionalProperties"] is True


async def test_the_very_default_object_arrives() -> None:
    """A default is not copied: a sentinel stays itself."""
    sentinel = object()

    def f(a: Any = sentinel) -> bool:
        return a is sentinel

    assert (await Tool.of(f).invoke("{}")).value is True


async def test_local_types_behind_future_annotations() -> None:
    """An annotation turned into text still finds what the surrounding function defined."""

    @dataclasses.dataclass
    class Local:
        n: int

    @tool
    def f(a: Local, b: list[Local]) -> int:
        return a.n + b[0].n

    assert (await f.invoke({"a": {"n": 1}, "b": [{"n": 2}]})).value == 3


async def test_names_that_come_later() -> None:
    """A type defined in a later cell is found when the tool is first used."""
    cell: dict[str, Any] = {"tool": tool, "BaseModel": BaseModel, "__name__": "__main__"}
    exec("@tool\ndef f(a: 'Later') -> int:\n    return a.n", cell)
    with pytest.raises(ToolSchemaError, match=r"'f'.*'a'.*'Later'"):
        _ = cell["f"].spec
    exec("class Later(BaseModel):\n    n: int", cell)
    assert cell["f"].spec.parameters["required"] == ["a"]
    assert (await cell["f"].invoke('{"a": {"n": 3}}')).value == 3


def test_what_cannot_be_described_says_so_at_decoration() -> None:
    """The error names the function, the parameter, its type and the ways out."""
    with pytest.raises(ToolSchemaError) as caught:

        @tool
        def plot(n: int, thing: Opaque) -> None: ...

    text = str(caught.value)
    for word in ("'plot'", "'thing'", "Opaque", "functools.partial", "Annotated"):
        assert word in text
    with pytest.raises(ToolSchemaError, match="callback"):

        @tool
        def call(callback: Callable[[], int]) -> None: ...


async def test_a_type_of_a_library_as_parameter_is_an_error() -> None:
    """A type of a library is no exception, unless it lives in notebooks: see test_variables."""

    def f(loop: asyncio.AbstractEventLoop) -> None: ...

    with pytest.raises(ToolSchemaError, match=r"'loop'.*AbstractEventLoop.*Variable"):
        Tool.of(f)


async def test_unknown_fields_are_refused() -> None:
    """What the function does not know is an error, not silence."""
    with pytest.raises(ToolArgumentsError, match="unknown field"):
        await Tool.of(default).invoke({"b": 1})
