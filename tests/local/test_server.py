"""The server as its parent sees it, with a child that is a small script."""

import asyncio
import multiprocessing
import os
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nbagent.errors import ConfigurationError
from nbagent.local.errors import PortInUse, ServerStartError, WeightsUnavailable
from nbagent.local.progress import silent
from nbagent.local.server import Endpoint, LocalServer, default_threads, shared_server
from nbagent.local.verify import Progress
from tests.local.parents import FAKE, gone, parent

MODEL = Path("model.gguf")
MakeServer = Callable[..., LocalServer]


def found(path: object, *, progress: Progress) -> Path:
    """Finds a model that the fake child never opens."""
    return MODEL


@pytest.fixture
def make() -> Iterator[MakeServer]:
    """Makes servers with the fake child, and closes them."""
    made: list[LocalServer] = []

    def server(how: str = "", **options: object) -> LocalServer:
        settings = {"command": (*FAKE, how), "find_model": found, "progress": silent, **options}
        made.append(LocalServer(**settings))  # type: ignore[arg-type]  # options of any kind
        return made[-1]

    yield server
    for one in made:
        one.close()


async def test_started_once_and_kept(make: MakeServer) -> None:
    """Nothing runs before it is needed; a second question finds the same server."""
    server = make()
    assert not server.alive
    endpoint = await server.ensure()
    assert endpoint.base_url.startswith("http://127.0.0.1:")
    assert endpoint.base_url.endswith("/v1")
    assert server.alive
    pid = server.pid
    assert await server.ensure() == endpoint
    assert server.pid == pid


async def test_many_callers_share_one_start(make: MakeServer) -> None:
    """Tasks, and threads with loops of their own, that ask at once get one process."""
    starts: list[int] = []

    def counted(path: object, *, progress: Progress) -> Path:
        starts.append(1)
        time.sleep(0.1)
        return MODEL

    server = make(find_model=counted)
    others = [asyncio.to_thread(asyncio.run, server.ensure()) for _ in range(4)]
    endpoints = await asyncio.gather(server.ensure(), server.ensure(), *others)
    assert len(set(endpoints)) == 1
    assert len(starts) == 1


async def test_one_that_stops_waiting_does_not_end_it(make: MakeServer) -> None:
    """A cancelled question leaves the start to the others."""
    server = make()
    first = asyncio.create_task(server.ensure())
    second = asyncio.create_task(server.ensure())
    await asyncio.sleep(0.01)
    first.cancel()
    assert isinstance(await second, Endpoint)


async def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for something that is about to happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def test_killed_child_is_started_again(make: MakeServer) -> None:
    """After a kill -9 the next question has a new process and a new key."""
    server = make()
    before = await server.ensure()
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    # The thread that reaps the process may be the one that looks at it just now.
    await until(lambda: not server.alive)
    assert server.fate == "was killed by signal 9"
    after = await server.ensure()
    assert server.alive
    assert server.pid != pid
    assert after.api_key != before.api_key


async def test_closed_server_is_gone_and_can_come_back(make: MakeServer) -> None:
    """close() ends the process; ensure() after it starts one."""
    server = make()
    await server.ensure()
    pid = server.pid
    assert pid is not None
    server.close()
    assert gone(pid)
    assert server.pid is None
    await server.ensure()
    assert server.alive


async def test_deaf_child_is_killed(make: MakeServer) -> None:
    """A child that ignores the request to end is killed after a grace."""
    server = make("deaf")
    await server.ensure()
    pid = server.pid
    assert pid is not None
    server.close()
    assert gone(pid)


async def test_key_stands_nowhere(make: MakeServer) -> None:
    """The key is in no repr and on no command line."""
    server = make()
    endpoint = await server.ensure()
    shown = repr(server) + repr(endpoint) + repr(server._child)
    assert endpoint.api_key not in shown
    command = Path(f"/proc/{server.pid}/cmdline").read_bytes().decode()
    environment = Path(f"/proc/{server.pid}/environ").read_bytes().decode()
    assert endpoint.api_key not in command + environment


@pytest.mark.parametrize(
    ("how", "kind", "words"),
    [
        ("crash", ServerStartError, r"killed by signal 6[\s\S]*no luck today"),
        ("load", ServerStartError, r"could not be loaded[\s\S]*what is this file"),
        ("missing", ConfigurationError, r"pip install 'nbagent\[local\]'"),
        ("port", PortInUse, "another port"),
    ],
)
async def test_failed_start_says_why(
    make: MakeServer, how: str, kind: type[Exception], words: str
) -> None:
    """Each way to fail has its own error, with the log's last lines where they help."""
    server = make(how)
    with pytest.raises(kind, match=words):
        await server.ensure()
    assert not server.alive


async def test_silent_child_is_given_up(make: MakeServer) -> None:
    """One that never gets ready is ended after the timeout, with its log in the error."""
    server = make("silent", start_timeout=5.0)
    with pytest.raises(ServerStartError, match=r"within 5 s[\s\S]*still reading"):
        await server.ensure()
    assert not server.alive


async def test_command_that_is_not_there(make: MakeServer) -> None:
    """An interpreter that has vanished is a typed error."""
    with pytest.raises(ServerStartError, match="could not be started"):
        await make(command=("/no/such/python",)).ensure()


async def test_failed_start_can_be_tried_again(make: MakeServer) -> None:
    """A failure is not remembered: the next question tries anew."""
    outcomes: list[Exception | None] = [WeightsUnavailable("no network"), None]

    def later(path: object, *, progress: Progress) -> Path:
        if (outcome := outcomes.pop(0)) is not None:
            raise outcome
        return MODEL

    server = make(find_model=later)
    with pytest.raises(WeightsUnavailable):
        await server.ensure()
    assert isinstance(await server.ensure(), Endpoint)


async def test_closing_ends_a_download(make: MakeServer) -> None:
    """close() during a download stops it, and the one that waits is told."""
    began = threading.Event()

    def endless(path: object, *, progress: Progress) -> Path:
        while True:
            progress(1, 2, "Downloading")
            began.set()
            time.sleep(0.01)

    server = make(find_model=endless)
    waiting = asyncio.create_task(server.ensure())
    await asyncio.to_thread(began.wait, 60)
    await asyncio.to_thread(server.close)
    with pytest.raises(ServerStartError, match="closed while it was starting"):
        await waiting


async def test_port_and_key_can_be_chosen(make: MakeServer) -> None:
    """`serve` gives both."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoint = await make(port=port, api_key="mine").ensure()
    assert endpoint == Endpoint(f"http://127.0.0.1:{port}/v1", "mine")


def test_killed_parent_takes_the_child_along() -> None:
    """After kill -9 of the kernel the child ends too."""
    process, child = parent(MODEL, FAKE)
    with process:
        process.kill()
        assert gone(child)


def test_parent_that_ends_takes_the_child_along() -> None:
    """An ordinary exit closes the server."""
    process, child = parent(MODEL, FAKE, LEAVE="1")
    with process:
        assert process.wait(60) == 0
        assert gone(child)


def test_interrupt_of_a_cell_leaves_the_child() -> None:
    """SIGINT to the parent's whole group, as a Ctrl-C sends it, does not reach the child."""
    process, child = parent(MODEL, FAKE)
    with process:
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout is not None
        assert process.stdout.readline() == "interrupted True\n"
        assert Path(f"/proc/{child}").exists()
        process.kill()


def _pid_seen_by_a_fork(server: LocalServer, seen: "multiprocessing.Queue[int | None]") -> None:
    seen.put(server.pid)
    server.close()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
async def test_fork_does_not_end_the_parents_child(make: MakeServer) -> None:
    """A worker that multiprocessing forks neither uses nor closes the server."""
    server = make()
    endpoint = await server.ensure()
    context = multiprocessing.get_context("fork")
    seen: multiprocessing.Queue[int | None] = context.Queue()
    worker = context.Process(target=_pid_seen_by_a_fork, args=(server, seen))
    worker.start()
    assert seen.get(timeout=60) is None
    worker.join(60)
    assert server.alive
    with urllib.request.urlopen(endpoint.base_url.removesuffix("/v1") + "/health") as reply:
        assert reply.status == 200


def test_one_server_for_each_path() -> None:
    """All that ask for a model share its server."""
    assert shared_server("a.gguf") is shared_server(Path.cwd() / "a.gguf")
    assert shared_server("a.gguf") is not shared_server("b.gguf")
    assert shared_server() is shared_server(None)


def test_threads_are_what_this_process_may_use() -> None:
    """At least one, and never more than the processors that are ours."""
    assert 1 <= default_threads() <= max(os.cpu_count() or 1, 1)
