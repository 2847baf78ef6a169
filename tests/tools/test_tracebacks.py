"""Tracebacks cut to the person's own frames."""

import functools
import json
from typing import Any

import pytest

from nbagent.tools import Tool, ToolRaised, tool


async def lines_of(function: Any) -> str:
    """The traceback of a tool that raises."""
    result = await Tool.of(function).invoke("")
    assert isinstance(result.error, ToolRaised)
    return result.error.traceback


async def test_library_frames_are_folded() -> None:
    """What happened inside a library is one line with its name."""

    def f() -> None:
        json.loads("{")

    text = await lines_of(f)
    assert "json.loads(" in text
    assert "inside json" in text and "decoder.py" not in text
    assert text.splitlines()[-1].startswith("json.decoder.JSONDecodeError: ")


async def test_causes_are_told_first() -> None:
    """The exception that led to it is there, with its own frames."""

    def f() -> None:
        try:
            dict[str, int]()["k"]
        except KeyError as error:
            raise ValueError("no such thing") from error

    text = await lines_of(f)
    assert text.index("KeyError: 'k'") < text.index("direct cause") < text.index("no such thing")


async def test_the_persons_wrapper_is_theirs() -> None:
    """A decorator of their own is a frame of theirs and stays."""

    def noisy(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper() -> Any:
            return function()  # the wrapper's line

        return wrapper

    @noisy
    def f() -> None:
        raise ValueError("x")

    text = await lines_of(f)
    assert "the wrapper's line" in text and text.count("File ") == 2


@pytest.mark.parametrize("place", ["call", "generator", "async"])
async def test_nothing_of_ours(place: str) -> None:
    """However it was called, the first frame is the function's."""

    def call() -> None:
        raise ValueError

    def generator() -> Any:
        yield 1
        raise ValueError

    async def later() -> None:
        raise ValueError

    text = await lines_of(tool({"call": call, "generator": generator, "async": later}[place]))
    assert text.count("File ") == 1 and "raise ValueError" in text


async def test_folded_frames_are_kept_aside() -> None:
    """The parts hold every line; without the folded ones they are the traceback."""

    def f() -> None:
        json.loads("{")

    result = await Tool.of(f).invoke("")
    assert isinstance(result.error, ToolRaised)
    parts = result.error.parts
    [folded] = [part for part in parts if part.library]
    assert (folded.library, folded.frames) == ("json", 3)
    assert folded.text.count("decoder.py") == 2
    own = [part.text for part in parts if not part.library]
    assert "json.loads(" in own[0] and "JSONDecodeError" in own[1]
    assert result.error.traceback == (own[0] + "  … 3 frames inside json\n" + own[1]).rstrip()


async def test_a_recursion_is_told_once() -> None:
    """A thousand equal frames are three and a word."""

    def again() -> None:
        again()

    def f() -> None:
        again()

    text = await lines_of(f)
    assert "repeated" in text and len(text) < 3000
