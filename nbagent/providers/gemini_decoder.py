"""Gemini's streamed responses to frames.

Source: the API reference of ``GenerateContentResponse``. There is no end marker but a
candidate's finish reason, and usage and signatures may come in chunks behind it: the stream is
read to the end of its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from nbagent.errors import ProviderStreamError
from nbagent.frames import StreamFrame
from nbagent.messages import FinishReason, Usage
from nbagent.providers.decoder import EventDecoder
from nbagent.providers.fields import number, text

__all__ = ["GeminiDecoder"]

FINISH_REASONS: Mapping[str, FinishReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "MODEL_ARMOR": "content_filter",
}
UNSPECIFIED = frozenset({"FINISH_REASON_UNSPECIFIED", "BLOCKED_REASON_UNSPECIFIED"})
# Keys of a candidate and of a part that stand elsewhere, or say nothing about the reply.
KNOWN_KEYS = frozenset({"content", "index", "finishReason"})
KNOWN_PARTS = frozenset({"text", "functionCall", "thought", "thoughtSignature"})
# Without ?alt=sse, which a proxy may lose, the chunks come as one JSON array.
CHUNKS = "chunks of an array"


class GeminiDecoder(EventDecoder):
    """Chunks of a generated content to frames. Of several candidates the first alone is read."""

    provider: ClassVar[str] = "Gemini"

    def __init__(self) -> None:
        super().__init__()
        self._finish: str | None = None
        self._counts: dict[str, Any] = {}
        self._usage = Usage()
        self._model: str | None = None
        self._id: str | None = None
        self._raw: dict[str, Any] = {}

    def event(self, data: dict[str, Any], name: str) -> list[StreamFrame]:
        """The frames of one chunk."""
        if CHUNKS in data:
            return [frame for chunk in data[CHUNKS] for frame in self.event(chunk, name)]
        if data.get("error") or name == "error":
            raise self.reported(data)
        self._model = text(data.get("modelVersion")) or self._model
        self._id = text(data.get("responseId")) or self._id
        # Running totals; a chunk may leave out what it says nothing new about.
        self._counts.update(data.get("usageMetadata") or {})
        self._usage = _usage(self._counts)
        if feedback := data.get("promptFeedback"):
            self._blocked(feedback)
        frames: list[StreamFrame] = []
        for candidate in data.get("candidates") or ():
            if not candidate.get("index"):
                frames += self._candidate(candidate)
        return frames

    def finish(self) -> list[StreamFrame]:
        """What is due at the end; the stream is over well if a finish reason came."""
        if self._finish is None:
            raise self.truncated()
        raw = {**self._raw, "finish_reason": self._finish, "usage": self._counts}
        return self.assembler.end(
            FINISH_REASONS.get(self._finish, "other"),
            self._usage,
            model=self._model,
            response_id=self._id,
            raw=raw,
        )

    def _unlisted(self, value: Any, data: bytes) -> dict[str, Any]:
        if isinstance(value, list) and all(isinstance(chunk, dict) for chunk in value):
            return {CHUNKS: value}
        return super()._unlisted(value, data)

    def _blocked(self, feedback: Mapping[str, Any]) -> None:
        reason = feedback.get("blockReason")
        self._raw["promptFeedback"] = feedback
        if not reason or reason in UNSPECIFIED:
            return
        words = feedback.get("blockReasonMessage") or "rephrase what was asked, and ask again"
        raise ProviderStreamError(
            f"{self.provider} blocked the prompt ({reason}): {words}",
            partial=self.message,
            code=str(reason),
            body={"promptFeedback": feedback},
        )

    def _candidate(self, candidate: Mapping[str, Any]) -> list[StreamFrame]:
        frames: list[StreamFrame] = []
        for part in (candidate.get("content") or {}).get("parts") or ():
            frames += self._part(part)
        for key, value in candidate.items():
            if key not in KNOWN_KEYS:
                self._keep(key, value)
        reason = candidate.get("finishReason")
        if reason and reason not in UNSPECIFIED:
            # Earlier versions of the API repeat it on every chunk.
            self._finish = str(reason)
        return frames

    def _keep(self, key: str, value: Any) -> None:
        """Citations come piece by piece; of everything else the last counts."""
        sources = value.get("citationSources") if isinstance(value, Mapping) else None
        if sources is None:
            self._raw[key] = value
        else:
            self._raw.setdefault(key, {"citationSources": []})["citationSources"] += sources

    def _part(self, part: Mapping[str, Any]) -> list[StreamFrame]:
        signature = text(part.get("thoughtSignature"))
        if (call := part.get("functionCall")) is not None:
            return self._call(call, signature)
        words = text(part.get("text"))
        if part.get("thought"):
            frames = self.assembler.reasoning(words, signature=signature)
            return frames + self.assembler.close_block() if signature else frames
        frames = self.assembler.text(words)
        if signature:
            # A signature on words, or alone behind them: a block of its own after theirs, as the
            # thought that it proves is not shown.
            frames += self.assembler.close_block()
            frames += self.assembler.reasoning(signature=signature)
            frames += self.assembler.close_block()
        if not KNOWN_PARTS.issuperset(part):
            # Code that ran on the server, say: what comes behind it is another block of words.
            self._raw.setdefault("parts", []).append(part)
            frames += self.assembler.close_block()
        return frames

    def _call(self, call: Mapping[str, Any], signature: str) -> list[StreamFrame]:
        # A call comes whole. The block before is closed first, so that it cannot be taken for
        # the beginning of this one.
        arguments = call.get("args")
        return [
            *self.assembler.close_block(),
            *self.assembler.tool_call(
                id=text(call.get("id")),
                name=text(call["name"]),
                arguments={} if arguments is None else arguments,
                signature=signature,
            ),
            *self.assembler.close_block(),
        ]


def _usage(counts: Mapping[str, Any]) -> Usage:
    thoughts = number(counts.get("thoughtsTokenCount"))
    return Usage(
        number(counts.get("promptTokenCount")) + number(counts.get("toolUsePromptTokenCount")),
        number(counts.get("candidatesTokenCount")) + thoughts,
        number(counts.get("cachedContentTokenCount")),
        thoughts,
    )
