"""`MapRun`: many prompts on their way, a bounded number at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from nbagent.agent.reply import Reply
from nbagent.errors import AgentBusy, NbagentError
from nbagent.scale.items import MapItem, MapProgress, MapResults
from nbagent.scale.kept import Kept
from nbagent.scale.prompts import Prompts, Source, count_of

__all__ = ["MapRun", "MapSettings", "PromptStopped"]


class PromptStopped(NbagentError):
    """The run of one prompt was stopped by itself, the map goes on."""


@dataclass(frozen=True)
class MapSettings:
    """How a map goes.

    Attributes:
        ask: Answers one prompt.
        concurrency: How many are asked at once.
        raises: Whether the first error ends it.
        tell: Told how far it is.
        kept: Opens the file of finished replies; None for none.
    """

    ask: Callable[[Any], Awaitable[Reply]]
    concurrency: int = 8
    raises: bool = False
    tell: Callable[[MapProgress], None] | None = None
    kept: Callable[[], Kept] | None = None


@dataclass(frozen=True, slots=True)
class _Over:
    """A worker has ended, or all were told to: with that error."""

    error: BaseException | None = None
    stopped: bool = False


class MapRun:
    """Prompts on their way. Awaited it gives `MapResults`; iterated, items as they finish::

        results = await agent.map(prompts)
        async for item in agent.map(prompts):
            print(item.index, item.outcome)

    Nothing is asked before one of the two is done, and only one can be, once. Iterating keeps no
    more items than are asked at once, however many prompts there are.

    Args:
        prompts: What is asked.
        settings: How it goes.

    Attributes:
        progress: How far it is.
        results: What is finished so far, where it was awaited; also after a stop or an error.
    """

    def __init__(self, prompts: Prompts, settings: MapSettings) -> None:
        self._source = Source(prompts)
        self._settings = settings
        self._queue: asyncio.Queue[MapItem | _Over] = asyncio.Queue()
        self._room = asyncio.Semaphore(2 * settings.concurrency)
        self._taking = asyncio.Lock()
        self._kept: Kept | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begun = 0.0
        self._over = False
        self._items: list[MapItem] = []
        self.progress = MapProgress(total=count_of(prompts))

    def __repr__(self) -> str:
        return f"<MapRun: {self.progress}>"

    @property
    def results(self) -> MapResults:
        """What is finished so far."""
        return MapResults(self._items)

    @property
    def running(self) -> bool:
        """Whether it has begun and is not over."""
        return self._loop is not None and not self._over

    def stop(self) -> None:
        """Ends it, from any thread; what is finished stays, in ``results`` and in the file."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, _Over(stopped=True))

    def __await__(self) -> Generator[Any, None, MapResults]:
        return self._all().__await__()

    def __aiter__(self) -> AsyncIterator[MapItem]:
        return self._finished()

    async def _all(self) -> MapResults:
        async with aclosing(self._finished()) as items:
            async for item in items:
                self._items.append(item)
        return self.results

    async def _finished(self) -> AsyncGenerator[MapItem, None]:
        self._begin()
        workers = [asyncio.ensure_future(self._work()) for _ in range(self._settings.concurrency)]
        try:
            self._tell()
            async with aclosing(self._taken(len(workers))) as items:
                async for item in items:
                    yield item
        finally:
            self._over = True
            await _ended(workers)
            await self._source.aclose()
            if self._kept is not None:
                self._kept.close()
            self._tell()

    async def _taken(self, workers: int) -> AsyncGenerator[MapItem, None]:
        """The items that come out of the queue, until all workers have ended."""
        while workers:
            item = await self._queue.get()
            if isinstance(item, _Over):
                workers -= 1
                if item.stopped:
                    raise asyncio.CancelledError("The map was stopped.")
                if item.error is not None:
                    raise item.error
                continue
            self._room.release()
            self._count(item)
            if item.error is not None and self._settings.raises:
                raise item.error
            yield item

    def _begin(self) -> None:
        if self._loop is not None:
            raise AgentBusy(
                "This map was begun already. Call agent.map(…) again; with resume= it goes on from "
                "what is finished."
            )
        if self._settings.kept is not None:
            self._kept = self._settings.kept()
        self._loop, self._begun = asyncio.get_running_loop(), time.monotonic()

    async def _work(self) -> None:
        """One of several: takes a prompt, answers it, until there are no more."""
        error: BaseException | None = None
        try:
            while True:
                await self._room.acquire()
                # A generator can be asked for one prompt at a time only.
                async with self._taking:
                    taken = await self._source.take()
                if taken is None:
                    break
                self._queue.put_nowait(await self._answered(*taken))
        except Exception as raised:  # of the prompts' own generator, of the file: ends the map
            error = raised
        self._room.release()
        self._queue.put_nowait(_Over(error))

    async def _answered(self, index: int, prompt: Any) -> MapItem:
        key = "" if self._kept is None else self._kept.key(prompt)
        if self._kept is not None and (known := await self._kept.get(key)) is not None:
            return MapItem(index, prompt, known, reused=True)
        begun = time.monotonic()
        try:
            reply = await self._settings.ask(prompt)
        except asyncio.CancelledError as error:
            if self._over:
                raise
            stopped = PromptStopped("This prompt's run was stopped before it had an answer.")
            stopped.__cause__ = error
            return MapItem(index, prompt, error=stopped, seconds=time.monotonic() - begun)
        except Exception as error:  # of any kind: it is this prompt's outcome
            return MapItem(index, prompt, error=error, seconds=time.monotonic() - begun)
        if self._kept is not None:
            self._kept.add(key, reply)
        return MapItem(index, prompt, reply, seconds=time.monotonic() - begun)

    def _count(self, item: MapItem) -> None:
        was = self.progress
        self.progress = replace(
            was,
            done=was.done + 1,
            failed=was.failed + (item.error is not None),
            reused=was.reused + item.reused,
        )
        self._tell()

    def _tell(self) -> None:
        seconds = time.monotonic() - self._begun
        self.progress = replace(self.progress, seconds=seconds, over=self._over)
        if self._settings.tell is not None:
            self._settings.tell(self.progress)


async def _ended(workers: Sequence[asyncio.Future[None]]) -> None:
    """Stops those that still go, and waits until they have cleaned up."""
    for worker in workers:
        worker.cancel()
    await asyncio.wait(workers)
