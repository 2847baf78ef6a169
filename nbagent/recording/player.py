"""`replay`: a recorded run once more, in the widget or as items, at its own pace or another."""

from __future__ import annotations

import asyncio
import concurrent.futures
import math
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from os import PathLike
from typing import Any

from nbagent.agent.audience import ENDS
from nbagent.agent.events import HistoryReset, RunCancelled, RunStarted, StreamItem
from nbagent.agent.io_thread import io_loop
from nbagent.errors import ConfigurationError
from nbagent.exporting.saved import saved_forms
from nbagent.recording.reader import Recorded, Recording
from nbagent.widget.commands import Command, Retry, Stop
from nbagent.widget.widget import AgentWidget

__all__ = ["Replay", "replay"]

# Seconds between two runs at most: that is how long a person thought about the next question.
PAUSE = 2.0


class Replay:
    """A recording that can be played. The last line of a cell displays it, and plays.

    Args:
        recording: What was recorded.
        speed: How many times as fast as it was; 0 or infinity for all at once.

    Attributes:
        recording: As above.
        speed: As above; a change counts from the next item on.
    """

    def __init__(self, recording: Recording, speed: float = 1.0) -> None:
        if not speed >= 0:
            raise ConfigurationError(
                f"speed is a number from 0 on (0: all at once); got {speed!r}."
            )
        self.recording = recording
        self.speed = speed
        self._widget: AgentWidget | None = None
        self._playing: concurrent.futures.Future[None] | None = None
        self._played = False

    def __repr__(self) -> str:
        count, name = len(self.recording.items), str(self.recording.path)
        return f"<Replay of {name!r}: {count} items, {self.recording.model}>"

    def __len__(self) -> int:
        return len(self.recording.items)

    @property
    def items(self) -> tuple[StreamItem, ...]:
        """All frames and events, in their order."""
        return tuple(each.item for each in self.recording.items)

    async def __aiter__(self) -> AsyncGenerator[StreamItem, None]:
        """The frames and events, at the pace in which they were recorded."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for gap, each in _gaps(self.recording.items):
            if not self._at_once:
                due += gap / self.speed
                # A frame that is due in less than this costs more to wait for than to give.
                if due - loop.time() > 0.001:
                    await asyncio.sleep(due - loop.time())
            yield each.item

    @property
    def _at_once(self) -> bool:
        return self.speed == 0 or math.isinf(self.speed)

    @property
    def widget(self) -> AgentWidget:
        """The widget that shows it."""
        if self._widget is None:
            self._widget = AgentWidget(self._obey, model=self.recording.model, forms=saved_forms)
        return self._widget

    async def play(self) -> None:
        """Plays it in the widget, from its beginning, to its end."""
        widget = self.widget
        if self._played:
            widget.put(HistoryReset())
        self._played = True
        ended = True
        items = self.__aiter__()
        try:
            async with aclosing(items):
                async for item in items:
                    ended = isinstance(item, ENDS)
                    widget.put(item)
        finally:
            if not ended:  # stopped, or recorded by a kernel that died
                widget.put(_stopped(self.recording))

    def stop(self) -> None:
        """Stops what the display plays."""
        if self._playing is not None:
            self._playing.cancel()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        if not self._played and self._at_once:
            self._show_all()
        bundle = self.widget._repr_mimebundle_(**options)
        if not self._played:
            self._start()
        return bundle

    def _show_all(self) -> None:
        """All at once, so that the static form of the cell has it too."""
        self._played = True
        for item in self.items:
            self.widget.put(item)

    def _start(self) -> None:
        self._playing = asyncio.run_coroutine_threadsafe(self.play(), io_loop())

    def _obey(self, command: Command) -> None:
        if isinstance(command, Stop):
            self.stop()
        elif isinstance(command, Retry) and (self._playing is None or self._playing.done()):
            self._start()


def replay(path: str | PathLike[str] | Recording, speed: float = 1.0) -> Replay:
    """A recorded run once more::

        nbagent.replay("run.jsonl")                # the widget, as it was
        nbagent.replay("run.jsonl", speed=4)       # four times as fast; 0: all at once
        async for item in nbagent.replay("run.jsonl", speed=0): ...

    Nothing is asked and no tool runs. To run an agent against what was recorded see
    `nbagent.testing.recorded`.

    Args:
        path: A file that `Agent.record` wrote, or a `Recording`.
        speed: How many times as fast as it was; 0 or infinity for all at once.

    Raises:
        StoreError: It cannot be read.
        ConfigurationError: The speed is no such number.
    """
    recording = path if isinstance(path, Recording) else Recording.load(path)
    return Replay(recording, speed)


def _gaps(items: tuple[Recorded, ...]) -> Iterator[tuple[float, Recorded]]:
    """Each item with the seconds to wait before it."""
    before, waits = 0.0, True
    for each in items:
        gap = max(0.0, each.t - before) / 1000
        if waits:
            gap = min(gap, PAUSE)
            waits = not isinstance(each.item, RunStarted)
        before, waits = each.t, waits or isinstance(each.item, ENDS)
        yield gap, each


def _stopped(recording: Recording) -> StreamItem:
    from_run = [e.item.run_id for e in recording.items if hasattr(e.item, "run_id")]
    return RunCancelled(from_run[-1] if from_run else "")
