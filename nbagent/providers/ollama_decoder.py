"""The JSON lines of Ollama's chat to frames.

Source: the API reference of ``POST /api/chat``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pydantic_core

from nbagent.frames import StreamFrame
from nbagent.messages import FinishReason, Usage
from nbagent.providers.decoder import EventDecoder
from nbagent.providers.fields import number, text
from nbagent.providers.ndjson import LineEvents
from nbagent.sse import MAX_EVENT_BYTES

__all__ = ["OllamaDecoder"]

# "load" and "unload" answer a request without messages: nothing was said.
FINISH_REASONS: Mapping[str, FinishReason] = {"stop": "stop", "length": "length"}
KNOWN_KEYS = frozenset({"model", "created_at", "message", "done"})


class OllamaDecoder(EventDecoder):
    """Lines of a chat to frames. The end marker is ``"done": true``."""

    provider: ClassVar[str] = "Ollama"
    # An object is a line here, and not the whole answer.
    takes_body: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        # Both have the same two methods, and one type for them would be used here alone.
        self._sse = LineEvents()  # type: ignore[assignment]  # lines for events
        self._end: tuple[FinishReason | None, Usage, dict[str, Any]] = None, Usage(), {}
        self._spread: bytearray | None = None
        self._begun = False

    def event(self, data: dict[str, Any], name: str) -> list[StreamFrame]:
        """The frames of one line."""
        if data.get("error"):
            raise self.reported(data)
        frames: list[StreamFrame] = []
        message = data.get("message") or {}
        if thought := message.get("thinking"):
            frames += self.assembler.reasoning(text(thought))
        if words := message.get("content"):
            frames += self.assembler.text(text(words))
        for call in message.get("tool_calls") or ():
            frames += self._call(call)
        if data.get("done"):
            self._end = _end(data)
            self.done = True
        return frames

    def finish(self) -> list[StreamFrame]:
        """What is due at the end, which is one only if the last line came."""
        frames: list[StreamFrame] = []
        if self._spread is not None:
            body, self._spread = bytes(self._spread), None
            super()._data(body, "", frames)
        if not self.done:
            raise self.truncated()
        reason, usage, meta = self._end
        return frames + self.assembler.end(reason, usage, **meta)

    def _call(self, call: Mapping[str, Any]) -> list[StreamFrame]:
        # Calls come whole, in older versions without an id; the closing keeps them apart.
        function = call.get("function") or {}
        frames = self.assembler.tool_call(
            id=text(call.get("id")),
            name=text(function.get("name")),
            arguments=function.get("arguments"),
        )
        return frames + self.assembler.close_block()

    def _data(self, data: bytes, name: str, frames: list[StreamFrame]) -> None:
        if not self._begun and data.strip():
            self._begun = True
            if _goes_on(data):
                self._spread = bytearray()
        if self._spread is None:
            super()._data(data, name, frames)
            return
        # A proxy has set the one object of the answer in several lines.
        self._spread += data + b"\n"
        if len(self._spread) > MAX_EVENT_BYTES:
            raise self.malformed(f"an object of more than {MAX_EVENT_BYTES:,} bytes")


def _end(last: Mapping[str, Any]) -> tuple[FinishReason | None, Usage, dict[str, Any]]:
    reason = text(last.get("done_reason"))
    usage = Usage(number(last.get("prompt_eval_count")), number(last.get("eval_count")))
    raw = {key: value for key, value in last.items() if key not in KNOWN_KEYS}
    finish = FINISH_REASONS.get(reason, "other") if reason else None
    return finish, usage, {"model": text(last.get("model")) or None, "raw": raw}


def _goes_on(line: bytes) -> bool:
    try:
        pydantic_core.from_json(line)
    except ValueError as error:
        return str(error).startswith("EOF while parsing")
    return False
