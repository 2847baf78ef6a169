"""The strict form of a schema, and arguments that come in it."""

import datetime
import decimal
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from nbagent.errors import ToolSchemaError
from nbagent.tools import Tool, tool


class Node(BaseModel):
    """A node."""

    value: int = Field(default=1, description="Its value.", ge=0)
    child: "Node | None" = Field(default=None, description="The one below.")


@dataclass
class Cat:
    kind: Literal["cat"]
    lives: int = 9


@dataclass
class Dog:
    kind: Literal["dog"]


def nodes(schema: Any) -> list[dict[str, Any]]:
    """Every schema inside a schema."""
    if isinstance(schema, list):
        return [node for item in schema for node in nodes(item)]
    if not isinstance(schema, dict):
        return []
    found = [schema]
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            found += [node for child in value.values() for node in nodes(child)]
        elif key not in ("enum", "const", "required"):
            found += nodes(value)
    return found


@tool(strict=True)
def everything(
    a: int,
    b: str = "x",
    c: Literal["p", "q"] = "p",
    node: Node = Node(),  # noqa: B008 - never changed
    pet: Cat | Dog | None = None,
    when: datetime.date | None = None,
    price: decimal.Decimal = decimal.Decimal(1),
    pair: tuple[int, str] = (1, "x"),
    unique: set[int] = {1},  # noqa: B006 - never changed
    free: Any = None,
) -> Any:
    return a, b, c, node, pet, when, price, pair, unique, free


def test_the_rules_hold_everywhere() -> None:
    """Every object is closed and requires all it has; no keyword is left that is not known."""
    spec = everything.spec
    assert spec.strict
    for node in nodes(dict(spec.parameters)):
        assert node, "a schema that allows anything is not allowed"
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        assert not node.keys() & {
            "default",
            "title",
            "uniqueItems",
            "prefixItems",
            "oneOf",
            "allOf",
        }
        assert "$ref" not in node or len(node) == 1
        assert node.get("format") in (None, "date")
        assert "(?" not in node.get("pattern", "")


def test_optional_ones_may_be_null() -> None:
    """What has a default is required and may be null; the default is told in words."""
    properties = everything.spec.parameters["properties"]
    assert properties["a"] == {"type": "integer"}
    assert properties["b"]["type"] == ["string", "null"]
    assert properties["b"]["description"] == 'Default: "x" (null stands for it).'
    assert {"type": "null"} in properties["c"]["anyOf"]
    assert properties["when"]["anyOf"][-1] == {"type": "null"}


async def test_null_stands_for_left_out() -> None:
    """A null where none is allowed gives the default, at any depth; elsewhere it is None."""
    arguments = {
        "a": 1, "b": None, "c": None, "pet": {"kind": "cat", "lives": None}, "when": None,
        "node": {"value": None, "child": {"value": 3, "child": None}}, "price": None,
        "pair": None, "unique": None, "free": None,
    }  # fmt: skip
    result = await everything.invoke(arguments)
    node = Node(child=Node(value=3))
    assert result.value == (1, "x", "p", node, Cat("cat"), None, 1, (1, "x"), {1}, None)


def test_free_keys_have_no_strict_form() -> None:
    """A dict or ``**kwargs`` cannot be had strictly, and the error says what to do."""
    with pytest.raises(ToolSchemaError, match=r"'f'.*strict.*'table'"):

        @tool(strict=True)
        def f(table: dict[str, int]) -> None: ...

    with pytest.raises(ToolSchemaError, match="free keys"):

        @tool(strict=True)
        def g(**more: int) -> None: ...


def test_the_plain_form_is_untouched() -> None:
    """Without strict the defaults stay defaults."""
    plain = Tool.of(everything.function)
    assert plain.spec.parameters["required"] == ["a"]
    assert plain.spec.parameters["properties"]["b"] == {"type": "string", "default": "x"}
