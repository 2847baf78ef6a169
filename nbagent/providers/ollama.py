"""Ollama's own chat, local or in its cloud: the client, and what it sends.

Source: the API reference of ``POST /api/chat`` and ``GET /api/tags``.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from nbagent.errors import ConfigurationError, ProviderError
from nbagent.messages import Prompt, ToolSpec
from nbagent.providers.client import Client
from nbagent.providers.decoder import Decoder
from nbagent.providers.failures import describe
from nbagent.providers.merge import merged
from nbagent.providers.ollama_decoder import OllamaDecoder
from nbagent.providers.ollama_messages import encode_messages
from nbagent.providers.params import Params
from nbagent.providers.refused import check
from nbagent.providers.transport import Reply, Timeouts, shown

__all__ = ["OllamaClient"]

PORT = 11434
# What the API takes inside "options" only, and would pass over in silence elsewhere.
OPTIONS = frozenset(
    {
        "frequency_penalty",
        "main_gpu",
        "min_p",
        "mirostat",
        "mirostat_eta",
        "mirostat_tau",
        "num_batch",
        "num_ctx",
        "num_gpu",
        "num_keep",
        "num_thread",
        "presence_penalty",
        "repeat_last_n",
        "repeat_penalty",
        "top_k",
        "top_p",
        "typical_p",
    }
)
# Our efforts that Ollama knows by another name; it takes "low", "medium", "high" and "max".
THINK: Mapping[str, bool | str] = {"none": False, "minimal": "low", "xhigh": "max"}
NOT_PULLED = re.compile(r"model ['\"]?([^'\"\s]+)['\"]? not found")
# Families of models that only embed text.
EMBEDDERS = ("bert",)


class OllamaClient(Client):
    """A client of Ollama. A key is needed by Ollama's cloud alone.

    ``base_url`` has no version. It and ``OLLAMA_HOST`` are read as Ollama's own client reads
    them: ``"127.0.0.1"``, ``":11435"``, ``"http://host"``; ``0.0.0.0`` means this machine.

    Ollama cuts a prompt that is longer than its context window (4,096 tokens unless told) without
    a word: ``extra={"num_ctx": 32768}`` makes that window larger, and so ``extra`` takes every
    other option of Ollama.
    """

    provider = "ollama"
    label = "Ollama"
    key_variables = ("OLLAMA_API_KEY",)
    url_variable = "OLLAMA_HOST"
    default_base_url = f"http://127.0.0.1:{PORT}"
    models_path = "/api/tags"

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float | Timeouts | None = Timeouts(),  # noqa: B008 - frozen, so safely shared
        headers: Mapping[str, str] | None = None,
        http: Any = None,
    ) -> None:
        address = base_url or os.environ.get(self.url_variable)
        self._named = bool(address)
        url = host_url(address or "")
        super().__init__(api_key, url, timeout=timeout, headers=headers, http=http)

    @classmethod
    def configured(cls) -> bool:
        """Always: it needs no key."""
        return True

    @property
    def optional(self) -> bool:
        """Whether nobody said where it is, so that it may as well not run."""
        return not self._named

    def path(self, model: str) -> str:
        """The same for all models."""
        return "/api/chat"

    def auth(self, key: str) -> dict[str, str]:
        """A bearer token."""
        return {"authorization": f"Bearer {key}"}

    def encode(
        self, prompt: Prompt, *, model: str, tools: Iterable[ToolSpec] = (), params: Params
    ) -> dict[str, Any]:
        """The body of a streamed request.

        Raises:
            UnsupportedCapability: A forced or single tool call, a file, or an image's address.
        """
        specs = tuple(tools)
        check("ollama", self.label, params, tools=bool(specs))
        options = {
            "temperature": params.temperature,
            "num_predict": params.max_tokens,
            "seed": params.seed,
            "stop": params.stop,
        }
        effort = params.reasoning_effort
        values: dict[str, Any] = {
            "model": model,
            "messages": encode_messages(prompt),
            "stream": True,
            "options": {name: value for name, value in options.items() if value is not None},
            "think": None if effort is None else THINK.get(effort, effort),
            "format": None if params.output is None else params.output.schema,
            "tools": _tools(specs, params) or None,
        }
        extra = dict(params.extra)
        moved = {name: extra.pop(name) for name in OPTIONS & extra.keys()}
        body = merged(merged(values, {"options": moved}), extra)
        return {name: value for name, value in body.items() if value not in (None, {})}

    def decoder(self) -> Decoder:
        """A fresh decoder for one reply."""
        return OllamaDecoder()

    def listed(self, answer: Any) -> list[str]:
        """The models that can chat, as Ollama orders them: the one changed last comes first."""
        return [str(item["name"]) for item in answer["models"] or () if not _embeds(item)]

    def _request_headers(self) -> dict[str, str]:
        return {**super()._request_headers(), "accept": "application/x-ndjson", **self._headers}

    def _key_from_environment(self, *, required: bool) -> str:
        return super()._key_from_environment(required=False)

    def _refused(self, reply: Reply, content: bytes) -> ProviderError:
        error = super()._refused(reply, content)
        _, words = describe(error.body)
        if error.status == 404 and (missing := NOT_PULLED.search(words)):
            error.args = (f"Ollama has no model {missing[1]!r}. Run: ollama pull {missing[1]}",)
        return error


def host_url(host: str) -> str:
    """The base URL that ``host`` means, as Ollama's own client reads ``OLLAMA_HOST``.

    Raises:
        ConfigurationError: It is no address.
    """
    scheme, separator, rest = host.strip().strip("'\"").partition("://")
    if not separator:
        scheme, rest = "http", scheme
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        name, port = parts.hostname or "127.0.0.1", parts.port
    except ValueError as error:
        raise ConfigurationError(
            f"{shown(host)!r} is no address of an Ollama server ({error}). Give base_url, or set "
            "OLLAMA_HOST, as in 'http://127.0.0.1:11434'."
        ) from error
    if port is None and not separator:
        port = PORT
    address = _connectable(name) + ("" if port is None else f":{port}")
    path = parts.path.strip("/")
    return f"{scheme}://{address}/{path}" if path else f"{scheme}://{address}"


def _connectable(name: str) -> str:
    """The host to connect to; an address to listen on is this machine's."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name
    loopback = "127.0.0.1" if address.version == 4 else "::1"
    shown = loopback if address.is_unspecified else name
    return f"[{shown}]" if address.version == 6 else shown


def _tools(specs: Iterable[ToolSpec], params: Params) -> list[dict[str, Any]]:
    return [] if params.tool_choice == "none" else [_tool(spec) for spec in specs]


def _tool(spec: ToolSpec) -> dict[str, Any]:
    function = {
        "name": spec.name,
        "description": spec.description,
        "parameters": spec.parameters,
    }
    return {"type": "function", "function": function}


def _embeds(item: Mapping[str, Any]) -> bool:
    family = (item.get("details") or {}).get("family") or ""
    return str(family).endswith(EMBEDDERS)
