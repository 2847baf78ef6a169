"""The events of OpenAI's responses API to frames.

Source: the API reference of the streaming events of ``POST /v1/responses``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from nbagent.frames import StreamFrame
from nbagent.messages import FinishReason, Usage
from nbagent.providers.decoder import EventDecoder
from nbagent.providers.fields import number, text
from nbagent.providers.openai_responses_items import Item, Items
from nbagent.providers.openai_responses_messages import sign

__all__ = ["OpenAIResponsesDecoder"]

# Of the events with a fragment: what it is of, and the key of the part's number.
DELTAS: Mapping[str, tuple[str, str]] = {
    "response.output_text.delta": ("text", "content_index"),
    "response.refusal.delta": ("refusal", "content_index"),
    "response.reasoning_text.delta": ("reasoning", "content_index"),
    "response.reasoning_summary_text.delta": ("summary", "summary_index"),
    "response.function_call_arguments.delta": ("arguments", ""),
}
# Of the events with a whole part: the same, and the key of the whole.
WHOLES: Mapping[str, tuple[str, str, str]] = {
    "response.output_text.done": ("text", "content_index", "text"),
    "response.refusal.done": ("refusal", "content_index", "refusal"),
    "response.reasoning_text.done": ("reasoning", "content_index", "text"),
    "response.reasoning_summary_text.done": ("summary", "summary_index", "text"),
    "response.function_call_arguments.done": ("arguments", "", "arguments"),
}
ITEM_TYPES: Mapping[str, str] = {
    "text": "message",
    "refusal": "message",
    "reasoning": "reasoning",
    "summary": "reasoning",
    "arguments": "function_call",
}
ENDS = frozenset({"response.completed", "response.incomplete"})
FAILURES = frozenset({"error", "response.failed", "response.cancelled"})
INCOMPLETE: Mapping[str, FinishReason] = {
    "max_output_tokens": "length",
    "content_filter": "content_filter",
}
# The parts of a summary are paragraphs with a heading each; joined bare they would run together.
PARAGRAPH = "\n\n"
# What of the finished response is neither elsewhere in the End nor a repetition of the request.
KEPT_KEYS = ("status", "incomplete_details", "usage", "service_tier")


class OpenAIResponsesDecoder(EventDecoder):
    """Events of a response to frames. The end marker is the finished response."""

    provider: ClassVar[str] = "OpenAI"

    def __init__(self) -> None:
        super().__init__()
        self._items = Items()
        self._end: tuple[FinishReason | None, Usage, dict[str, Any]] | None = None
        self._refused = False
        self._hosted: list[Any] = []
        self._annotations: list[Any] = []

    def marker(self, data: bytes) -> bool:
        """``[DONE]``, which some servers add; without a finished response it is no end."""
        return data.strip() == b"[DONE]"

    def event(self, data: dict[str, Any], name: str) -> list[StreamFrame]:
        """The frames of one event. Events that are not known say nothing."""
        kind = data.get("type") or name
        delta = DELTAS.get(kind)
        if delta is not None:
            item = self._items.of(data, ITEM_TYPES[delta[0]])
            return self._fragment(item, delta[0], data.get(delta[1]) or 0, text(data["delta"]))
        whole = WHOLES.get(kind)
        if whole is not None:
            item = self._items.of(data, ITEM_TYPES[whole[0]])
            return self._rest(item, whole[0], data.get(whole[1]) or 0, data.get(whole[2]))
        if kind == "response.output_item.added":
            return self._opened(data)
        if kind == "response.content_part.done":
            return self._part(self._items.of(data, "message"), data, data["part"])
        if kind == "response.output_item.done":
            return self._whole(self._items.finished(data), data["item"])
        if kind in ENDS:
            return self._finished(data["response"])
        return self._other(data, kind, name)

    def finish(self) -> list[StreamFrame]:
        """What is due at the end, which is one only if a finished response came."""
        if self._end is None:
            raise self.truncated()
        reason, usage, meta = self._end
        return self.assembler.end(reason, usage, **meta)

    def _fragment(self, item: Item, kind: str, part: int, fragment: str) -> list[StreamFrame]:
        if kind == "arguments":
            if not item.named:
                # Nothing said whose they are; they come again with the whole item.
                return []
            item.note(kind, part, fragment)
            return self.assembler.tool_call(id=item.call_id, arguments=fragment, index=item.key)
        if kind == "reasoning":
            item.note(kind, part, fragment)
            return self.assembler.reasoning(fragment, index=item.key)
        if kind == "summary":
            return self._summary(item, part, fragment)
        self._refused = self._refused or kind == "refusal"
        # Each part of a message is a block of its own, also where nothing says that one is over.
        frames = self._close(item) if part != item.part else []
        item.part = part
        item.note("text", part, fragment)
        return frames + self.assembler.text(fragment, index=item.key)

    def _summary(self, item: Item, part: int, fragment: str) -> list[StreamFrame]:
        another = part > 0 and not item.begun("summary", part)
        item.note("summary", part, fragment)
        shown = PARAGRAPH + fragment if another else fragment
        return self.assembler.reasoning(summary=shown, index=item.key)

    def _rest(self, item: Item, kind: str, part: int, whole: Any) -> list[StreamFrame]:
        """What a whole part adds to its fragments."""
        rest = item.owed("text" if kind == "refusal" else kind, part, whole)
        return self._fragment(item, kind, part, rest) if rest else []

    def _opened(self, data: Mapping[str, Any]) -> list[StreamFrame]:
        item = self._items.added(data)
        if item.type != "function_call":
            return []
        name = text(data["item"].get("name"))
        item.named = bool(name)
        return self.assembler.tool_call(id=item.call_id, name=name, index=item.key)

    def _part(
        self, item: Item, place: Mapping[str, Any], part: Mapping[str, Any]
    ) -> list[StreamFrame]:
        """A whole part of a message, and its end. Parts of reasoning end with their item."""
        kind = part.get("type")
        if kind not in ("output_text", "refusal"):
            return []
        self._refused = self._refused or kind == "refusal"
        whole = part.get("refusal" if kind == "refusal" else "text")
        return self._rest(item, "text", place.get("content_index") or 0, whole) + self._close(item)

    def _whole(self, item: Item, value: Mapping[str, Any]) -> list[StreamFrame]:
        """A whole item: what has not come of it yet, and its end."""
        if item.done:
            return []
        item.done = True
        if item.type == "message":
            return self._whole_message(item, value)
        if item.type == "reasoning":
            return self._whole_reasoning(item, value) + self._close(item)
        if item.type == "function_call":
            return self._whole_call(item, value) + self._close(item)
        self._hosted.append(value)
        return []

    def _whole_message(self, item: Item, value: Mapping[str, Any]) -> list[StreamFrame]:
        frames: list[StreamFrame] = []
        for place, part in enumerate(value.get("content") or ()):
            frames += self._part(item, {"content_index": place}, part)
            self._annotations += part.get("annotations") or ()
        return frames + self._close(item)

    def _whole_reasoning(self, item: Item, value: Mapping[str, Any]) -> list[StreamFrame]:
        frames = self._parts(item, "summary", value.get("summary") or ())
        frames += self._parts(item, "reasoning", value.get("content") or ())
        return frames + self.assembler.reasoning(signature=sign(value), index=item.key)

    def _parts(self, item: Item, kind: str, parts: Iterable[Any]) -> list[StreamFrame]:
        frames: list[StreamFrame] = []
        for place, part in enumerate(parts):
            frames += self._rest(item, kind, place, part.get("text"))
        return frames

    def _whole_call(self, item: Item, value: Mapping[str, Any]) -> list[StreamFrame]:
        rest = item.owed("arguments", 0, value.get("arguments"))
        item.note("arguments", 0, rest)
        if item.named and not rest:
            # Said again, a call that is closed already would count as another one.
            return []
        return self.assembler.tool_call(
            id=item.call_id, name=text(value.get("name")), arguments=rest, index=item.key
        )

    def _close(self, item: Item) -> list[StreamFrame]:
        if item.key is None and not self._items.newest(item):
            # Without an index the newest block alone can be closed; others end at the boundary.
            return []
        return self.assembler.close_block(index=item.key)

    def _finished(self, response: Mapping[str, Any]) -> list[StreamFrame]:
        frames: list[StreamFrame] = []
        for position, value in enumerate(response.get("output") or ()):
            frames += self._whole(self._items.listed(position, value), value)
        self._end = (
            self._reason(response),
            _usage(response.get("usage") or {}),
            self._meta(response),
        )
        self.done = True
        return frames

    def _reason(self, response: Mapping[str, Any]) -> FinishReason | None:
        if response.get("status") == "incomplete":
            details = response.get("incomplete_details") or {}
            return INCOMPLETE.get(text(details.get("reason")), "other")
        return "refusal" if self._refused else None

    def _meta(self, response: Mapping[str, Any]) -> dict[str, Any]:
        model, identity = text(response.get("model")), text(response.get("id"))
        return {
            "model": model or None,
            "response_id": identity or None,
            "raw": self._raw(response),
        }

    def _other(self, data: dict[str, Any], kind: str, name: str) -> list[StreamFrame]:
        if kind in FAILURES or name == "error":
            raise self.reported(_failure(data))
        if data.get("object") == "response":
            # The answer in one piece, although a stream was asked for.
            if data.get("error") or data.get("status") in ("failed", "cancelled"):
                raise self.reported(_failure({"response": data}))
            return self._finished(data) if data.get("status") != "in_progress" else []
        if data.get("error") and not kind.startswith("response."):
            raise self.reported(data)
        return []

    def _raw(self, final: Mapping[str, Any]) -> dict[str, Any]:
        raw = {key: final[key] for key in KEPT_KEYS if final.get(key) is not None}
        if self._hosted:
            raw["output"] = self._hosted
        if self._annotations:
            raw["annotations"] = self._annotations
        return raw


def _failure(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The error in the form that all providers' errors are read in."""
    response = data.get("response")
    if not isinstance(response, Mapping):
        return data
    error = response.get("error") or {"message": f"the response is {response.get('status')}"}
    return {"error": error}


def _usage(usage: Mapping[str, Any]) -> Usage:
    read = usage.get("input_tokens_details") or {}
    written = usage.get("output_tokens_details") or {}
    return Usage(
        number(usage.get("input_tokens")),
        number(usage.get("output_tokens")),
        number(read.get("cached_tokens")),
        number(written.get("reasoning_tokens")),
    )
