"""`Toolset`: which tools there are, under which names, and when they are offered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from nbagent import ConfigurationError, ToolError, ToolSchemaError, Toolset, tool
from nbagent.messages import ToolSpec
from nbagent.tools import SpecTool, Tool, ToolSource


def add(a: int, b: int) -> int:
    """Adds."""
    return a + b


def drop(column: str) -> str:
    """Drops."""
    return column


def plot(column: str) -> str:
    """Plots."""
    return column


class Shelf(ToolSource):
    """A source whose tools are known once it was asked."""

    def __init__(self, *names: str, name: str = "shelf") -> None:
        self.names = names
        self.asked = 0
        self.closed = 0
        self._name = name
        self._known: tuple[SpecTool, ...] = ()

    @property
    def name(self) -> str:
        return self._name

    @property
    def known(self) -> Sequence[Tool[..., Any]]:
        return self._known

    async def offered(self) -> Sequence[Tool[..., Any]]:
        self.asked += 1

        async def function(arguments: dict[str, Any], context: Any) -> str:
            return self._name

        if tuple(tool.name for tool in self._known) != self.names:
            self._known = tuple(SpecTool(ToolSpec(name), function) for name in self.names)
        return self._known

    async def aclose(self) -> None:
        self.closed += 1


async def offered(tools: Toolset) -> list[str]:
    return list(await tools.resolve())


# Reading and changing


def test_it_reads_like_a_list() -> None:
    """Length, order, membership, by place and by name."""
    tools = Toolset([add, drop])
    assert (len(tools), tools.names, [each.name for each in tools]) == (
        2,
        ("add", "drop"),
        ["add", "drop"],
    )
    assert tools[0].function is add and tools[-1].name == "drop" and tools["drop"].function is drop
    assert [each.name for each in tools[1:]] == ["drop"]
    assert add in tools and "add" in tools and tools["add"] in tools
    assert plot not in tools and "plot" not in tools
    assert repr(tools) == "Toolset(add, drop)"
    assert Toolset([add]) and not Toolset()
    with pytest.raises(KeyError, match="There are: add, drop"):
        tools["nope"]


async def test_it_changes_like_a_list() -> None:
    """Append, insert, extend, remove by name and by function, clear."""
    tools = Toolset([add])
    tools.append(drop)
    tools.insert(0, plot)
    assert await offered(tools) == ["plot", "add", "drop"]
    tools.remove("add")
    tools.remove(drop)
    assert await offered(tools) == ["plot"]
    tools.extend([add, drop])
    assert await offered(tools) == ["plot", "add", "drop"]
    tools.clear()
    assert await offered(tools) == []
    with pytest.raises(ValueError, match="not among the tools"):
        tools.remove("add")


@pytest.mark.parametrize("wrong", [add, "add", b"add", 3, None, {"add": add}])
def test_what_is_no_list(wrong: Any) -> None:
    """What is not a list of functions is refused with an example."""
    with pytest.raises(ConfigurationError, match=r"tools=\[summary\]"):
        Toolset(wrong)


def test_clashes() -> None:
    """Two functions of one name are an error that says what to do, and change nothing."""
    tools = Toolset([add])
    for change in (lambda: tools.append(add), lambda: tools.extend([drop, tool(plot, name="add")])):
        with pytest.raises(ConfigurationError, match="Two tools are named 'add'"):
            change()
    assert tools.names == ("add",)
    with pytest.raises(ToolSchemaError):
        Toolset([3])  # type: ignore[list-item]  # a mistake to be told of


def test_a_copy_is_changed_apart() -> None:
    """What is done to a copy is not seen in the first."""
    tools = Toolset([add], prefix="my_")
    other = tools.copy()
    other.append(drop)
    assert (tools.names, other.names) == (("my_add",), ("my_add", "my_drop"))


# Groups


async def test_groups() -> None:
    """Prefix, new names and a filter; a change to the group is seen where it was put in."""
    group = Toolset([add, drop], prefix="db_", rename={"drop": "remove"})
    tools = Toolset([plot, group])
    assert await offered(tools) == ["plot", "db_add", "db_remove"]
    renamed = tools["db_remove"]
    assert (renamed.spec.name, renamed.spec.description) == ("db_remove", "Drops.")
    assert (await renamed.invoke({"column": "x"})).value == "x"
    assert drop in tools and tools["db_remove"] is renamed
    group.remove("db_add")
    group.append(plot)
    assert await offered(tools) == ["plot", "db_remove", "db_plot"]


async def test_filters() -> None:
    """By names, or by what a function says of each tool."""
    assert await offered(Toolset([add, drop], only=["drop"])) == ["drop"]
    assert await offered(Toolset([add, drop], only="add")) == ["add"]
    short = Toolset([add, drop, plot], only=lambda each: len(each.name) < 4, prefix="x_")
    assert await offered(short) == ["x_add"]
    nested = Toolset([Toolset([add, drop], prefix="a_")], only=["a_add"])
    assert await offered(nested) == ["a_add"]


def test_what_is_part_of_a_group_is_taken_out_there() -> None:
    """A group given by the person is not changed from outside; a whole group can be taken out."""
    group = Toolset([add])
    tools = Toolset([group, drop])
    with pytest.raises(ConfigurationError, match="part of a group"):
        tools.remove("add")
    tools.remove(group)
    assert tools.names == ("drop",)


def test_names_that_providers_do_not_take() -> None:
    """A prefix that makes an impossible name is refused at once."""
    with pytest.raises(ToolSchemaError, match="cannot be the name"):
        Toolset([add], prefix="my tools/")


def test_no_toolset_is_in_itself() -> None:
    """Directly or through another."""
    tools = Toolset()
    other = Toolset([tools])
    for wrong in (tools, other):
        with pytest.raises(ConfigurationError, match="into itself"):
            tools.append(wrong)


# Availability


async def test_availability() -> None:
    """Asked before each request; plain or async, with or without the tool; all of them count."""
    open_, seen = [True], []

    async def later(each: Tool[..., Any]) -> bool:
        await asyncio.sleep(0)
        seen.append(each.name)
        return each.name != "b_drop"

    inner = Toolset([add, drop], available=lambda: open_[0])
    tools = Toolset([plot, Toolset([inner], prefix="b_", available=later)])
    assert await offered(tools) == ["plot", "b_add"]
    open_[0] = False
    assert await offered(tools) == ["plot"]
    assert tools.names == ("plot", "b_add", "b_drop")  # known, though not offered
    assert "b_add" in seen or "add" in seen


async def test_availability_that_fails() -> None:
    """It raises: the tool is named. It cannot be called: refused at once."""
    tools = Toolset([add], available=lambda: 1 / 0 > 0)
    with pytest.raises(
        ToolError, match="available= function of tool 'add' raised ZeroDivisionError"
    ):
        await tools.resolve()
    with pytest.raises(ConfigurationError, match="available"):
        Toolset([add], available=True)  # type: ignore[arg-type]  # a mistake to be told of


# Sources


async def test_sources_are_asked_and_their_names_give_way() -> None:
    """A function keeps its name wherever it stands; a server's tool gets the server's name."""
    shelf, other = Shelf("add", "find"), Shelf("find", "add", name="attic")
    tools = Toolset([shelf, add, other])
    assert (len(tools), bool(tools), shelf.asked) == (1, True, 0)
    assert await offered(tools) == ["shelf_add", "find", "add", "attic_find", "attic_add"]
    assert tools["add"].function is add
    assert (await tools["attic_add"].invoke({})).value == "attic"
    assert (await tools.resolve())["shelf_add"] is tools["shelf_add"]
    shelf.names = ("lost",)
    assert "lost" in await offered(tools)
    assert shelf in tools
    await Toolset([tools]).aclose()
    assert (shelf.closed, other.closed) == (1, 1)


async def test_a_long_name_still_fits() -> None:
    """A name with a prefix keeps to the length that providers take, and stays its own."""
    shelf = Shelf("x" * 64, "y", name="n" * 60)
    tools = Toolset([tool(add, name="x" * 64), tool(drop, name="y"), shelf])
    names = await offered(tools)
    assert len(set(names)) == 4 and all(len(name) <= 64 for name in names)


async def test_plain_functions_cost_nothing() -> None:
    """Without a change the same dict comes again, and nothing waits."""
    tools = Toolset([add, drop])
    first = await tools.resolve()
    coroutine = tools.resolve()
    with pytest.raises(StopIteration) as end:
        coroutine.send(None)
    assert end.value.value is first
    tools.append(plot)
    assert list(await tools.resolve()) == ["add", "drop", "plot"]
