"""A function that is defined anew, as when its cell is run again."""

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nbagent import ToolSchemaError, Toolset, tool

Cell = Callable[[str], None]


@pytest.fixture
def notebook() -> Iterator[types.ModuleType]:
    """A module that is filled by cells."""
    module = types.ModuleType("a_notebook")
    module.__dict__["tool"] = tool
    sys.modules["a_notebook"] = module
    yield module
    del sys.modules["a_notebook"]


@pytest.fixture
def cell(notebook: types.ModuleType) -> Cell:
    """Runs a cell."""
    return lambda code: exec(code, notebook.__dict__)


async def value(tools: Toolset, name: str = "f", **arguments: Any) -> Any:
    return (await (await tools.resolve())[name].invoke(arguments)).value


async def test_a_plain_function(notebook: types.ModuleType, cell: Cell) -> None:
    """The next request gets the new function with its new parameters."""
    cell("def f() -> int: return 1")
    tools = Toolset([notebook.f])
    assert await value(tools) == 1
    cell("def f(x: int) -> int:\n 'Twice.'\n return 2 * x")
    assert await value(tools, x=4) == 8
    assert tools[0].description == "Twice." and list(tools["f"].spec.parameters["properties"]) == [
        "x"
    ]
    assert notebook.f in tools


async def test_a_decorated_function(notebook: types.ModuleType, cell: Cell) -> None:
    """Options come from the new decorator, its name included; without one they are gone."""
    cell("@tool(approve=True)\ndef f() -> int: return 1")
    tools = Toolset([notebook.f])
    cell("@tool(name='g', timeout=3)\ndef f() -> int: return 2")
    assert await value(tools, "g") == 2
    assert (tools[0].approve, tools[0].timeout) == (False, 3)
    cell("@tool(approve=True)\ndef f() -> int: return 3")
    assert (await tools.resolve())["f"].approve is True
    cell("def f() -> int: return 4")
    assert await value(tools) == 4 and tools["f"].approve is False
    cell("f = tool(f, approve=True)")
    assert (await tools.resolve())["f"].approve is True


async def test_options_given_elsewhere_stay(notebook: types.ModuleType, cell: Cell) -> None:
    """tools=[tool(f, approve=True)] still asks for approval of the new function."""
    cell("def f() -> int: return 1")
    tools = Toolset([tool(notebook.f, approve=True, name="g")])
    cell("def f() -> int: return 2")
    assert await value(tools, "g") == 2 and tools["g"].approve is True


@pytest.mark.parametrize(
    "code",
    ["del f", "f = 3", "f = None", "def g() -> int: return 9\nf = g", "import os; f = os.getcwd"],
)
async def test_what_is_no_new_definition(notebook: types.ModuleType, cell: Cell, code: str) -> None:
    """Deleted, or the name stands for something else: the old function stays."""
    cell("def f() -> int: return 1")
    tools = Toolset([notebook.f])
    cell(code)
    assert await value(tools) == 1
    cell("def f() -> int: return 2")
    assert await value(tools) == 2


async def test_another_one_of_the_same_name(notebook: types.ModuleType, cell: Cell) -> None:
    """A function that did not stand under its name when it was given is not what stands there."""
    cell("def f() -> int: return 1\nold = f\ndef f() -> int: return 2")
    tools = Toolset([tool(notebook.old, name="old"), notebook.f])
    cell("def f() -> int: return 3")
    assert (await value(tools, "old"), await value(tools, "f")) == (1, 3)


async def test_what_is_local_stays(notebook: types.ModuleType, cell: Cell) -> None:
    """A function of a function has no place to be looked up."""
    cell("def make(n):\n def f() -> int: return n\n return f")
    tools = Toolset([notebook.make(1)])
    cell("def make(n):\n def f() -> int: return 100\n return f")
    assert await value(tools) == 1


async def test_classes(notebook: types.ModuleType, cell: Cell) -> None:
    """A bound method belongs to its object and stays; class and static methods follow the class."""
    code = (
        "class C:\n def m(self) -> int: return {n}\n @classmethod\n def c(cls) -> int: return {n}\n"
        " @staticmethod\n def s() -> int: return {n}\n"
        " @classmethod\n @tool\n def t(cls) -> int: return {n}"
    )
    cell(code.format(n=1))
    tools = Toolset([notebook.C().m, notebook.C.c, notebook.C.s, notebook.C.t])
    assert await tools.resolve() is await tools.resolve()
    cell(code.format(n=2))
    assert [await value(tools, name) for name in "mcst"] == [1, 2, 2, 2]


async def test_a_definition_that_cannot_be_described(
    notebook: types.ModuleType, cell: Cell
) -> None:
    """The next request says so, and each until it is mended; to look at the tools does not fail."""
    cell("def f() -> int: return 1")
    tools = Toolset([notebook.f])
    cell("class X: pass\ndef f(x: X) -> int: return 2")
    for _ in range(2):
        with pytest.raises(ToolSchemaError, match="parameter 'x'"):
            await tools.resolve()
    assert tools.names == ("f",)
    cell("def f(x: int) -> int: return x")
    assert await value(tools, x=5) == 5


async def test_in_groups_and_copies(notebook: types.ModuleType, cell: Cell) -> None:
    """Each that holds the function sees the new one."""
    cell("def f() -> int: return 1")
    group = Toolset([notebook.f], prefix="g_")
    tools, plain = Toolset([group]), Toolset([notebook.f])
    copy = plain.copy()
    for each in (tools, plain, copy):
        await each.resolve()
    cell("def f() -> int: return 2")
    assert await value(tools, "g_f") == 2
    assert (await value(plain), await value(copy)) == (2, 2)


SHELL = """
import asyncio
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(user_module=__import__("__main__"))
shell.run_cell("from nbagent import Toolset, tool")
shell.run_cell("def f() -> int: return 1")
shell.run_cell("tools = Toolset([f])")
shell.run_cell("def f(x: int) -> int: return x")
shell.run_cell("import asyncio; found = asyncio.run(tools.resolve())['f']")
shell.run_cell("print(list(found.spec.parameters['properties']))")
"""


def test_in_ipython() -> None:
    """The cells of a real shell live in ``__main__``."""
    done = subprocess.run([sys.executable, "-c", SHELL], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip().endswith("['x']"), done.stdout + done.stderr
