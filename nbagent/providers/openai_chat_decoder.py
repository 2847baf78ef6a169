"""Chunks of OpenAI's chat completions, and of the many servers that speak them, to frames.

Source: the API reference of the streamed chunks of ``POST /v1/chat/completions``; deviations of
other servers are named where they are met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from nbagent.assembly import FrameAssembler
from nbagent.frames import StreamFrame
from nbagent.messages import FinishReason, Usage
from nbagent.providers.decoder import EventDecoder
from nbagent.providers.fields import number, text
from nbagent.providers.openai_chat_reasoning import Details
from nbagent.providers.recorder import Recorder

__all__ = ["OpenAIChatDecoder"]

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
CONTENT = ("choices", 0, "delta", "content")
ARGUMENTS = ("choices", 0, "delta", "tool_calls", 0, "function", "arguments")
# Keys of a chunk that stand elsewhere in the End, or say nothing about the reply.
KNOWN_KEYS = frozenset({"id", "object", "created", "model", "choices", "usage", "obfuscation"})
# Under what Google signs calls and marks thoughts, in "extra_content".
SIGNERS = ("google", "vertex")
THOUGHT_TAG = re.compile(r"</?thought>")


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
        self._model = ""
        self._id = ""
        self._last: dict[str, Any] = {}
        self._raw: dict[str, Any] = {}
        self._details = Details()

    def marker(self, data: bytes) -> bool:
        """``[DONE]``."""
        return data.strip() == b"[DONE]"

    def event(self, data: dict[str, Any], name: str) -> list[StreamFrame]:
        """The frames of one chunk."""
        if data.get("error") or name == "error":
            raise self.reported(data)
        self._last = data
        self._id = self._id or _word(data.get("id"))
        self._model = self._model or _word(data.get("model"))
        if usage := data.get("usage"):
            self._count(usage)
        elif "x_groq" in data:
            self._groq(data["x_groq"] or {})
        choices: list[dict[str, Any]] = data.get("choices") or []
        if len(choices) == 1 and not choices[0].get("index"):
            return self._choice(choices[0])
        frames: list[StreamFrame] = []
        for position, choice in enumerate(choices):
            place = choice.get("index")
            if not (position if place is None else place):
                frames += self._choice(choice)
        return frames

    def finish(self) -> list[StreamFrame]:
        """What is due at the end; the stream is over well if an end marker came."""
        if self._finish is None and not self.done:
            raise self.truncated()
        extra = {key: value for key, value in self._last.items() if key not in KNOWN_KEYS}
        reason = FINISH_REASONS.get(self._finish, "other") if self._finish else None
        if self._refused and reason == "stop":
            reason = "refusal"
        frames = self.assembler.reasoning(signature=self._details.take())
        return frames + self.assembler.end(
            reason,
            self._usage,
            model=self._model or None,
            response_id=self._id or None,
            raw={**extra, **self._raw},
        )

    def _choice(self, choice: Mapping[str, Any]) -> list[StreamFrame]:
        delta = choice.get("delta")
        if delta is None:
            # A server that answers a streamed request in one piece writes "message".
            delta = choice.get("message") or {}
        content = delta.get("content")
        reason = choice.get("finish_reason")
        if len(delta) == 1 and not reason:
            # Nearly every chunk: words, or a piece of one call.
            if type(content) is str:
                self.repeats = CONTENT
                return self.joiner.text(content)
            calls = delta.get("tool_calls")
            if calls and len(calls) == 1:
                self.repeats = ARGUMENTS
                return self._tool_call(calls[0], self.joiner)
        frames = self._delta(delta, content) if delta else []
        if reason:
            self._finished(text(reason), choice)
        return frames

    def _delta(self, delta: Mapping[str, Any], content: Any) -> list[StreamFrame]:
        # DeepSeek, llama.cpp and vLLM write reasoning_content; OpenRouter and Groq reasoning.
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        frames = self.assembler.reasoning(thought) if isinstance(thought, str) else []
        if details := delta.get("reasoning_details"):
            # OpenRouter writes the words of its details into reasoning too; others do not.
            words, summary = self._details.add(details)
            frames += [] if thought else self.assembler.reasoning(words, summary=summary)
        elif content or delta.get("tool_calls"):
            frames += self.assembler.reasoning(signature=self._details.take())
        if content and _google(delta).get("thought") is True:
            return frames + self.assembler.reasoning(THOUGHT_TAG.sub("", text(content)))
        if type(content) is str:
            frames += self.assembler.text(content)
        elif content:
            frames += self._content_parts(content)
        if refusal := text(delta.get("refusal")):
            self._refused = True
            frames += self.assembler.text(refusal)
        for call in delta.get("tool_calls") or ():
            frames += self._tool_call(call, self.assembler)
        if call := delta.get("function_call"):
            frames += self.assembler.tool_call(
                name=text(call.get("name")), arguments=call.get("arguments"), index=0
            )
        return frames

    def _finished(self, reason: str, choice: Mapping[str, Any]) -> None:
        if reason == "error":
            # OpenRouter says so when the model's own provider broke off.
            raise self.reported({"error": choice.get("error") or "finish_reason is 'error'"})
        # Some servers repeat the finish; the first one that says something counts.
        self._finish = self._finish or reason
        self._raw.setdefault("finish_reason", reason)
        self._count(choice.get("usage"))  # where Moonshot writes it

    def _count(self, usage: Any) -> None:
        # Servers that send running totals send them in every chunk: the last one counts.
        if usage:
            self._usage, self._raw["usage"] = _usage(usage), usage

    def _groq(self, about: Mapping[str, Any]) -> None:
        if error := about.get("error"):
            raise self.reported({"error": error})
        self._count(about.get("usage"))

    def _content_parts(self, content: Iterable[Mapping[str, Any]]) -> list[StreamFrame]:
        # Mistral's reasoning models send content as a list of parts.
        frames: list[StreamFrame] = []
        for part in content:
            if part.get("type") == "text":
                frames += self.assembler.text(text(part.get("text")))
            elif part.get("type") == "thinking":
                for piece in part.get("thinking") or ():
                    frames += self.assembler.reasoning(text(piece.get("text")))
        return frames

    def _tool_call(
        self, call: Mapping[str, Any], taker: FrameAssembler | Recorder
    ) -> list[StreamFrame]:
        function = call.get("function") or {}
        index = call.get("index")
        name = function.get("name")
        return taker.tool_call(
            id=call.get("id"),
            name=name if name is None else text(name),
            arguments=function.get("arguments"),
            # Some servers number their calls in strings.
            index=index if index is None or type(index) is int else int(index),
            signature=_google(call).get("thought_signature") if "extra_content" in call else None,
        )


def _google(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What Google adds to a delta or a call."""
    extra = value.get("extra_content") or {}
    return next((extra[name] for name in SIGNERS if extra.get(name)), {})


def _word(value: Any) -> str:
    """An id or a name, where it is one; a reply is not lost for it."""
    return value if isinstance(value, str) else ""


def _usage(usage: Mapping[str, Any]) -> Usage:
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    return Usage(
        number(usage.get("prompt_tokens")),
        number(usage.get("completion_tokens")),
        number(prompt.get("cached_tokens") or usage.get("prompt_cache_hit_tokens")),
        number(completion.get("reasoning_tokens")),
    )
