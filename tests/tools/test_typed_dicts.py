"""`TypedDict`s of the standard library, in every place an annotation can have one."""

from typing import Annotated, Any, Optional, TypedDict

import pytest

from nbagent.errors import ToolArgumentsError
from nbagent.tools import Tool


class Inner(TypedDict):
    n: int


class Outer(Inner, total=False):
    """An outer one."""

    inner: Inner
    word: str


def bare(a: Outer) -> Any:
    return a


def listed(a: list[Outer]) -> Any:
    return a[0]


def optional(a: Optional[Outer] = None) -> Any:  # noqa: UP045 - this spelling is the case
    return a


def annotated(a: Annotated[dict[str, Outer], "Several."]) -> Any:
    return a["k"]


@pytest.mark.parametrize(
    ("function", "wrap"),
    [
        (bare, lambda v: v),
        (listed, lambda v: [v]),
        (optional, lambda v: v),
        (annotated, lambda v: {"k": v}),
    ],
)
async def test_places(function: Any, wrap: Any) -> None:
    """Required and optional keys are told apart, wherever the type stands."""
    tool = Tool.of(function)
    value = {"n": 1, "inner": {"n": 2}}
    assert (await tool.invoke({"a": wrap(value)})).value == value
    definition = tool.spec.parameters["$defs"]["Outer"]
    assert definition["required"] == ["n"]
    assert definition["description"] == "An outer one."
    with pytest.raises(ToolArgumentsError, match=r"n: missing"):
        await tool.invoke({"a": wrap({"word": "x"})})
