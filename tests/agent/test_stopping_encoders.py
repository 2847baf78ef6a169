"""A three-step run with parallel tools, left at every await in every way, for every provider.

Whatever the moment and the way, the history is one that each provider's judge takes, the events
are whole, and nothing goes on: no task, no stream, no connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from nbagent import (
    Agent,
    End,
    Executor,
    Message,
    Retry,
    RunCancelled,
    RunFailed,
    ServerError,
    TextDelta,
    ToolSpec,
)
from nbagent.providers import (
    AnthropicClient,
    GeminiClient,
    OllamaClient,
    OpenAIChatClient,
    OpenAIResponsesClient,
)
from nbagent.testing import FakeServer, ScriptedClient, reply_text
from tests.agent.agents import (
    add,
    assert_valid,
    assert_well_formed,
    other_tasks,
    quick,
    slow,
    three_steps,
    yes,
)
from tests.judges import judge_all

SPECS = [ToolSpec(name) for name in ("add", "slow", "quick")]
WAYS = ["failure", "stop", "cancel", "leave"]


class FailsAt:
    """A client that raises at the n-th frame that it gives in all; before the first if 0."""

    def __init__(self, inner: Any, at: int) -> None:
        self.inner, self.left, self.open = inner, at, 0

    async def stream(self, prompt: Any, **options: Any) -> AsyncGenerator[Any, None]:
        """The inner client's frames, up to then."""
        self.open += 1
        try:
            async with aclosing(self.inner.stream(prompt, **options)) as frames:
                async for frame in frames:
                    if self.left == 0:
                        raise ServerError("gone", status=500)
                    self.left -= 1
                    yield frame
        finally:
            self.open -= 1

    async def models(self) -> list[str]:
        """Nobody asks."""
        return []


class Leaving:
    """One run on a client, left at a moment in one of four ways."""

    def __init__(self, client: Any, model: str = "p:m") -> None:
        executor = Executor({"p": client}, retry=Retry(attempts=1))
        self.agent = Agent(model, executor=executor, tools=[add, slow, quick], approver=yes)
        self.items: list[Any] = []

    async def read(self) -> None:
        """Reads to the end."""
        async for item in self.agent.stream("Go."):
            self.items.append(item)

    async def leave(self, count: int) -> bool:
        """Leaves after so many items, by closing the generator; whether there were so many."""
        stream = self.agent.stream("Go.")
        async with aclosing(stream):
            async for item in stream:
                self.items.append(item)
                if len(self.items) > count:
                    return True
        return False

    async def cut(self, turns: int, way: str) -> bool:
        """Leaves after so many turns of the loop; whether the run was still going."""
        reading = asyncio.ensure_future(self.read())
        for _ in range(turns):
            await asyncio.sleep(0)
        going = not reading.done()
        if way == "stop":
            self.agent.stop()
        else:
            reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        return going

    def check(self, *, whole: bool) -> None:
        """Nothing goes on, the events are whole, and each provider takes what is there."""
        assert not other_tasks()
        assert not self.agent.running
        if whole and self.items:
            assert_well_formed(self.items)
        assert_valid(self.agent.history)
        judge_all((*self.agent.history, Message.user("And now?")), SPECS)


@pytest.mark.parametrize("way", WAYS)
async def test_left_at_every_await(way: str) -> None:
    """At each frame or turn of the loop, on a scripted client; the agent answers again after it."""
    going, moment, ends = True, 0, set()
    while going:
        inner = ScriptedClient(three_steps(), always="Good.")
        client = FailsAt(inner, moment if way == "failure" else -1)
        run = Leaving(client)
        if way == "failure":
            await run.read()
            going = isinstance(run.items[-1], RunFailed)
        elif way == "leave":
            going = await run.leave(moment)
        else:
            going = await run.cut(moment, way)
        run.check(whole=way in ("failure", "stop"))
        assert client.open == 0
        ends.add(type(run.items[-1]) if run.items else None)
        client.left = -1
        await run.agent.ask("And now?")
        judge_all(inner.prompts[-1].messages, SPECS)
        moment += 1
    assert moment > 25
    assert {RunFailed: way == "failure", RunCancelled: way == "stop"}.get(ends.pop(), True)


async def settled() -> None:
    """A few turns of the loop: httpx leaves the closing of its inner generators to asyncio."""
    for _ in range(5):
        await asyncio.sleep(0)


SERVED = {
    "chat": (OpenAIChatClient, ""),
    "responses": (OpenAIResponsesClient, ""),
    "anthropic": (AnthropicClient, "/v1"),
    "gemini": (GeminiClient, "/v1"),
    "ollama": (OllamaClient, "/v1"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("protocol", SERVED)
async def test_left_on_a_real_connection(protocol: str, way: str) -> None:
    """The same over a socket, at moments all over the run; no connection is left with a stream."""
    kind, suffix = SERVED[protocol]
    moments = range(0, 60, 4) if way in ("failure", "leave") else (0, 3, 10, 30, 60, 100, 160, 240)
    for moment in moments:
        replies = [reply.with_options(delay=0.0005) for reply in three_steps()]
        with FakeServer(replies, always="Good.") as server:
            client = kind("k", server.url.removesuffix(suffix))
            failing = FailsAt(client, moment if way == "failure" else -1)
            run = Leaving(failing)
            if way == "failure":
                await run.read()
            elif way == "leave":
                await run.leave(moment)
            else:
                await run.cut(moment, way)
            await settled()
            run.check(whole=way in ("failure", "stop"))
            assert failing.open == 0
            failing.left = -1
            await run.agent.ask("And now?")
            run.check(whole=False)
            await client.aclose()


async def test_what_a_stop_leaves_of_signed_reasoning() -> None:
    """A reply stopped in its thought, or just behind it, is taken by every provider."""
    for frames in ((), (TextDelta("Half", 1),), (TextDelta("Whole", 1), End("stop"))):
        thought = reply_text("", reasoning="Hm.").frames[:1]
        reply = reply_text("").with_options(frames=(*thought, *frames))
        client = ScriptedClient([reply], always="Good.")
        run = Leaving(client)
        await run.read()
        judge_all((*run.agent.history, Message.user("And now?")))
