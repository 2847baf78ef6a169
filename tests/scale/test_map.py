"""`Agent.map`: order, limits, errors, what is kept in a file, and how it is stopped."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from nbagent import (
    AgentBusy,
    ConfigurationError,
    Executor,
    MapItem,
    MapProgress,
    MapResults,
    Message,
    OpenAIChatClient,
    Reply,
    ServerError,
)
from nbagent.scale.bars import Lines, NotebookBar, TerminalBar, teller
from nbagent.testing import FakeServer, ScriptedClient, reply_text
from tests.agent.agents import add, other_tasks, scripted, until

PROMPTS = [f"prompt {number}" for number in range(10)]


def echo(asked: Any) -> Any:
    """A reply that names its question; some questions are refused."""
    text = asked.prompt.messages[-1].text
    if "bad" in text:
        raise ServerError("Broken.", status=501)
    return reply_text(f"re: {text}", delay=0.001)


def echoing(**options: Any) -> tuple[Any, ScriptedClient]:
    """An agent on a model that echoes."""
    return scripted(always=echo, **options)


async def test_replies_come_in_the_order_of_the_prompts() -> None:
    """Whatever was finished first; and the agent's own conversation stays as it was."""
    agent, client = echoing(history=[Message.user("Hi."), Message.assistant("Hello.")])
    results = await agent.map(PROMPTS, concurrency=3, progress=False)
    assert isinstance(results, MapResults)
    assert [reply.text for reply in results.replies] == [f"re: {prompt}" for prompt in PROMPTS]
    assert results.ok and len(results) == 10
    assert results.usage.output_tokens == 10
    assert len(agent.history) == 2
    assert {len(prompt.messages) for prompt in client.prompts} == {3}
    assert not other_tasks()


async def test_no_more_at_once_than_was_said() -> None:
    """And no fewer, as long as there are prompts."""
    going = most = 0

    async def counted(context: Any, question: Any) -> str:
        nonlocal going, most
        going += 1
        most = max(most, going)
        await asyncio.sleep(0.002)
        going -= 1
        return "x"

    agent, _ = scripted(strategy=counted)
    await agent.map(PROMPTS, concurrency=4, progress=False)
    assert most == 4


async def test_an_error_stands_in_the_place_of_its_reply() -> None:
    """The others are not touched by it."""
    agent, _ = echoing()
    results = await agent.map(["a", "bad", "c"], progress=False)
    assert not results.ok
    assert isinstance(results[1], ServerError)
    assert list(results.errors) == [1]
    assert [type(outcome) for outcome in results[:]] == [Reply, ServerError, Reply]
    assert repr(results) == "<MapResults: 2 replies, 1 failed>"


async def test_the_first_error_may_end_it() -> None:
    """What is finished by then is kept; nothing goes on."""
    agent, _ = echoing()
    run = agent.map(["a", "bad", *PROMPTS], concurrency=1, on_error="raise", progress=False)
    with pytest.raises(ServerError):
        await run
    assert [item.prompt for item in run.results.items] == ["a"]
    assert not other_tasks()


async def test_items_come_as_they_finish() -> None:
    """Iterated, the quick ones are there before the slow one."""
    agent, _ = scripted(
        lambda asked: reply_text("slow", delay=0.05), always=lambda asked: reply_text("quick")
    )
    items = [item async for item in agent.map(["a", "b", "c"], concurrency=2, progress=False)]
    assert [item.index for item in items] == [1, 2, 0]
    assert all(isinstance(item, MapItem) and item.seconds >= 0 for item in items)


@pytest.mark.parametrize("kind", ["generator", "async generator"])
async def test_prompts_are_taken_no_sooner_than_there_is_room(kind: str) -> None:
    """A source without end is never read far ahead, and is closed when the reader leaves."""
    taken = 0
    closed = False

    def endless() -> Iterator[str]:
        nonlocal taken, closed
        try:
            while True:
                taken += 1
                yield f"prompt {taken}"
        finally:
            closed = True

    async def endlessly() -> AsyncIterator[str]:
        nonlocal closed
        try:
            for prompt in endless():
                yield prompt
        finally:
            closed = True

    agent, _ = echoing()
    run = agent.map(
        endless() if kind == "generator" else endlessly(), concurrency=2, progress=False
    )
    seen = 0
    items = run.__aiter__()
    async for _ in items:
        seen += 1
        await asyncio.sleep(0.01)
        assert taken <= seen + 2 * 2 + 1
        if seen == 5:
            break
    await items.aclose()
    assert closed
    assert not other_tasks()


async def test_a_source_that_fails_ends_the_map() -> None:
    """Its error is raised, after what had been asked."""

    def broken() -> Iterator[str]:
        yield "a"
        raise LookupError("no more")

    agent, _ = echoing()
    run = agent.map(broken(), progress=False)
    with pytest.raises(LookupError, match="no more"):
        await run
    assert not other_tasks()


async def test_it_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    """A second call with the same file asks only what is missing; nothing is asked twice."""
    file = tmp_path / "deep" / "done.jsonl"
    agent, client = echoing()
    run = agent.map(PROMPTS, concurrency=2, resume=file, progress=False)
    with pytest.raises(asyncio.CancelledError):
        async for item in run:
            if item.index == 3:
                agent.stop()
    finished = len(file.read_text().splitlines())
    assert 3 < finished < 10
    asked = len(client.asked)
    results = await agent.map(PROMPTS, concurrency=2, resume=file, progress=False)
    assert [reply.text for reply in results.replies] == [f"re: {prompt}" for prompt in PROMPTS]
    assert sum(item.reused for item in results.items) == finished
    assert len(client.asked) == asked + 10 - finished
    assert await agent.map(PROMPTS, resume=file, progress=False)
    assert len(client.asked) == asked + 10 - finished


async def test_errors_are_asked_again(tmp_path: Path) -> None:
    """Only replies are kept."""
    agent, client = echoing()
    for _ in range(2):
        await agent.map(["a", "bad"], resume=tmp_path / "f", progress=False)
    assert len(client.asked) == 3


async def test_equal_prompts_are_apart(tmp_path: Path) -> None:
    """Two of the same words are two, also in the file."""
    agent, client = echoing()
    await agent.map(["a", "a", "b"], resume=tmp_path / "f", progress=False)
    results = await agent.map(["a", "a", "a"], resume=tmp_path / "f", progress=False)
    assert [item.reused for item in results.items] == [True, True, False]
    assert len(client.asked) == 4


async def test_other_settings_are_another_question(tmp_path: Path) -> None:
    """A reply of another model or with other instructions is not reused; a key= says otherwise."""
    file = tmp_path / "f"
    agent, _ = echoing()
    other, _ = echoing(instructions="Be brief.")
    await agent.map(["a"], resume=file, progress=False)
    assert not (await other.map(["a"], resume=file, progress=False)).items[0].reused
    for each in (agent, other):
        results = await each.map(["a"], resume=file, key=len, progress=False)
    assert results.items[0].reused


async def test_a_line_that_was_cut_off_is_asked_again(tmp_path: Path) -> None:
    """As after a crash in the middle of a write; the file goes on behind it."""
    file = tmp_path / "f"
    agent, client = echoing()
    await agent.map(["a", "b"], resume=file, progress=False)
    file.write_text(file.read_text()[:-20])
    for _ in range(2):
        assert (await agent.map(["a", "b"], resume=file, progress=False)).ok
    assert len(client.asked) == 3


async def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """It is refused before anything is asked or written."""
    agent, client = echoing()
    for content in ('{"a": 1}\n', "a,b\n1,2\n"):
        file = tmp_path / "data"
        file.write_text(content)
        with pytest.raises(ConfigurationError, match="not one that"):
            await agent.map(["a"], resume=file, progress=False)
        assert file.read_text() == content
    assert not client.asked


class City(BaseModel):
    """A place."""

    name: str
    people: int


async def test_values_are_read_back_from_the_file(tmp_path: Path) -> None:
    """Of the type that is asked for, not as dicts."""
    agent, client = scripted('{"name": "Rome", "people": 3}')
    for _ in range(2):
        results = await agent.map(["?"], output=City, resume=tmp_path / "f", progress=False)
        assert results.replies[0].output == City(name="Rome", people=3)
    assert len(client.asked) == 1


async def test_progress_is_told_to_a_function() -> None:
    """From nothing to all, with what failed, and the end."""
    told: list[MapProgress] = []
    agent, _ = echoing()
    await agent.map(["a", "bad"], concurrency=1, progress=told.append)
    assert [(each.done, each.failed, each.over) for each in told] == [
        (0, 0, False),
        (1, 0, False),
        (2, 1, False),
        (2, 1, True),
    ]
    assert told[-1].total == 2
    assert str(told[-1]).startswith("2 of 2 prompts, 1 failed, ")


def test_bars() -> None:
    """A line that is written over in a terminal, plain lines, one display in a notebook."""
    half, end = MapProgress(1, total=2), MapProgress(2, total=2, over=True)
    terminal, lines = StringIO(), StringIO()
    for bar in (TerminalBar(terminal), Lines(lines)):
        bar(half)
        bar(end)
    assert terminal.getvalue().startswith("\r\x1b[K[###############...............] 1 of 2")
    assert terminal.getvalue().endswith("2 of 2 prompts, 0 s\n")
    assert lines.getvalue().splitlines() == [
        "agent.map: 1 of 2 prompts, 0 s",
        "agent.map: 2 of 2 prompts, 0 s",
    ]
    published: list[Any] = []

    class Publisher:
        def publish(self, data: Any, *, transient: Any, update: bool) -> None:
            published.append((data["text/html"], transient["display_id"], update))

    notebook = NotebookBar(Publisher())
    notebook(half)
    notebook(end)
    (first, name, fresh), (_, again, update) = published
    assert '<progress value="1" max="2"' in first
    assert (fresh, update) == (False, True)
    assert name == again


async def test_a_map_is_begun_once() -> None:
    """The error says how to go on."""
    agent, _ = echoing()
    run = agent.map(["a"], progress=False)
    await run
    with pytest.raises(AgentBusy, match="begun already"):
        await run


async def test_it_is_cancelled_with_its_task() -> None:
    """What is finished stays in its results; no task and no connection is left."""
    agent, client = scripted("One.", always=lambda asked: reply_text("never", delay=60))
    run = agent.map(PROMPTS, concurrency=2, progress=False)

    async def whole() -> Any:
        return await run

    task = asyncio.ensure_future(whole())
    await until(lambda: len(client.asked) == 3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [reply.text for reply in run.results.replies] == ["One."]
    assert not run.running
    assert not other_tasks()
    assert client.closed == 2


async def test_it_is_stopped_from_another_thread() -> None:
    """As a button or another cell does."""
    agent, _ = scripted(always=lambda asked: reply_text("never", delay=60))
    run = agent.map(PROMPTS, progress=False)
    threading.Timer(0.05, agent.stop).start()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not other_tasks()


@pytest.mark.parametrize(
    ("given", "options", "wanted"),
    [
        ("one text", {}, "takes many prompts"),
        (3, {}, "can be iterated"),
        ([], {"concurrency": 0}, "concurrency is"),
        ([], {"on_error": "ignore"}, "on_error is"),
        ([], {"progress": "bar"}, "progress is"),
        ([], {"run_on": "cluster"}, "executor="),
        ([], {"executor": Executor}, "goes with run_on"),
    ],
)
async def test_what_makes_no_sense_is_refused(given: Any, options: Any, wanted: str) -> None:
    """At the call, in words."""
    agent, _ = echoing()
    with pytest.raises(ConfigurationError, match=wanted):
        agent.map(given, **options)


async def test_results_are_a_table() -> None:
    """A row for each prompt, with its error where it has one."""
    agent, _ = echoing(tools=[add])
    frame = (await agent.map(["a", "bad"], progress=False)).to_frame()
    assert next(iter(frame["text"])) == "re: a"
    assert frame["error"][1].startswith("ServerError: ")
    assert json.loads(frame.iloc[:1].to_json(orient="records"))[0]["prompt"] == "a"


def test_no_bar_where_none_is_wanted() -> None:
    """And a function is taken as it is."""
    assert teller(False) is None
    assert teller(print) is print


URL = ""


def reaching() -> Executor:
    """Made on the worker, which has the address from how it was begun."""
    return Executor({"openai": OpenAIChatClient(api_key="worker's", base_url=URL)})


def _begin(url: str) -> None:
    global URL
    URL = url


async def test_a_pool_of_processes_asks_too() -> None:
    """`run_on=` takes any executor of processes; tools and settings travel."""
    offset = 10

    def shifted(number: int) -> int:
        """A number, shifted."""
        return number + offset

    with FakeServer(always="Fine.") as server:
        _begin(server.url)
        agent, _ = scripted(tools=[shifted])
        agent.model = "openai:scripted"
        with ProcessPoolExecutor(1, initializer=_begin, initargs=(server.url,)) as pool:
            results = await agent.map(["a", "b"], run_on=pool, executor=reaching, progress=False)
        tools = server.requests[0].body["tools"]
    assert [reply.text for reply in results.replies] == ["Fine.", "Fine."]
    assert [entry["function"]["name"] for entry in tools] == ["shifted"]
