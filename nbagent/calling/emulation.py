"""Chooses how tools reach a model, and puts that form around the client's own encode and decode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from nbagent.calling.schema_decoder import SchemaDecoder
from nbagent.calling.schema_prompt import encode_prompt, repeats, reply_schema
from nbagent.errors import ConfigurationError, StreamError, UnsupportedCapability
from nbagent.frames import StreamFrame
from nbagent.messages import Message, Prompt, ToolSpec
from nbagent.models import TOOL_CALLING, Model
from nbagent.output_schema import OutputSchema

__all__ = ["Emulation"]


class _Decoder(Protocol):
    done: bool
    error: StreamError | None

    @property
    def message(self) -> Message: ...

    def feed(self, data: bytes) -> list[StreamFrame]: ...

    def flush(self) -> list[StreamFrame]: ...


@dataclass(frozen=True)
class Emulation:
    """One request's form of tool calling."""

    mode: str
    specs: tuple[ToolSpec, ...]

    @classmethod
    def of(
        cls, model: str | Model, specs: tuple[ToolSpec, ...], tool_calling: str | None
    ) -> Emulation:
        """The form for ``model``, or the one that the caller asks for.

        Raises:
            UnsupportedCapability: There are tools and the model cannot call any.
            ConfigurationError: ``tool_calling`` is not a known form.
        """
        default = model.tool_calling if isinstance(model, Model) else "native"
        mode = tool_calling or default
        if mode not in TOOL_CALLING:
            raise ConfigurationError(
                f"tool_calling is one of {', '.join(TOOL_CALLING)}; got {mode!r}."
            )
        if mode == "prompted" and specs:
            raise UnsupportedCapability(
                "tool_calling='prompted' is not built yet. Use 'schema' with a server that "
                "constrains its output, or a model that calls tools itself."
            )
        if mode == "none" and specs:
            raise UnsupportedCapability(
                f"{model} cannot call tools (tool_calling='none'). Take another model, or leave "
                "the tools out."
            )
        return cls(mode, specs)

    def encode(
        self, prompt: Prompt, params: Mapping[str, Any]
    ) -> tuple[Prompt, tuple[ToolSpec, ...], dict[str, Any]]:
        """The prompt, the tools and the parameters that the client's own encode gets."""
        if self.mode != "schema":
            return prompt, self.specs, dict(params)
        values = dict(params)
        choice = values.pop("tool_choice", None)
        values.pop("parallel_tool_calls", None)
        output = OutputSchema.of(values["output"]) if values.get("output") is not None else None
        if self.specs:
            # A model that goes in circles is left nothing but words.
            words_only = choice == "none" or repeats(prompt)
            specs, choice = ((), None) if words_only else (self.specs, choice)
            values["output"] = OutputSchema("reply", reply_schema(specs, choice, output))
        return encode_prompt(prompt, self.specs), (), values

    def decoder(self, inner: _Decoder) -> Any:
        """The decoder that gives the frames of this form, around the client's own."""
        if self.mode != "schema" or not self.specs:
            return inner
        return SchemaDecoder(inner)
