"""What has to hold for any bytes at all."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from functools import lru_cache
from typing import Any

from nbagent.errors import StreamError
from nbagent.frames import End, ReasoningDelta, TextDelta
from nbagent.message_builder import MessageBuilder
from nbagent.messages import Message, Usage
from nbagent.providers.decoder import Decoder
from tests.call_scripts import check
from tests.cutting import outcome

__all__ = ["by_the_event", "holds"]

# The fields of frames by name, and the types that they may have.
TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,), "index": (int,), "summary": (str, bool), "signature": (str, type(None)), "tool_call_id": (str,),
    "name": (str,), "arguments": (str,), "finish_reason": (str,), "model": (str, type(None)), "response_id": (str, type(None)),
    "raw": (dict,), "usage": (Usage,),
}  # fmt: skip


def holds(make: type[Decoder], data: bytes, pieces: Iterable[bytes]) -> None:
    """Checks every promise on ``data``, whole and in ``pieces``."""
    frames, error, message = _decoded(make(), data)
    _check_frames(frames)
    check(frames)
    ended = bool(frames) and isinstance(frames[-1], End)
    assert ended is (error is None)
    if error is not None:
        assert isinstance(error, StreamError)
        assert str(error) and error.partial == message
        _check_partial(frames, message)
    else:
        builder = MessageBuilder()
        for frame in frames:
            builder.feed(frame)
        assert sorted(map(repr, builder.message.parts)) == sorted(map(repr, message.parts))
    whole = outcome(make(), [data])
    assert outcome(make(), list(pieces)) == whole
    assert outcome(by_the_event(make)(), [data]) == whole


@lru_cache
def by_the_event(make: type[Decoder]) -> type[Decoder]:
    """The decoder without its short way for events that repeat each other: each is read whole."""
    never = property(lambda decoder: None, lambda decoder, path: None)
    return type(make.__name__, (make,), {"repeats": never})


def _decoded(decoder: Decoder, data: bytes) -> tuple[list[Any], StreamError | None, Message]:
    frames = decoder.feed(data)
    if decoder.error is None:
        frames += decoder.flush()
    # Fed on after its end, it stays as it is.
    before = repr((decoder.error, decoder.message))
    if decoder.error is not None or decoder.done:
        assert decoder.feed(b"data: {}\n\n") == decoder.flush() == []
        assert repr((decoder.error, decoder.message)) == before
    return frames, decoder.error, decoder.message


def _check_frames(frames: list[Any]) -> None:
    for frame in frames:
        for name in (field.name for field in fields(frame)):
            value = getattr(frame, name)
            assert isinstance(value, TYPES[name]), (frame, name)
        if isinstance(frame, End):
            counts = [getattr(frame.usage, field.name) for field in fields(Usage)]
            assert all(type(count) is int for count in counts), frame


def _check_partial(frames: list[Any], message: Message) -> None:
    words = "".join(f.text for f in frames if isinstance(f, TextDelta))
    thoughts = "".join(f.text for f in frames if isinstance(f, ReasoningDelta) and not f.summary)
    assert message.text == words
    assert message.finish_reason is None
    assert thoughts in (
        "",
        "".join(
            getattr(p, "text", "") for p in message.parts if p.__class__.__name__ == "ReasoningPart"
        ),
    )
