"""Lines of JSON in the form of server-sent events, so that one decoder reads both."""

from __future__ import annotations

from nbagent.sse import EventTooLarge, LineDecoder, ServerSentEvent

__all__ = ["LineEvents"]


class LineEvents:
    """Fed bytes, it gives each line as an event; blank lines are events without data."""

    def __init__(self) -> None:
        self._lines = LineDecoder()

    @property
    def idle(self) -> bool:
        """The next byte begins a line."""
        return self._lines.idle

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """The lines that ``data`` ends.

        Raises:
            EventTooLarge: A line grew beyond the bound.
        """
        try:
            return _events(self._lines.feed(data))
        except EventTooLarge as error:
            raise EventTooLarge(str(error), _events(error.before)) from error

    def flush(self) -> list[ServerSentEvent]:
        """The last line, if the bytes ended without a line end."""
        return _events(self._lines.flush())


def _events(lines: list[bytes]) -> list[ServerSentEvent]:
    return [ServerSentEvent(line) for line in lines]
