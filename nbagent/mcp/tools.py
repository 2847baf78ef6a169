"""`MCPTool`: a tool on a server, as any other tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nbagent.errors import ToolError
from nbagent.messages import ToolSpec
from nbagent.tools import Options, SpecFunction, SpecTool
from nbagent.tools.arguments import Arguments, decode

__all__ = ["Approving", "MCPTool"]

Approving = bool | str | Callable[["MCPTool", dict[str, Any]], bool]
"""Whether calls need a yes: always, never, ``"destructive"``, or as a function says."""


class MCPTool(SpecTool):
    """A tool on a server.

    Attributes:
        remote_name: What the server calls it.
        annotations: What the server says of it, by the names of the protocol: ``readOnlyHint``,
            ``destructiveHint``, ``idempotentHint``, ``openWorldHint``, ``title``. Only as
            trustworthy as the server is.
    """

    def __init__(
        self,
        spec: ToolSpec,
        function: SpecFunction,
        *,
        remote_name: str,
        annotations: Mapping[str, Any],
        approving: Approving = False,
        check: Callable[[dict[str, Any]], None] | None = None,
        timeout: float | None = None,
    ) -> None:
        super().__init__(spec, function, check=check, options=Options(timeout=timeout))
        self.remote_name = remote_name
        self.annotations = dict(annotations)
        self._approving = approving

    def needs_approval(self, arguments: Arguments) -> bool:
        """Whether a person has to say yes first.

        Raises:
            ToolArgumentsError: The arguments do not fit.
            ToolError: The function given as ``approve=`` raised.
        """
        approve = self._approving
        if approve == "destructive":
            # As the protocol has it: what is not said to be harmless may destroy something.
            harmless = self.annotations.get("readOnlyHint") is True
            return not harmless and self.annotations.get("destructiveHint") is not False
        if not callable(approve):
            return bool(approve)
        self.validate(arguments)
        try:
            return bool(approve(self, decode(self.name, arguments)))
        except Exception as error:  # a function of the person's own may raise anything
            raise ToolError(
                f"The approve= function of tool {self.name!r} raised {type(error).__name__}: "
                f"{error}. The call was not run."
            ) from error
