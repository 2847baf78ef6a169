"""Events of the responses API for tests, and what the decoder makes of them."""

from __future__ import annotations

import json

from nbagent.frames import End
from nbagent.providers.openai_responses_decoder import OpenAIResponsesDecoder

TEXT = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0}


def events(*values: dict) -> bytes:
    """Events with these data."""
    return b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)


def decode(data: bytes) -> tuple[list, OpenAIResponsesDecoder]:
    """The frames of the bytes, and the decoder."""
    decoder = OpenAIResponsesDecoder()
    frames = decoder.feed(data)
    return frames + decoder.flush(), decoder


def good(data: bytes) -> list:
    """The frames of bytes that end well."""
    frames, decoder = decode(data)
    assert decoder.error is None
    assert isinstance(frames[-1], End)
    return frames


def without_end(data: bytes) -> list:
    """The same without the `End`."""
    return good(data)[:-1]


def message(*texts: str, id: str = "msg_1") -> dict:
    """A whole message item."""
    parts = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    return {"type": "message", "id": id, "role": "assistant", "content": parts}


def call(arguments: object, call_id: str = "call_1", name: str = "f", id: str = "fc_1") -> dict:
    """A whole item of a call."""
    item = {"type": "function_call", "id": id, "call_id": call_id}
    return {**item, "name": name, "arguments": arguments}


def completed(*output: dict, **more: object) -> dict:
    """The event that ends a response."""
    response = {"id": "resp_1", "status": "completed", "model": "m", "output": list(output), **more}
    return {"type": "response.completed", "response": response}
