"""The replies that are broken: every recorded stream, and what chat servers send, each its own way."""

# ruff: noqa: E501 - one chunk a line is easier to read and to compare

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbagent.providers.anthropic_decoder import AnthropicDecoder
from nbagent.providers.decoder import Decoder
from nbagent.providers.gemini_decoder import GeminiDecoder
from nbagent.providers.ollama_decoder import OllamaDecoder
from nbagent.providers.openai_chat_decoder import OpenAIChatDecoder
from nbagent.providers.openai_responses_decoder import OpenAIResponsesDecoder

__all__ = ["DECODERS", "STREAMS"]

FOLDER = Path(__file__).parents[1] / "fixtures" / "streams"
DECODERS: Mapping[str, type[Decoder]] = {
    "anthropic": AnthropicDecoder,
    "gemini": GeminiDecoder,
    "ollama": OllamaDecoder,
    "openai_chat": OpenAIChatDecoder,
    "openai_responses": OpenAIResponsesDecoder,
}


def _chunk(delta: Any, finish: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "model": "m",
        "choices": [choice],
        **more,
    }
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"


def _call(index: int | None, arguments: Any, id: str | None = None, name: str | None = None) -> Any:
    function = {"name": name, "arguments": arguments} if name else {"arguments": arguments}
    entry = {"index": index, "id": id, "type": "function", "function": function}
    return {"tool_calls": [{key: value for key, value in entry.items() if value is not None}]}


DONE = b"data: [DONE]\n\n"
USAGE = {"prompt_tokens": 9, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}}
CHAT: tuple[bytes, ...] = (
    b"".join((
        *(_chunk({"content": word}) for word in ("a", "b", "c\"", "d", "", "e", "\\")), b": ping\n\n",
        _chunk(_call(0, "", "a", "f")), *(_chunk(_call(0, piece)) for piece in ('{"x', '":', ' "', '\\"', "}", '",', '"y":', " 1", "2", "}", " ", "{", '"z"', ":1}")),
        *(_chunk({"content": word}, obfuscation="x" * len(word)) for word in ("a", "bb", "c")), _chunk({}, "tool_calls"), DONE,
    )),
    b"".join((
        _chunk({"role": "assistant", "content": "", "refusal": None}),
        *(_chunk({"content": word}) for word in ("Hel", "lo ", "\u2028", "😀", '"\\')),
        _chunk({}, "stop"), _chunk({}, choices=[], usage=USAGE), DONE,
    )),
    b"".join((
        _chunk({"role": "assistant", "content": None}), _chunk({"reasoning_content": "Let me"}),
        _chunk({"reasoning_content": " think"}), _chunk(_call(0, "", "a", "f")), _chunk(_call(0, '{"x": [')),
        _chunk(_call(1, "", "b", "g")), _chunk(_call(0, "1, 2")), _chunk(_call(0, "]}")), _chunk(_call(1, '{"y":"é"}')),
        _chunk({}, "tool_calls", usage=USAGE), DONE,
    )),
    b"".join((
        b": OPENROUTER PROCESSING\r\n\r\n", _chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]}),
        _chunk({"content": [{"type": "text", "text": "Hi"}]}), _chunk(_call(None, {"x": 1}, "null", "f")),
        _chunk(_call(None, '{"x":1}{"x":2}', None, "g")), _chunk({"function_call": {"name": "h", "arguments": "{}"}}, "stop"),
    )),
    json.dumps({"id": "c", "model": "m", "usage": USAGE, "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi", "refusal": "no", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}}]}, indent=1).encode(),
)  # fmt: skip

STREAMS: Mapping[str, tuple[bytes, ...]] = {
    "openai_chat": CHAT,
    **{
        folder.name: tuple(path.read_bytes() for path in sorted(folder.iterdir()))
        for folder in sorted(FOLDER.iterdir())
        if folder.is_dir() and folder.name != "openai_chat"
    },
}
