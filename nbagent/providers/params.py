"""The parameters of a request, checked once for all providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from nbagent.errors import ConfigurationError
from nbagent.output_schema import OutputSchema

__all__ = ["Params"]


@dataclass(frozen=True)
class Params:
    """How a model is to answer. None leaves a choice to the provider.

    Attributes:
        temperature: Randomness; 0 for the most likely answer.
        max_tokens: Longest reply, in tokens.
        tool_choice: ``"auto"``, ``"none"``, ``"required"`` or a tool's name.
        parallel_tool_calls: Whether one reply may call several tools.
        reasoning_effort: How much to think first, in the provider's words (``"low"`` …).
        output: The form of the answer.
        seed: For answers that can be had again.
        stop: Texts at which to stop.
        extra: Merged into the request's body as it is.
    """

    temperature: float | None = None
    max_tokens: int | None = None
    tool_choice: str | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None
    output: OutputSchema | None = None
    seed: int | None = None
    stop: Sequence[str] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Params:
        """Checked parameters.

        Raises:
            ConfigurationError: One is unknown; the text lists the known ones.
        """
        known = {item.name for item in fields(cls)}
        if unknown := sorted(set(params) - known):
            raise ConfigurationError(
                f"Unknown parameter {', '.join(unknown)}. Known are {', '.join(sorted(known))}; "
                "what only this provider knows goes into extra={…}."
            )
        values = {name: value for name, value in params.items() if value is not None}
        if "output" in values:
            values["output"] = OutputSchema.of(values["output"])
        if isinstance(values.get("stop"), str):
            values["stop"] = [values["stop"]]
        return cls(**values)
