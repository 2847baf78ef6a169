"""The reply of the ``schema`` form, decoded while it streams.

The client's text is one JSON object (or plain words, where a server does not constrain after
all). It is followed character by character: words of a reply come out as text, arguments as
fragments of a call, and the markup around them never reaches the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nbagent.assembly import FrameAssembler
from nbagent.calling.reply_object import ObjectRules, ReplyObject
from nbagent.calling.text_decoder import CUT, InnerDecoder, TextDecoder, cut_call
from nbagent.frames import StreamFrame

__all__ = ["SchemaDecoder", "SchemaText"]

# The beginning of an object of which not even the first key has come whole.
_ONLY_HEAD = re.compile(r'\s*\{\s*("\w*"?\s*:?\s*)?')


class SchemaDecoder(TextDecoder):
    """Puts the ``schema`` form around a client's own decoder.

    Args:
        inner: The client's own decoder.
        names: The tools that there are.
    """

    def __init__(self, inner: InnerDecoder, names: Iterable[str] = ()) -> None:
        assembler = FrameAssembler()
        super().__init__(inner, assembler, SchemaText(assembler, names))


class SchemaText:
    """Follows the JSON text of one reply and feeds what it finds to an assembler."""

    def __init__(self, assembler: FrameAssembler, names: Iterable[str] = ()) -> None:
        self._assembler = assembler
        self._rules = ObjectRules(frozenset(names), sure=frozenset({"tool"}), replies=True)
        self._object: ReplyObject | None = None
        self._objects = 0
        self._space = ""
        self._words = False

    def feed(self, text: str) -> list[StreamFrame]:
        """The frames that a fragment makes due."""
        frames: list[StreamFrame] = []
        rest: str | None = text
        while rest:
            if self._words:
                frames += self._assembler.text(rest)
                break
            rest = self._head(rest) if self._object is None else self._in_object(rest, frames)
        return frames

    def flush(self, finish_reason: str | None = None) -> list[StreamFrame]:
        """What was held back because it might have been markup, as words.

        Raises:
            IncompleteToolCall: The text was cut off where a call began.
        """
        current, self._object = self._object, None
        if current is None or current.verdict != "open":
            return []
        if finish_reason in CUT:
            if current.named:
                raise cut_call(self._assembler, finish_reason)
            if _ONLY_HEAD.fullmatch(current.raw):
                return []
        return self._assembler.text(self._space + current.raw)

    def _head(self, text: str) -> str:
        stripped = text.lstrip()
        self._space += text[: len(text) - len(stripped)]
        if stripped[:1] == "{":
            self._object = ReplyObject(self._assembler, self._rules, self._objects)
            self._objects += 1
            return stripped
        if stripped[:1] in (",", "}") and self._objects:
            return stripped[1:]  # what is left between or behind objects
        if stripped:
            self._words = True
            return self._space + stripped
        return ""

    def _in_object(self, text: str, frames: list[StreamFrame]) -> str | None:
        current = self._object
        rest = current.feed(text, frames) if current is not None else text
        if rest is None or current is None:
            return None
        self._object = None
        if current.verdict != "taken":
            self._words = True
            rest = self._space + rest
        self._space = ""
        return rest
