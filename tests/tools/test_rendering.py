"""`render=`: what the person sees in place of the value."""

from typing import Any

from nbagent.tools import Card, ToolContext, ToolListener, tool
from nbagent.tools.outputs import StreamOutput, ToolOutput
from nbagent.tools.rendering import card_of, drawn


class Heard:
    """Keeps what a call shows."""

    def __init__(self) -> None:
        self.outputs: list[ToolOutput] = []

    def started(self) -> None: ...

    def progress(self, fraction: float | None, text: str) -> None: ...

    def output(self, output: ToolOutput) -> None:
        """Something was shown."""
        self.outputs.append(output)


def test_a_function_alone_draws_the_result() -> None:
    """The short form and the long one are the same."""
    assert card_of(len) == Card(result=len)
    assert card_of(None) == Card()
    assert card_of(Card(arguments=str)) == Card(arguments=str)


def test_strings() -> None:
    """One that begins with a tag is HTML; any other is text."""
    assert drawn(" <b>x</b>").data["text/html"] == " <b>x</b>"
    assert "text/html" not in drawn("a <b>").data
    assert "text/html" not in drawn("<3").data


async def test_html_takes_the_place_of_the_value() -> None:
    """The person sees it, the model and the code get the value."""

    @tool(render=Card(result=lambda value: f"<b>{value}</b>"))
    def f() -> int:
        return 3

    result = await f.invoke("")
    assert (result.value, result.text) == (3, "3")
    assert result.bundle.data["text/html"] == "<b>3</b>"


async def test_one_that_raises_is_the_usual_with_a_word() -> None:
    """The call itself is well, and the card says what was wrong."""

    def broken(value: Any) -> Any:
        raise ValueError("no colour")

    @tool(render=broken)
    def f() -> list[int]:
        return [1]

    listener: ToolListener = (heard := Heard())
    result = await f.invoke("", ToolContext(listener=listener))
    assert result.error is None
    assert result.bundle.data["text/plain"] == "[1]"
    [output] = heard.outputs
    assert isinstance(output, StreamOutput) and output.name == "stderr"
    assert "ValueError: no colour" in output.text


async def test_none_is_the_usual() -> None:
    """A render function may leave some values alone."""

    @tool(render=lambda value: None)
    def f() -> list[int]:
        return [1]

    assert (await f.invoke("")).bundle.data["text/plain"] == "[1]"
