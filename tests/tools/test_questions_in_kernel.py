"""Tools in a real kernel that ask: ``input()``, another agent, a cluster of processes."""

from collections.abc import Iterator

import pytest

from tests.tools.test_in_kernel import SETUP, Kernel

pytestmark = pytest.mark.e2e
AGENTS = """
import getpass, os
from concurrent.futures import ProcessPoolExecutor
from nbagent import Agent, Executor
from nbagent.testing import ScriptedClient, reply_calls

def scripted(*replies, tools=()):
    executor = Executor({"scripted": ScriptedClient(replies)})
    return Agent("scripted:any", executor=executor, tools=tools)

def where() -> str:
    return threading.current_thread().name

async def where_async() -> str:
    await asyncio.sleep(0)
    return threading.current_thread().name

def helper():
    both = reply_calls(("where", {}), ("where_async", {}))
    return scripted(both, "Helped.", tools=[where, where_async])
"""


def printed_by(kernel: Kernel, code: str) -> str:
    """What a cell printed; the kernel may send it in pieces."""
    return "".join(item for item in kernel.run(code) if isinstance(item, str))


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    made = Kernel()
    assert made.run(SETUP + AGENTS) == []
    yield made
    made.close()


@pytest.mark.parametrize("cell", ["await asyncio.wrap_future(future)", "place.pump(future)", ""])
@pytest.mark.parametrize("question", ["input('Sure? ')", "getpass.getpass()"])
@pytest.mark.parametrize("thread", [False, True], ids=["main", "thread"])
def test_a_question_that_nobody_can_answer(
    kernel: Kernel, cell: str, question: str, thread: bool
) -> None:
    """Inside and outside of a cell: an error that says what to do, and never a wait."""
    kernel.run(f"""
@tool(thread={thread})
def ask() -> str:
    return {question}

heard, future = call(ask)
{cell}
""")
    shown = printed_by(kernel, "print(future.result(60).text)")
    assert "cannot be used in a tool" in shown


def test_a_cell_still_asks(kernel: Kernel) -> None:
    """What cells ask is answered by the page as ever."""
    identity = kernel.client.execute("print(input('Name? '))", allow_stdin=True)
    kernel.client.get_stdin_msg(timeout=60)
    kernel.client.input("Ann")
    assert "".join(kernel.collect(str(identity))) == "Ann\n"


@pytest.mark.parametrize("show", ["", "display(other)"], ids=["hidden", "displayed"])
@pytest.mark.parametrize(
    "asks",
    [
        "@tool\nasync def ask_it() -> str: return (await other.ask('?')).text",
        "@tool(thread=True)\nasync def ask_it() -> str: return (await other.ask('?')).text",
        "@tool\ndef ask_it() -> str: return other.ask_blocking('?').text",
        "@tool(thread=True)\ndef ask_it() -> str: return other.ask_blocking('?').text",
    ],
    ids=["awaits", "awaits on a thread", "blocks", "blocks on a thread"],
)
@pytest.mark.parametrize("cell", ["await agent.ask('!')", "agent.ask_blocking('!')"])
@pytest.mark.parametrize("shown", ["", "display(agent)"], ids=["", "agent displayed"])
def test_another_agent(kernel: Kernel, show: str, asks: str, cell: str, shown: str) -> None:
    """A tool that asks another agent, which may be on the page, gets its answer."""
    printed = printed_by(
        kernel,
        f"""
other = helper()
{show}
{asks}
agent = scripted(reply_calls(("ask_it", {{}})), "Done.", tools=[ask_it])
{shown}
reply = {cell}
print(reply.text, agent.calls[0].result, [c.state for c in other.calls], other.calls[0].result)
""",
    )
    assert printed == "Done. Helped. ['done', 'done'] MainThread\n"


def test_its_own_agent_and_a_widget(kernel: Kernel) -> None:
    """A tool that asks its own agent is refused at once; one that displays another one's widget
    has it in its card."""
    printed = printed_by(
        kernel,
        """
async def back() -> str:
    return (await agent.ask("?")).text

def show() -> None:
    display(other)
    print(other.ask_blocking("?").text)

other = helper()
both = reply_calls(("back", {}), ("show", {}))
agent = scripted(both, "Done.", tools=[back, show])
display(agent)
outputs = []
agent._engine.listen(lambda item: outputs.append(item) if item.kind == "tool_output" else None)
reply = await agent.ask("!")
print([c.state for c in agent.calls], "AgentBusy" in agent.calls[0].text)
shown = [sorted(o.output.bundle.data) for o in outputs if hasattr(o.output, "bundle")]
print(["application/vnd.jupyter.widget-view+json" in data for data in shown])
""",
    )
    assert printed == "['failed', 'done'] True\n[True]\n"


def test_functions_of_the_notebook_on_processes(kernel: Kernel) -> None:
    """A function of a cell, with what it uses of the notebook, runs in a pool made before it."""
    printed = printed_by(
        kernel,
        """
pool = ProcessPoolExecutor(1)
pool.submit(os.getpid).result()
factor = 3

@tool(run_on=pool)
def times(n: int) -> list[int]:
    print("at work")
    return [n * factor, os.getpid()]

heard, future = call(times, {"n": 2})
result = await asyncio.wrap_future(future)
print(result.error, result.value[0], result.value[1] != os.getpid(), heard.text())
pool.shutdown()
""",
    )
    assert printed == "None 6 True at work\n\n"


def test_functions_of_the_notebook_on_a_cluster(kernel: Kernel) -> None:
    """So does one on a Dask cluster, by the client as it is."""
    printed = printed_by(
        kernel,
        """
import warnings
from distributed import Client, LocalCluster
warnings.simplefilter("ignore")  # a port that another cluster has
cluster = LocalCluster(n_workers=1, processes=True, dashboard_address=None)
client = Client(cluster)

@tool(run_on=client)
def far(n: int) -> list[int]:
    print("far away")
    return [n * factor, os.getpid()]

heard, future = call(far, {"n": 2})
result = await asyncio.wrap_future(future)
client.close(); cluster.close()
print(result.error, result.value[0], result.value[1] != os.getpid(), heard.text())
""",
    )
    assert printed == "None 6 True far away\n\n"
