"""What a model is scripted to answer: `Reply`, its builders, and the `Gate` that holds it.

The same reply serves both fakes: `ScriptedClient` yields its frames, `FakeServer` encodes them
into the bytes of a provider's protocol and sends these through a socket.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from nbagent.errors import ConfigurationError
from nbagent.frames import (
    End,
    ReasoningDelta,
    StreamFrame,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.messages import Usage

__all__ = [
    "Gate",
    "Reply",
    "reply_bytes",
    "reply_calls",
    "reply_error",
    "reply_json",
    "reply_text",
]

# Seconds between two looks at a gate. Polled because a gate is opened on any thread and awaited
# in any loop, which no event of asyncio or threading offers.
POLL = 0.002


class Gate:
    """A place in a reply where it waits until the test lets it go on.

    Put one among a reply's frames. `wait_reached` blocks the test until everything before the
    gate has been sent; `open` lets the rest follow. A gate belongs to one reply and stays open.
    """

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._opened = threading.Event()

    def open(self) -> None:
        """Let the reply go on."""
        self._opened.set()

    def wait_reached(self, timeout: float = 10.0) -> None:
        """Block until the reply stands at this gate.

        Raises:
            TimeoutError: It did not get there within ``timeout`` seconds.
        """
        if not self._reached.wait(timeout):
            raise TimeoutError(f"No reply reached the gate within {timeout} s.")

    async def passed(self) -> None:
        """Mark the gate as reached, and wait until it is open. The fakes call this."""
        self._reached.set()
        while not self._opened.is_set():  # noqa: ASYNC110  # an Event belongs to one loop
            await asyncio.sleep(POLL)


ScriptItem: TypeAlias = StreamFrame | Gate


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a scripted model.

    Only delta frames and `End` need to be given; complete frames are made where they are due. A
    reply without an `End` breaks off: the client must raise, never look finished.

    Attributes:
        frames: What the model says, with a `Gate` wherever the reply is to wait.
        body: The raw bytes instead, as they are (pieces are written one by one).
        status: HTTP status. From 400 on, or with ``body``, nothing is encoded.
        headers: Response headers, added to the usual ones.
        delay: Seconds between two pieces.
        cut: Where the bytes of the body are cut into separate writes: offsets, or "every byte".
            By default each frame is one write.
        break_at: Byte offset of the body at which the connection breaks; -1 breaks it before
            the response's own headers.
        reset: Whether a break is a TCP reset instead of an early end.
        chunked: Whether the body travels in HTTP chunks (else: until the connection closes).
        raises: An exception that `ScriptedClient` raises after the frames.

    Raises:
        ConfigurationError: There is a complete call without its deltas.
    """

    frames: Sequence[ScriptItem] = ()
    body: bytes | Sequence[bytes | Gate] | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: Sequence[int] | Literal["every byte"] | None = None
    break_at: int | None = None
    reset: bool = False
    chunked: bool = True
    raises: Exception | None = None

    def __post_init__(self) -> None:
        begun = {item.tool_call_id for item in self.frames if isinstance(item, ToolCallDelta)}
        for item in self.frames:
            if isinstance(item, ToolCallComplete) and item.tool_call_id not in begun:
                raise ConfigurationError(
                    f"The scripted call of {item.name!r} has no deltas. Give a ToolCallDelta with "
                    "its arguments, or use reply_calls; the complete frame is made from them."
                )

    def with_options(self, **options: Any) -> Reply:
        """The same reply with other options, e.g. ``reply_text("…").with_options(delay=0.01)``."""
        return replace(self, **options)


ReplyLike: TypeAlias = Reply | str


def as_reply(value: ReplyLike) -> Reply:
    """A reply as it is; a string as a reply of these words."""
    return reply_text(value) if isinstance(value, str) else value


def reply_text(
    text: str, *, pieces: int = 1, reasoning: str = "", usage: Usage | None = None, **options: Any
) -> Reply:
    """A reply of words, in ``pieces`` deltas of about equal length, after some ``reasoning``.

    ``options`` are those of `Reply`.
    """
    thought = [ReasoningDelta(piece, 0) for piece in split(reasoning, pieces)] if reasoning else []
    words = [TextDelta(piece, 1 if reasoning else 0) for piece in split(text, pieces)]
    return Reply(frames=(*thought, *words, End("stop", usage or Usage(10, pieces))), **options)


def reply_calls(
    *calls: tuple[str, Mapping[str, Any] | str],
    text: str = "",
    pieces: int = 1,
    ids: Sequence[str] = (),
    usage: Usage | None = None,
    **options: Any,
) -> Reply:
    """A reply that calls tools: pairs of a name and its arguments.

    Arguments are a mapping, or JSON text as the model would write it (also broken text). Each
    call's arguments come in ``pieces`` deltas; ``text`` comes before the calls. ``ids`` are the
    calls' ids, by default ``call_1``, ``call_2``, … of this reply.
    """
    frames: list[ScriptItem] = [TextDelta(text, 0)] if text else []
    for number, (name, arguments) in enumerate(calls):
        identity = ids[number] if ids else f"call_{number + 1}"
        raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
        index = number + bool(text)
        frames += [ToolCallDelta(identity, name, piece, index) for piece in split(raw, pieces)]
    return Reply(frames=(*frames, End("tool_calls", usage or Usage(10, pieces))), **options)


def reply_json(value: Any, *, status: int = 200, **options: Any) -> Reply:
    """A reply that is one JSON document, not a stream."""
    headers = {"content-type": "application/json", **options.pop("headers", {})}
    body = json.dumps(value).encode()
    return Reply(body=body, status=status, headers=headers, chunked=False, **options)


def reply_error(
    status: int, message: str = "scripted error", *, code: str | None = None, **options: Any
) -> Reply:
    """An error answer with the JSON body that OpenAI-compatible servers send."""
    error = {"message": message, "type": "scripted_error", "param": None, "code": code}
    return reply_json({"error": error}, status=status, **options)


def reply_bytes(*pieces: bytes | Gate, **options: Any) -> Reply:
    """A reply of raw bytes, each piece written on its own. ``options`` are those of `Reply`."""
    return Reply(body=pieces, **options)


def split(text: str, pieces: int) -> list[str]:
    """``text`` in at most ``pieces`` parts of about equal length, at least one."""
    size = max(1, -(-len(text) // max(1, pieces)))
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]


Responder: TypeAlias = Callable[[Any], ReplyLike]
Script: TypeAlias = Iterable[ReplyLike | Responder]
