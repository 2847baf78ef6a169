"""Frames and events as lines of JSON that people can read, and back.

A line has the item's ``kind`` and those of its fields that are not at their default. What JSON has
no word for stands in an object with the key ``$``, which says what it is: a part of a message, an
error, bytes. Content over 16 KiB stands in a file beside, under its hash. An object that a tool
returned is kept where it is plain JSON, else the name of its type is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, get_args

from nbagent import errors
from nbagent.agent.call_runner import Stopped
from nbagent.agent.calls import CallRecord
from nbagent.agent.events import StreamItem
from nbagent.agent.gone import Gone
from nbagent.agent.reply import Reply
from nbagent.errors import NbagentError, StoreError, StreamError
from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
    Usage,
)
from nbagent.store.blobs import INLINE, Blobs
from nbagent.store.pack import is_json, plain
from nbagent.tools import ToolInterrupted, ToolResult
from nbagent.tools.failures import ToolRaised
from nbagent.tools.outputs import ClearOutput, DisplayOutput, MimeBundle, StreamOutput

__all__ = ["Decoder", "Encoder"]

MARK = "$"
ITEMS: dict[str, Any] = {kind.kind: kind for kind in get_args(StreamItem)}
VALUES: tuple[type, ...] = (
    *(TextPart, ReasoningPart, ImagePart, FilePart, ToolCall, ToolResultPart),
    *(Message, Usage, Reply, CallRecord, ToolResult),
    *(MimeBundle, StreamOutput, DisplayOutput, ClearOutput),
)
CLASSES: dict[str, Any] = {kind.__name__: kind for kind in VALUES}
ERRORS: dict[str, Any] = {name: getattr(errors, name) for name in errors.__all__}
ERRORS |= {kind.__name__: kind for kind in (ToolInterrupted, ToolRaised, Stopped)}
# Fields that hold an object of the person's own.
OBJECTS = {("ToolResult", "value"), ("NodeOutput", "value"), ("Reply", "output")} | {
    (name, "value") for name in ("PartialOutput", "OutputElement")
}
# Of an error: the answer of a provider may say anything, and what had come stands before it.
LEFT_OUT = ("body", "partial")


class Encoder:
    """Makes lines. What is big goes to ``blobs``."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def item(self, item: Any) -> dict[str, Any]:
        """A frame or an event."""
        return {"kind": item.kind, **self._fields(item)}

    def _fields(self, item: Any) -> dict[str, Any]:
        made: dict[str, Any] = {}
        kind: Any = type(item)
        for field, is_object in _known(kind):
            value = getattr(item, field.name)
            if not _is_default(field, value):
                made[field.name] = _object(value) if is_object else self._value(value)
        return made

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, (bytes, bytearray, memoryview)):
            return self._bytes(bytes(value))
        if isinstance(value, Mapping):
            made = {str(key): self._value(item) for key, item in value.items()}
            return {MARK: "dict", "items": made} if MARK in made else made
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._value(item) for item in value]
        if isinstance(value, BaseException):
            return _error(value)
        if type(value).__name__ in CLASSES and is_dataclass(value):
            return {MARK: type(value).__name__, **self._fields(value)}
        if getattr(value, "kind", None) in ITEMS:  # an item of another run, inside of one of this
            return {MARK: "item", **self.item(value)}
        return plain(value)

    def _text(self, text: str) -> Any:
        if len(text) <= INLINE:
            return text
        return {MARK: "text", "file": self._blobs.put(text.encode("utf-8", "surrogatepass"))}

    def _bytes(self, data: bytes) -> dict[str, Any]:
        if len(data) <= INLINE:
            return {MARK: "bytes", "base64": base64.b64encode(data).decode()}
        return {MARK: "bytes", "file": self._blobs.put(data)}


class Decoder:
    """Reads lines."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def item(self, line: Mapping[str, Any]) -> Any:
        """The frame or event; None where this version knows no such kind.

        Raises:
            StoreError: A field is missing, or what stands in a file beside is not there.
        """
        kind = ITEMS.get(str(line.get("kind")))
        return None if kind is None else self._made(kind, line)

    def _made(self, kind: Any, line: Mapping[str, Any]) -> Any:
        values: dict[str, Any] = {}
        for field in fields(kind):
            if field.name not in line:
                continue
            if (kind.__name__, field.name) in OBJECTS:
                values[field.name] = _object_back(line[field.name])
            else:
                value = self._value(line[field.name])
                values[field.name] = tuple(value) if isinstance(value, list) else value
        try:
            return kind(**values)
        except (TypeError, ValueError) as error:
            raise StoreError(f"A {kind.__name__} of the recording is not whole: {error}") from error

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if not isinstance(value, dict):
            return value
        mark = value.get(MARK)
        if mark is None:
            return {key: self._value(item) for key, item in value.items()}
        if mark == "dict":
            return {key: self._value(item) for key, item in value["items"].items()}
        if mark in ("text", "bytes"):
            return self._content(mark, value)
        if mark == "error":
            return _error_back(value)
        if mark == "item":
            return self.item(value)
        if mark in CLASSES:
            return self._made(CLASSES[mark], value)
        raise StoreError(f"This version of nbagent does not know what {mark!r} in a recording is.")

    def _content(self, mark: str, value: Mapping[str, Any]) -> str | bytes:
        if "file" not in value:
            return base64.b64decode(value["base64"])
        data = self._blobs.get(value["file"])
        return data.decode("utf-8", "surrogatepass") if mark == "text" else data


@cache
def _known(kind: type) -> tuple[tuple[Field[Any], bool], ...]:
    """The fields of a class, and whether they hold an object of the person's own."""
    return tuple((field, (kind.__name__, field.name) in OBJECTS) for field in fields(kind))


def _is_default(field: Field[Any], value: Any) -> bool:
    if field.default is field.default_factory:  # both are missing
        return False
    if field.default is not MISSING:
        return type(value) is type(field.default) and bool(value == field.default)
    if field.default_factory is MISSING:
        return False
    made = field.default_factory()
    return type(value) is type(made) and bool(value == made)


def _object(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, Gone):
        return {"type": value.type_name}
    made = {"type": type(value).__name__}
    if is_json(value) and len(json.dumps(value)) <= INLINE:
        made["json"] = value
    return made


def _object_back(value: Any) -> Any:
    if value is None:
        return None
    return value["json"] if "json" in value else Gone(str(value["type"]))


def _error(error: BaseException) -> dict[str, Any]:
    known = vars(error) if isinstance(error, NbagentError) else {}
    more = {k: v for k, v in known.items() if k not in LEFT_OUT and not k.startswith("_")}
    made = {MARK: "error", "type": type(error).__name__, "text": _words(error)}
    made |= {"more": plain(more)} if more else {}
    cause = error.__cause__
    return made | ({"cause": _error(cause)} if cause is not None else {})


def _error_back(value: Mapping[str, Any]) -> BaseException:
    name, text = str(value["type"]), str(value["text"])
    kind: Any = ERRORS.get(name) or type(name, (Exception,), {})
    error: BaseException = kind.__new__(kind, text)
    error.args = (text,)
    if isinstance(error, StreamError):
        error.partial = Message("assistant")
    for key, more in value.get("more", {}).items():
        setattr(error, key, more)
    if "cause" in value:
        error.__cause__ = _error_back(value["cause"])
    return error


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:  # a person's exception may fail to describe itself
        return f"(its message cannot be read: {type(broken).__name__})"
