"""A notebook's cell is run again, and defines its function anew: the tool follows.

What a notebook user means by ``tools=[summary]`` is the ``summary`` that stands in the notebook
now. So a function that stands under its own name in its module is looked up there again. What is
local to another function, bound to an instance, or stands under another name is left alone.
"""

from __future__ import annotations

import inspect
import sys
from typing import Any

from nbagent.tools.tool import Tool

__all__ = ["Held"]

MISSING: Any = object()


class Held:
    """A tool, and where the function behind it is defined.

    Attributes:
        tool: The tool as it was found last.
    """

    __slots__ = ("_found", "_module", "_path", "tool")

    def __init__(self, tool: Tool[..., Any]) -> None:
        self.tool = tool
        function = tool.function
        self._module = str(getattr(function, "__module__", None))
        self._path = str(getattr(function, "__qualname__", None)).split(".")
        self._found = self._look()
        if not _same(self._found, tool):
            self._module = ""  # it never stood there: what stands there later is not it either

    def copy(self) -> Held:
        """Another one that is refreshed apart from this one."""
        other = object.__new__(Held)
        for name in self.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    def refresh(self) -> bool:
        """Takes what is defined now in place of the tool; whether that is another one.

        A function that was deleted, or whose name stands for something else now, is kept.

        Raises:
            ToolSchemaError: What is defined now cannot be described to a model.
        """
        if not self._module:
            return False
        found = self._look()
        if found is self._found or _same(found, self.tool, strictly=True):
            return False
        new = self._tool_of(found)
        if new is None:
            return False
        self.tool, self._found = new, found
        return True

    def _look(self) -> Any:
        if not self._module:
            return MISSING
        # Not by `getattr`: a module may make up what it is asked for.
        found = getattr(sys.modules.get(self._module), "__dict__", {}).get(self._path[0], MISSING)
        for step in self._path[1:]:
            found = getattr(found, step, MISSING)
        return found

    def _tool_of(self, found: Any) -> Tool[..., Any] | None:
        if getattr(found, "__qualname__", "").split(".") != self._path or not callable(found):
            return None
        if getattr(found, "__module__", None) != self._module:
            return None
        if isinstance(found, Tool):
            return found
        # Decorated in the cell before, and no longer: then its options are gone as well. One that
        # was given its options elsewhere, as in tools=[tool(f, approve=True)], keeps them.
        return Tool(found, None if isinstance(self._found, Tool) else self.tool.options)


def _same(found: Any, tool: Tool[..., Any], *, strictly: bool = False) -> bool:
    """Whether the tool, or (unless ``strictly``) its function, is what was found."""
    if isinstance(found, Tool):
        # A class makes a new one at each access, which shares its function and options.
        alike = found.function == tool.function
        return found is tool or (alike and (found.options is tool.options or not strictly))
    if inspect.ismethod(found):
        return bool(found == tool.function)
    return found is tool.function
