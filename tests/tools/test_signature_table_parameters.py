"""The signature table: kinds of parameters, defaults, ``Annotated``, ``Field`` and docstrings."""

from typing import Annotated, Any, Literal, Optional

import annotated_types
import pytest
from pydantic import AliasChoices, Field
from typing_extensions import Doc, Required, TypedDict, Unpack

from nbagent.tools import Tool, ToolContext
from tests.tools.signature_table import Row, check_call, check_schema, check_wrong, got, rows

STR, INT, NUM = {"type": "string"}, {"type": "integer"}, {"type": "number"}
INTS = {"type": "array", "items": INT}


class Options(TypedDict, total=False):
    x: Required[int]
    y: str


def default(a: int = 3) -> None: ...
def defaults(a: int, b: str = "x", c: float = 1.5, d: bool = False, e: Any = None) -> None: ...
def mutable(a: list[int] = [1], b: dict[str, int] = {}) -> None: ...  # noqa: B006 - never changed
def implicit_optional(a: int = None) -> None: ...  # type: ignore[assignment]  # noqa: RUF013 - case
def untyped(a, b=2, c="x", d=None): ...  # type: ignore[no-untyped-def]  # no annotation is the case
def keyword_only(*, a: int = 1, b: int) -> None: ...
def positional_only(a: int, b: int = 2, /, c: int = 3) -> None: ...
def all_kinds(a: int, /, b: str, *c: float, d: bool = False, **e: int) -> None: ...
def star(*values: int) -> None: ...
def double_star(a: int, **more: int) -> None: ...
def double_star_any(**kwargs: Any) -> None: ...
def star_untyped(*args, **kwargs): ...  # type: ignore[no-untyped-def]  # no annotation is the case
def unpacked(a: int, **options: Unpack[Options]) -> None: ...
def odd_names(schema: int, _hidden: int, model_config: int, title: str, json: int) -> None: ...
def described(a: Annotated[int, "How many."]) -> None: ...
def described_twice(a: Annotated[int, "First.", "Second."]) -> None: ...
def documented(a: Annotated[int, Doc("How many.")]) -> None: ...
def junk(a: Annotated[int, str, 456]) -> None: ...
def junk_and_field(
    a: Annotated[int, str, Field(description="d"), annotated_types.Gt(1)],
) -> None: ...
def optional_described(a: Annotated[Optional[int], "Maybe."] = None) -> None: ...  # noqa: UP045 - case
def described_optional(a: "Annotated[int, 'Maybe.'] | None" = None) -> None: ...
def bounds(a: Annotated[int, Field(ge=1, le=10)]) -> None: ...
def open_bounds(a: int = Field(..., gt=10, lt=100)) -> None: ...
def multiples(a: Annotated[float, Field(multiple_of=0.5)] = 1.0) -> None: ...
def word(a: str = Field(min_length=3, max_length=5, pattern=r"^[A-Za-z]+$")) -> None: ...
def looked_around(a: Annotated[str, Field(pattern=r"^(?!x)\w+$")]) -> None: ...
def items(a: Annotated[list[Annotated[str, Field(max_length=3)]], Field(min_length=1)]) -> None: ...
def field_default(a: int = Field(5, description="How many.")) -> None: ...
def annotated_default(a: Annotated[int, Field(5, description="How many.")]) -> None: ...
def both_defaults(a: Annotated[int, Field(description="How many.")] = 7) -> None: ...
def factory(a: list[int] = Field(default_factory=lambda: [4])) -> None: ...  # noqa: B008 - this spelling is the case
def field_before_required(a: Annotated[int, Field(1)], b: int) -> None: ...
def aliased(a: Annotated[int, Field(alias="howMany")]) -> None: ...
def alias_choices(
    a: Annotated[int, Field(validation_alias=AliasChoices("x", "y"))] = 3,
) -> None: ...
def extras(a: Annotated[int, Field(examples=[1, 2], deprecated=True, title="T")]) -> None: ...
def schema_extra(a: Annotated[str, Field(json_schema_extra={"format": "city"})]) -> None: ...
def with_context(a: int, context: ToolContext, b: int = 1) -> None: ...


def google(foo: int, *bar: str, baz: float = 1.0, **more: int) -> None:
    """Do foobar stuff, a lot.

    At length, and
    in two lines.

    Args:
        foo (int, optional): The foo thing,
            which is long: to tell.
        *bar: The bar things.

    Keyword Args:
        baz (:obj:`float`): The baz thing. Defaults to 1.
        **more: All the others.

    Returns:
        str: Nothing of interest.

    Raises:
        ValueError: Never.
    """


def google_without_summary(foo: int, bar: Annotated[str, Field(description="from field")]) -> None:
    """
    Args:
        foo: The foo thing.
        bar: The bar thing.
    """


def google_without_blank_lines(x: int) -> None:
    """
    Test function
    Args:
        x: The first input
    Returns:
        Nothing
    """


def google_sloppy(a: int, b: int, c: int) -> None:
    """Do it.

    Args:
        a
        b (int)
            The b thing.
        c - The c thing.
    """


def numpy_style(*, foo: int, bar: Literal["x", "y"] = "x", u: float, v: float) -> None:
    """Numpy style.

    Parameters
    ----------
    foo : int
        The foo thing,
        wrapped.
    bar : {'x', 'y'}, default 'x'
        The bar thing.
    u, v : float
        Both.

    Returns
    -------
    str
        Nothing of interest.
    """


def sphinx_style(foo: int, bar: "dict[str, int]", /) -> None:
    """Sphinx style.

    :param foo: The foo thing,
        wrapped.
    :type foo: int
    :param dict[str, int] bar: The bar thing of :class:`~x.Y`.
    :return: Nothing of interest.
    :rtype: str
    """


def one(schema: dict[str, Any]) -> dict[str, Any]:
    return {"a": schema}


def said(schema: dict[str, Any], words: str) -> dict[str, Any]:
    return {**schema, "description": words}


TABLE = [
    Row(default, one({**INT, "default": 3}), [], calls=[({}, got(3)), ({"a": 4}, got(4))],
        wrong=[({"a": None}, "a: expected an integer, got None")]),
    Row(defaults, {"a": INT, "b": {**STR, "default": "x"}, "c": {**NUM, "default": 1.5},
        "d": {"type": "boolean", "default": False},
                   "e": {"default": None}}, ["a"],
        calls=[({"a": 1}, got(1, "x", 1.5, False, None)),
            ({"a": 1, "e": [2], "d": True}, got(1, "x", 1.5, True, [2]))],
        wrong=[({}, "a: missing, and it is required"),
            ({"a": "x", "c": "y"}, "c: expected a number")]),
    Row(mutable, {"a": {**INTS, "default": [1]}, "b": {"type": "object",
        "additionalProperties": INT, "default": {}}}, [], calls=[({}, got([1], {}))]),
    Row(implicit_optional, one({"anyOf": [INT, {"type": "null"}], "default": None}), [],
        calls=[({}, got(None)), ({"a": None}, got(None)), ({"a": 1}, got(1))]),
    Row(untyped, {"a": {}, "b": {"default": 2}, "c": {"default": "x"}, "d": {"default": None}},
        ["a"],
        calls=[({"a": "x"}, got("x", 2, "x", None)),
            ({"a": [1], "b": "s", "d": 1}, got([1], "s", "x", 1))],
            wrong=[({"b": 1}, "a: missing")]),
    Row(keyword_only, {"a": {**INT, "default": 1}, "b": INT}, ["b"],
        calls=[({"b": 17}, got(a=1, b=17)), ({"a": 4, "b": 17}, got(a=4, b=17))]),
    Row(positional_only, {"a": INT, "b": {**INT, "default": 2}, "c": {**INT, "default": 3}},
        ["a"], calls=[({"a": 1}, got(1, 2, 3)), ({"a": 1, "c": 4}, got(1, 2, 4))]),
    Row(all_kinds, {"a": INT, "b": STR, "c": {"type": "array", "items": NUM, "default": []},
        "d": {"type": "boolean", "default": False}}, ["a", "b"], more=INT,
        calls=[({"a": 1, "b": "x"}, got(1, "x", d=False)),
            ({"a": 1, "b": "x", "c": [1, 2.5], "d": True, "z": 9}, got(1, "x", 1.0, 2.5, d=True,
            z=9))],
        wrong=[({"a": 1, "b": "x", "c": ["q"]}, "c[0]: expected a number"),
            ({"a": 1, "b": "x", "z": "q"}, "z: expected an integer")]),
    Row(star, {"values": {**INTS, "default": []}}, [],
        calls=[({}, got()), ({"values": [1, 2]}, got(1, 2)), ({"values": "[1]"}, got(1))],
        wrong=[({"values": 5}, "values: expected a list"),
            ({"values": ["x"]}, "values[0]: expected an integer")]),
    Row(double_star, one(INT), more=INT,
        calls=[({"a": 1, "k": 2}, got(1, k=2)), ({"a": 1, "more": {"k": 2}}, got(1, k=2)),
        ({"a": 1}, got(1))],
        wrong=[({"a": 1, "k": "x"}, "k: expected an integer")]),
    Row(double_star_any, {}, more=True, calls=[({"k": [1]}, got(k=[1])),
        ({"kwargs": {"k": 2}}, got(k=2)), ({}, got())]),
    Row(star_untyped, {"args": {"type": "array", "items": {}, "default": []}}, [], more=True,
        calls=[({"args": [1, "x"], "k": None}, got(1, "x", k=None))]),
    Row(unpacked, {"a": INT, "x": INT, "y": STR}, ["a", "x"],
        calls=[({"a": 1, "x": 2}, got(1, x=2)), ({"a": 1, "x": 2, "y": "s"}, got(1, x=2, y="s"))],
        wrong=[({"a": 1}, "x: missing"), ({"a": 1, "x": 2, "z": 3}, "z: unknown field")]),
    Row(odd_names, {"schema": INT, "_hidden": INT, "model_config": INT, "title": STR, "json": INT},
        calls=[({"schema": 1, "_hidden": 2, "model_config": 3, "title": "t", "json": 5}, got(1, 2,
            3, "t", 5))]),
    Row(described, one(said(INT, "How many."))),
    Row(described_twice, one(said(INT, "First."))),
    Row(documented, one(said(INT, "How many."))),
    Row(junk, one(INT), calls=[({"a": 1}, got(1))]),
    Row(junk_and_field, one({**said(INT, "d"), "exclusiveMinimum": 1}),
        wrong=[({"a": 1}, "a: should be greater than 1")]),
    Row(optional_described, one({**said({}, "Maybe."), "anyOf": [INT, {"type": "null"}],
        "default": None}), [], calls=[({}, got(None))]),
    Row(described_optional, one({**said({}, "Maybe."), "anyOf": [INT, {"type": "null"}],
        "default": None}), [], calls=[({}, got(None))]),
    Row(bounds, one({**INT, "minimum": 1, "maximum": 10}), calls=[({"a": 10}, got(10))],
        wrong=[({"a": 0}, "a: should be greater than or equal to 1, got 0"),
            ({"a": 11}, "a: should be less than or equal to 10")]),
    Row(open_bounds, one({**INT, "exclusiveMinimum": 10, "exclusiveMaximum": 100}),
        calls=[({"a": 50}, got(50))], wrong=[({"a": 10}, "a: "), ({}, "a: missing")]),
    Row(multiples, one({**NUM, "multipleOf": 0.5, "default": 1.0}), [],
        calls=[({"a": 1.5}, got(1.5))], wrong=[({"a": 0.3}, "a: should be a multiple of 0.5")]),
    Row(word, one({**STR, "minLength": 3, "maxLength": 5, "pattern": "^[A-Za-z]+$"}),
        calls=[({"a": "Alice"}, got("Alice"))],
        wrong=[({"a": "Al"}, "a: "), ({"a": "Alice1"}, "a: "), ({"a": "A1c"}, "a: ")]),
    Row(looked_around, one({**STR, "pattern": r"^(?!x)\w+$"}), calls=[({"a": "ab"}, got("ab"))],
        wrong=[({"a": "xb"}, "a: ")]),
    Row(items, one({"type": "array", "items": {**STR, "maxLength": 3}, "minItems": 1}),
        calls=[({"a": ["x"]}, got(["x"]))],
        wrong=[({"a": []}, "a: "), ({"a": ["x", "long"]}, "a[1]: ")]),
    Row(field_default, one({**said(INT, "How many."), "default": 5}), [],
        calls=[({}, got(5)), ({"a": 6}, got(6))]),
    Row(annotated_default, one({**said(INT, "How many."), "default": 5}), [], calls=[({}, got(5))]),
    Row(both_defaults, one({**said(INT, "How many."), "default": 7}), [], calls=[({}, got(7))]),
    Row(factory, one(INTS), [], calls=[({}, got([4])), ({"a": [1]}, got([1]))]),
    Row(field_before_required, {"a": {**INT, "default": 1}, "b": INT}, ["b"],
        calls=[({"b": 2}, got(1, 2))]),
    Row(aliased, {"howMany": INT}, calls=[({"howMany": 2}, got(2))],
        wrong=[({"a": 2}, "howMany: missing")]),
    Row(alias_choices, {"x": {**INT, "default": 3}}, [],
        calls=[({"x": 1}, got(1)), ({"y": 2}, got(2)), ({}, got(3))],
        wrong=[({"z": 1}, "Its fields: x (optional).")]),
    Row(extras, one({**INT, "examples": [1, 2], "deprecated": True}), calls=[({"a": 1}, got(1))]),
    Row(schema_extra, one({**STR, "format": "city"})),
    Row(google, {"foo": said(INT, "The foo thing, which is long: to tell."),
        "bar": said({"type": "array", "items": STR, "default": []}, "The bar things."),
                 "baz": said({**NUM, "default": 1.0}, "The baz thing. Defaults to 1.")}, ["foo"],
                     more=said(INT, "All the others."),
        calls=[({"foo": 1, "bar": ["x"], "k": 2}, got(1, "x", baz=1.0, k=2))]),
    Row(google_without_summary, {"foo": said(INT, "The foo thing."), "bar": said(STR,
        "from field")}),
    Row(google_without_blank_lines, {"x": said(INT, "The first input")}),
    Row(google_sloppy, {"a": INT, "b": said(INT, "The b thing."), "c": said(INT, "The c thing.")}),
    Row(numpy_style, {"foo": said(INT, "The foo thing, wrapped."), "bar": said({"type": "string",
        "enum": ["x", "y"], "default": "x"}, "The bar thing."),
                      "u": said(NUM, "Both."), "v": said(NUM, "Both.")}, ["foo", "u", "v"],
                          calls=[({"foo": 1, "u": 1, "v": 2}, got(foo=1, bar="x", u=1.0, v=2.0))]),
    Row(sphinx_style, {"foo": said(INT, "The foo thing, wrapped."), "bar": said({"type": "object",
        "additionalProperties": INT}, "The bar thing of `x.Y`.")},
        calls=[({"foo": 1, "bar": {"k": 1}}, got(1, {"k": 1}))]),
]  # fmt: skip


@rows(TABLE)
def test_schema(row: Row) -> None:
    """The model is told exactly what the parameters are, and what is said of them."""
    check_schema(row)


@rows(TABLE)
async def test_calls(row: Row) -> None:
    """Values reach the function by position, by name or spread out, as its signature has it."""
    await check_call(row)


@rows(TABLE)
async def test_wrong_arguments(row: Row) -> None:
    """What does not fit is refused with the field's name."""
    await check_wrong(row)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (google, "Do foobar stuff, a lot.\n\nAt length, and\nin two lines."),
        (google_without_summary, ""),
        (google_without_blank_lines, "Test function"),
        (google_sloppy, "Do it."),
        (numpy_style, "Numpy style."),
        (sphinx_style, "Sphinx style."),
        (default, ""),
    ],
)
def test_what_the_tool_says_of_itself(function: Any, words: str) -> None:
    """The description is the summary and the text below it, without the sections."""
    assert Tool.of(function).spec.description == words


async def test_the_context_is_hidden() -> None:
    """A `ToolContext` is no parameter that a model could fill."""

    def f(a: int, context: ToolContext, *, other: Optional[ToolContext] = None) -> Any:  # noqa: UP045 - case
        return a, type(context).__name__, other is context

    made = Tool.of(f)
    assert made.spec.parameters["properties"] == one(INT)
    assert (await made.invoke('{"a": 1}')).value == (1, "ToolContext", True)
