"""Tools out of several sources, each under a name of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from nbagent.errors import ConfigurationError
from nbagent.tools.availability import Check
from nbagent.tools.source import ToolSource
from nbagent.tools.tool import Tool

__all__ = ["Entry", "alias", "named", "without_clashes"]

LONGEST = 64  # characters of a name that every provider takes
_aliases: WeakKeyDictionary[Tool[..., Any], dict[str, Tool[..., Any]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Entry:
    """A tool on its way out of a toolset.

    Attributes:
        tool: The tool, under the name that it has so far.
        source: The server or so that it comes from, None for a function.
        checks: Each says whether it is to be offered now.
    """

    tool: Tool[..., Any]
    source: ToolSource | None = None
    checks: tuple[Check, ...] = ()


def alias(tool: Tool[..., Any], name: str) -> Tool[..., Any]:
    """The tool under that name; the same object each time."""
    if tool.name == name:
        return tool
    known = _aliases.setdefault(tool, {})
    if name not in known:
        known[name] = tool.renamed(name)
    return known[name]


def named(name: str, taken: Iterable[str] = ()) -> str:
    """The nearest name that providers take, and that is not taken."""
    plain = re.sub(r"[^a-zA-Z0-9_-]", "_", name) or "tool"
    free, number = plain[:LONGEST], 2
    while free in taken:
        ending = f"_{number}"
        free, number = plain[: LONGEST - len(ending)] + ending, number + 1
    return free


def without_clashes(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries in their order, no two with the same name.

    A function keeps its name. What comes out of a server gets the server's name before its own
    where that is taken: nobody here chose it.

    Raises:
        ConfigurationError: Two functions have the same name.
    """
    entries = list(entries)
    taken: set[str] = set()
    for entry in entries:
        if entry.source is None:
            if entry.tool.name in taken:
                raise ConfigurationError(
                    f"Two tools are named {entry.tool.name!r}. Give one another name: "
                    "@tool(name=…), or Toolset([…], prefix=…)."
                )
            taken.add(entry.tool.name)
    for entry in entries:
        if entry.source is None:
            yield entry
            continue
        name = entry.tool.name
        if name in taken:
            name = named(f"{entry.source.name}_{name}", taken)
        taken.add(name)
        yield replace(entry, tool=alias(entry.tool, name))
