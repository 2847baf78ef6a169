"""The two ways in which a running function ends badly, with what a person wants to read of it."""

from __future__ import annotations

from nbagent.errors import ToolError, ToolExecutionError
from nbagent.tools.tracebacks import TracebackPart, cut_traceback

__all__ = ["ToolInterrupted", "ToolRaised"]


class ToolRaised(ToolExecutionError):
    """The function raised an exception, which is the ``__cause__``.

    Attributes:
        traceback: The traceback for the person, cut to their own frames.
        parts: The same in parts, with the frames that were cut.
    """

    __notes__: list[str]

    def __init__(
        self,
        message: str,
        *,
        traceback: str = "",
        parts: tuple[TracebackPart, ...] = (),
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.traceback = traceback or cut_traceback(parts)
        self.parts = parts
        if hint:
            self.__notes__ = [hint]  # `add_note` came with Python 3.11


class ToolInterrupted(ToolError):
    """The person interrupted the function (a kernel interrupt, Ctrl-C). The run goes on.

    Attributes:
        traceback: Where the function was at that moment.
        parts: The same in parts, with the frames that were cut.
    """

    def __init__(self, message: str, *, parts: tuple[TracebackPart, ...] = ()) -> None:
        super().__init__(message)
        self.traceback = cut_traceback(parts)
        self.parts = parts
