"""Anthropic's Messages API, and the servers that speak it (llama.cpp, gateways).

Source: the API reference of ``POST /v1/messages`` and "Streaming messages", API version
2023-06-01. The later version 2026-10-21 refuses ``temperature``; nothing else differs for what
is sent here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Any

from nbagent.frames import StreamFrame
from nbagent.messages import Prompt, PromptLike, ToolSpec
from nbagent.models import Model
from nbagent.providers.anthropic_decoder import AnthropicDecoder
from nbagent.providers.anthropic_messages import encode_messages, encode_system, user_first
from nbagent.providers.anthropic_schema import closed_schema
from nbagent.providers.client import Client
from nbagent.providers.decoder import Decoder
from nbagent.providers.params import Params
from nbagent.providers.refused import check

__all__ = ["AnthropicClient"]

VERSION = "2023-06-01"
# The API wants a limit. Every model since Claude 4 writes at least this much …
MAX_TOKENS = 32_000
# … and every other one at least that.
MAX_TOKENS_UNKNOWN = 8_192
MODEL_VERSION = re.compile(r"claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2})(?!\d))?(?!\d)")
# The models from here on decide themselves how long to think; those before have a budget.
ADAPTIVE = (4, 6)
BUDGETS: Mapping[str, int] = {
    "minimal": 1_024,
    "low": 2_048,
    "medium": 8_192,
    "high": 16_384,
    "xhigh": 24_576,
    "max": 31_999,
}
TOOL_CHOICES: Mapping[str, dict[str, Any]] = {
    "auto": {"type": "auto"},
    "none": {"type": "none"},
    "required": {"type": "any"},
}


class AnthropicClient(Client):
    """A client of Anthropic's Messages API.

    ``base_url`` has no version, as in Anthropic's own SDK.

    Without ``max_tokens`` a reply may have as many tokens as the `Model` says, else 32,000 with a
    Claude 4 or later, else 8,192. ``reasoning_effort`` is ``"none"``, ``"low"`` … ``"max"``: the
    models that think adaptively get it as their effort, the others a budget of tokens.
    ``extra={"cache_control": {"type": "ephemeral"}}`` marks the tools, the system text and the
    last message for prompt caching; nothing is marked by default, as writing to the cache costs
    extra. Anthropic has no ``seed`` and it is refused; other servers get it. In `Usage`,
    ``input_tokens`` counts all input, what was read from or written to the cache included.
    """

    provider = "anthropic"
    label = "Anthropic"
    key_variables = ("ANTHROPIC_API_KEY",)
    url_variable = "ANTHROPIC_BASE_URL"
    default_base_url = "https://api.anthropic.com"
    models_path = "/v1/models?limit=1000"

    def path(self, model: str) -> str:
        """The same for all models."""
        return "/v1/messages"

    def auth(self, key: str) -> dict[str, str]:
        """The key, in Anthropic's own header."""
        return {"x-api-key": key}

    def stream(
        self,
        prompt: PromptLike,
        *,
        model: str | Model,
        tools: Iterable[Any] = (),
        tool_calling: str | None = None,
        **params: Any,
    ) -> AsyncGenerator[StreamFrame, None]:
        """As `Client.stream`; a `Model` that knows its longest reply is let write it."""
        if isinstance(model, Model) and params.get("max_tokens") is None:
            params["max_tokens"] = model.max_output_tokens
        return super().stream(prompt, model=model, tools=tools, tool_calling=tool_calling, **params)

    def encode(
        self, prompt: Prompt, *, model: str, tools: Iterable[ToolSpec] = (), params: Params
    ) -> dict[str, Any]:
        """The body of a streamed request.

        Raises:
            UnsupportedCapability: ``seed``, which Anthropic does not have.
        """
        specs = [_tool(spec) for spec in tools]
        if self.base_url == self.default_base_url:
            check("anthropic", self.label, params, tools=bool(specs))
        values: dict[str, Any] = {
            "model": model,
            "max_tokens": params.max_tokens or default_max_tokens(model),
            "stream": True,
            "system": encode_system(prompt) or None,
            "messages": user_first(encode_messages(prompt)),
            "temperature": params.temperature,
            "stop_sequences": params.stop,
            # For llama.cpp and others behind the same protocol.
            "seed": params.seed,
            "tools": specs or None,
            "tool_choice": _tool_choice(params) if specs else None,
        }
        body = {name: value for name, value in values.items() if value is not None}
        _think(body, params.reasoning_effort, given=params.max_tokens is not None)
        if params.output is not None:
            form = {"type": "json_schema", "schema": closed_schema(params.output.schema)}
            body.setdefault("output_config", {})["format"] = form
        return _with_extra(body, params.extra)

    def decoder(self) -> Decoder:
        """A fresh decoder for one reply."""
        return AnthropicDecoder()

    def _request_headers(self) -> dict[str, str]:
        return {"anthropic-version": VERSION, **super()._request_headers()}


def default_max_tokens(model: str) -> int:
    """How many tokens a reply may have when nobody says it."""
    version = _version(model)
    return MAX_TOKENS if version is not None and version >= (4, 0) else MAX_TOKENS_UNKNOWN


def _version(model: str) -> tuple[int, int] | None:
    """The version in a model's name; None for names that have none."""
    found = MODEL_VERSION.search(model)
    return (int(found.group(1)), int(found.group(2) or 0)) if found else None


def _think(body: dict[str, Any], effort: str | None, *, given: bool) -> None:
    """Adds how much to think to ``body``; ``given`` says that its limit is the caller's."""
    if effort is None:
        return
    version = _version(body["model"])
    if effort == "none":
        body["thinking"] = {"type": "disabled"}
    elif version is not None and version >= ADAPTIVE:
        # Newer models leave the thoughts out unless they are asked for.
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
        body["output_config"] = {"effort": "low" if effort == "minimal" else effort}
    else:
        budget = BUDGETS.get(effort, BUDGETS["medium"])
        if given:
            # The budget is a part of the limit, and has to be less.
            budget = max(1_024, min(budget, body["max_tokens"] - 1_024))
        else:
            body["max_tokens"] = max(body["max_tokens"], budget + MAX_TOKENS_UNKNOWN)
        body["thinking"] = {"type": "enabled", "budget_tokens": budget}


def _tool(spec: ToolSpec) -> dict[str, Any]:
    tool: dict[str, Any] = {"name": spec.name}
    if spec.description:
        tool["description"] = spec.description
    parameters = {"type": "object", **spec.parameters}
    tool["input_schema"] = closed_schema(parameters) if spec.strict else parameters
    if spec.strict:
        tool["strict"] = True
    return tool


def _tool_choice(params: Params) -> dict[str, Any] | None:
    name = params.tool_choice
    choice = None if name is None else TOOL_CHOICES.get(name, {"type": "tool", "name": name})
    if params.parallel_tool_calls is not False or name == "none":
        return choice
    return {**(choice or TOOL_CHOICES["auto"]), "disable_parallel_tool_use": True}


def _with_extra(body: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    rest = dict(extra)
    if mark := rest.pop("cache_control", None):
        _mark(body, mark)
    config = {**body.get("output_config", {}), **rest.pop("output_config", {})}
    if config:
        rest["output_config"] = config
    return {**body, **rest}


def _mark(body: dict[str, Any], mark: Any) -> None:
    """Marks the ends of what stays the same from one request to the next."""
    if "system" in body:
        body["system"] = [{"type": "text", "text": body["system"], "cache_control": mark}]
    ends = [body.get("tools"), body["messages"][-1]["content"] if body["messages"] else None]
    for blocks in filter(None, ends):
        blocks[-1] = {**blocks[-1], "cache_control": mark}
