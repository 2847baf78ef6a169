"""What may cross the wire: values made plain JSON, bytes taken out into buffers, errors to read.

Everything a tool returns or raises passes through here, so nothing in it may raise for a value
that JSON cannot hold: one such value would stop every message after it.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import traceback
from collections.abc import Mapping
from typing import Any

from nbagent.errors import NbagentError, ToolExecutionError
from nbagent.tools import ToolInterrupted, ToolRaised
from nbagent.widget.views import Bundle, ErrorView

__all__ = ["bundle_view", "clean", "error_view", "extract", "repair", "weight"]

_BYTES = (bytes, bytearray, memoryview)
_BINARY_MIME = ("image/", "audio/", "video/", "application/pdf")
# A traceback or message longer than this is no longer read by a person.
_LONGEST_ERROR = 50_000


def repair(text: str) -> str:
    """The same text with lone surrogates joined where they are a pair, else replaced.

    Servers that escape an emoji as two JSON escapes may cut between them; the halves cannot be
    encoded as UTF-8, which is how the kernel sends.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def clean(value: Any) -> Any:
    """``value`` as plain JSON: what JSON has no word for becomes text."""
    if isinstance(value, str):
        return repair(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {repair(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    return repair(str(value))


def extract(value: Any, buffers: list[bytes]) -> Any:
    """``value`` with each bytes value moved to ``buffers`` and ``{"buffer": i}`` in its place."""
    if isinstance(value, bytes):
        buffers.append(value)
        return {"buffer": len(buffers) - 1}
    if isinstance(value, dict):
        return {key: extract(item, buffers) for key, item in value.items()}
    if isinstance(value, list):
        return [extract(item, buffers) for item in value]
    return value


def weight(value: Any) -> int:
    """About how many bytes ``value`` takes on the wire."""
    if isinstance(value, (str, bytes)):
        return len(value) + 2
    if isinstance(value, dict):
        return sum(len(key) + 4 + weight(item) for key, item in value.items())
    if isinstance(value, list):
        return sum(weight(item) for item in value)
    return 8


def bundle_view(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Bundle:
    """A MIME bundle for the wire; base64 images, as IPython makes them, become bytes."""
    return {
        "data": {mime: _mime_value(mime, value) for mime, value in data.items()},
        "metadata": clean(metadata),
    }


def error_view(error: BaseException) -> ErrorView:
    """An error for a person to read.

    Of a tool that raised it shows what the person's function raised, with the traceback that was
    cut to their frames; of our own errors, which say what to do, no traceback; of others all.
    """
    own = isinstance(error, NbagentError)
    raised = error.__cause__ if isinstance(error, ToolExecutionError) else None
    raised = raised if raised is not None else error
    trace = getattr(error, "traceback", "") if own else "".join(traceback.format_exception(error))
    view: ErrorView = {
        "type": type(raised).__name__,
        "message": _readable(raised)[:_LONGEST_ERROR],
        "traceback": repair(str(trace))[-_LONGEST_ERROR:],
        "hint": repair("\n".join(str(note) for note in getattr(error, "__notes__", ()))),
    }
    parts = error.parts if isinstance(error, (ToolRaised, ToolInterrupted)) else ()
    # Without frames that are folded they say no more than the traceback does.
    folds = any(part.library for part in parts)
    if folds and sum(len(part.text) for part in parts) <= _LONGEST_ERROR:
        view["parts"] = [
            {"text": repair(part.text), "library": part.library, "frames": part.frames}
            for part in parts
        ]
    return view


def _readable(error: BaseException) -> str:
    try:
        return repair(str(error))
    except Exception as broken:
        # A person's exception may fail to describe itself; the card then says that.
        return f"(its message cannot be read: {type(broken).__name__})"


def _mime_value(mime: str, value: Any) -> Any:
    if isinstance(value, str) and mime.startswith(_BINARY_MIME) and mime != "image/svg+xml":
        try:
            return base64.b64decode("".join(value.split()), validate=True)
        except (binascii.Error, ValueError):
            return repair(value)
    if isinstance(value, _BYTES):
        return bytes(value)
    if isinstance(value, Mapping) and value.keys() == {"buffer"}:
        # JSON that looks like the mark of a buffer must not be taken for one.
        return json.dumps(clean(value))
    return clean(value)
