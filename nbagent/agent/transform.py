"""A stream that a strategy's own function changes on its way to everybody else."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import replace
from typing import Any, TypeAlias, get_args

from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextComplete,
    TextDelta,
    ToolCallComplete,
)
from nbagent.messages import FinishReason

__all__ = ["FRAMES", "Transform", "transformed"]

FRAMES: tuple[type, ...] = get_args(StreamFrame)
"""The classes of all frames."""

Transform: TypeAlias = Callable[[AsyncIterator[StreamFrame]], AsyncIterator[Any]]


async def transformed(
    frames: AsyncIterator[StreamFrame],
    transform: Transform,
    feed: Callable[[StreamFrame], None],
) -> AsyncGenerator[Any, None]:
    """What the function makes of the frames, still a stream that keeps the rules of frames.

    A complete frame carries the deltas that the function gave, also where it changed them and
    passed the complete frame on as it was. Where it returns early, open blocks are completed and
    an `End` is added.

    Args:
        frames: The model's.
        transform: The function.
        feed: Takes each frame that counts.
    """
    blocks = _Blocks()
    items = transform(frames)
    ended = False
    try:
        async for item in items:
            if isinstance(item, FRAMES):
                if ended:
                    continue  # nothing of the reply comes after its end
                item = blocks.taken(item)
                feed(item)
                ended = isinstance(item, End)
            yield item
        for frame in () if ended else blocks.rest():
            feed(frame)
            yield frame
    finally:
        # An async iterator of another kind than a generator may have nothing to close.
        close = getattr(items, "aclose", None)
        if close is not None:
            await close()


class _Blocks:
    """The blocks that were begun and not completed."""

    def __init__(self) -> None:
        self._text: dict[int, str] = {}
        self._reasoning: dict[int, tuple[str, str]] = {}
        self._called = False

    def taken(self, frame: Any) -> Any:
        """The frame as it counts."""
        if isinstance(frame, TextDelta):
            self._text[frame.index] = self._text.get(frame.index, "") + frame.text
        elif isinstance(frame, ReasoningDelta):
            text, summary = self._reasoning.get(frame.index, ("", ""))
            told = (text, summary + frame.text) if frame.summary else (text + frame.text, summary)
            self._reasoning[frame.index] = told
        elif isinstance(frame, TextComplete):
            return replace(frame, text=self._text.pop(frame.index, frame.text))
        elif isinstance(frame, ReasoningComplete):
            text, summary = self._reasoning.pop(frame.index, (frame.text, frame.summary))
            return replace(frame, text=text, summary=summary)
        elif isinstance(frame, ToolCallComplete):
            self._called = True
        return frame

    def rest(self) -> list[StreamFrame]:
        """What a stream still lacks that was ended on purpose."""
        found: list[StreamFrame] = [
            *(TextComplete(text, index) for index, text in self._text.items()),
            *(
                ReasoningComplete(text, index, summary, None)
                for index, (text, summary) in self._reasoning.items()
            ),
        ]
        reason: FinishReason = "tool_calls" if self._called else "stop"
        return [*found, End(reason, raw={"ended_by": "transform"})]
