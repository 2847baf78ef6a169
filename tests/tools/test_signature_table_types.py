"""The signature table: plain types, times, containers and what the standard library offers."""

import collections
import collections.abc
import datetime
import decimal
import fractions
import ipaddress
import pathlib
import re
import uuid
from typing import Any, Dict, List, Literal, Optional, Set, Tuple, Union  # noqa: UP035 - cases

import pytest
from typing_extensions import LiteralString

from nbagent.tools import Tool
from tests.tools.signature_table import (
    Row,
    check_call,
    check_schema,
    check_wrong,
    echo,
    got,
    rows,
)

STR, INT, NUM, BOOL = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))
NULL, ANY = {"type": "null"}, {}
INTS = {"type": "array", "items": INT}
STRS = {"type": "array", "items": STR}
DAY = datetime.date(2024, 1, 31)
NOON = datetime.datetime(2024, 1, 31, 12)


def text(a: str) -> None: ...
def integer(a: int) -> None: ...
def number(a: float) -> None: ...
def flag(a: bool) -> None: ...
def nothing_but_null(a: None) -> None: ...
def anything(a: Any) -> None: ...
def thing(a: object) -> None: ...
def literal_text(a: LiteralString) -> None: ...
def optional_old(a: Optional[int]) -> None: ...  # noqa: UP045 - this spelling is the case
def optional_new(a: "int | None" = None) -> None: ...
def union_old(a: Union[int, str]) -> None: ...  # noqa: UP007 - this spelling is the case
def union_with_list(a: "str | list[str]") -> None: ...
def float_or_int(a: "int | float") -> None: ...
def choice(a: Literal["c", "f"] = "c") -> None: ...
def choice_of_numbers(a: Literal[1, 2]) -> None: ...
def choice_with_none(a: Literal["x", None]) -> None: ...
def choice_mixed(a: Literal[1, "x", True]) -> None: ...
def single_choice(a: Literal["only"]) -> None: ...
def bare_containers(a: list, b: dict, c: tuple, d: set) -> None: ...  # type: ignore[type-arg]  # no parameters is the case
def typing_containers(a: List[int], b: Dict[str, int], c: Tuple[int, ...], d: Set[int]) -> None: ...  # noqa: UP006 - this spelling is the case
def nested(a: list[dict[str, list[int]]]) -> None: ...
def matrix(a: list[list[float]]) -> None: ...
def list_of_optional(a: "list[int | None]") -> None: ...
def keys_of_int(a: dict[int, str]) -> None: ...
def any_values(a: dict[str, Any]) -> None: ...
def pair(a: tuple[int, str]) -> None: ...
def triple(a: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> None: ...
def empty_tuple(a: tuple[()]) -> None: ...
def unique(a: set[int]) -> None: ...
def frozen(a: frozenset[str]) -> None: ...
def sequence(a: collections.abc.Sequence[str]) -> None: ...
def iterable(a: collections.abc.Iterable[int]) -> None: ...
def collection(a: collections.abc.Collection[int]) -> None: ...
def mapping(a: collections.abc.Mapping[str, int]) -> None: ...
def mutable(a: collections.abc.MutableMapping[str, int]) -> None: ...
def abstract_set(a: collections.abc.Set[int]) -> None: ...
def iterables_inside(a: dict[str, collections.abc.Iterable[int]]) -> None: ...
def queue(a: collections.deque[int]) -> None: ...
def grouped(a: collections.defaultdict[str, list[int]]) -> None: ...
def counted(a: collections.Counter[str]) -> None: ...
def day(a: datetime.date) -> None: ...
def moment(a: datetime.datetime) -> None: ...
def clock(a: datetime.time) -> None: ...
def span(a: datetime.timedelta = datetime.timedelta(hours=1)) -> None: ...
def exact(a: decimal.Decimal) -> None: ...
def ratio(a: fractions.Fraction) -> None: ...
def identity(a: uuid.UUID) -> None: ...
def path(a: pathlib.Path = pathlib.Path("x")) -> None: ...
def raw(a: bytes) -> None: ...
def pattern(a: re.Pattern[str]) -> None: ...
def address(a: ipaddress.IPv4Address) -> None: ...
def no_parameters() -> None: ...


def one(schema: dict[str, Any]) -> dict[str, Any]:
    return {"a": schema}


TABLE = [
    Row(text, one(STR), calls=[({"a": "x"}, got("x")), ({"a": "3"}, got("3")),
               ({"a": ""}, got(""))],
        wrong=[({"a": 3}, "a: expected a string, got 3 (int)"), ({}, "a: missing"),
               ({"a": None}, "a")]),
    Row(integer, one(INT),
        calls=[({"a": 1}, got(1)), ({"a": "3"}, got(3)), ({"a": 3.0}, got(3)),
               ({"a": 10**30}, got(10**30))],
        wrong=[({"a": "x"}, "a: expected an integer"), ({"a": 1.5}, "a: expected an integer"),
               ({"a": [1]}, "a: expected an integer"), ({"a": 1, "b": 2}, "b: unknown field")]),
    Row(number, one(NUM), calls=[({"a": 1}, got(1.0)), ({"a": "1.5"}, got(1.5))],
        wrong=[({"a": "much"}, "a: expected a number, got 'much'")]),
    Row(flag, one(BOOL), calls=[({"a": True}, got(True)), ({"a": "false"}, got(False))],
        wrong=[({"a": "maybe"}, "a: expected true or false"),
               ({"a": 2}, "a: expected true or false")]),
    Row(nothing_but_null, one(NULL), calls=[({"a": None}, got(None))],
        wrong=[({"a": 1}, "a: expected null")]),
    Row(anything, one(ANY),
        calls=[({"a": [1, {"x": None}]}, got([1, {"x": None}])), ({"a": None}, got(None))],
        wrong=[({}, "a: missing")]),
    Row(thing, one(ANY), calls=[({"a": "x"}, got("x"))]),
    Row(literal_text, one(STR), calls=[({"a": "x"}, got("x"))]),
    Row(optional_old, one({"anyOf": [INT, NULL]}),
        calls=[({"a": None}, got(None)), ({"a": 1}, got(1))],
        wrong=[({}, "a: missing"), ({"a": "x"}, "a: expected an integer")]),
    Row(optional_new, one({"anyOf": [INT, NULL], "default": None}), [],
        calls=[({}, got(None)), ({"a": None}, got(None)), ({"a": 2}, got(2))]),
    Row(union_old, one({"anyOf": [INT, STR]}), calls=[({"a": 1}, got(1)), ({"a": "1"}, got("1"))],
        wrong=[({"a": []}, "a: expected an integer or a string")]),
    Row(union_with_list, one({"anyOf": [STR, STRS]}),
        calls=[({"a": "x"}, got("x")), ({"a": ["x"]}, got(["x"])), ({"a": '["x"]'}, got('["x"]'))],
        wrong=[({"a": [1]}, "a[0]: expected a string")]),
    Row(float_or_int, one({"anyOf": [INT, NUM]}),
        calls=[({"a": 1}, got(1)), ({"a": 1.5}, got(1.5))]),
    Row(choice, one({"type": "string", "enum": ["c", "f"], "default": "c"}), [],
        calls=[({}, got("c")), ({"a": "f"}, got("f"))],
        wrong=[({"a": "k"}, "a: expected one of 'c' or 'f', got 'k'")]),
    Row(choice_of_numbers, one({"type": "integer", "enum": [1, 2]}), calls=[({"a": 2}, got(2))],
        wrong=[({"a": 3}, "a: expected one of 1 or 2")]),
    Row(choice_with_none, one({"enum": ["x", None]}),
        calls=[({"a": None}, got(None)), ({"a": "x"}, got("x"))],
        wrong=[({"a": "y"}, "a: expected one of 'x' or None")]),
    Row(choice_mixed, one({"enum": [1, "x", True]}),
        calls=[({"a": 1}, got(1)), ({"a": True}, got(True))],
        wrong=[({"a": 2}, "a: expected one of")]),
    Row(single_choice, one({"type": "string", "const": "only"}),
        calls=[({"a": "only"}, got("only"))],
        wrong=[({"a": "x"}, "a: expected one of 'only'")]),
    Row(bare_containers, {"a": {"type": "array", "items": {}}, "b": {"type": "object",
        "additionalProperties": True},
                          "c": {"type": "array", "items": {}},
                          "d": {"type": "array", "items": {}, "uniqueItems": True}},
        calls=[({"a": [1, "x"], "b": {"k": 1}, "c": [1], "d": [1, 1]}, got([1, "x"], {"k": 1},
            (1,), {1}))]),
    Row(typing_containers, {"a": INTS, "b": {"type": "object", "additionalProperties": INT},
        "c": INTS,
                            "d": {**INTS, "uniqueItems": True}},
        calls=[({"a": [1], "b": {"k": 1}, "c": [1], "d": [1]}, got([1], {"k": 1}, (1,), {1}))]),
    Row(nested, one({"type": "array", "items": {"type": "object", "additionalProperties": INTS}}),
        calls=[({"a": [{"k": [1]}]}, got([{"k": [1]}]))],
            wrong=[({"a": [{"k": ["x"]}]}, "a[0].k[0]: expected an integer")]),
    Row(matrix, one({"type": "array", "items": {"type": "array", "items": NUM}}),
        calls=[({"a": [[1], [2.5]]}, got([[1.0], [2.5]]))],
            wrong=[({"a": [1]}, "a[0]: expected a list")]),
    Row(list_of_optional, one({"type": "array", "items": {"anyOf": [INT, NULL]}}),
        calls=[({"a": [1, None]}, got([1, None]))]),
    Row(keys_of_int, one({"type": "object", "additionalProperties": STR}),
        calls=[({"a": {"1": "x"}}, got({1: "x"}))],
        wrong=[({"a": {"k": "x"}}, "a.k: expected an integer")]),
    Row(any_values, one({"type": "object", "additionalProperties": True}),
        calls=[({"a": {"k": [1]}}, got({"k": [1]}))],
        wrong=[({"a": [1]}, "a: expected an object")]),
    Row(pair, one({"type": "array", "prefixItems": [INT, STR], "minItems": 2, "maxItems": 2}),
        calls=[({"a": [1, "x"]}, got((1, "x")))],
            wrong=[({"a": [1]}, "a"), ({"a": ["x", "y"]}, "a[0]: expected an integer")]),
    Row(triple, one({"type": "array", "prefixItems": [NUM] * 3, "minItems": 3, "maxItems": 3,
        "default": [0.0, 0.0, 0.0]}), [],
        calls=[({}, got((0.0, 0.0, 0.0))), ({"a": [1, 2, 3]}, got((1.0, 2.0, 3.0)))]),
    Row(empty_tuple, one({"type": "array", "minItems": 0, "maxItems": 0}),
        calls=[({"a": []}, got(()))]),
    Row(unique, one({**INTS, "uniqueItems": True}), calls=[({"a": [1, 1]}, got({1}))],
        wrong=[({"a": 1}, "a: expected a list")]),
    Row(frozen, one({**STRS, "uniqueItems": True}), calls=[({"a": ["x"]}, got(frozenset({"x"})))]),
    Row(sequence, one(STRS), calls=[({"a": ["x"]}, got(["x"]))],
        wrong=[({"a": "x"}, "a: expected a list, got 'x' (str)")]),
    Row(iterable, one(INTS), calls=[({"a": [1]}, got([1]))],
        wrong=[({"a": ["x"]}, "a[0]: expected an integer")]),
    Row(collection, one(INTS), calls=[({"a": [1]}, got([1]))]),
    Row(mapping, one({"type": "object", "additionalProperties": INT}),
        calls=[({"a": {"k": 1}}, got({"k": 1}))]),
    Row(mutable, one({"type": "object", "additionalProperties": INT}),
        calls=[({"a": {"k": 1}}, got({"k": 1}))]),
    Row(abstract_set, one({**INTS, "uniqueItems": True}),
        calls=[({"a": [1]}, got(frozenset({1})))]),
    Row(iterables_inside, one({"type": "object", "additionalProperties": INTS}),
        calls=[({"a": {"k": [1]}}, got({"k": [1]}))],
        wrong=[({"a": {"k": ["x"]}}, "a.k[0]: expected an integer")]),
    Row(queue, one(INTS), calls=[({"a": [1]}, got(collections.deque([1])))]),
    Row(grouped, one({"type": "object", "additionalProperties": INTS}),
        calls=[({"a": {"k": [1]}}, got(collections.defaultdict(list, {"k": [1]})))]),
    Row(counted, one({"type": "object", "additionalProperties": INT}),
        calls=[({"a": {"k": 1}}, got(collections.Counter({"k": 1})))]),
    Row(day, one({"type": "string", "format": "date"}), calls=[({"a": "2024-01-31"}, got(DAY))],
        wrong=[({"a": "today"}, "a: expected a date like 2024-01-31, got 'today'")]),
    Row(moment, one({"type": "string", "format": "date-time"}),
        calls=[({"a": "2024-01-31T12:00:00"}, got(NOON)), ({"a": "2024-01-31 12:00"}, got(NOON))],
        wrong=[({"a": "noon"}, "a: expected a date and time")]),
    Row(clock, one({"type": "string", "format": "time"}),
        calls=[({"a": "10:30"}, got(datetime.time(10, 30)))],
        wrong=[({"a": "late"}, "a: expected a time")]),
    Row(span, one({"type": "string", "format": "duration", "default": "PT1H"}), [],
        calls=[({}, got(datetime.timedelta(hours=1))), ({"a": "PT90S"},
            got(datetime.timedelta(seconds=90))),
               ({"a": 90}, got(datetime.timedelta(seconds=90)))],
        wrong=[({"a": "long"}, "a: expected a duration like PT1H30M")]),
    Row(identity, one({"type": "string", "format": "uuid"}),
        calls=[({"a": "12345678" * 4}, got(uuid.UUID("12345678" * 4)))],
        wrong=[({"a": "x"}, "a: expected a UUID")]),
    Row(path, one({"type": "string", "format": "path", "default": "x"}), [],
        calls=[({}, got(pathlib.Path("x"))), ({"a": "p/q.csv"}, got(pathlib.Path("p/q.csv")))],
            wrong=[({"a": 1}, "a: ")]),
    Row(raw, one({"type": "string", "format": "binary"}), calls=[({"a": "hi"}, got(b"hi"))]),
    Row(pattern, one({"type": "string", "format": "regex"}),
        calls=[({"a": "x+"}, got(re.compile("x+")))], wrong=[({"a": "("}, "a: ")]),
    Row(address, one({"type": "string", "format": "ipv4"}),
        calls=[({"a": "1.2.3.4"}, got(ipaddress.IPv4Address("1.2.3.4")))],
        wrong=[({"a": "here"}, "a: ")]),
    Row(no_parameters, {}, calls=[({}, got())], wrong=[({"a": 1}, "takes no fields")]),
]  # fmt: skip


@rows(TABLE)
def test_schema(row: Row) -> None:
    """The model is told exactly the parameters, their types and defaults."""
    check_schema(row)


@rows(TABLE)
async def test_calls(row: Row) -> None:
    """The function gets values of the types that it asks for."""
    await check_call(row)


@rows(TABLE)
async def test_wrong_arguments(row: Row) -> None:
    """What does not fit is refused with the field's name."""
    await check_wrong(row)


async def test_decimals_are_exact() -> None:
    """A Decimal may come as a number or as text, and its digits stay as they are."""
    made = Tool.of(echo(exact))
    kinds = [part["type"] for part in made.spec.parameters["properties"]["a"]["anyOf"]]
    assert kinds == ["number", "string"]
    for arguments in ('{"a": "1.10"}', '{"a": 1.1}'):
        (value,) = (await made.invoke(arguments)).value[0]
        assert isinstance(value, decimal.Decimal)
        assert value == decimal.Decimal("1.1")


async def test_fractions() -> None:
    """A Fraction comes as it is written."""
    assert (await Tool.of(echo(ratio)).invoke('{"a": "1/2"}')).value == got(
        fractions.Fraction(1, 2)
    )


async def test_an_iterator_can_be_advanced() -> None:
    """Items of an Iterator are checked before the call, and it is one that ``next`` takes."""

    def first(a: collections.abc.Iterator[int]) -> int:
        return next(a)

    made = Tool.of(first)
    assert made.spec.parameters["properties"] == one(INTS)
    assert (await made.invoke('{"a": [7, 8]}')).value == 7


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_defaults_beyond_json_are_not_shown(value: float) -> None:
    """Infinity and NaN are no JSON: such a default stays with the function."""

    def f(a: float = value) -> None: ...

    assert Tool.of(f).spec.parameters["properties"] == one(NUM)
