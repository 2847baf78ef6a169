"""The model: nbagent's fake server on a real socket, in a process of its own.

It knows when the last byte of a reply has gone into the socket, and says so on its standard
output, one line of JSON a reply. What is asked decides what is answered: a question of an earlier
round gets that round's answer at once; anything else gets the load.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

from nbagent.frames import End, TextDelta
from nbagent.testing import FakeServer, Gate, Reply, Request
from nbagent.testing.openai_chat import encode_chat
from nbagent.testing.replies import ScriptItem
from tests.bench.side.loads import LOADS, Load

__all__ = ["Model", "Sent", "serving"]

ROOT = Path(__file__).parents[3]
Sent = dict[str, float]


class Pause(Gate):
    """Waits until a delta is due, by the reply's own clock, so that lateness does not add up."""

    def __init__(self, begun: list[float], after: float) -> None:
        super().__init__()
        self._begun = begun
        self._after = after

    async def passed(self) -> None:
        """Sleeps; the first pause of a reply starts its clock."""
        now = time.perf_counter()
        if not self._after:
            self._begun[:] = [now]
        await asyncio.sleep(max(0.0, self._begun[0] + self._after - now))


class Stamp(Gate):
    """Says when the reply got here: the server drains its socket in front of a gate."""

    def __init__(self, name: str, stamps: Sent) -> None:
        super().__init__()
        self._name = name
        self._stamps = stamps

    async def passed(self) -> None:
        """Notes the time of day in seconds, and tells the parent after the last one."""
        self._stamps[self._name] = time.time()
        if self._name == "last":
            print(json.dumps(self._stamps), flush=True)  # noqa: T201 - the parent reads it


class Model:
    """The server as the bench sees it: where it is, and when it sent what."""

    def __init__(self, url: str, lines: Queue[str]) -> None:
        self.url = url
        self._lines = lines

    def forget(self) -> None:
        """Drops what was sent before."""
        while not self._lines.empty():
            self._lines.get()

    def sent(self, timeout: float) -> Sent:
        """The times (of day, in seconds) of a reply's ``first`` and ``last`` byte.

        Raises:
            TimeoutError: No reply was sent to its end within ``timeout`` seconds.
        """
        try:
            stamps: Sent = json.loads(self._lines.get(timeout=timeout))
        except Empty:
            raise TimeoutError(f"The reply was not asked for and sent in {timeout} s") from None
        return stamps


@contextmanager
def serving(load: Load) -> Iterator[Model]:
    """A model that answers with this load."""
    command = [sys.executable, "-m", "tests.bench.side.model", load.name]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        lines: Queue[str] = Queue()
        try:
            url = child.stdout.readline().strip()
            Thread(target=_collect, args=(child.stdout, lines), daemon=True).start()
            yield Model(url, lines)
        finally:
            child.stdin.close()


def _collect(stream: Any, lines: Queue[str]) -> None:
    for line in stream:
        lines.put(line)


def reply(load: Load, pieces: Sequence[bytes | Gate], request: Request) -> Reply:
    """The answer to a request, by what its last message says."""
    asked = json.dumps(request.body["messages"][-1])
    for question, answer in load.rounds:
        if question in asked:
            return Reply(frames=[TextDelta(answer, 0), End("stop")])
    stamps: Sent = {}
    return Reply(body=[Stamp("first", stamps), *pieces, Stamp("last", stamps)])


def encoded(load: Load) -> Sequence[bytes | Gate]:
    """The whole reply as bytes, made beforehand: sending is all that is left to do."""
    return list(encode_chat(_frames(load), "scripted"))


def _frames(load: Load) -> Iterator[ScriptItem]:
    begun: list[float] = []
    for number, text in enumerate(load.deltas):
        if load.rate:
            yield Pause(begun, number / load.rate)
        yield TextDelta(text, 0)
    yield End("stop")


def main(arguments: Sequence[str]) -> None:
    """Serves until the standard input is closed, which the parent's end does too."""
    load = LOADS[arguments[0]]
    pieces = encoded(load)
    with FakeServer(always=lambda request: reply(load, pieces, request)) as server:
        print(server.url, flush=True)  # noqa: T201 - the parent reads it
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
