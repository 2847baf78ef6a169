"""OpenAI's chat completions, and the many servers that speak them.

Source: the API reference of ``POST /v1/chat/completions``; deviations of other servers are named
where they are met.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from nbagent.errors import ConfigurationError
from nbagent.messages import Prompt, ToolSpec
from nbagent.output_schema import OutputSchema
from nbagent.providers.client import Client
from nbagent.providers.decoder import Decoder
from nbagent.providers.openai_chat_decoder import OpenAIChatDecoder
from nbagent.providers.openai_chat_dialects import (
    OPENAI,
    PLAIN,
    Dialect,
    azure,
    dialect_of,
    named,
)
from nbagent.providers.openai_chat_messages import encode_messages
from nbagent.providers.params import Params
from nbagent.providers.refused import check
from nbagent.providers.transport import Timeouts

__all__ = ["OpenAIChatClient", "OpenAIChatDecoder"]

TOOL_CHOICES = frozenset({"auto", "none", "required"})


class OpenAIChatClient(Client):
    """A client of OpenAI's chat completions or of a server that speaks them.

    ``base_url`` ends in ``/v1`` as in OpenAI's own SDK. What a server does differently is known
    by its address, or by ``dialect``, the name of a provider (``"openrouter"``, ``"mistral"``,
    ``"azure"`` …): its key and its address are then taken from the environment, as
    ``OPENROUTER_API_KEY``. `DIALECTS` has them all.

    Azure's ``base_url`` is the resource's endpoint. With an API version (``OPENAI_API_VERSION``,
    or ``?api-version=…`` behind it) the model is the name of a deployment.
    """

    provider = OPENAI.name
    label = OPENAI.label
    key_variables = OPENAI.key_variables
    url_variable = OPENAI.url_variable
    default_base_url = OPENAI.base_url

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float | Timeouts | None = Timeouts(),  # noqa: B008 - frozen, so safely shared
        headers: Mapping[str, str] | None = None,
        http: Any = None,
        dialect: str | Dialect | None = None,
    ) -> None:
        if dialect is not None:
            self._speak(named(dialect) if isinstance(dialect, str) else dialect)
        url = base_url or os.environ.get(self.url_variable) or self.default_base_url
        if not url:
            raise ConfigurationError(
                f"Nobody said where {self.label} is: set {self.url_variable} in the environment, "
                "or give base_url."
            )
        if dialect is None and (found := dialect_of(url)) is not OPENAI:
            # A server that is known by its address; its own key goes before OpenAI's.
            self.key_variables = tuple(
                dict.fromkeys((*found.key_variables, *type(self).key_variables))
            )
            self.label = found.label if found is not PLAIN else self.label
            self.dialect = found
        if self.dialect.name == "azure":
            self.dialect, url = azure(self.dialect, url)
        self.models_path = self.dialect.models_path
        super().__init__(api_key, url, timeout=timeout, headers=headers, http=http)

    dialect: Dialect = OPENAI

    def path(self, model: str) -> str:
        """The same for all models, but for the deployments of Azure."""
        return self.dialect.path.replace("{model}", quote(model, safe=""))

    def auth(self, key: str) -> dict[str, str]:
        """A bearer token, or the key in the service's own header."""
        name = self.dialect.key_header
        return {name: f"Bearer {key}" if name == "authorization" else key}

    def encode(
        self, prompt: Prompt, *, model: str, tools: Iterable[ToolSpec] = (), params: Params
    ) -> dict[str, Any]:
        """The body of a streamed request.

        Raises:
            UnsupportedCapability: The service cannot be told one of ``params``; see `refused`.
        """
        dialect = self.dialect
        values: dict[str, Any] = {
            "model": model,
            "messages": encode_messages(prompt, dialect),
            "stream": True,
            "stream_options": {"include_usage": True} if dialect.stream_options else None,
            "temperature": params.temperature,
            dialect.max_tokens: params.max_tokens,
            dialect.seed: params.seed,
            "stop": params.stop,
            "response_format": _response_format(params.output),
            **_effort(params.reasoning_effort, dialect),
        }
        specs = [_tool(spec, strict=spec.strict and dialect.strict) for spec in tools]
        check(dialect.name, self.label, params, tools=bool(specs))
        if specs:
            values["tools"] = specs
            values["tool_choice"] = _tool_choice(params.tool_choice)
            values["parallel_tool_calls"] = params.parallel_tool_calls
        body = {name: value for name, value in values.items() if value is not None}
        return {**body, **params.extra}

    def decoder(self) -> Decoder:
        """A fresh decoder for one reply."""
        return _decoder_named(self.label)()

    def _speak(self, dialect: Dialect) -> None:
        """Is a client of another provider than OpenAI from now on."""
        self.dialect = dialect
        self.provider, self.label = dialect.name, dialect.label
        self.key_variables = dialect.key_variables
        self.url_variable, self.default_base_url = dialect.url_variable, dialect.base_url


@lru_cache
def _decoder_named(label: str) -> type[OpenAIChatDecoder]:
    """The decoder whose errors name the server that speaks."""
    return type("OpenAIChatDecoder", (OpenAIChatDecoder,), {"provider": label})


def _effort(effort: str | None, dialect: Dialect) -> dict[str, Any]:
    if effort is None:
        return {}
    if dialect.effort == "reasoning":
        return {"reasoning": {"effort": effort}}
    if dialect.effort == "thinking":
        if effort == "none":
            return {"thinking": {"type": "disabled"}}
        return {"thinking": {"type": "enabled"}, "reasoning_effort": effort}
    return {"reasoning_effort": effort}


def _tool(spec: ToolSpec, *, strict: bool) -> dict[str, Any]:
    function: dict[str, Any] = {
        "name": spec.name,
        "description": spec.description,
        "parameters": spec.parameters,
    }
    if strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _tool_choice(choice: str | None) -> Any:
    if choice is None or choice in TOOL_CHOICES:
        return choice
    return {"type": "function", "function": {"name": choice}}


def _response_format(output: OutputSchema | None) -> dict[str, Any] | None:
    if output is None:
        return None
    schema = {"name": output.name, "schema": output.schema, "strict": output.strict}
    return {"type": "json_schema", "json_schema": schema}
