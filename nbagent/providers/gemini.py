"""Google's Gemini API, as a key from AI Studio reaches it.

Source: the API reference of ``models.streamGenerateContent``, "Gemini thinking" and "Thought
signatures". The version is v1beta: v1 lacks the previews and the aliases (``gemini-flash-latest``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from nbagent.errors import AuthenticationError, ProviderError
from nbagent.messages import Prompt, ToolSpec
from nbagent.providers.client import Client
from nbagent.providers.decoder import Decoder
from nbagent.providers.gemini_decoder import GeminiDecoder
from nbagent.providers.gemini_messages import (
    encode_contents,
    encode_system,
    has_levels,
    user_first,
)
from nbagent.providers.params import Params
from nbagent.providers.refused import check
from nbagent.providers.transport import Reply

__all__ = ["GeminiClient"]

# Google's own translation of OpenAI's efforts to the budgets of Gemini 2.5.
BUDGETS: Mapping[str, int] = {
    "none": 0,
    "minimal": 1_024,
    "low": 1_024,
    "medium": 8_192,
    "high": 24_576,
}
MODES: Mapping[str, str] = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
RETRY_DELAY = re.compile(r"(\d+(?:\.\d+)?)s")


class GeminiClient(Client):
    """A client of Google's Gemini API.

    ``base_url`` has no version, as in Google's own SDK. The key travels in a header, never in
    the address.

    ``reasoning_effort`` becomes a thinking level with Gemini 3 and later, a budget with the
    models before, and lets the thoughts' summaries be sent. Gemini cannot be told to call one
    tool at a time: ``parallel_tool_calls=False`` is refused. What ``extra`` has under
    ``generationConfig`` joins what stands there.
    """

    provider = "gemini"
    label = "Gemini"
    key_variables = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
    url_variable = "GOOGLE_GEMINI_BASE_URL"
    default_base_url = "https://generativelanguage.googleapis.com"
    models_path = "/v1beta/models?pageSize=1000"

    def path(self, model: str) -> str:
        """The model stands in the path; tuned models with their own prefix."""
        name = model if "/" in model else f"models/{model}"
        return f"/v1beta/{quote(name)}:streamGenerateContent?alt=sse"

    def auth(self, key: str) -> dict[str, str]:
        """The key, in Google's own header."""
        return {"x-goog-api-key": key}

    def encode(
        self, prompt: Prompt, *, model: str, tools: Iterable[ToolSpec] = (), params: Params
    ) -> dict[str, Any]:
        """The body of a streamed request.

        Raises:
            UnsupportedCapability: ``parallel_tool_calls=False``, which Gemini does not have.
        """
        specs = [_declaration(spec) for spec in tools]
        check("gemini", self.label, params, tools=bool(specs))
        values: dict[str, Any] = {
            "contents": user_first(encode_contents(prompt, newer=has_levels(model))),
            "systemInstruction": encode_system(prompt),
            "tools": [{"functionDeclarations": specs}] if specs else None,
            "toolConfig": _tool_config(params.tool_choice) if specs else None,
        }
        body = {name: value for name, value in values.items() if value is not None}
        rest = dict(params.extra)
        config = {**_generation(model, params), **rest.pop("generationConfig", {})}
        if config:
            body["generationConfig"] = config
        return {**body, **rest}

    def decoder(self) -> Decoder:
        """A fresh decoder for one reply."""
        return GeminiDecoder()

    def listed(self, answer: Any) -> list[str]:
        """The names in an answer of ``models.list``."""
        return sorted(str(item["name"]).removeprefix("models/") for item in answer["models"])

    def _refused(self, reply: Reply, content: bytes) -> ProviderError:
        error = super()._refused(reply, content)
        details = _details(error.body)
        if error.status == 400 and any(each.get("reason") == "API_KEY_INVALID" for each in details):
            # Google answers 400 to a wrong key.
            error = _as_authentication(error)
        if error.retry_after is None:
            error.retry_after = _retry_delay(details)
        return error


def _generation(model: str, params: Params) -> dict[str, Any]:
    values: dict[str, Any] = {
        "temperature": params.temperature,
        "maxOutputTokens": params.max_tokens,
        "stopSequences": params.stop,
        "seed": params.seed,
        "thinkingConfig": _thinking(model, params.reasoning_effort),
    }
    if params.output is not None:
        values["responseMimeType"] = "application/json"
        values["responseJsonSchema"] = _known(params.output.schema)
    return {name: value for name, value in values.items() if value is not None}


def _thinking(model: str, effort: str | None) -> dict[str, Any] | None:
    if effort is None:
        return None
    if has_levels(model):
        # These models always think; "low" is the least that all of them know.
        level = "low" if effort == "none" else effort
        return {"thinkingLevel": level.upper(), "includeThoughts": effort != "none"}
    budget = BUDGETS.get(effort, BUDGETS["high"])
    return {"thinkingBudget": budget, "includeThoughts": budget > 0}


def _declaration(spec: ToolSpec) -> dict[str, Any]:
    declaration: dict[str, Any] = {"name": spec.name, "description": spec.description}
    # A function of no parameters is declared without; one of any names at all has them.
    if spec.parameters.get("properties") or spec.parameters.get("additionalProperties"):
        declaration["parametersJsonSchema"] = _known(spec.parameters)
    return declaration


def _tool_config(choice: str | None) -> dict[str, Any] | None:
    if choice is None:
        return None
    config: dict[str, Any] = {"mode": MODES.get(choice, "ANY")}
    if choice not in MODES:
        config["allowedFunctionNames"] = [choice]
    return {"functionCallingConfig": config}


def _known(schema: Any) -> Any:
    """The schema with ``const`` as the one choice of an ``enum``: Gemini knows only the latter."""
    if isinstance(schema, list):
        return [_known(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    known = {name: _known(value) for name, value in schema.items()}
    if isinstance(value := known.get("const"), (str, int, float)):
        del known["const"]
        known.setdefault("type", "string" if isinstance(value, str) else "number")
        known["enum"] = [value]
    return known


def _details(body: Any) -> list[Mapping[str, Any]]:
    if isinstance(body, list) and body:
        body = body[0]
    error = body.get("error") if isinstance(body, Mapping) else None
    details = error.get("details") if isinstance(error, Mapping) else None
    return [each for each in details or () if isinstance(each, Mapping)]


def _retry_delay(details: Iterable[Mapping[str, Any]]) -> float | None:
    """Seconds that a ``google.rpc.RetryInfo`` asks to wait; Google sends no header for it."""
    for each in details:
        if found := RETRY_DELAY.fullmatch(str(each.get("retryDelay"))):
            return float(found.group(1))
    return None


def _as_authentication(error: ProviderError) -> AuthenticationError:
    return AuthenticationError(
        f"{error} Check the API key.",
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        retry_after=error.retry_after,
        body=error.body,
    )
