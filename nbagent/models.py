"""Models and what they can do.

A model is named ``"provider:name"``. What the catalogue does not know is assumed capable: a
provider's own "does not support" answer is the better judge of a model that came out yesterday.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

from nbagent.errors import ConfigurationError

__all__ = ["ALL_CAPABILITIES", "TOOL_CALLING", "Capability", "Model", "ModelLike", "ToolCalling"]

ToolCalling: TypeAlias = Literal["native", "schema", "prompted", "none"]
TOOL_CALLING: tuple[ToolCalling, ...] = ("native", "schema", "prompted", "none")


class Capability(str, Enum):
    """Something a model can do."""

    TOOLS = "tools"
    PARALLEL_TOOL_CALLS = "parallel_tool_calls"
    STRUCTURED_OUTPUT = "structured_output"
    IMAGES = "images"
    FILES = "files"
    REASONING = "reasoning"


ALL_CAPABILITIES = frozenset(Capability)
# What the embedded server does for a text model: it constrains output, and has no tools of its own.
_LOCAL = frozenset({Capability.STRUCTURED_OUTPUT})


@dataclass(frozen=True)
class Model:
    """A model of a provider.

    Attributes:
        provider: The provider's name, as the executor's clients are named.
        name: The model's name, as the provider calls it.
        capabilities: What it can do.
        context_window: Tokens it can read and write together, where known.
        max_output_tokens: Tokens it can write in one reply, where known.
        tool_calling: How tools reach it: the provider's own way, output constrained to a JSON
            schema, a described format, or not at all.
    """

    provider: str
    name: str
    capabilities: frozenset[Capability] = ALL_CAPABILITIES
    context_window: int | None = None
    max_output_tokens: int | None = None
    tool_calling: ToolCalling = "native"

    def __post_init__(self) -> None:
        if self.tool_calling not in TOOL_CALLING:
            raise ConfigurationError(
                f"tool_calling is one of {', '.join(TOOL_CALLING)}; got {self.tool_calling!r}."
            )

    def __str__(self) -> str:
        return f"{self.provider}:{self.name}"

    @classmethod
    def of(cls, value: ModelLike) -> Model:
        """A model from ``"provider:name"``, or the model itself.

        Raises:
            ConfigurationError: The string names no provider.
        """
        if isinstance(value, Model):
            return value
        if not isinstance(value, str):
            raise ConfigurationError(f"A model is a string or a Model; got {value!r}.")
        provider, separator, name = value.partition(":")
        if not (provider and separator and name):
            raise ConfigurationError(
                f"A model is written 'provider:name', for example 'openai:gpt-5'; got {value!r}."
            )
        if provider == "local":
            return cls(provider, name, _LOCAL, tool_calling="schema")
        return cls(provider, name)

    def can(self, capabilities: Iterable[Capability]) -> bool:
        """Whether it can do all of these."""
        return frozenset(capabilities) <= self.capabilities


ModelLike: TypeAlias = str | Model
