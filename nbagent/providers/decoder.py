"""What all decoders of server-sent events share: from bytes to JSON objects, and the ways to fail.

A decoder is fed bytes and gives frames. It does no I/O and keeps the state of one reply.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol

import pydantic_core

from nbagent.assembly import FrameAssembler
from nbagent.errors import MalformedStream, ProviderStreamError, StreamError, StreamTruncated
from nbagent.frames import StreamFrame
from nbagent.messages import Message
from nbagent.providers.failures import describe
from nbagent.providers.recorder import Recorder
from nbagent.providers.repetition import Path, Repetition, Repetitions
from nbagent.sse import BOM, MAX_EVENT_BYTES, EventTooLarge, SSEDecoder

__all__ = ["Decoder", "EventDecoder"]

# What data say that are neither JSON nor an error.
SILENT = object()


class Decoder(Protocol):
    """Bytes to frames, for one reply.

    Neither method raises: what goes wrong stands in ``error``, so that the frames which were due
    before it are not lost, however the bytes were cut.

    Attributes:
        done: The provider's end marker has come; nothing more has to be read.
        error: Why the reply cannot go on.
        message: What has been assembled so far.
    """

    done: bool
    error: StreamError | None

    @property
    def message(self) -> Message: ...

    def feed(self, data: bytes) -> list[StreamFrame]:
        """The frames that ``data`` makes due."""
        ...

    def flush(self) -> list[StreamFrame]:
        """The frames that are due when the bytes are over; the `End` among them if all is well."""
        ...


class EventDecoder(ABC):
    """A decoder of server-sent events whose data are JSON objects.

    An answer that is one JSON object although a stream was asked for is taken as one event.

    Attributes:
        assembler: Takes what an event brings.
        joiner: The same, for the last thing that an event does: nothing can go wrong behind it.
        repeats: Set by `event` when all that the event did was to bring a fragment for the block
            that is open: where in the event that fragment stands.
    """

    provider: ClassVar[str]
    takes_body: ClassVar[bool] = True

    def __init__(self) -> None:
        self.done = False
        self.error: StreamError | None = None
        self.repeats: Path | None = None
        self.joiner = FrameAssembler()
        self.assembler = Recorder(self.joiner)
        # The envelope of the last event; and the same, where a read may hold one event alone.
        self._same: Repetition | None = None
        self._alone: Repetition | None = None
        self._repetitions = Repetitions()
        self._sse = SSEDecoder()
        self._head = b""
        self._body: bytearray | None = None
        self._sniffed = False
        self._blank = 0
        self._cut = False
        self._over = False

    @property
    def message(self) -> Message:
        """What has been assembled so far."""
        return self.joiner.message

    def feed(self, data: bytes) -> list[StreamFrame]:
        """The frames that ``data`` makes due; see `Decoder`."""
        if self._alone is not None and (frame := self._alone.frame_alone(data)) is not None:
            return [frame]
        self._alone = None
        frames: list[StreamFrame] = []
        if self.error is None:
            try:
                self._feed(data, frames)
            except StreamError as error:
                self.error = error
        return frames

    def flush(self) -> list[StreamFrame]:
        """The frames that are due when the bytes are over; see `Decoder`."""
        self._alone = None
        frames: list[StreamFrame] = []
        if self.error is None:
            try:
                self._flush(frames)
            except StreamError as error:
                self.error = error
        return frames

    def _feed(self, data: bytes, frames: list[StreamFrame]) -> None:
        if not self._sniffed:
            data = self._sniff(data)
        if self._body is not None:
            self._body += data
            if len(self._body) > MAX_EVENT_BYTES:
                raise self.malformed(f"a body of more than {MAX_EVENT_BYTES:,} bytes")
            return
        too_large: EventTooLarge | None = None
        try:
            events = self._sse.feed(data)
        except EventTooLarge as error:
            events, too_large = error.before, error
        for content, name, _ in events:
            if not content:
                continue
            same = self._same
            if same is not None and (frame := same.frame(content, name)) is not None:
                frames.append(frame)
            else:
                self._data(content, name, frames)
        if too_large is not None and not self.done:
            raise self.malformed(str(too_large)) from too_large
        if self._same is not None and self._sse.idle:
            self._alone = self._same

    def _flush(self, frames: list[StreamFrame]) -> None:
        self._over = True
        if self._body is not None:
            body, self._body = bytes(self._body), None
            self._data(body, "", frames)
        try:
            events = self._sse.flush()
        except EventTooLarge as error:
            raise self.malformed(str(error)) from error
        self._cut = True
        for event in events:
            if event.data:
                self._data(event.data, event.event, frames)
        frames += self.finish()

    @abstractmethod
    def event(self, data: dict[str, Any], name: str) -> list[StreamFrame]:
        """The frames of one event, its data decoded.

        Raises:
            StreamError: The event reports an error.
        """

    @abstractmethod
    def finish(self) -> list[StreamFrame]:
        """The frames of the end: the bytes are over, or the end marker has come.

        Raises:
            StreamTruncated: The bytes stopped before the end marker.
            IncompleteToolCall: A call was cut off.
        """

    def marker(self, data: bytes) -> bool:
        """Whether data that are not JSON are the protocol's end marker."""
        return False

    def truncated(self) -> StreamTruncated:
        """The error for bytes that stop before the end marker."""
        return StreamTruncated(
            f"The reply of {self.provider} broke off before its end. What had come is in "
            ".partial; ask again.",
            partial=self.message,
        )

    def malformed(self, what: str) -> MalformedStream:
        """The error for bytes that are not what the protocol says."""
        return MalformedStream(
            f"The reply of {self.provider} cannot be read: {what}. Check that base_url is the "
            "address of that API.",
            partial=self.message,
        )

    def reported(self, error: Any) -> ProviderStreamError:
        """The error for an error that the provider reports inside the stream."""
        code, words = describe(error)
        return ProviderStreamError(
            f"{self.provider} reported an error in the middle of its reply: {words}",
            partial=self.message,
            code=code,
            body=error,
        )

    def _data(self, data: bytes, name: str, frames: list[StreamFrame]) -> None:
        """Adds the frames of one event, whatever it is."""
        self._same = self.repeats = None
        if self.done:
            return
        try:
            value = pydantic_core.from_json(data)
        except ValueError as error:
            value = self._unreadable(data, name, error)
        if type(value) is not dict:
            if value is SILENT:
                return
            value = self._unlisted(value, data)
        given = self.assembler.given
        given.clear()
        try:
            due = self.event(value, name)
        except StreamError:
            frames += given
            raise
        except (AttributeError, LookupError, OverflowError, TypeError, ValueError) as error:
            # Valid JSON of another shape than the protocol's; which key it was is not worth a
            # check of every key of every chunk.
            frames += given
            raise self.malformed(f"an event of unknown shape: {_excerpt(data)}") from error
        frames += due
        if self.repeats is not None and len(due) == 1 and not self._repetitions.given_up:
            self._learn(data, name, value)

    def _learn(self, data: bytes, name: str, value: dict[str, Any]) -> None:
        extend = self.joiner.extension()
        if extend is not None and self.repeats is not None:
            self._same = self._repetitions.learn(data, name, value, self.repeats, extend)

    def _unreadable(self, data: bytes, name: str, error: ValueError) -> Any:
        """What data that are not JSON say: nothing, the end of the reply, or what was meant."""
        if self.marker(data):
            self.done = True
            return SILENT
        if data.strip() in (b"", b"[DONE]"):
            # Gateways add OpenAI's marker to protocols that have an end of their own.
            return SILENT
        if self._cut or (self._over and str(error).startswith("EOF while parsing")):
            # The bytes stopped inside an event: that is no fault of the event.
            raise self.truncated() from error
        return self._repaired(data, name)

    def _unlisted(self, value: Any, data: bytes) -> dict[str, Any]:
        # Google's gateways put the error object into a list.
        if isinstance(value, list) and value and isinstance(value[0], dict) and "error" in value[0]:
            return value[0]
        raise self.malformed(f"an event that is not an object: {_excerpt(data)}")

    def _repaired(self, data: bytes, name: str) -> Any:
        # Bytes that are not UTF-8 and halves of surrogate pairs are shown as U+FFFD, and bare
        # control characters are let through; losing the reply for them would be worse.
        text = data.decode("utf-8", "replace")
        try:
            return _characters(json.loads(text, strict=False))
        except (ValueError, RecursionError) as error:
            if name == "error":
                raise self.reported(text) from error
            raise self.malformed(f"an event that is not JSON: {_excerpt(data)}") from error

    def _sniff(self, data: bytes) -> bytes:
        data = self._head + data
        head = data.removeprefix(BOM).lstrip()
        if not head or BOM.startswith(head):
            self._blank += len(data) - len(self._head)
            if self._blank > MAX_EVENT_BYTES:
                raise self.malformed(f"nothing but white space in {MAX_EVENT_BYTES:,} bytes")
            self._head = data[-64:]
            return b""
        self._head, self._sniffed = b"", True
        if head[:1] == b"<":
            raise self.malformed("it is a page of HTML, so a proxy or another server answered")
        if self.takes_body and head[:1] in (b"{", b"["):
            self._body = bytearray()
            return head
        return data


def _characters(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_characters(item) for item in value]
    if isinstance(value, dict):
        return {_characters(key): _characters(item) for key, item in value.items()}
    return value


def _excerpt(data: bytes) -> str:
    text = data[:120].decode("utf-8", "replace")
    return repr(text + ("…" if len(data) > 120 else ""))
