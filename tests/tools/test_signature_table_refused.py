"""What cannot be described to a model, and arguments that no schema has foreseen."""

import dataclasses
import json
from collections.abc import Callable
from typing import Annotated, Any, Protocol

import pytest
from pydantic import BaseModel, BeforeValidator, Field

from nbagent.errors import ToolArgumentsError, ToolSchemaError
from nbagent.tools import Tool, tool


class Opaque:
    """Nothing that JSON could carry."""


class Hooked:
    """One whose own hook for pydantic fails."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        raise RuntimeError("no schema today")


class Runner(Protocol):
    def run(self) -> None: ...


@dataclasses.dataclass
class Holding:
    thing: Opaque


class Point(BaseModel):
    x: int


def custom(thing: Opaque) -> None: ...
def custom_with_default(thing: Opaque = None) -> None: ...  # type: ignore[assignment]  # case
def custom_optional(thing: "Opaque | None" = None) -> None: ...
def custom_in_list(thing: list[Opaque]) -> None: ...
def custom_in_dataclass(thing: Holding) -> None: ...
def custom_star(*thing: Opaque) -> None: ...
def custom_double_star(**thing: Opaque) -> None: ...
def callback(thing: Callable[[], int]) -> None: ...
def protocol(thing: Runner) -> None: ...
def a_class(thing: type[int]) -> None: ...
def hooked(thing: Hooked) -> None: ...
def bad_pattern(thing: Annotated[str, Field(pattern="(")]) -> None: ...
def not_a_type(thing: "the name of the column") -> None: ...  # type: ignore[valid-type]  # noqa: F722 - case
def a_value(thing: 3) -> None: ...  # type: ignore[valid-type]  # the case


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (custom, "Opaque"),
        (custom_with_default, "Opaque"),
        (custom_optional, "Opaque"),
        (custom_in_list, "list[test_signature_table_refused.Opaque]"),
        (custom_in_dataclass, "Holding, which cannot be described to a model (unknown: <class"),
        (custom_star, "Opaque"),
        (custom_double_star, "Opaque"),
        (callback, "Callable"),
        (protocol, "Runner"),
        (a_class, "type[int]"),
        (hooked, "no schema today"),
        (bad_pattern, "unterminated subpattern"),
        (not_a_type, "Annotated[str, 'its description']"),
        (a_value, "3"),
    ],
)
def test_refused_at_decoration(function: Callable[..., Any], words: str) -> None:
    """The error comes with the decorator, names the parameter, its type and the cause."""
    with pytest.raises(ToolSchemaError) as caught:
        tool(function)
    text = str(caught.value).replace(f"{__name__}.", "test_signature_table_refused.")
    assert "'thing'" in text
    assert words in text


def test_the_ways_out() -> None:
    """The error says what can be done instead."""
    with pytest.raises(ToolSchemaError) as caught:
        tool(custom)
    for words in ("Variable()", "functools.partial(f, thing=...)", "by a name given as str"):
        assert words in str(caught.value)


def point(a: Point, b: list[int] | None = None) -> Any:
    return a, b


UNFORESEEN: list[tuple[Any, str]] = [
    ("[1]", "must be one JSON object"),
    ('"x"', "must be one JSON object"),
    ("3", "must be one JSON object"),
    ('{"a": ', "not valid JSON"),
    ('{"a": {"x": 1}} and more', "not valid JSON"),
    ("[" * 100_000, "not valid JSON"),
    ('{"a": {"x": "\\ud800"}}', "a"),
    (json.dumps({"a": "[" * 100_000}), "a: expected an object"),
    (json.dumps({"a": "{not json"}), "a: expected an object"),
    (json.dumps({"a": '{"x": "q"}'}), "a.x: expected an integer, got 'q'"),
    (json.dumps({"a": '"{}"'}), "a: expected an object"),
    (json.dumps({"a": {"x": 1}, "b": "[1, 'x']"}), "b: expected a list"),
    ('{"a": {"x": NaN}}', "a.x: should be a finite number"),
    ({"a": {"x": Opaque()}}, "a.x: expected an integer"),
    ({"a": Opaque()}, "a: expected an object"),
    ({1: 2}, "Keys should be strings"),
]


@pytest.mark.parametrize(("arguments", "words"), UNFORESEEN, ids=range(len(UNFORESEEN)))
async def test_unforeseen_arguments(arguments: Any, words: str) -> None:
    """Whatever comes instead of arguments is told to the model, and nothing else is raised."""
    with pytest.raises(ToolArgumentsError) as caught:
        await Tool.of(point).invoke(arguments)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    "arguments",
    [
        {"a": '{"x": 1}', "b": "[1, 2]"},
        {"a": {"x": "1"}, "b": ["1", 2.0]},
        json.dumps(json.dumps({"a": {"x": 1}, "b": [1, 2]})),
        json.dumps({"a": ' {"x": 1}\n', "b": "[1,2]"}),
    ],
)
async def test_what_models_mean(arguments: Any) -> None:
    """Numbers as text, and JSON inside of text, are taken as what they stand for."""
    assert (await Tool.of(point).invoke(arguments)).value == (Point(x=1), [1, 2])


async def test_a_validator_that_raises_is_no_crash() -> None:
    """What a validator of the person's own raises is told as a fault of the arguments."""

    def fail(value: Any) -> Any:
        raise KeyError("nothing of that name")

    def f(a: Annotated[str, BeforeValidator(fail)]) -> None: ...

    with pytest.raises(ToolArgumentsError, match=r"could not be checked: KeyError"):
        await Tool.of(f).invoke('{"a": "x"}')
