"""What a tool shows while it runs and what it gives in the end, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from nbagent.errors import ToolError
from nbagent.messages import ImagePart

__all__ = [
    "ClearOutput",
    "DisplayOutput",
    "MimeBundle",
    "StreamOutput",
    "ToolListener",
    "ToolOutput",
    "ToolResult",
]


@dataclass(frozen=True, slots=True)
class MimeBundle:
    """One object in every form that a notebook page can show.

    ``data`` maps MIME types to content: text as `str`, images as `bytes` (SVG as `str`), JSON
    types as JSON-able objects. ``metadata`` maps MIME types to their display hints, such as
    ``{"image/png": {"width": 461, "height": 346}}`` (CSS pixels).
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamOutput:
    """Text that was written to standard output or standard error, as it was written."""

    name: Literal["stdout", "stderr"]
    text: str


@dataclass(frozen=True, slots=True)
class DisplayOutput:
    """Something that was displayed.

    ``display_id`` is the name of an updatable display. With ``update`` it takes the place, in the
    same card, of everything that was displayed under that name; where there is nothing under that
    name it is not shown, as in a notebook.
    """

    bundle: MimeBundle
    display_id: str | None = None
    update: bool = False


@dataclass(frozen=True, slots=True)
class ClearOutput:
    """What the card showed so far goes: at once, or with ``wait`` when the next output comes."""

    wait: bool = False


ToolOutput: TypeAlias = StreamOutput | DisplayOutput | ClearOutput


class ToolListener(Protocol):
    """Who hears of a call as it goes on. Methods may be called from any thread."""

    def started(self) -> None:
        """The function begins now; until here the call was queued."""

    def progress(self, fraction: float | None, text: str) -> None:
        """The tool reports how far it is: 0 to 1, or None where that is not known."""

    def output(self, output: ToolOutput) -> None:
        """The tool printed, displayed or plotted something."""


@dataclass(frozen=True, eq=False, repr=False)
class ToolResult:
    """What a call gave.

    Attributes:
        value: The object that the function returned, itself.
        text: What the model reads, cut to a limit that the text names.
        bundle: What the notebook would have shown the person.
        error: Why there is no value: `ToolExecutionError`, `ToolTimeout` or `ToolInterrupted`.
        images: Pictures for a model that can see them.
    """

    value: Any
    text: str
    bundle: MimeBundle = field(default_factory=MimeBundle)
    error: ToolError | None = None
    images: tuple[ImagePart, ...] = ()

    def __repr__(self) -> str:
        # The value may be a frame of a million rows: its type is enough here.
        error = f", error={self.error!r}" if self.error else ""
        text = self.text if len(self.text) <= 80 else self.text[:79] + "…"
        return f"ToolResult({type(self.value).__name__}, {text!r}{error})"
