"""OpenAI's chat completions, and the many servers that speak them.

Source: the API reference of ``POST /v1/chat/completions`` and its streamed chunks; deviations of
other servers are named where they are met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from nbagent.frames import StreamFrame
from nbagent.messages import FinishReason, Prompt, ToolSpec, Usage
from nbagent.output_schema import OutputSchema
from nbagent.providers.client import Client
from nbagent.providers.decoder import Decoder, EventDecoder
from nbagent.providers.openai_chat_messages import encode_messages
from nbagent.providers.params import Params

__all__ = ["OpenAIChatClient", "OpenAIChatDecoder"]

FINISH_REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
    "refusal": "refusal",
}
TOOL_CHOICES = frozenset({"auto", "none", "required"})
# Keys of a chunk that stand elsewhere in the End, or say nothing about the reply.
KNOWN_KEYS = frozenset({"id", "object", "created", "model", "choices", "usage", "obfuscation"})


class OpenAIChatClient(Client):
    """A client of OpenAI's chat completions or of a server that speaks them.

    ``base_url`` ends in ``/v1`` as in OpenAI's own SDK.
    """

    provider = "openai"
    label = "OpenAI"
    key_variables = ("OPENAI_API_KEY",)
    url_variable = "OPENAI_BASE_URL"
    default_base_url = "https://api.openai.com/v1"

    def path(self, model: str) -> str:
        """The same for all models."""
        return "/chat/completions"

    def auth(self, key: str) -> dict[str, str]:
        """A bearer token."""
        return {"authorization": f"Bearer {key}"}

    def encode(
        self, prompt: Prompt, *, model: str, tools: Iterable[ToolSpec] = (), params: Params
    ) -> dict[str, Any]:
        """The body of a streamed request."""
        # OpenAI's newer models refuse max_tokens, other servers do not know the new name.
        own = self.base_url == self.default_base_url
        values: dict[str, Any] = {
            "model": model,
            "messages": encode_messages(prompt),
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": params.temperature,
            "max_completion_tokens" if own else "max_tokens": params.max_tokens,
            "reasoning_effort": params.reasoning_effort,
            "seed": params.seed,
            "stop": params.stop,
            "response_format": _response_format(params.output),
        }
        specs = [_tool(spec) for spec in tools]
        if specs:
            values["tools"] = specs
            values["tool_choice"] = _tool_choice(params.tool_choice)
            values["parallel_tool_calls"] = params.parallel_tool_calls
        body = {name: value for name, value in values.items() if value is not None}
        return {**body, **params.extra}

    def decoder(self) -> Decoder:
        """A fresh decoder for one reply."""
        return OpenAIChatDecoder()


class OpenAIChatDecoder(EventDecoder):
    """Chunks of a chat completion to frames.

    The end marker is ``[DONE]``; a finish reason serves too, for the servers that forget it. Of
    several choices the first alone is read.
    """

    provider: ClassVar[str] = "OpenAI"

    def __init__(self) -> None:
        super().__init__()
        self._finish: str | None = None
        self._refused = False
        self._usage: Usage | None = None
        self._model: str | None = None
        self._id: str | None = None
        self._last: dict[str, Any] = {}
        self._raw: dict[str, Any] = {}

    def marker(self, data: bytes) -> bool:
        """``[DONE]``."""
        return data.strip() == b"[DONE]"

    def event(self, data: dict[str, Any], name: str) -> list[StreamFrame]:
        """The frames of one chunk."""
        if data.get("error") or name == "error":
            raise self.reported(data)
        self._last = data
        if self._id is None:
            self._id = data.get("id") or None
        if self._model is None:
            self._model = data.get("model") or None
        if usage := data.get("usage"):
            # Servers that send running totals send them in every chunk: the last one counts.
            self._usage, self._raw["usage"] = _usage(usage), usage
        choices: list[dict[str, Any]] = data.get("choices") or []
        if len(choices) == 1 and not choices[0].get("index"):
            return self._choice(choices[0])
        return [f for choice in choices if not choice.get("index") for f in self._choice(choice)]

    def finish(self) -> list[StreamFrame]:
        """What is due at the end; the stream is over well if an end marker came."""
        if self._finish is None and not self.done:
            raise self.truncated()
        extra = {key: value for key, value in self._last.items() if key not in KNOWN_KEYS}
        reason = FINISH_REASONS.get(self._finish, "other") if self._finish else None
        if self._refused and reason == "stop":
            reason = "refusal"
        return self.assembler.end(
            reason,
            self._usage,
            model=self._model,
            response_id=self._id,
            raw={**extra, **self._raw},
        )

    def _choice(self, choice: Mapping[str, Any]) -> list[StreamFrame]:
        # A server that answers a streamed request in one piece writes "message".
        delta = choice.get("delta") or choice.get("message") or {}
        content = delta.get("content")
        reason = choice.get("finish_reason")
        if len(delta) == 1 and not reason:
            # Nearly every chunk: words, or a piece of one call.
            if type(content) is str:
                return self.assembler.text(content)
            calls = delta.get("tool_calls")
            if calls and len(calls) == 1:
                return self._tool_call(calls[0])
        frames: list[StreamFrame] = []
        if len(delta) > 1 or content is None:
            frames += self._reasoning(delta)
        if type(content) is str:
            frames += self.assembler.text(content)
        elif content:
            frames += self._content_parts(content)
        if refusal := delta.get("refusal"):
            self._refused = True
            frames += self.assembler.text(refusal)
        for call in delta.get("tool_calls") or ():
            frames += self._tool_call(call)
        if call := delta.get("function_call"):
            frames += self.assembler.tool_call(
                name=call.get("name"), arguments=call.get("arguments"), index=0
            )
        if reason:
            if reason == "error":
                # OpenRouter says so when the model's own provider broke off.
                raise self.reported({"error": choice.get("error") or "finish_reason is 'error'"})
            # Some servers repeat the finish; the first one that says something counts.
            self._finish = self._finish or reason
            self._raw.setdefault("finish_reason", reason)
        return frames

    def _reasoning(self, delta: Mapping[str, Any]) -> list[StreamFrame]:
        # DeepSeek, llama.cpp and vLLM write reasoning_content; OpenRouter and Groq reasoning.
        text = delta.get("reasoning_content") or delta.get("reasoning")
        return self.assembler.reasoning(text) if isinstance(text, str) and text else []

    def _content_parts(self, content: Iterable[Mapping[str, Any]]) -> list[StreamFrame]:
        # Mistral's reasoning models send content as a list of parts.
        frames: list[StreamFrame] = []
        for part in content:
            if part.get("type") == "text":
                frames += self.assembler.text(part.get("text") or "")
            elif part.get("type") == "thinking":
                for piece in part.get("thinking") or ():
                    frames += self.assembler.reasoning(piece.get("text") or "")
        return frames

    def _tool_call(self, call: Mapping[str, Any]) -> list[StreamFrame]:
        function = call.get("function") or {}
        index = call.get("index")
        return self.assembler.tool_call(
            id=call.get("id"),
            name=function.get("name"),
            arguments=function.get("arguments"),
            index=index if index is None or type(index) is int else int(index),
        )


def _tool(spec: ToolSpec) -> dict[str, Any]:
    function: dict[str, Any] = {
        "name": spec.name,
        "description": spec.description,
        "parameters": spec.parameters,
    }
    if spec.strict:
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


def _usage(usage: Mapping[str, Any]) -> Usage:
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    return Usage(
        usage.get("prompt_tokens") or 0,
        usage.get("completion_tokens") or 0,
        prompt.get("cached_tokens") or usage.get("prompt_cache_hit_tokens") or 0,
        completion.get("reasoning_tokens") or 0,
    )
