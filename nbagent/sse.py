"""Bytes to events: server-sent events and newline-delimited JSON, without I/O.

Both decoders are fed bytes as they come and give what is whole by then; where the bytes were cut
makes no difference. Lines are split on bytes, so that the characters which `str.splitlines` takes
for line ends (U+2028, U+0085, …) stay inside the JSON strings they belong to.

Source of the rules: WHATWG HTML, 9.2.6 "Interpreting an event stream".
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, NamedTuple

__all__ = ["EventTooLarge", "LineDecoder", "SSEDecoder", "ServerSentEvent"]

BOM = b"\xef\xbb\xbf"
MAX_EVENT_BYTES = 8 * 1024 * 1024
_LINE_END = re.compile(rb"\r\n|\r|\n")


class EventTooLarge(ValueError):
    """An event is longer than the decoder keeps; the stream cannot be trusted any further.

    Attributes:
        before: The lines or events that were whole before it, so that they are not lost.
    """

    def __init__(self, message: str, before: list[Any] | None = None) -> None:
        super().__init__(message)
        self.before = before or []


class ServerSentEvent(NamedTuple):
    """One event. ``data`` is its data lines joined by newlines, undecoded."""

    data: bytes
    event: str = ""
    id: str = ""


# `ServerSentEvent(…)` without a call in Python: a tuple is made of the three alone.
_event = partial(tuple.__new__, ServerSentEvent)


class LineDecoder:
    r"""Cuts bytes into lines that end in ``\n``, ``\r`` or ``\r\n``, without their ends.

    Args:
        max_bytes: The longest line that is kept.
    """

    def __init__(self, max_bytes: int = MAX_EVENT_BYTES) -> None:
        self.max_bytes = max_bytes
        self._rest = bytearray()
        self._after_cr = False
        self._start = True

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that ``data`` ends.

        Raises:
            EventTooLarge: A line grew beyond ``max_bytes``.
        """
        if self._start:
            data = self._without_bom(data)
        if self._after_cr and data:
            self._after_cr = False
            if data[:1] == b"\n":
                data = data[1:]
        if not data:
            return []
        if b"\r" in data:
            lines = _LINE_END.split(data)
            self._after_cr = data[-1:] == b"\r"
        else:
            lines = data.split(b"\n")
        large = len(data) + len(self._rest) > self.max_bytes
        rest = lines.pop()
        if lines and self._rest:
            lines[0] = bytes(self._rest + lines[0])
            self._rest.clear()
        if rest:
            self._rest += rest
        if large:
            self._check(lines)
        return lines

    @property
    def idle(self) -> bool:
        """Nothing of what came before is kept."""
        return not (self._rest or self._after_cr or self._start)

    def flush(self) -> list[bytes]:
        """The last line, if the bytes ended without a line end."""
        lines = [bytes(self._rest)] if self._rest else []
        self._rest.clear()
        return lines

    def _check(self, lines: list[bytes]) -> None:
        # A line that came whole is held to the same bound as one that came in pieces: where the
        # bytes were cut makes no difference.
        for position, line in enumerate((*lines, self._rest)):
            if len(line) > self.max_bytes:
                self._rest.clear()
                raise EventTooLarge(
                    f"A line of the stream is longer than {self.max_bytes:,} bytes.",
                    lines[:position],
                )

    def _without_bom(self, data: bytes) -> bytes:
        data = bytes(self._rest + data)
        self._rest.clear()
        if len(data) < len(BOM) and BOM.startswith(data):
            self._rest += data
            return b""
        self._start = False
        return data.removeprefix(BOM)


class SSEDecoder:
    """Cuts bytes into server-sent events.

    Comments and unknown fields are passed over; an event without data gives nothing, as the
    standard says. An event that the end of the bytes leaves without its blank line is given by
    `flush`: servers forget that line, and losing the end of a reply would be worse.
    """

    def __init__(self, max_bytes: int = MAX_EVENT_BYTES) -> None:
        self._lines = LineDecoder(max_bytes)
        self._max_bytes = max_bytes
        self._data: list[bytes] = []
        self._size = 0
        self._event = ""
        self._id = ""

    @property
    def idle(self) -> bool:
        """The next byte begins an event, whatever came before it."""
        return self._lines.idle and not (self._data or self._event or self._size)

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """The events that ``data`` ends.

        Raises:
            EventTooLarge: An event grew beyond the bound.
        """
        events: list[ServerSentEvent] = []
        too_large: EventTooLarge | None = None
        try:
            lines = self._lines.feed(data)
        except EventTooLarge as error:
            lines, too_large = error.before, error
        try:
            self._take(lines, events)
        except EventTooLarge as error:
            too_large = error
        if too_large is not None:
            raise EventTooLarge(str(too_large), events) from too_large
        return events

    def flush(self) -> list[ServerSentEvent]:
        """The last event, if the bytes ended without its blank line.

        Raises:
            EventTooLarge: It is beyond the bound.
        """
        for line in self._lines.flush():
            self._field(line)
        return [self._dispatch()] if self._data else []

    def _take(self, lines: list[bytes], events: list[ServerSentEvent]) -> None:
        for line in lines:
            if line[:6] == b"data: ":
                # `_add`, without a call: nearly every line is one of these or an empty one.
                self._data.append(line[6:])
                self._size += len(line) + 1
                if self._size > self._max_bytes:
                    self._count(b"")
            elif line:
                self._field(line)
            elif len(self._data) == 1:
                events.append(_event((self._data.pop(), self._event, self._id)))
                self._size = 0
                self._event = ""
            elif self._data:
                events.append(self._dispatch())
            else:
                self._event = ""
                self._count(b"")

    def _dispatch(self) -> ServerSentEvent:
        data = b"\n".join(self._data)
        event = ServerSentEvent(data, self._event, self._id)
        self._data, self._size, self._event = [], 0, ""
        return event

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._add(value)
            return
        self._count(line)
        if name == b"event":
            self._event = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")

    def _add(self, value: bytes) -> None:
        self._data.append(value)
        self._size += len(value) + 7
        if self._size > self._max_bytes:
            self._count(b"")

    def _count(self, line: bytes) -> None:
        # Empty lines and comments count too: garbage without end has to end somewhere.
        self._size += len(line) + 1
        if self._size > self._max_bytes:
            raise EventTooLarge(f"An event of the stream is longer than {self._max_bytes:,} bytes.")
