"""`ToolSource`: where tools come from that are not known before somebody asks for them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

from nbagent.tools.tool import Tool

__all__ = ["AsTool", "ToolSource"]


class AsTool(Protocol):
    """What says itself what it is as a tool: an agent."""

    def as_tool(self) -> Tool[..., Any]:
        """The tool."""


class ToolSource(ABC):
    """A source of tools for a `Toolset`: a server, a catalogue, a folder."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Stands before the names of its tools where they clash with those of others."""

    @property
    @abstractmethod
    def known(self) -> Sequence[Tool[..., Any]]:
        """What it offered when it was last asked; empty before that."""

    @abstractmethod
    async def offered(self) -> Sequence[Tool[..., Any]]:
        """What it offers now. Asked before every request to a model, so it must be quick to say.

        Raises:
            NbagentError: It cannot be reached. The run then fails with it.
        """

    async def aclose(self) -> None:  # noqa: B027 - many sources hold nothing
        """Lets go of what it holds: connections, processes. It may be asked again later."""
