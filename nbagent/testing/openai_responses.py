"""Frames as OpenAI's responses API streams them: server-sent events, all with a type and a number.

Everything is said as often as there: in deltas, when a part is done, when its item is done, and in
the response that ends the stream.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any, TypeAlias

from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextDelta,
    ToolCallDelta,
)
from nbagent.testing.replies import Gate, ScriptItem

__all__ = ["encode_responses"]

Fields: TypeAlias = dict[str, Any]

STATUS = {"length": "incomplete", "content_filter": "incomplete"}
INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


def encode_responses(frames: Iterable[ScriptItem], model: str) -> Iterator[bytes | Gate]:
    """The pieces of a streamed response; gates pass through.

    An item is over with its last frame. A `ReasoningComplete` gives a reasoning item its
    ``encrypted_content``: from its signature, which is as our client makes it, or any text.
    """
    items = tuple(frames)
    last = {_place(item): number for number, item in enumerate(items)}
    response = _Response(model, refused=any(_refuses(item) for item in items))
    yield response.event("response.created", response=response.head("in_progress"))
    yield response.event("response.in_progress", response=response.head("in_progress"))
    for number, item in enumerate(items):
        if isinstance(item, Gate):
            yield item
        elif isinstance(item, End):
            yield response.end(item)
        elif (place := _place(item)) is not None:
            yield response.frame(place, item, last=last[place] == number)


def _place(item: ScriptItem) -> Any:
    """What tells the output item of a frame; None for frames that this protocol does not send."""
    if isinstance(item, TextDelta):
        return "message", item.index
    if isinstance(item, (ReasoningDelta, ReasoningComplete)):
        return "reasoning", item.index
    if isinstance(item, ToolCallDelta):
        return "function_call", item.tool_call_id
    return None


def _refuses(item: ScriptItem) -> bool:
    return isinstance(item, End) and item.finish_reason == "refusal"


class _Response:
    """One response while it is written."""

    def __init__(self, model: str, *, refused: bool) -> None:
        self._model = model
        self._kind = "refusal" if refused else "output_text"
        self._numbers = count()
        self._output: list[Fields] = []
        self._places: dict[Any, int] = {}

    def event(self, type: str, **fields: Any) -> bytes:
        """One event."""
        data = {"type": type, "sequence_number": next(self._numbers), **fields}
        text = json.dumps(data, ensure_ascii=False)
        return f"event: {type}\ndata: {text}\n\n".encode()

    def head(self, status: str, **fields: Any) -> Fields:
        """The response object, as far as it is."""
        return {
            "id": "resp_scripted",
            "object": "response",
            "created_at": 1700000000,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "model": self._model,
            "output": list(self._output),
            "parallel_tool_calls": True,
            "temperature": 1.0,
            "tool_choice": "auto",
            "tools": [],
            "top_p": 1.0,
            "usage": None,
            **fields,
        }

    def frame(self, place: Any, frame: StreamFrame, *, last: bool) -> bytes:
        """The events of one frame; with the item's start and end where they are due."""
        data = b""
        if place not in self._places:
            self._places[place] = len(self._output)
            item = self._new(frame)
            self._output.append(item)
            data += self.event("response.output_item.added", **self._at(place), item=item)
            if item["type"] == "message":
                data += self._part(place, "added")
        data += self._delta(place, frame)
        return data + self._done(place) if last else data

    def end(self, frame: End) -> bytes:
        """The finished response."""
        status = STATUS.get(frame.finish_reason, "completed")
        reason = INCOMPLETE.get(frame.finish_reason)
        usage = {
            "input_tokens": frame.usage.input_tokens,
            "input_tokens_details": {
                "cached_tokens": frame.usage.cached_input_tokens,
                "cache_write_tokens": 0,
            },
            "output_tokens": frame.usage.output_tokens,
            "output_tokens_details": {"reasoning_tokens": frame.usage.reasoning_tokens},
            "total_tokens": frame.usage.input_tokens + frame.usage.output_tokens,
        }
        details = {"reason": reason} if reason else None
        whole = self.head(status, incomplete_details=details, usage=usage)
        return self.event(f"response.{status}", response=whole)

    def _new(self, frame: StreamFrame) -> Fields:
        number = len(self._output)
        if isinstance(frame, ToolCallDelta):
            return {
                "id": f"fc_{number}",
                "type": "function_call",
                "status": "in_progress",
                "call_id": frame.tool_call_id,
                "name": frame.name,
                "arguments": "",
            }
        if isinstance(frame, TextDelta):
            return {
                "id": f"msg_{number}",
                "type": "message",
                "status": "in_progress",
                "role": "assistant",
                "content": [],
            }
        return {"id": f"rs_{number}", "type": "reasoning", "summary": []}

    def _delta(self, place: Any, frame: StreamFrame) -> bytes:
        item = self._output[self._places[place]]
        if isinstance(frame, ToolCallDelta):
            return self._arguments(place, item, frame.arguments)
        if isinstance(frame, TextDelta):
            return self._text(place, item, frame.text)
        if isinstance(frame, ReasoningDelta):
            return self._reasoning(place, item, frame)
        if isinstance(frame, ReasoningComplete):
            _seal(item, frame.signature)
        return b""

    def _arguments(self, place: Any, item: Fields, fragment: str) -> bytes:
        item["arguments"] += fragment
        name = "response.function_call_arguments.delta"
        return self.event(name, **self._at(place, item), delta=fragment) if fragment else b""

    def _text(self, place: Any, item: Fields, fragment: str) -> bytes:
        refused = self._kind == "refusal"
        item["content"][0]["refusal" if refused else "text"] += fragment
        more: Fields = {} if refused else {"logprobs": []}
        at = self._at(place, item)
        name = f"response.{self._kind}.delta"
        return self.event(name, **at, content_index=0, delta=fragment, **more)

    def _reasoning(self, place: Any, item: Fields, frame: ReasoningDelta) -> bytes:
        kind = "summary" if frame.summary else "content"
        parts: list[Fields] = item.setdefault(kind, [])
        data = b""
        at = self._at(place, item)
        if not parts:
            parts.append(
                {"type": "summary_text" if frame.summary else "reasoning_text", "text": ""}
            )
            if frame.summary:
                name = "response.reasoning_summary_part.added"
                data = self.event(name, **at, summary_index=0, part=parts[0])
        parts[0]["text"] += frame.text
        if frame.summary:
            name, number = "response.reasoning_summary_text.delta", {"summary_index": 0}
        else:
            name, number = "response.reasoning_text.delta", {"content_index": 0}
        return data + self.event(name, **at, **number, delta=frame.text)

    def _part(self, place: Any, what: str) -> bytes:
        item = self._output[self._places[place]]
        if what == "added":
            part: Fields = {"type": self._kind}
            if self._kind == "refusal":
                part["refusal"] = ""
            else:
                part |= {"text": "", "annotations": [], "logprobs": []}
            item["content"].append(part)
        name = f"response.content_part.{what}"
        return self.event(name, **self._at(place, item), content_index=0, part=item["content"][0])

    def _done(self, place: Any) -> bytes:
        item = self._output[self._places[place]]
        at = self._at(place, item)
        data = b""
        if item["type"] == "function_call":
            whole = {"name": item["name"], "arguments": item["arguments"]}
            data = self.event("response.function_call_arguments.done", **at, **whole)
        elif item["type"] == "message":
            data = self._text_done(item, at) + self._part(place, "done")
        else:
            data = self._reasoning_done(item, at)
        if "status" in item:
            item["status"] = "completed"
        return data + self.event("response.output_item.done", **self._at(place), item=item)

    def _text_done(self, item: Fields, at: Fields) -> bytes:
        part = item["content"][0]
        if self._kind == "refusal":
            whole: Fields = {"refusal": part["refusal"]}
        else:
            whole = {"text": part["text"], "logprobs": []}
        return self.event(f"response.{self._kind}.done", **at, content_index=0, **whole)

    def _reasoning_done(self, item: Fields, at: Fields) -> bytes:
        data = b""
        for part in item.get("content", ()):
            name = "response.reasoning_text.done"
            data += self.event(name, **at, content_index=0, text=part["text"])
        for part in item["summary"]:
            name = "response.reasoning_summary_text.done"
            data += self.event(name, **at, summary_index=0, text=part["text"])
            name = "response.reasoning_summary_part.done"
            data += self.event(name, **at, summary_index=0, part=part)
        return data

    def _at(self, place: Any, item: Fields | None = None) -> Fields:
        at: Fields = {"output_index": self._places[place]}
        return at if item is None else {"item_id": item["id"], **at}


def _seal(item: Fields, signature: str | None) -> None:
    """Takes over what our client's signature holds."""
    if signature is None:
        return
    try:
        value = json.loads(signature)
    except ValueError:
        value = {"encrypted_content": signature}
    item.update(value if isinstance(value, dict) else {"encrypted_content": signature})
