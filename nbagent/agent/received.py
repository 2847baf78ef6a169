"""Files that a person attached in the page, as parts of a question.

A CSV file becomes a DataFrame besides: a variable of the notebook that the agent is shown, so that
tools can work on all of it while the model reads its beginning.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from nbagent.agent.attached import TABLE, attached
from nbagent.agent.csv_files import data_frame
from nbagent.agent.shown import Shown
from nbagent.messages import FilePart, Part
from nbagent.tools.for_model import text_for_model
from nbagent.tools.for_person import running_shell
from nbagent.tools.namespace import is_name, variables_now

__all__ = ["Received", "received"]

CUT = "The beginning of the file; all of it is the DataFrame `{name}`."


@dataclass(frozen=True, slots=True)
class Received:
    """One attached file.

    Attributes:
        part: What the model is given.
        variable: The name for the table in it; empty where there is none.
        table: The table.
    """

    part: Part
    variable: str = ""
    table: Any = None

    def bind(self, shown: Shown) -> None:
        """Makes the table a variable of the notebook, if it has one, and shows it to the agent."""
        if self.table is None:
            return
        shell = running_shell()
        if shell is not None:
            shell.user_ns[self.variable] = self.table
        shown.show(self.table, name=self.variable)


def received(files: Iterable[tuple[str, bytes]]) -> tuple[Received, ...]:
    """What becomes of files; nothing is bound or shown yet.

    Args:
        files: Name and bytes of each.

    Raises:
        ConfigurationError: One cannot be shown to a model: its name, why not, what to do instead.
    """
    taken = {*variables_now(), *vars(builtins)}
    made: list[Received] = []
    for name, data in files:
        table = data_frame(name, data)
        made.append(
            Received(_part(name, data)) if table is None else _table(name, data, table, taken)
        )
        taken.add(made[-1].variable)
    return tuple(made)


def _table(name: str, data: bytes, table: Any, taken: set[str]) -> Received:
    variable = _free_name(name, taken)
    if len(data) <= TABLE:
        return Received(_part(name, data), variable, table)
    text = f"{CUT.format(name=variable)}\n{text_for_model(table, limit=TABLE)}"
    part = FilePart(text.encode(), "text/plain", f"{name} (its beginning)")
    return Received(part, variable, table)


def _part(name: str, data: bytes) -> Part:
    part = attached(_Named(name, data))
    return replace(part, name=name) if isinstance(part, FilePart) else part


class _Named:
    """A file in memory as `attached` takes an open one."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self._data = data

    def read(self) -> bytes:
        return self._data


def _free_name(file: str, taken: set[str]) -> str:
    """A variable's name like the file's that nothing has yet."""
    stem = re.sub(r"\W+", "_", file.rpartition(".")[0]).strip("_").lower() or "data"
    name = stem if is_name(stem) else f"data_{stem}"
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free
