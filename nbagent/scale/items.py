"""What comes of many prompts: one item each, all of them in order, and how far they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, overload

from nbagent.agent.reply import Reply
from nbagent.errors import ConfigurationError
from nbagent.messages import Usage
from nbagent.tools.with_pandas import pandas

__all__ = ["MapItem", "MapProgress", "MapResults"]


@dataclass(frozen=True, slots=True)
class MapItem:
    """One prompt and what came of it: a reply, or an error.

    Attributes:
        index: Its place among the prompts, from 0 on.
        prompt: What was asked.
        reply: The answer; None where there is an error.
        error: Why there is none.
        reused: Whether the reply was read from the file of an earlier run.
        seconds: How long it took.
    """

    index: int
    prompt: Any
    reply: Reply | None = None
    error: Exception | None = None
    reused: bool = False
    seconds: float = 0.0

    @property
    def outcome(self) -> Reply | Exception:
        """The reply, or else the error."""
        found = self.reply if self.reply is not None else self.error
        if found is None:
            raise AssertionError("an item has a reply or an error")
        return found


@dataclass(frozen=True, slots=True)
class MapProgress:
    """How far a map is.

    Attributes:
        done: Prompts that have their outcome, failed and reused ones among them.
        failed: Those that have an error.
        reused: Those that were read from the file of an earlier run.
        total: How many prompts there are; None while that is not known.
        seconds: Since it began.
        over: Whether nothing more will come.
    """

    done: int = 0
    failed: int = 0
    reused: int = 0
    total: int | None = None
    seconds: float = 0.0
    over: bool = False

    def __str__(self) -> str:
        of = "" if self.total is None else f" of {self.total}"
        extra = [f"{self.failed} failed"] if self.failed else []
        extra += [f"{self.reused} from the file"] if self.reused else []
        return ", ".join((f"{self.done}{of} prompts", *extra, f"{self.seconds:.0f} s"))


class MapResults(Sequence["Reply | Exception"]):
    """The outcomes, in the order of the prompts: a `Reply` each, or the error in its place.

    Args:
        items: The items, in any order. Where a map was stopped, only those that were finished.

    Attributes:
        items: The items, by their index.
    """

    def __init__(self, items: Iterable[MapItem] = ()) -> None:
        self.items: tuple[MapItem, ...] = tuple(sorted(items, key=lambda item: item.index))

    def __repr__(self) -> str:
        failed = f", {len(self.errors)} failed" if self.errors else ""
        return f"<MapResults: {len(self.replies)} replies{failed}>"

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Reply | Exception: ...

    @overload
    def __getitem__(self, index: slice) -> list[Reply | Exception]: ...

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [item.outcome for item in self.items[index]]
        return self.items[index].outcome

    @property
    def replies(self) -> list[Reply]:
        """The replies, in order, without the errors."""
        return [item.reply for item in self.items if item.reply is not None]

    @property
    def errors(self) -> dict[int, Exception]:
        """The errors, by the index of their prompt."""
        return {item.index: item.error for item in self.items if item.error is not None}

    @property
    def ok(self) -> bool:
        """Whether every prompt has its reply."""
        return all(item.reply is not None for item in self.items)

    @property
    def usage(self) -> Usage:
        """The tokens of all replies together, those from a file included."""
        return sum((reply.usage for reply in self.replies), Usage())

    def to_frame(self) -> Any:
        """A pandas DataFrame with a row for each prompt.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        library = pandas()
        if library is None:
            raise ConfigurationError("to_frame() needs pandas: pip install pandas.")
        rows = [_row(item) for item in self.items]
        return library.DataFrame(rows, index=[item.index for item in self.items], columns=COLUMNS)


COLUMNS = [
    "prompt",
    "text",
    "output",
    "error",
    "input_tokens",
    "output_tokens",
    "cost",
    "calls",
    "seconds",
    "reused",
]


def _row(item: MapItem) -> tuple[Any, ...]:
    error = None if item.error is None else f"{type(item.error).__name__}: {item.error}"
    reply = item.reply
    if reply is None:
        return (item.prompt, None, None, error, 0, 0, None, 0, item.seconds, item.reused)
    usage = reply.usage
    spent = (usage.input_tokens, usage.output_tokens, reply.cost)
    return (
        *(item.prompt, reply.text, reply.output, error, *spent),
        *(len(reply.calls), item.seconds, item.reused),
    )
