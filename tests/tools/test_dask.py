"""``run_on`` a Dask cluster of real processes: what comes back, what is lost, what is cancelled."""

# ruff: noqa: T201 - printing is what is tested

import asyncio
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import pandas as pd
import pytest
from distributed import Client, LocalCluster

from nbagent.errors import ConfigurationError, ToolTimeout
from nbagent.tools import StreamOutput, ToolContext, ToolRaised, tool
from tests.tools.listening import Heard

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One cluster of two processes for all the tests here."""
    settings = {
        "distributed.scheduler.allowed-failures": 0,
        "temporary-directory": str(tmp_path_factory.mktemp("dask")),
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as made,
    ):
        yield made


async def called(function: Any, client: Client, arguments: Any = "", **options: Any) -> Any:
    """The result of one call on the cluster, and what its listener heard."""
    heard = Heard()
    made = tool(function, run_on=client, **options)
    return await made.invoke(arguments, ToolContext(listener=heard)), heard


async def test_value_prints_and_place_come_back(client: Client) -> None:
    """The value is home, prints come in order, the card says which worker it was."""

    def work(n: int) -> pd.DataFrame:
        print("first")
        print("second", file=sys.stderr)
        print("third")
        return pd.DataFrame({"pid": [os.getpid()] * n})

    result, heard = await called(work, client, {"n": 3})
    assert result.error is None, result.text
    pid = int(result.value["pid"][0])
    assert pid != os.getpid() and len(result.value) == 3
    where, *outputs = heard.outputs
    assert where.bundle.data["text/plain"].startswith("Ran on tcp://")
    assert f"process {pid} " in where.bundle.data["text/plain"]
    assert outputs == [
        StreamOutput("stdout", "first\n"),
        StreamOutput("stderr", "second\n"),
        StreamOutput("stdout", "third\n"),
    ]
    assert "3 rows" in result.text or "(3, 1)" in result.text
    assert heard.starts == 1


async def test_prints_before_an_exception_come_back(client: Client) -> None:
    """What was shown is not lost with the failure; the traceback is the worker's."""

    def fail(name: str) -> None:
        print("so far so good")
        raise LookupError(name)

    result, heard = await called(fail, client, {"name": "x"})
    assert result.text == "LookupError: x"
    assert "raise LookupError(name)" in result.error.traceback
    assert "distributed" not in result.error.traceback
    assert heard.text() == "so far so good\n"


async def test_figures_and_displays_come_back(client: Client) -> None:
    """A figure made without show and an object given to display are in the card."""

    def draw() -> Any:
        import matplotlib.pyplot as plt
        from IPython.display import HTML, display

        display(HTML("<b>bold</b>"))
        plt.plot([1, 2], [3, 4])
        plt.title("Far away")

    result, heard = await called(draw, client)
    assert result.error is None, result.error.traceback
    _, html, figure = heard.displays
    assert html.bundle.data["text/html"] == "<b>bold</b>"
    assert figure.bundle.data["image/png"][:4] == b"\x89PNG"
    assert "Far away" in result.text and result.images

    def open_figures() -> int:
        import sys

        pyplot: Any = sys.modules.get("matplotlib.pyplot")
        return len(pyplot.get_fignums()) if pyplot is not None else 0

    assert set(client.run(open_figures).values()) == {0}


async def test_calls_overlap_and_do_not_share_what_they_print(
    client: Client, tmp_path: Path
) -> None:
    """Four calls at once on two workers of two threads: each card has its own; none is merged."""
    folder = tmp_path

    def slow(name: str, at: str) -> str:
        for number in range(3):
            print(name, number)
            (folder / f"{at} {number}").touch()
            # Three of four are on two workers, whichever they are: two print in one process.
            while len(list(folder.glob(f"* {number}"))) < 3:
                time.sleep(0.01)
        return at

    tools = tool(slow, run_on=client)
    heard = [Heard() for _ in range(4)]
    results = await asyncio.gather(
        *(
            tools.invoke({"name": name, "at": at}, ToolContext(listener=one))
            for name, at, one in zip("aabb", "1234", heard, strict=True)
        )
    )
    assert [one.text() for one in heard] == [
        "".join(f"{name} {number}\n" for number in range(3)) for name in "aabb"
    ]
    assert len({result.value for result in results}) == 4


async def test_async_functions_and_generators(client: Client) -> None:
    """They run to their end on the worker."""

    async def later(n: int) -> int:
        await asyncio.sleep(0.01)
        return n + 1

    def steps(n: int) -> Any:
        yield from range(n)

    assert (await called(later, client, {"n": 1}))[0].value == 2
    assert (await called(steps, client, {"n": 3}))[0].value == 2


async def test_a_value_that_cannot_be_sent(client: Client) -> None:
    """The model and the person read what is wrong; the cluster goes on."""

    def lock() -> Any:
        return threading.Lock()

    result, _ = await called(lock, client)
    assert isinstance(result.error, ToolRaised)
    assert "sent between processes" in result.text
    assert (await called(os.getpid, client, name="pid"))[0].error is None


async def test_a_function_that_cannot_be_sent(client: Client) -> None:
    """So is one that holds on to something of this process."""
    held = threading.Lock()

    def locked() -> Any:
        return held

    result, _ = await called(locked, client)
    assert "sent between processes" in result.text


@pytest.mark.parametrize("way", ["timeout", "cancel"])
async def test_cancelling_cancels_the_future(client: Client, way: str) -> None:
    """After a stop or a timeout nothing of the call is left on the scheduler."""

    def slow() -> None:
        time.sleep(1.5)

    options = {"timeout": 0.3} if way == "timeout" else {}
    task = asyncio.ensure_future(called(slow, client, **options))
    if way == "timeout":
        result, _ = await task
        assert isinstance(result.error, ToolTimeout)
    else:
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    deadline = time.monotonic() + 60
    while client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_a_killed_worker_is_an_error_to_act_on(client: Client) -> None:
    """A worker that dies in the middle of a call: the text says so, the next call works."""

    def die() -> None:
        os._exit(1)

    result, _ = await called(die, client)
    assert isinstance(result.error, ToolRaised)
    assert "was lost" in result.text and "less data" in result.text
    assert (await called(os.getpid, client, name="pid"))[0].value != os.getpid()


def test_what_is_no_executor() -> None:
    """A wrong ``run_on`` is an error at decoration."""
    with pytest.raises(ConfigurationError, match="ProcessPoolExecutor"):
        tool(run_on="cluster")  # type: ignore[call-overload]  # the mistake to be told of
