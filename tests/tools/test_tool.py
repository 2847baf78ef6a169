"""`Tool` and the decorator: every kind of callable, and what a tool says of itself."""

import functools
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from nbagent.errors import ToolArgumentsError, ToolError, ToolSchemaError
from nbagent.tools import Tool, ToolContext, tool


@tool
def add(a: int, b: int = 2) -> int:
    """Add two numbers.

    Args:
        a: The first.
    """
    return a + b


class Shop:
    """A shop with stock."""

    def __init__(self, stock: int) -> None:
        self.stock = stock

    @tool
    def sell(self, number: int) -> int:
        """Sell some."""
        self.stock -= number
        return self.stock

    @tool
    async def ask(self, number: int) -> int:
        """Ask for some."""
        return self.stock + number

    @tool
    @classmethod
    def outer(cls, n: int) -> str:
        return f"{cls.__name__}{n}"

    @classmethod
    @tool
    def inner(cls, n: int) -> str:
        return f"{cls.__name__}{n}"

    @tool
    @staticmethod
    def outer_static(n: int) -> int:
        return n + 1

    @staticmethod
    @tool
    def inner_static(n: int) -> int:
        return n + 1

    def plain(self, n: int) -> int:
        return self.stock * n


class Doubler:
    """Doubles."""

    def __call__(self, n: int) -> int:
        """Double a number.

        Args:
            n: The number.
        """
        return n * 2


class Undescribed:
    """A class that says it."""

    async def __call__(self, n: int) -> int:
        return n * 2


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


@logged
def wrapped(n: int) -> int:
    """Wrapped."""
    return n


@logged
async def wrapped_async(n: int) -> int:
    return n


def test_it_is_still_the_function() -> None:
    """Called, inspected and read, a tool is the function that it wraps."""
    assert add(1) == 3
    assert add.__name__ == add.name == "add"
    assert add.__doc__ is not None and add.__doc__.startswith("Add two numbers.")
    assert str(inspect.signature(add)) == "(a: int, b: int = 2) -> int"
    assert add.__wrapped__(1, 1) == 2
    assert add.__module__ == __name__


def test_its_spec() -> None:
    """The spec has name, description and the parameters with what the docstring says."""
    spec = add.spec
    assert (spec.name, spec.description, spec.strict, spec.examples) == (
        "add",
        "Add two numbers.",
        False,
        (),
    )
    assert spec.parameters["properties"]["a"] == {"type": "integer", "description": "The first."}
    assert add.spec is spec


def test_options() -> None:
    """Name, description, examples and approve can be given."""

    @tool(
        name="my-sum",
        description="Sums.",
        examples=[("one and one", {"a": 1})],
        approve=lambda arguments: arguments["a"] > 10,
        timeout=3,
    )
    def f(a: int = 0) -> int:
        return a

    assert f.spec.name == f.name == "my-sum"
    assert f.spec.description == "Sums."
    assert f.spec.examples == (("one and one", {"a": 1}),)
    assert f.timeout == 3
    assert f.needs_approval('{"a": 11}') and not f.needs_approval("")
    assert tool(lambda n: n, name="same").needs_approval("{}") is False
    assert tool(approve=True)(add.function).needs_approval({}) is True


def test_an_approve_function_that_raises() -> None:
    """The mistake is reported as a tool's, with its cause."""
    guarded = tool(add.function, approve=lambda arguments: arguments["zzz"])
    with pytest.raises(ToolError, match=r"approve= .*'add'.*KeyError") as caught:
        guarded.needs_approval({"a": 1})
    assert isinstance(caught.value.__cause__, KeyError)


async def test_methods_bind() -> None:
    """A tool in a class works like a method, and its schema knows nothing of ``self``."""
    shop = Shop(10)
    assert shop.sell(1) == 9
    assert (await shop.sell.invoke({"number": 2})).value == 7
    assert (await shop.ask.invoke({"number": 2})).value == 9
    assert list(shop.sell.spec.parameters["properties"]) == ["number"]
    assert shop.sell.spec is Shop.sell.spec
    assert str(inspect.signature(shop.sell)) == "(number: int) -> int"
    assert (await Tool.of(shop.plain).invoke({"n": 3})).value == 21
    with pytest.raises(ToolSchemaError, match="from an instance"):
        await Shop.sell.invoke({"number": 1})


@pytest.mark.parametrize("name", ["outer", "inner"])
async def test_classmethods(name: str) -> None:
    """In either order of decorators, taken from the class or from an instance."""
    for source in (Shop, Shop(1)):
        bound = Tool.of(getattr(source, name))
        assert bound(1) == "Shop1"
        assert (await bound.invoke({"n": 1})).value == "Shop1"
        assert list(bound.spec.parameters["properties"]) == ["n"]


@pytest.mark.parametrize("name", ["outer_static", "inner_static"])
async def test_staticmethods(name: str) -> None:
    """In either order of decorators, taken from the class or from an instance."""
    for source in (Shop, Shop(1)):
        bound = Tool.of(getattr(source, name))
        assert bound(1) == 2
        assert (await bound.invoke({"n": 1})).value == 2


async def test_callable_objects() -> None:
    """An object with ``__call__`` is named by its class and described by either docstring."""
    doubler = Tool.of(Doubler())
    assert (doubler.name, doubler.description) == ("Doubler", "Double a number.")
    assert doubler.spec.parameters["properties"]["n"]["description"] == "The number."
    assert (await doubler.invoke({"n": 2})).value == 4
    other = Tool.of(Undescribed())
    assert other.description == "A class that says it."
    assert (await other.invoke({"n": 2})).value == 4


async def test_partial_hides_what_it_fixed() -> None:
    """A fixed argument is not the model's; it may have any type."""

    def query(text: str, connection: Doubler, limit: int = 3) -> str:
        """Query."""
        return f"{text}{connection(1)}{limit}"

    fixed = Tool.of(functools.partial(query, connection=Doubler()))
    assert (fixed.name, fixed.description) == ("query", "Query.")
    assert list(fixed.spec.parameters["properties"]) == ["text", "limit"]
    assert (await fixed.invoke({"text": "x", "limit": 1})).value == "x21"
    first = Tool.of(functools.partial(query, "y", Doubler()))
    assert (await first.invoke({})).value == "y23"


async def test_wraps_decorated() -> None:
    """The signature and docstring of what is wrapped count; async stays async."""
    plain = Tool.of(wrapped)
    assert plain.description == "Wrapped."
    assert (await plain.invoke({"n": 1})).value == 1
    assert (await Tool.of(wrapped_async).invoke({"n": 1})).value == 1
    with pytest.raises(ToolArgumentsError):
        await plain.invoke({"m": 1})


async def test_lambdas_need_a_name() -> None:
    """A lambda with a name is a tool; one without is an error that says what to do."""
    assert (await tool(lambda n: n + 1, name="inc").invoke({"n": 1})).value == 2
    with pytest.raises(ToolSchemaError, match=r"tool\(name="):
        tool(lambda n: n)


def test_of() -> None:
    """A tool is itself; what cannot be called, or does not tell its parameters, is refused."""
    with pytest.raises(ToolSchemaError, match="does not say what parameters"):
        Tool.of(int)
    assert Tool.of(add) is add
    with pytest.raises(ToolSchemaError, match="cannot be a tool"):
        Tool.of(3)


@pytest.mark.parametrize("example", ["words", ("q", "x"), ("q", {"zzz": 1}), ("q", {"a": "x"})])
def test_examples_are_checked(example: Any) -> None:
    """An example that would teach a failing call is an error at decoration."""
    with pytest.raises(ToolSchemaError, match="example"):
        tool(add.function, examples=[example])


def test_a_tool_is_pickled_by_name() -> None:
    """Like a function, so that worker processes find it in its module."""
    assert pickle.loads(pickle.dumps(add)) is add


async def test_validate_gives_values_by_name() -> None:
    """Whoever asks for approval can show what the function would really get."""

    def f(a: int, context: ToolContext, *rest: int, **more: int) -> None: ...

    assert Tool.of(f).validate({"a": "1", "rest": [2], "k": 3}) == {"a": 1, "rest": [2], "k": 3}
