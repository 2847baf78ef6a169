"""Chooses how tools reach a model, and puts that form around the client's own encode and decode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbagent.calling.prompted_decoder import PromptedDecoder
from nbagent.calling.prompted_prompt import encode_prompted
from nbagent.calling.schema_decoder import SchemaDecoder
from nbagent.calling.schema_prompt import encode_prompt, repeats, reply_schema
from nbagent.calling.text_decoder import InnerDecoder
from nbagent.errors import ConfigurationError, UnsupportedCapability
from nbagent.messages import Prompt, ToolSpec
from nbagent.models import TOOL_CALLING, Capability, Model
from nbagent.output_schema import OutputSchema

__all__ = ["Emulation"]


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
        if mode == "none" and specs:
            raise UnsupportedCapability(
                f"{model} cannot call tools (tool_calling='none'). Take another model, or leave "
                "the tools out."
            )
        if specs and tool_calling is None and mode == "native" and not _has_tools(model):
            raise UnsupportedCapability(
                f"{model} cannot call tools itself. Give it tool_calling='schema' (for servers "
                "that constrain output) or 'prompted', or take another model."
            )
        return cls(mode, specs)

    def encode(
        self, prompt: Prompt, params: Mapping[str, Any]
    ) -> tuple[Prompt, tuple[ToolSpec, ...], dict[str, Any]]:
        """The prompt, the tools and the parameters that the client's own encode gets.

        Raises:
            ConfigurationError: ``tool_choice`` names a tool that is not there.
        """
        if self.mode not in ("schema", "prompted"):
            return prompt, self.specs, dict(params)
        values = dict(params)
        choice = self._choice(values.pop("tool_choice", None))
        parallel = values.pop("parallel_tool_calls", None)
        output = OutputSchema.of(values["output"]) if values.get("output") is not None else None
        if self.mode == "prompted":
            if self.specs:
                # Told in words: a constrained reply could not call a tool.
                values.pop("output", None)
            told = encode_prompted(
                prompt, self.specs, choice=choice, parallel=parallel, output=output
            )
            return told, (), values
        if self.specs:
            # A model that goes in circles is left nothing but words.
            words_only = choice == "none" or repeats(prompt)
            specs, choice = ((), None) if words_only else (self.specs, choice)
            values["output"] = OutputSchema("reply", reply_schema(specs, choice, output))
        return encode_prompt(prompt, self.specs, output), (), values

    def decoder(self, inner: InnerDecoder) -> Any:
        """The decoder that gives the frames of this form, around the client's own."""
        names = [spec.name for spec in self.specs]
        if not names or self.mode not in ("schema", "prompted"):
            return inner
        return (
            SchemaDecoder(inner, names) if self.mode == "schema" else PromptedDecoder(inner, names)
        )

    def _choice(self, choice: str | None) -> str | None:
        known = [spec.name for spec in self.specs]
        if self.specs and choice not in (None, "auto", "none", "required", *known):
            raise ConfigurationError(
                f"tool_choice={choice!r} names no tool of this request. Give 'auto', 'none', "
                f"'required' or one of {', '.join(known)}."
            )
        return choice


def _has_tools(model: str | Model) -> bool:
    return not isinstance(model, Model) or Capability.TOOLS in model.capabilities
