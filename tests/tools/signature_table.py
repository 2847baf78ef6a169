"""How a row of the signature table is checked: what a model is told, and what a function gets."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from nbagent.errors import ToolArgumentsError
from nbagent.tools import Tool, tool

__all__ = ["Row", "check_call", "check_schema", "check_wrong", "echo", "got", "rows"]

Got = tuple[tuple[Any, ...], dict[str, Any]]


@dataclass
class Row:
    """One signature.

    Attributes:
        function: A function whose signature is meant.
        properties: The JSON schema of each parameter, exactly.
        required: The required ones; all of ``properties`` if not given.
        calls: Arguments, and what the function got for them.
        wrong: Arguments that do not fit, and words that the error has to have.
        defs: Parts that ``$defs`` must have.
        more: What ``additionalProperties`` is.
        options: Of the decorator.
    """

    function: Callable[..., Any]
    properties: dict[str, Any]
    required: Sequence[str] | None = None
    calls: Sequence[tuple[Any, Got]] = ()
    wrong: Sequence[tuple[Any, str]] = ()
    defs: dict[str, Any] = field(default_factory=dict)
    more: Any = False
    options: dict[str, Any] = field(default_factory=dict)


def got(*args: Any, **kwargs: Any) -> Got:
    """What a function got, as `echo` gives it back."""
    return args, kwargs


def rows(table: Sequence[Row]) -> Any:
    """The table as parameters of a test, each named after its function."""
    return pytest.mark.parametrize("row", table, ids=lambda row: row.function.__name__)


def echo(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the signature of another, that gives back what it got."""

    def call(*args: Any, **kwargs: Any) -> Got:
        return args, kwargs

    call.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]  # lent
    call.__name__ = function.__name__
    call.__doc__ = function.__doc__
    call.__wrapped__ = function  # type: ignore[attr-defined]  # its globals resolve the annotations
    return call


def tool_of(row: Row) -> Tool[..., Any]:
    """The row's function as a tool that gives back what it got."""
    return tool(echo(row.function), **row.options)


def check_schema(row: Row) -> None:
    """The schema is exactly the row's, is JSON, and has no titles."""
    schema = dict(tool_of(row).spec.parameters)
    json.dumps(schema, allow_nan=False)
    assert '"title"' not in json.dumps(schema.get("$defs", {}))
    assert schema.pop("properties") == row.properties
    required = row.properties if row.required is None else row.required
    assert schema.pop("required", []) == list(required)
    defs = schema.pop("$defs", {})
    for name, part in row.defs.items():
        assert part.items() <= defs[name].items()
    assert schema == {"type": "object", "additionalProperties": row.more}


async def check_call(row: Row) -> None:
    """Each call gives the function exactly these values, of these types; as text and as mapping."""
    made = tool_of(row)
    for arguments, expected in row.calls:
        for form in (json.dumps(arguments), arguments):
            result = await made.invoke(form)
            assert result.error is None
            assert result.value == expected
            assert repr(result.value) == repr(expected)  # 1 is not True, and a list is no tuple


async def check_wrong(row: Row) -> None:
    """Each call that does not fit is refused, with the name of the field that is wrong."""
    made = tool_of(row)
    for arguments, words in row.wrong:
        for form in (json.dumps(arguments), arguments):
            with pytest.raises(ToolArgumentsError) as caught:
                await made.invoke(form)
            assert words in str(caught.value)
            assert "pydantic" not in str(caught.value)
