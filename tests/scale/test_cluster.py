"""`Agent.map` over a Dask cluster of real processes, asking a server on a real socket."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster

from nbagent import Agent, ConfigurationError, Executor, OpenAIChatClient, tool
from nbagent.testing import FakeServer, Reply, reply_calls, reply_error, reply_text

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One cluster of two processes with two threads each, for all the tests here."""
    settings = {"temporary-directory": str(tmp_path_factory.mktemp("dask"))}
    with (
        dask.config.set(settings),
        LocalCluster(  # type: ignore[no-untyped-call]  # distributed has no types here
            n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as made,  # type: ignore[no-untyped-call]  # nor here
    ):
        yield made


def words_of(request: Any) -> str:
    """The last thing that was said in a request."""
    said = request.body["messages"][-1]["content"]
    return said if isinstance(said, str) else "".join(part.get("text", "") for part in said)


def echo(request: Any, *, delay: float = 0.0) -> Reply:
    """A reply that names its question."""
    return reply_text(f"re: {words_of(request)}", delay=delay)


def reaching(url: str) -> Callable[[], Executor]:
    """What makes the executor, on a worker; the key is the worker's own."""

    def make() -> Executor:
        return Executor({"openai": OpenAIChatClient(api_key="worker's", base_url=url)})

    return make


def agent_on(server: FakeServer, **options: Any) -> Agent:
    """An agent on the server, with an executor of its own."""
    return Agent("openai:scripted", executor=reaching(server.url)(), **options)


async def test_a_worker_that_is_killed_loses_nothing(client: Client) -> None:
    """In mid-run one of two workers is killed: each prompt has its own reply, once."""
    prompts = [f"prompt {number}" for number in range(40)]
    with FakeServer(always=partial(echo, delay=0.05)) as server:
        run = agent_on(server).map(
            prompts, run_on=client, executor=reaching(server.url), progress=False
        )
        items = []
        killed = 0
        async for item in run:
            items.append(item)
            if len(items) == 8:
                killed = await asyncio.to_thread(lambda: next(iter(client.run(os.getpid).values())))
                os.kill(killed, signal.SIGKILL)
    assert killed
    assert Counter(item.index for item in items) == Counter(range(40))
    assert all(item.reply is not None for item in items)
    assert {item.prompt: item.reply.text for item in items if item.reply} == {
        prompt: f"re: {prompt}" for prompt in prompts
    }


async def test_tools_settings_and_history_travel(client: Client) -> None:
    """A tool of this module, a closure, runs on the worker; what it gave comes back."""
    here = os.getpid()
    offset = 10

    @tool
    def shifted(number: int) -> list[int]:
        """A number and where it was computed."""
        return [number + offset, os.getpid()]

    script = (reply_calls(("shifted", {"number": 4})), "Done.")
    with FakeServer(script) as server:
        agent = agent_on(server, tools=[shifted], instructions="Be brief.")
        results = await agent.map(
            ["Go."], run_on=client, executor=reaching(server.url), progress=False
        )
        system = server.requests[0].body["messages"][0]
    (reply,) = results.replies
    number, pid = reply.calls[0].result
    assert (number, reply.text) == (14, "Done.")
    assert pid != here
    assert "Be brief." in str(system)
    assert agent.history == ()


async def test_errors_come_back_as_they_are(client: Client) -> None:
    """A provider's refusal keeps its class and stands in the place of its prompt."""

    def answer(request: Any) -> Reply:
        return reply_error(400, "no") if "bad" in words_of(request) else reply_text("fine")

    with FakeServer(always=answer) as server:
        results = await agent_on(server).map(
            ["a", "bad", "c"], run_on=client, executor=reaching(server.url), progress=False
        )
    assert [type(outcome).__name__ for outcome in results] == ["Reply", "InvalidRequest", "Reply"]
    assert "no" in str(results.errors[1])


async def test_a_live_result_that_cannot_be_sent_stays_there(client: Client) -> None:
    """The reply comes all the same, with what the model read of the result."""

    @tool
    def lock() -> Any:
        """Gives what only its own process can use."""
        return threading.Lock()

    with FakeServer([reply_calls(("lock", {})), "Locked."]) as server:
        results = await agent_on(server, tools=[lock]).map(
            ["Go."], run_on=client, executor=reaching(server.url), progress=False
        )
    (reply,) = results.replies
    assert reply.text == "Locked."
    assert reply.calls[0].result is None
    assert "lock" in reply.calls[0].text


async def test_stopping_leaves_nothing_on_the_cluster(client: Client) -> None:
    """What had not begun never does."""
    with FakeServer(always=partial(echo, delay=0.3)) as server:
        agent = agent_on(server)
        run = agent.map(
            [str(number) for number in range(30)],
            run_on=client,
            executor=reaching(server.url),
            progress=False,
        )
        with pytest.raises(asyncio.CancelledError):
            async for _ in run:
                agent.stop()
        for _ in range(100):
            left = client.run_on_scheduler(_tasks)  # type: ignore[no-untyped-call]  # nor here
            if not left:
                break
            await asyncio.sleep(0.05)
        assert not left
        assert len(server.requests) < 30


def _tasks(dask_scheduler: Any) -> int:
    """How much the scheduler still has."""
    return len(dask_scheduler.tasks)


async def test_the_keys_of_this_process_are_not_sent() -> None:
    """An executor of one's own stays here: the error says what to give instead."""
    with FakeServer() as server, pytest.raises(ConfigurationError, match="executor="):
        agent_on(server).map(["a"], run_on=object())
