"""Keeps the frames of one event, for the event that turns out to be broken half way.

What had been taken of it by then is in the message, so its frames have to be given too.
"""

from __future__ import annotations

from typing import Any

from nbagent.assembly import FrameAssembler
from nbagent.frames import StreamFrame

__all__ = ["Recorder"]


class Recorder:
    """Passes on to an assembler, and keeps what that gives.

    Attributes:
        given: What has been given since it was cleared last.
    """

    def __init__(self, joiner: FrameAssembler) -> None:
        self._joiner = joiner
        self.given: list[StreamFrame] = []

    def text(self, text: str, *, index: int | None = None) -> list[StreamFrame]:
        """As `FrameAssembler.text`."""
        return self._kept(self._joiner.text(text, index=index))

    def reasoning(self, text: str = "", **more: Any) -> list[StreamFrame]:
        """As `FrameAssembler.reasoning`."""
        return self._kept(self._joiner.reasoning(text, **more))

    def tool_call(self, **piece: Any) -> list[StreamFrame]:
        """As `FrameAssembler.tool_call`."""
        return self._kept(self._joiner.tool_call(**piece))

    def close_block(self, *, index: int | None = None) -> list[StreamFrame]:
        """As `FrameAssembler.close_block`."""
        return self._kept(self._joiner.close_block(index=index))

    def end(self, *said: Any, **meta: Any) -> list[StreamFrame]:
        """As `FrameAssembler.end`."""
        return self._joiner.end(*said, **meta)

    def _kept(self, frames: list[StreamFrame]) -> list[StreamFrame]:
        self.given += frames
        return frames
