"""The widget's Python side: CPU for a delta from `put` to the message, and bytes for the text."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

from nbagent import End, RunFinished, RunStarted, StepStarted, TextComplete, TextDelta
from nbagent import Reply as AgentReply
from nbagent.widget.sender import Sender
from nbagent.widget.wire import WireMessage
from tests.bench.measure import Row, alternate, cpu_of
from tests.bench.replies import word

__all__ = ["run"]

DELTAS = 20_000
# About 800 deltas a second, sent 20 times a second.
TO_A_MESSAGE = 40


class HandClock:
    """Time that goes on when it is told to; everything that is due then runs in its order."""

    def __init__(self) -> None:
        self._now = 0.0
        self._due: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> float:
        """Seconds."""
        return self._now

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Notes what is to run."""
        self._due.append((self._now + delay, callback))

    def advance(self, seconds: float) -> None:
        """Runs what is due by then."""
        self._now += seconds
        due = [callback for at, callback in self._due if at <= self._now]
        self._due = [(at, callback) for at, callback in self._due if at > self._now]
        for callback in due:
            callback()


class Shown:
    """One reply through a sender, its messages kept."""

    def __init__(self) -> None:
        self.messages: list[WireMessage] = []
        self._clock = HandClock()
        self._sender = Sender(self._keep, clock=self._clock)

    async def show(self) -> None:
        """Puts the whole reply."""
        put, advance = self._sender.put, self._clock.advance
        put(RunStarted("run", "?", "scripted"))
        put(StepStarted("run", 1))
        for number in range(DELTAS):
            put(TextDelta(word(number), 0))
            if number % TO_A_MESSAGE == 0:
                advance(0.06)
        put(TextComplete(self.text, 0))
        put(End("stop"))
        put(RunFinished("run", AgentReply(self.text, (), End("stop").usage, (), "run")))
        advance(10.0)

    @property
    def text(self) -> str:
        """What the reply says."""
        return "".join(word(number) for number in range(DELTAS))

    def _keep(self, content: WireMessage, buffers: list[bytes]) -> None:
        self.messages.append(content)


async def run(url: str) -> AsyncIterator[Row]:
    """CPU for a delta, payload for the text, and messages for the deltas."""
    (seconds,) = await alternate(partial(_cpu_of_a_reply))
    yield Row("widget: put, translate, gather", seconds / DELTAS * 1e6, "µs a delta")
    shown = Shown()
    await shown.show()
    payload = sum(len(_json(message)) for message in shown.messages)
    yield Row("widget: payload", payload / 1024, "KiB", len(_json(shown.text)) / 1024, 1.5)
    yield Row("widget: deltas in a message", DELTAS / len(shown.messages), "deltas")


async def _cpu_of_a_reply() -> float:
    return await cpu_of(Shown().show)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
