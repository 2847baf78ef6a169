"""The bytes of the replies that the benchmarks read, named by the model that is asked.

A name is ``kind,chunks,framing``: kind is ``text`` or ``arguments``, framing ``plain`` (the body
ends with the connection, many chunks to a read) or ``chunked`` (an HTTP chunk to each, as
providers send them). Chunks are about 250 bytes long.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

__all__ = ["FRAMINGS", "body", "model", "text_length", "word"]

FRAMINGS = ("plain", "chunked")
WORDS = (
    " the",
    " lever",
    " of a",
    " small",
    " car",
    ", in",
    " miles",
    " per\n",
    " “gallon”",
    " is",
)
PIECES = ('{"rows": [', *("1234, ", "56.78, ", '"ford", ', "-0.5, ", "null, ") * 4)


def model(kind: str, chunks: int, framing: str = "plain") -> str:
    """The model to ask for such a reply."""
    return f"{kind},{chunks},{framing}"


def word(number: int) -> str:
    """A chunk's words. They differ, as those of a model do: caches of strings do not help."""
    return WORDS[number % len(WORDS)] + format(number * 2654435761 % 65536, "x")


def text_length(chunks: int) -> int:
    """The characters of the text in a reply of so many chunks."""
    return sum(len(word(number)) for number in range(chunks))


@lru_cache(maxsize=16)
def body(name: str) -> bytes:
    """The whole reply of a model, framed."""
    kind, chunks, framing = name.split(",")
    deltas = _texts(int(chunks)) if kind == "text" else _arguments(int(chunks))
    events = [_event({"delta": delta, "index": 0, "finish_reason": None}) for delta in deltas]
    reason = "stop" if kind == "text" else "tool_calls"
    events.append(_event({"delta": {}, "index": 0, "finish_reason": reason}))
    events.append(b"data: [DONE]\n\n")
    if framing == "plain":
        return b"".join(events)
    return b"".join(b"%x\r\n%b\r\n" % (len(event), event) for event in (*events, b""))


def _event(choice: dict[str, Any]) -> bytes:
    chunk = {
        "id": "chatcmpl-CgPz0aJwWpXQ8V5sTn3mKbR2yLuE4",
        "object": "chat.completion.chunk",
        "created": 1764000000,
        "model": "gpt-5-mini-2025-08-07",
        "service_tier": "default",
        "system_fingerprint": None,
        "choices": [choice],
    }
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


def _texts(chunks: int) -> Iterator[dict[str, Any]]:
    for number in range(chunks):
        yield {"content": word(number)}


def _arguments(chunks: int) -> Iterator[dict[str, Any]]:
    """One call whose arguments are a long list."""
    function: dict[str, Any] = {"name": "summary", "arguments": ""}
    yield {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]}
    yield _fragment(PIECES[0])
    for number in range(chunks - 3):
        yield _fragment(PIECES[1 + number % (len(PIECES) - 1)])
    yield _fragment("0]}")


def _fragment(text: str) -> dict[str, Any]:
    return {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}
