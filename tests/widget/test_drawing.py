"""A tool's own card is drawn while its arguments stream: once at a time, at last with all."""

import asyncio
import sys
from typing import Any

from nbagent.agent.events import RunStarted, ToolQueued
from nbagent.frames import ToolCallComplete, ToolCallDelta
from nbagent.tools import Card, Inline, Tool, tool
from nbagent.widget.drawing import ArgumentsDrawer
from nbagent.widget.wire import Op


class Watched:
    """A drawer and what it told."""

    def __init__(self, *tools: Tool[..., Any]) -> None:
        self.ops: list[Any] = []
        self._drawer = ArgumentsDrawer(lambda: tools, Inline(), self._take)
        self._drawer.hear(RunStarted("r", "Q", "m"))

    def _take(self, ops: list[Op]) -> None:
        self.ops += ops

    def stream(self, *fragments: str, name: str = "f") -> None:
        """Pieces of a call's arguments."""
        for fragment in fragments:
            self._drawer.hear(ToolCallDelta("c1", name, fragment, 0))

    def whole(self, arguments: str, name: str = "f") -> None:
        """The call is whole."""
        self._drawer.hear(ToolCallComplete("c1", name, arguments, 0))

    def queued(self, arguments: str) -> None:
        """The call was approved with these."""
        self._drawer.hear(ToolQueued("r", "c1", "f", arguments))

    @property
    def texts(self) -> list[str]:
        """What was drawn, as HTML or text."""
        found = []
        for op in self.ops:
            data = op["bundle"]["data"]
            found.append(data.get("text/html") or data["text/plain"])
        return found


def drawing(draw: Any) -> Tool[..., Any]:
    """A tool with that card."""

    @tool(render=Card(arguments=draw))
    def f(city: str = "", days: int = 1) -> str:
        return city

    return f


async def until(told: Watched, count: int) -> None:
    """Waits for that many drawings."""
    for _ in range(6000):
        if len(told.ops) >= count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{count} drawings were awaited, {len(told.ops)} came")


async def test_draws_what_has_come() -> None:
    """A string that is cut is there as far as it goes; in the end all of it."""
    told = Watched(drawing(lambda arguments: f"<b>{arguments.get('city')}</b>"))
    told.stream('{"city": "Ber')
    await until(told, 1)
    told.stream('lin", "da', 'ys": 3}')
    told.whole('{"city": "Berlin", "days": 3}')
    await until(told, 2)
    assert told.texts == ["<b>Ber</b>", "<b>Berlin</b>"]
    await asyncio.sleep(0.15)
    assert len(told.ops) == 2


async def test_draws_a_burst_once() -> None:
    """A thousand pieces that come at once are one or two drawings."""
    told = Watched(drawing(len))
    told.stream('{"city": "', *["x"] * 1000)
    told.whole('{"city": "' + "x" * 1000 + '"}')
    await until(told, 1)
    await asyncio.sleep(0.3)
    assert len(told.ops) in (1, 2)


async def test_arguments_that_were_changed_are_drawn_anew() -> None:
    """The person's own arguments count, once they are approved."""
    told = Watched(drawing(lambda arguments: arguments.get("city")))
    told.whole('{"city": "Rome"}')
    await until(told, 1)
    told.queued('{"city": "Oslo"}')
    await until(told, 2)
    assert told.texts == ["'Rome'", "'Oslo'"]


async def test_a_card_that_fails_is_the_usual_one() -> None:
    """One word about it, and it is not asked again for this call."""
    calls = []

    def draw(arguments: dict[str, Any]) -> None:
        calls.append(arguments)
        raise KeyError("country")

    told = Watched(drawing(draw))
    told.stream('{"city": "B')
    await until(told, 1)
    told.whole('{"city": "Berlin"}')
    await asyncio.sleep(0.15)
    assert told.ops[0]["bundle"] is None
    assert told.ops[0]["problem"].startswith("Shown as usual: its render= failed with KeyError")
    assert len(told.ops) == len(calls) == 1


async def test_none_is_the_usual_card() -> None:
    """A card may leave some arguments alone."""
    told = Watched(drawing(lambda arguments: None))
    told.whole("{}")
    await until(told, 1)
    assert told.ops == [{"op": "drawn", "tool_call_id": "c1", "bundle": None, "problem": ""}]


async def test_others_are_left_alone() -> None:
    """Tools without such a card, and names that there are none of."""

    @tool(render=str)
    def plain(city: str) -> str:
        return city

    told = Watched(plain)
    told.stream('{"city": "B', name="plain")
    told.stream('{"city": "B', name="pla")
    told.whole('{"city": "B"}', name="plain")
    await asyncio.sleep(0.05)
    assert told.ops == []


async def test_prints_go_nowhere(capsys: Any) -> None:
    """What a drawing function prints belongs to no card and to no cell."""

    def draw(arguments: dict[str, Any]) -> str:
        sys.stdout.write("seen\n")
        return "<i>x</i>"

    told = Watched(drawing(draw))
    told.whole("{}")
    await until(told, 1)
    assert told.texts == ["<i>x</i>"]
    assert capsys.readouterr().out == ""


async def test_broken_json_is_not_drawn() -> None:
    """What the model wrote may be no JSON; the card then shows it as it is."""
    told = Watched(drawing(lambda arguments: "never"))
    told.whole("[not json")
    await asyncio.sleep(0.05)
    assert told.ops == []
