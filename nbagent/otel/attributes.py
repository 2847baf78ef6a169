"""What OpenTelemetry calls what we have: the GenAI semantic conventions, as of 1.41."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from nbagent.messages import Message, Usage
from nbagent.models import Model

__all__ = [
    "ERROR_TYPE",
    "error_type",
    "model_attributes",
    "request_attributes",
    "response_attributes",
    "server_attributes",
    "usage_attributes",
]

ERROR_TYPE = "error.type"
PROVIDERS = {
    "bedrock": "aws.bedrock",
    "azure": "azure.ai.openai",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "responses": "openai",
    "vertex": "gcp.vertex_ai",
    "xai": "x_ai",
}
NUMBERS = ("temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty")
PORTS = {"http": 80, "https": 443}
WHOLE = ("max_tokens", "seed")


def model_attributes(model: Model) -> dict[str, Any]:
    """Which provider and which model."""
    provider = PROVIDERS.get(model.provider, model.provider)
    return {"gen_ai.provider.name": provider, "gen_ai.request.model": model.name}


def server_attributes(base_url: str) -> dict[str, Any]:
    """Where requests go; nothing where that is not known."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme)
    except ValueError:  # no address at all: the request itself says so
        return {}
    return {"server.address": host, "server.port": port} if host and port else {}


def request_attributes(params: Mapping[str, Any]) -> dict[str, Any]:
    """What the parameters of a request say. What is no number there says nothing here."""
    made: dict[str, Any] = {"gen_ai.request.stream": True}
    for name in NUMBERS:
        if isinstance(params.get(name), (int, float)):
            made[f"gen_ai.request.{name}"] = float(params[name])
    for name in WHOLE:
        if isinstance(params.get(name), int):
            made[f"gen_ai.request.{name}"] = params[name]
    stop = params.get("stop")
    if stop:
        stops = (stop,) if isinstance(stop, str) else tuple(map(str, stop))
        made["gen_ai.request.stop_sequences"] = stops
    if params.get("output") is not None:
        made["gen_ai.output.type"] = "json"
    return made


def response_attributes(message: Message) -> dict[str, Any]:
    """What a reply says of itself."""
    made: dict[str, Any] = usage_attributes(message.usage)
    if message.finish_reason is not None:
        made["gen_ai.response.finish_reasons"] = (message.finish_reason,)
    if message.model:
        made["gen_ai.response.model"] = message.model
    if message.response_id:
        made["gen_ai.response.id"] = message.response_id
    return made


def usage_attributes(usage: Usage) -> dict[str, Any]:
    """Tokens; none where the provider said nothing."""
    if usage == Usage():
        return {}
    made = {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
    }
    if usage.cached_input_tokens:
        made["gen_ai.usage.cache_read.input_tokens"] = usage.cached_input_tokens
    if usage.reasoning_tokens:
        made["gen_ai.usage.reasoning.output_tokens"] = usage.reasoning_tokens
    return made


def error_type(error: BaseException | None) -> str:
    """A short name for what went wrong: the status that a provider answered with, or the class."""
    if error is None:
        return "_OTHER"
    if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
        return "cancelled"
    return str(getattr(error, "status", 0) or type(error).__name__)
