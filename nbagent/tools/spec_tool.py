"""`SpecTool`: a tool that is described by a `ToolSpec` and not by a signature.

For what comes from elsewhere with a schema of its own: a tool on a server, a row of a catalogue.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from nbagent.messages import ToolSpec
from nbagent.tools.arguments import Arguments, decode
from nbagent.tools.capture import Shown
from nbagent.tools.context import ToolContext
from nbagent.tools.naming import checked_name
from nbagent.tools.outputs import ToolResult
from nbagent.tools.place import Inline
from nbagent.tools.running import Running
from nbagent.tools.schema import BoundCall
from nbagent.tools.tool import Options, Tool

__all__ = ["SpecFunction", "SpecTool"]

SpecFunction = Callable[[dict[str, Any], ToolContext], Awaitable[Any]]


class SpecTool(Tool[[dict[str, Any], ToolContext], Awaitable[Any]]):
    """A tool made from its description and an async function of the arguments.

    The function is awaited on the asker's loop, busy cells do not hold it up. It gives a value, or
    a `ToolResult` where it has made both sides itself.

    Args:
        spec: How a model sees it.
        function: Gets the arguments (a dict) and the `ToolContext` of the call.
        check: Looks at the arguments before the function gets them, and before a person is asked.
            Raises `ToolArgumentsError` where they do not fit.
        options: As of any tool.

    Raises:
        ToolSchemaError: Providers do not take the name.
    """

    def __init__(
        self,
        spec: ToolSpec,
        function: SpecFunction,
        *,
        check: Callable[[dict[str, Any]], None] | None = None,
        options: Options | None = None,
    ) -> None:
        # Not Tool's own: there is no signature to read.
        self.function = function
        self.options = options or Options()
        self.name = checked_name(spec.name)
        self.description = spec.description
        self._check = check
        self._spec = spec

    @property
    def spec(self) -> ToolSpec:
        """The tool as a model sees it."""
        return self._spec

    def renamed(self, name: str) -> SpecTool:
        """The same tool under another name.

        Raises:
            ToolSchemaError: Providers do not take the name.
        """
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.name = checked_name(name)
        other._spec = replace(self._spec, name=name)
        return other

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Any:
        """As an attribute of a class it stays what it is."""
        return self

    def validate(self, arguments: Arguments) -> dict[str, Any]:
        """The arguments as a dict.

        Raises:
            ToolArgumentsError: They are not a JSON object, or do not fit.
        """
        data = decode(self.name, arguments)
        if self._check is not None:
            self._check(data)
        return data

    async def invoke(self, arguments: Arguments, context: ToolContext | None = None) -> ToolResult:
        """As of any tool."""
        context = context if context is not None else ToolContext()
        data = self.validate(arguments)
        bound = BoundCall([data, context], {}, data)
        render, limit = self.options.render, self.options.text_limit
        running = _Given(self.name, self.function, bound, context, render=render, limit=limit)
        return await running.at(Inline(), self.options.timeout)


@dataclass(frozen=True, slots=True)
class _Given(Running):
    """A call whose function may make the result itself."""

    def _succeeded(self, value: Any, shown: Shown) -> ToolResult:
        if isinstance(value, ToolResult):
            return value
        return Running._succeeded(self, value, shown)  # `super()` and slots do not go together
