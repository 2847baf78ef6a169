"""`Toolset`: which tools a model may call. It can be changed at any time.

Sources go in: functions, tools, other toolsets, servers of tools. Tools come out: a toolset is read
like a list of them. Before each request an agent *resolves* its toolset: servers are asked, what a
cell has defined anew is taken, and each tool is offered only where it is available. So a change
counts from the next step of a run on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, SupportsIndex, TypeAlias, overload

from nbagent.errors import ConfigurationError, ToolSchemaError
from nbagent.tools.availability import Available, Check, available_now, check_of
from nbagent.tools.names import Entry, alias, without_clashes
from nbagent.tools.redefined import Held
from nbagent.tools.source import AsTool, ToolSource
from nbagent.tools.tool import Tool

__all__ = ["Source", "Toolset"]

# A Tool is a callable too.
Source: TypeAlias = "Callable[..., Any] | Toolset | ToolSource | AsTool"
Only: TypeAlias = Callable[[Tool[..., Any]], bool] | Iterable[str]
Item: TypeAlias = "Held | Toolset | ToolSource"


class Toolset:
    """An ordered collection of tools that can be changed, grouped, renamed and filtered::

        files = Toolset([read, write], prefix="files_")
        agent = Agent(tools=[average, files, Toolset([drop], available=lambda: unlocked)])
        agent.tools.append(plot)
        agent.tools.remove("files_write")

    Reading it (``len``, ``in``, iteration, ``toolset["name"]``) goes over tools, available or not;
    of a server those that it offered when it was last asked. `sources` is what was put in.

    Args:
        sources: Functions, `Tool`s, other toolsets (which stay what they are: a change to one is
            seen here) and servers.
        prefix: Put before every name.
        rename: New names by old ones.
        only: The names to keep (as they are before any renaming), or what decides on each tool.
        available: Decides before every request whether the tools are offered. A function, sync or
            async, without parameters or of the `Tool`.

    Raises:
        ConfigurationError: Two functions have the same name, or an argument does not make sense.
        ToolSchemaError: A function cannot be described to a model.
    """

    def __init__(
        self,
        sources: Iterable[Source] = (),
        *,
        prefix: str = "",
        rename: Mapping[str, str] | None = None,
        only: Only | None = None,
        available: Available | None = None,
    ) -> None:
        self._prefix = prefix
        self._rename = dict(rename or {})
        self._only = _predicate(only)
        self._checks: tuple[Check, ...] = () if available is None else (check_of(available),)
        self._view = bool(prefix or rename or only is not None or available is not None)
        self._items: list[Item] = []
        self._plain: dict[str, Tool[..., Any]] | None = None
        self.extend(_iterable(sources))

    def __repr__(self) -> str:
        return f"Toolset({', '.join(self.names)})"

    @property
    def sources(self) -> tuple[Tool[..., Any] | Toolset | ToolSource, ...]:
        """What was put in, functions as tools."""
        return tuple(item.tool if isinstance(item, Held) else item for item in self._items)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tools."""
        return tuple(tool.name for tool in self)

    def __bool__(self) -> bool:
        return bool(self._items)  # a server that was not asked yet is something

    def __len__(self) -> int:
        return len(self._tools())

    def __iter__(self) -> Iterator[Tool[..., Any]]:
        return iter(self._tools())

    def __contains__(self, wanted: object) -> bool:
        """Whether a name, a function, a tool or a source is among them."""
        return any(_is(tool, wanted) for tool in self) or any(wanted is s for s in self.sources)

    @overload
    def __getitem__(self, key: SupportsIndex | str) -> Tool[..., Any]: ...

    @overload
    def __getitem__(self, key: slice) -> tuple[Tool[..., Any], ...]: ...

    def __getitem__(self, key: Any) -> Any:
        """The tool of that name, or at that place.

        Raises:
            KeyError: There is none of that name.
            IndexError: There are fewer.
        """
        if not isinstance(key, str):
            return self._tools()[key]
        for tool in self:
            if tool.name == key:
                return tool
        raise KeyError(f"There is no tool named {key!r}. There are: {', '.join(self.names)}.")

    def append(self, source: Source) -> None:
        """Adds a function, a tool, a toolset or a server at the end; as `extend` with one."""
        self.extend([source])

    def insert(self, index: int, source: Source) -> None:
        """Adds before the source at ``index``; else as `append`."""
        items = list(self._items)
        items.insert(index, self._item(source))
        self._set(items)

    def extend(self, sources: Iterable[Source]) -> None:
        """Adds several; all of them, or none where one of them cannot be.

        Raises:
            ConfigurationError: A name is there already.
            ToolSchemaError: A function cannot be described to a model.
        """
        self._set([*self._items, *map(self._item, sources)])

    def remove(self, wanted: str | Source) -> None:
        """Takes out a tool, by its name or itself, or a whole source.

        Raises:
            ValueError: It is not there.
            ConfigurationError: It came in a toolset or from a server, which stays as it is.
        """
        self._look_again()
        for item in self._items:
            inside = item.tool if isinstance(item, Held) else item
            if inside is wanted or (isinstance(item, Held) and self._is_called(item, wanted)):
                return self._set([other for other in self._items if other is not item])
        if wanted not in self:
            raise ValueError(f"{wanted!r} is not among the tools: {', '.join(self.names)}.")
        raise ConfigurationError(
            f"{wanted!r} is part of a group or of a server. Take it out there, or put in "
            "Toolset([group], only=lambda tool: …) in place of the group."
        )

    def clear(self) -> None:
        """Takes out all."""
        self._set([])

    async def resolve(self) -> Mapping[str, Tool[..., Any]]:
        """The tools to offer now, by name; not to be changed by the caller.

        Raises:
            ConfigurationError: Two functions have the same name.
            ToolSchemaError: What a cell has defined anew cannot be described to a model.
            ToolError: A function given as ``available=`` raised.
            NbagentError: A server cannot be reached.
        """
        await self._ask()
        redefined = self._refresh()
        if self._plain is not None and not redefined:
            return self._plain
        entries = list(without_clashes(self._entries()))
        if self._simple():
            self._plain = {entry.tool.name: entry.tool for entry in entries}
            return self._plain
        return {
            entry.tool.name: entry.tool
            for entry in entries
            if not entry.checks or await available_now(entry.checks, entry.tool)
        }

    async def aclose(self) -> None:
        """Closes the servers in it, and in the toolsets in it. The next use connects them again."""
        await asyncio.gather(*(source.aclose() for source in self._servers()))

    def copy(self) -> Toolset:
        """Another one with the same sources, which can be changed apart from this one."""
        other = object.__new__(Toolset)
        other.__dict__.update(self.__dict__)
        other._items = [i.copy() if isinstance(i, Held) else i for i in self._items]
        other._plain = None
        return other

    def _item(self, source: Source) -> Item:
        if isinstance(source, Toolset) and source._reaches(self):
            raise ConfigurationError("A toolset cannot be put into itself.")
        if isinstance(source, (Toolset, ToolSource)):
            return source
        # An agent among the tools says itself what it is as one.
        as_tool = None if callable(source) else getattr(source, "as_tool", None)
        return Held(Tool.of(as_tool() if callable(as_tool) else source))

    def _reaches(self, wanted: Toolset) -> bool:
        inner = (item for item in self._items if isinstance(item, Toolset))
        return self is wanted or any(item._reaches(wanted) for item in inner)

    def _set(self, items: list[Item]) -> None:
        """Takes new items in place of the old ones, if their names allow it."""
        before, self._items = self._items, items
        try:
            list(without_clashes(self._entries()))
        except (ConfigurationError, ToolSchemaError):
            self._items = before
            raise
        self._plain = None

    def _tools(self) -> list[Tool[..., Any]]:
        self._look_again()
        return [entry.tool for entry in without_clashes(self._entries())]

    def _look_again(self) -> None:
        # Whoever asks a model next is told; to look at the tools must not fail.
        with suppress(ToolSchemaError):
            self._refresh()

    def _is_called(self, item: Held, wanted: object) -> bool:
        return any(_is(tool, wanted) for tool in (item.tool, self._own(item.tool)))

    def _simple(self) -> bool:
        return not self._view and all(isinstance(item, Held) for item in self._items)

    def _refresh(self) -> bool:
        changed = False
        for item in self._items:
            if not isinstance(item, ToolSource):
                changed |= item._refresh() if isinstance(item, Toolset) else item.refresh()
        if changed:
            self._plain = None
        return changed

    def _servers(self) -> Iterator[ToolSource]:
        for item in self._items:
            if isinstance(item, Toolset):
                yield from item._servers()
            elif isinstance(item, ToolSource):
                yield item

    async def _ask(self) -> None:
        if self._plain is not None:
            return
        servers = list(dict.fromkeys(self._servers()))
        if len(servers) == 1:
            await servers[0].offered()
        elif servers:
            await asyncio.gather(*(server.offered() for server in servers))

    def _entries(self) -> Iterator[Entry]:
        for entry in self._inner():
            if self._only is None or self._only(entry.tool):
                own, checks = self._own(entry.tool), (*entry.checks, *self._checks)
                yield replace(entry, tool=own, checks=checks)

    def _inner(self) -> Iterator[Entry]:
        for item in self._items:
            if isinstance(item, Held):
                yield Entry(item.tool)
            elif isinstance(item, Toolset):
                yield from item._entries()
            else:
                yield from (Entry(tool, item) for tool in item.known)

    def _own(self, tool: Tool[..., Any]) -> Tool[..., Any]:
        return alias(tool, self._prefix + self._rename.get(tool.name, tool.name))


def _is(tool: Tool[..., Any], wanted: object) -> bool:
    return tool is wanted or tool.name == wanted or tool.function is wanted


def _predicate(only: Only | None) -> Callable[[Tool[..., Any]], bool] | None:
    if only is None or callable(only):
        return only
    names = frozenset([only] if isinstance(only, str) else only)
    return lambda tool: tool.name in names


def _iterable(sources: Any) -> Iterable[Source]:
    if isinstance(sources, (str, bytes, Mapping)) or not isinstance(sources, Iterable):
        raise ConfigurationError(
            f"tools is a list of functions, as in tools=[summary]; got a {type(sources).__name__}."
        )
    return sources
