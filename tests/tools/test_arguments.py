"""What a model is told of arguments that do not fit."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from nbagent.errors import ToolArgumentsError
from nbagent.tools import Tool, tool
from nbagent.tools.arguments import decode


class Filter(BaseModel):
    column: str
    op: Literal["<", ">"]


@tool
def summary(column: str, n: int = 5, filters: list[Filter] = [], either: int | bool = 0) -> str:  # noqa: B006 - never changed
    """Summary."""
    return column * n


WRONG: list[tuple[Any, list[str]]] = [
    ({"column": 3}, ["column: expected a string, got 3 (int)"]),
    ("{}", ["column: missing", "Its fields: column, n (optional)"]),
    ({"colum": "x", "column": "x"}, ["colum: unknown field (did you mean 'column'?)"]),
    ({"column": "x", "n": "many"}, ["n: expected an integer, got 'many' (str)"]),
    ({"column": "x", "n": 1.5}, ["n: expected an integer, got 1.5 (float)"]),
    ({"column": None}, ["column: expected a string, got None"]),
    (
        {"column": "x", "filters": [{"column": "a", "op": "="}]},
        ["filters[0].op: expected one of '<' or '>', got '=' (str)"],
    ),
    ({"column": "x", "filters": [{"op": "<"}]}, ["filters[0].column: missing"]),
    ({"column": "x", "filters": {}}, ["filters: expected a list, got {} (dict)"]),
    (
        {"column": "x", "either": []},
        ["either: expected an integer or true or false, got [] (list)"],
    ),
    ("[1]", ["must be one JSON object", "[1] (list)"]),
    ('"x"', ["must be one JSON object"]),
    ('{"column": "x"', ["not valid JSON", '{"column": "x"', "one complete JSON object"]),
]


@pytest.mark.parametrize(("arguments", "expected"), WRONG)
async def test_what_is_said(arguments: Any, expected: list[str]) -> None:
    """Each mistake is named with its field, what came and what is wanted."""
    with pytest.raises(ToolArgumentsError) as caught:
        await summary.invoke(arguments)
    for words in expected:
        assert words in str(caught.value)
    assert "pydantic" not in str(caught.value)


async def test_all_mistakes_at_once() -> None:
    """A model can mend everything in one go."""
    with pytest.raises(ToolArgumentsError) as caught:
        await summary.invoke({"column": 3, "n": "x", "zzz": 1})
    assert str(caught.value).count("\n- ") == 3


async def test_long_values_are_shown_short() -> None:
    """A huge wrong value does not come back whole."""
    with pytest.raises(ToolArgumentsError) as caught:
        await summary.invoke({"column": ["x" * 100_000]})
    assert len(str(caught.value)) < 500


async def test_constraints_speak_for_themselves() -> None:
    """A bound that is broken is named."""

    def f(a: Annotated[int, Field(ge=1)]) -> int:
        return a

    with pytest.raises(ToolArgumentsError, match=r"a: should be greater than or equal to 1, got 0"):
        await Tool.of(f).invoke({"a": 0})


async def test_no_parameters() -> None:
    """A tool without parameters says that it takes none."""

    def f() -> None: ...

    with pytest.raises(ToolArgumentsError, match="takes no fields"):
        await Tool.of(f).invoke({"a": 0})


async def test_a_strict_model_takes_decoded_json() -> None:
    """A mapping that was decoded from JSON is judged as JSON: dates are text there."""
    import datetime  # only this test needs it

    class Event(BaseModel):
        model_config = ConfigDict(strict=True)
        day: datetime.date

    def f(event: Event) -> datetime.date:
        return event.day

    f.__annotations__["event"] = Event
    result = await Tool.of(f).invoke({"event": {"day": "2024-01-31"}})
    assert result.value == datetime.date(2024, 1, 31)


@given(st.text())
def test_any_text_gives_a_dict_or_the_error(text: str) -> None:
    """Whatever a model writes, nothing else than `ToolArgumentsError` comes of it."""
    try:
        assert isinstance(decode("t", text), dict)
    except ToolArgumentsError as error:
        assert "'t'" in str(error)
