"""The signature table: everything that can be called, and annotations written as text."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, overload

import pytest
from pydantic import BaseModel

from nbagent.errors import ToolArgumentsError, ToolSchemaError
from nbagent.tools import Tool, ToolContext, tool

STR, INT = {"type": "string"}, {"type": "integer"}


def base(a: int, b: str = "x", *, c: int = 1) -> Any:
    """Base.

    Args:
        a: The a.
    """
    return a, b, c


def free(a: int, **more: int) -> Any:
    return a, more


def before(a: int, b: int, /, c: int) -> Any:
    return a, b, c


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def around(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return around


def signed(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator that fills one argument and says so in a signature of its own."""

    @functools.wraps(function)
    def around(*args: Any, **kwargs: Any) -> Any:
        return function(7, *args, **kwargs)

    whole = inspect.signature(function)
    around.__signature__ = whole.replace(parameters=list(whole.parameters.values())[1:])  # type: ignore[attr-defined]  # as decorators do
    return around


class Counter:
    """Counts."""

    def __init__(self, start: int) -> None:
        self.start = start

    def add(self, a: int, context: ToolContext) -> int:
        """Add.

        Args:
            a: How many.
        """
        return self.start + a

    @classmethod
    def named(cls, a: int) -> str:
        return f"{cls.__name__}{a}"

    @staticmethod
    def twice(a: int) -> int:
        return 2 * a

    def __call__(self, a: int) -> int:
        """Call.

        :param a: How many.
        """
        return self.start * a

    @tool
    def tool_method(self, a: int) -> int:
        return self.start + a

    @tool
    @classmethod
    def tool_of_classmethod(cls, a: int) -> str:
        return f"{cls.__name__}{a}"

    @classmethod
    @tool
    def classmethod_of_tool(cls, a: int) -> str:
        return f"{cls.__name__}{a}"

    @tool
    @staticmethod
    def tool_of_staticmethod(a: int) -> int:
        return 2 * a

    @staticmethod
    @tool
    def staticmethod_of_tool(a: int) -> int:
        return 2 * a


class AsyncCaller:
    """Calls later."""

    async def __call__(self, a: int) -> int:
        return a


class Model(BaseModel):
    """A model."""

    a: int


@dataclasses.dataclass
class Data:
    a: int


async def coroutine(a: int) -> int:
    return a


async def async_generator(a: int) -> AsyncIterator[int]:
    yield 0
    yield a


def generator(a: int) -> Iterator[float]:
    yield 0.5
    yield a


@functools.lru_cache
def cached(a: int) -> int:
    return a


@functools.singledispatch
def dispatched(a: int) -> int:
    return a


@overload
def overloaded(a: int) -> int: ...
@overload
def overloaded(a: str) -> str: ...
def overloaded(a: int | str) -> int | str:
    return a


plus_one = lambda a: a + 1  # noqa: E731 - a lambda is the case
plus_one.__name__ = "plus_one"
three = Counter(3)
A = {"a": INT}
TABLE: dict[str, tuple[Any, dict[str, Any], str, Any]] = {
    "function": (base, {"a": INT, "b": {**STR, "default": "x"}, "c": {**INT, "default": 1}},
                 '{"a": 1}', (1, "x", 1)),
    "wraps": (decorated(base), {"a": INT, "b": {**STR, "default": "x"}, "c": {**INT, "default": 1}},
              '{"a": 1, "c": 2}', (1, "x", 2)),
    "own signature": (signed(base), {"b": {**STR, "default": "x"}, "c": {**INT, "default": 1}},
                      '{"b": "y"}', (7, "y", 1)),
    "partial by position": (functools.partial(base, 5),
                            {"b": {**STR, "default": "x"}, "c": {**INT, "default": 1}},
                            '{"b": "y"}', (5, "y", 1)),
    "partial by keyword": (functools.partial(base, b="k"), {"a": INT, "c": {**INT, "default": 1}},
                           '{"a": 1}', (1, "k", 1)),
    "partial of partial": (functools.partial(functools.partial(base, 5), c=2),
                           {"b": {**STR, "default": "x"}}, "{}", (5, "x", 2)),
    "partial of wraps": (functools.partial(decorated(base), c=3),
                         {"a": INT, "b": {**STR, "default": "x"}}, '{"a": 1}', (1, "x", 3)),
    "partial of free": (functools.partial(free, z=3), A, '{"a": 1, "y": 2}',
                        (1, {"y": 2, "z": 3})),
    "partial positional-only": (functools.partial(before, 1), {"b": INT, "c": INT},
                                '{"b": 2, "c": 3}', (1, 2, 3)),
    "partial of a method": (functools.partial(three.add, 4), {}, "{}", 7),
    "bound method": (three.add, A, '{"a": 1}', 4),
    "classmethod": (Counter.named, A, '{"a": 1}', "Counter1"),
    "staticmethod": (Counter.twice, A, '{"a": 4}', 8),
    "callable object": (three, A, '{"a": 2}', 6),
    "async callable object": (AsyncCaller(), A, '{"a": 2}', 2),
    "method that is a tool": (three.tool_method, A, '{"a": 1}', 4),
    "tool of classmethod": (Counter.tool_of_classmethod, A, '{"a": 1}', "Counter1"),
    "classmethod of tool": (Counter.classmethod_of_tool, A, '{"a": 1}', "Counter1"),
    "tool of staticmethod": (three.tool_of_staticmethod, A, '{"a": 4}', 8),
    "staticmethod of tool": (Counter.staticmethod_of_tool, A, '{"a": 4}', 8),
    "coroutine": (coroutine, A, '{"a": 1}', 1),
    "async generator": (async_generator, A, '{"a": 1}', 1),
    "generator": (generator, A, '{"a": 1}', 1),
    "lambda with a name": (plus_one, {"a": {}}, '{"a": 1}', 2),
    "lru_cache": (cached, A, '{"a": 1}', 1),
    "singledispatch": (dispatched, A, '{"a": 1}', 1),
    "overloads": (overloaded, {"a": {"anyOf": [INT, STR]}}, '{"a": "x"}', "x"),
    "model class": (Model, A, '{"a": 1}', Model(a=1)),
    "dataclass": (Data, A, '{"a": 1}', Data(1)),
    "builtin": (abs, {"x": {}}, '{"x": -1}', 1),
}  # fmt: skip


def types_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The properties without descriptions."""
    return {
        name: {key: value for key, value in part.items() if key != "description"}
        for name, part in schema["properties"].items()
    }


@pytest.mark.parametrize("name", TABLE)
async def test_callables(name: str) -> None:
    """Whatever can be called is described by what it takes, and called so."""
    function, properties, arguments, expected = TABLE[name]
    made = Tool.of(function)
    assert types_of(dict(made.spec.parameters)) == properties
    result = await made.invoke(arguments)
    assert result.error is None
    assert result.value == expected
    with pytest.raises(ToolArgumentsError):
        await made.invoke({"a": [], "b": [], "x": 1, "y": [], "zz": 1})


@pytest.mark.parametrize(
    ("function", "name", "words"),
    [
        (functools.partial(base, 5), "base", "Base."),
        (functools.partial(free, z=3), "free", ""),
        (decorated(base), "base", "Base."),
        (three.add, "add", "Add."),
        (three, "Counter", "Call."),
        (AsyncCaller(), "AsyncCaller", "Calls later."),
        (Model, "Model", "A model."),
        (Data, "Data", ""),
        (plus_one, "plus_one", ""),
    ],
)
def test_names_and_descriptions(function: Any, name: str, words: str) -> None:
    """The name and the words are the function's own, not those of what it is wrapped in."""
    spec = Tool.of(function).spec
    assert (spec.name, spec.description) == (name, words)


def test_descriptions_survive_binding() -> None:
    """What a docstring says of a parameter is also said of methods and partials."""
    for function in (three.add, three, functools.partial(base, b="k")):
        assert Tool.of(function).spec.parameters["properties"]["a"]["description"]


@pytest.mark.parametrize("function", [min, int, dict, range])
def test_what_has_no_signature(function: Any) -> None:
    """Builtins that do not tell their parameters are refused, with what to do."""
    with pytest.raises(ToolSchemaError, match="Wrap it in a function"):
        Tool.of(function)


def test_a_lambda_needs_a_name() -> None:
    """A lambda is asked for a name, and taken with one."""
    with pytest.raises(ToolSchemaError, match=r"tool\(name=\.\.\.\)"):
        Tool.of(lambda x: x)
    assert tool(lambda x: x, name="same").spec.name == "same"


async def test_local_types_and_what_the_body_uses() -> None:
    """Annotations written as text find the types of the function around, also after it returned."""

    def make() -> Callable[..., Any]:
        class Local(BaseModel):
            n: int

        def f(a: Local, b: list[Local] | None = None) -> bool:
            return isinstance(a, Local)

        return f

    made = Tool.of(make())
    assert made.spec.parameters["$defs"]["Local"]["required"] == ["n"]
    assert (await made.invoke('{"a": {"n": 1}}')).value is True
    with pytest.raises(ToolArgumentsError, match=r"a\.n: expected an integer"):
        await made.invoke('{"a": {"n": "x"}}')


async def test_types_that_come_in_a_later_cell() -> None:
    """A name that is not there yet is looked up when the tool is used, and missed by name."""
    cell: dict[str, Any] = {"tool": tool, "BaseModel": BaseModel, "__name__": "__main__"}
    exec("@tool\ndef f(a: 'list[Later]', b: int = 1) -> int:\n    return a[0].n", cell)
    with pytest.raises(ToolSchemaError, match=r"'f'.*'a'.*'Later'"):
        await cell["f"].invoke('{"a": []}')
    exec("class Later(BaseModel):\n    n: int\n    more: 'Later | None' = None", cell)
    assert cell["f"].spec.parameters["properties"]["a"]["items"] == {"$ref": "#/$defs/Later"}
    assert (await cell["f"].invoke('{"a": [{"n": 3, "more": {"n": 4}}]}')).value == 3


NEW_SYNTAX = """
from collections.abc import Callable
from typing import TypedDict, Unpack

type Numbers = list[int]
type Nested[T] = dict[str, T] | Nested

class Options(TypedDict, total=False):
    x: int

def aliased(a: Numbers) -> object: return a
def generic[T: int](a: T, b: list[T]) -> object: return a
def parameters[**P, R](a: int) -> object: return a
def free(**options: Unpack[Options]) -> object: return options
def text[T: int](a: "list[T]") -> object: return a
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is of Python 3.12")
async def test_the_syntax_of_python_3_12() -> None:
    """``type`` statements and type parameters, also in annotations written as text."""
    cell: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(NEW_SYNTAX, "<cell>", "exec", dont_inherit=True), cell)
    numbers = {"type": "array", "items": INT}
    assert Tool.of(cell["aliased"]).spec.parameters["$defs"]["Numbers"] == numbers
    assert Tool.of(cell["generic"]).spec.parameters["properties"] == {"a": INT, "b": numbers}
    assert Tool.of(cell["parameters"]).spec.parameters["properties"] == {"a": INT}
    assert Tool.of(cell["text"]).spec.parameters["properties"] == {"a": numbers}
    assert (await Tool.of(cell["free"]).invoke('{"x": "1"}')).value == {"x": 1}
    with pytest.raises(ToolArgumentsError, match=r"a\[0\]: expected an integer"):
        await Tool.of(cell["aliased"]).invoke('{"a": ["x"]}')
