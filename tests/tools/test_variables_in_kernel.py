"""Variables by name in a real ipykernel, where cells define and bind them anew."""

from collections.abc import Iterator

import pytest

from tests.tools.test_in_kernel import Kernel

pytestmark = pytest.mark.e2e

SETUP = """
import numpy as np, pandas as pd
from nbagent import Executor, Agent, tool
from nbagent.testing import ScriptedClient, reply_calls

@tool
def rows(frame: pd.DataFrame) -> int:
    "How many rows."
    return len(frame)

def offered():
    return rows.spec.parameters["properties"]["frame"].get("enum")
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    made = Kernel()
    assert made.run(SETUP) == []
    yield made
    made.close()


def test_a_cell_defines_a_frame_later_and_binds_it_anew(kernel: Kernel) -> None:
    """The names, and what stands under them, are those of the moment of the request."""
    assert kernel.run("print(offered())") == ["None\n"]
    kernel.run("df = pd.DataFrame({'a': [1, 2]}); _private = df; In_frame = df.head(1)")
    assert kernel.run("print(offered())") == ["['df', 'In_frame']\n"]
    call = """print((await rows.invoke('{"frame": "df"}')).value)"""
    assert kernel.run(call) == ["2\n"]
    kernel.run("df = pd.DataFrame({'a': [1, 2, 3]}); del In_frame")
    assert kernel.run(call) == ["3\n"]
    assert kernel.run("print(offered())") == ["['df']\n"]


def test_what_ipython_keeps_is_not_offered(kernel: Kernel) -> None:
    """``Out``, ``_`` and the history's other names are IPython's and not the person's."""
    kernel.run("from typing import Annotated, Any\nfrom nbagent import Variable")
    assert kernel.run("pd.DataFrame()")[0] == ["text/html", "text/plain"]
    shown = kernel.run("""
@tool
def anything(it: Annotated[Any, Variable()]) -> str:
    "Anything."
    return type(it).__name__
print(anything.spec.parameters["properties"]["it"]["enum"])
""")
    assert shown == ["['df']\n"]


def test_an_agent_that_is_shown_a_frame(kernel: Kernel) -> None:
    """A function of a module asks the notebook's namespace, and a bound-anew frame is shown."""
    shown = kernel.run("""
client = ScriptedClient([reply_calls(("rows", {"frame": "df"})), "three", "four"])
agent = Agent("scripted:any", executor=Executor({"scripted": client}), tools=[rows])
agent.show(df)
await agent.ask("How many?")
df = pd.DataFrame({"b": range(4)})
await agent.ask("And now?")
print([prompt.messages[0].text.splitlines()[2] for prompt in client.prompts])
print(agent.calls[-1].result, agent.shown)
""")
    three, four = (f"df: DataFrame, shape: {n} rows x 1 columns" for n in (3, 4))
    last = "3 {'df': 'DataFrame, shape: 4 rows x 1 columns'}"
    assert "".join(map(str, shown)) == f"{[three, three, four]}\n{last}\n"
