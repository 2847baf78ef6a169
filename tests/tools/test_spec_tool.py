"""`SpecTool`: a tool described by a spec."""

from __future__ import annotations

from typing import Any

import pytest

from nbagent import Tool, ToolArgumentsError, ToolContext, ToolSchemaError, ToolSpec
from nbagent.tools import MimeBundle, Options, SpecTool, ToolResult
from tests.tools.listening import Heard

SPEC = ToolSpec("look", "Looks.", {"type": "object", "properties": {"at": {"type": "string"}}})


async def look(arguments: dict[str, Any], context: ToolContext) -> Any:
    """Gives back what it was given."""
    context.progress(0.5, "looking")
    return arguments


async def test_it_is_called_with_the_arguments() -> None:
    """As they came, with the context of the call; both sides are made of the value."""
    made, heard = SpecTool(SPEC, look), Heard()
    result = await made.invoke('{"at": "x"}', ToolContext(listener=heard))
    assert (result.value, result.text, heard.starts) == ({"at": "x"}, '{"at":"x"}', 1)
    assert heard.steps == [(0.5, "looking")]
    assert (await made.invoke(None)).value == {}
    assert Tool.of(made) is made and made.spec is SPEC and repr(made) == "<Tool look>"
    assert await made({"at": "y"}, ToolContext()) == {"at": "y"}


async def test_a_result_may_be_given_whole() -> None:
    """A function that makes both sides itself is taken at its word."""
    given = ToolResult(3, "three", MimeBundle({"text/plain": "III"}))

    async def whole(arguments: dict[str, Any], context: ToolContext) -> ToolResult:
        return given

    assert await SpecTool(SPEC, whole).invoke({}) is given


async def test_errors() -> None:
    """What the function raises is a result; what does not fit is refused before it runs."""

    async def breaks(arguments: dict[str, Any], context: ToolContext) -> None:
        raise ValueError("no")

    def check(data: dict[str, Any]) -> None:
        raise ToolArgumentsError("never")

    result = await SpecTool(SPEC, breaks).invoke({})
    assert result.text == "ValueError: no" and result.error is not None
    with pytest.raises(ToolArgumentsError, match="never"):
        await SpecTool(SPEC, look, check=check).invoke({})
    with pytest.raises(ToolArgumentsError, match="not valid JSON"):
        await SpecTool(SPEC, look).invoke("{")
    with pytest.raises(ToolSchemaError, match="cannot be the name"):
        SpecTool(ToolSpec("a b"), look)


async def test_options() -> None:
    """The limit of the text and the form for the person are as of any tool."""
    options = Options(text_limit=100, render=lambda value: "shown")
    result = await SpecTool(SPEC, look, options=options).invoke({"at": "x" * 500})
    assert len(result.text) <= 100 and result.bundle.data["text/plain"] == "'shown'"


def test_another_name() -> None:
    """A renamed one tells its new name; the first keeps its own."""
    made = SpecTool(SPEC, look)
    other = made.renamed("see")
    assert (made.spec.name, other.name, other.spec.name) == ("look", "see", "see")
