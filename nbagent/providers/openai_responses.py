"""OpenAI's responses API: the client, and what it sends.

Source: the API reference of ``POST /v1/responses``. Nothing is stored at the provider: each
request carries the whole conversation, encrypted reasoning included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from nbagent.messages import Prompt, ToolSpec
from nbagent.output_schema import OutputSchema
from nbagent.providers.client import Client
from nbagent.providers.decoder import Decoder
from nbagent.providers.merge import merged
from nbagent.providers.openai_responses_decoder import OpenAIResponsesDecoder
from nbagent.providers.openai_responses_messages import encode_input
from nbagent.providers.params import Params
from nbagent.providers.refused import check

__all__ = ["OpenAIResponsesClient"]

TOOL_CHOICES = frozenset({"auto", "none", "required"})
# OpenAI's models that do not reason refuse to be asked for encrypted reasoning.
NO_REASONING = re.compile(r"(ft:)?(gpt-3|gpt-4|chatgpt-|gpt-5(\.\d+)?-chat)")


class OpenAIResponsesClient(Client):
    """A client of OpenAI's responses API or of a server that speaks it (llama.cpp, vLLM, ...).

    ``base_url`` ends in ``/v1`` as in OpenAI's own SDK.
    """

    provider = "responses"
    label = "OpenAI"
    key_variables = ("OPENAI_API_KEY",)
    url_variable = "OPENAI_BASE_URL"
    default_base_url = "https://api.openai.com/v1"

    def path(self, model: str) -> str:
        """The same for all models."""
        return "/responses"

    def auth(self, key: str) -> dict[str, str]:
        """A bearer token."""
        return {"authorization": f"Bearer {key}"}

    def encode(
        self, prompt: Prompt, *, model: str, tools: Iterable[ToolSpec] = (), params: Params
    ) -> dict[str, Any]:
        """The body of a streamed request.

        Raises:
            UnsupportedCapability: ``seed`` or ``stop``, which OpenAI does not have here.
        """
        own = self.base_url == self.default_base_url
        specs = [_tool(spec) for spec in tools]
        if own:
            check("responses", "OpenAI's responses API", params, tools=bool(specs))
        instructions, items = encode_input(prompt, raw_reasoning=not own)
        values: dict[str, Any] = {
            "model": model,
            "instructions": instructions,
            "input": items,
            "stream": True,
            "store": False,
            "include": None if NO_REASONING.match(model) else ["reasoning.encrypted_content"],
            "max_output_tokens": params.max_tokens,
            "temperature": params.temperature,
            "reasoning": _reasoning(params.reasoning_effort),
            "text": _text(params.output),
            # Servers behind this API that sample themselves (llama.cpp, vLLM) do take them.
            "seed": params.seed,
            "stop": params.stop,
        }
        if specs:
            values["tools"] = specs
            values["tool_choice"] = _tool_choice(params.tool_choice)
            values["parallel_tool_calls"] = params.parallel_tool_calls
        body = {name: value for name, value in values.items() if value is not None}
        return merged(body, params.extra)

    def decoder(self) -> Decoder:
        """A fresh decoder for one reply."""
        return OpenAIResponsesDecoder()


def _reasoning(effort: str | None) -> dict[str, Any] | None:
    return None if effort is None else {"effort": effort, "summary": "auto"}


def _text(output: OutputSchema | None) -> dict[str, Any] | None:
    if output is None:
        return None
    # Names of generic types have brackets, which OpenAI refuses.
    name = re.sub(r"[^A-Za-z0-9_-]", "_", output.name)[:64]
    form = {"type": "json_schema", "name": name, "schema": output.schema, "strict": output.strict}
    return {"format": form}


def _tool(spec: ToolSpec) -> dict[str, Any]:
    return {
        "type": "function",
        "name": spec.name,
        "description": spec.description,
        "parameters": spec.parameters,
        # Left out, it would count as true here.
        "strict": spec.strict,
    }


def _tool_choice(choice: str | None) -> Any:
    if choice is None or choice in TOOL_CHOICES:
        return choice
    return {"type": "function", "name": choice}
