"""One JSON object that may be a call or an answer, followed while it arrives.

It is read key by key: a tool's name, its arguments, or words. Nothing of it reaches the reader
before it is known what it is; an object that is neither is given back as the text it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pydantic_core

from nbagent.assembly import FrameAssembler
from nbagent.calling.json_string import JSONString
from nbagent.frames import StreamFrame
from nbagent.json_scan import ObjectScanner

__all__ = ["ObjectRules", "ReplyObject"]

NAME_KEYS = frozenset({"tool", "name", "tool_name", "function"})
ARGUMENT_KEYS = frozenset({"arguments", "parameters", "args", "input"})
REPLY_KEYS = frozenset({"reply", "text", "answer", "response", "message", "content"})

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NEXT = re.compile(r'[\s,]*(?:("(?:[^"\\]|\\.)*")\s*:\s*(?=\S)|\})', re.DOTALL)
_NO_COLON = re.compile(r'"(?:[^"\\]|\\.)*"\s*[^\s:]', re.DOTALL)
_LITERAL = re.compile(r"[^\s,{}\[\]\"]+(?=[\s,}\]])")

Verdict = Literal["open", "taken", "plain", "broken"]


@dataclass(frozen=True)
class ObjectRules:
    """What counts as a call or an answer.

    Attributes:
        names: The tools that there are.
        sure: The keys under which any name makes a call at once. Under other keys it has to be a
            known tool's, with arguments beside it.
        replies: Whether words under a key such as ``reply`` are an answer.
        limit: How many characters may come before it is clear what the object is.
    """

    names: frozenset[str]
    sure: frozenset[str] = frozenset()
    replies: bool = False
    limit: int | None = 1000


class ReplyObject:
    """Fed the text from an opening brace on, it feeds what it finds to an assembler.

    Attributes:
        verdict: ``"taken"`` once it is known to be a call or an answer; ``"plain"`` when it is
            another object, ``"broken"`` when it is no JSON object at all.
        raw: The text so far, until it is taken.
        over: Its closing brace has come.
        named: A key of a tool's name has come.
    """

    def __init__(self, assembler: FrameAssembler, rules: ObjectRules, index: int) -> None:
        self.verdict: Verdict = "open"
        self.raw = ""
        self.over = False
        self.named = False
        self._assembler = assembler
        self._rules = rules
        self._index = index
        self._text = ""
        self._state: Callable[[list[StreamFrame]], bool] = self._brace
        self._key = ""
        self._name = ""
        self._calling = False
        self._early: list[str] = []
        self._scanner = ObjectScanner()
        self._string = JSONString()

    def feed(self, text: str, frames: list[StreamFrame]) -> str | None:
        """Takes a fragment and adds the frames that are due; None while the object is open.

        Else the text that is left: what stands behind the object, or all of ``raw`` when it was
        not taken.
        """
        if self.verdict == "open" and self._rules.limit is not None:
            room = self._rules.limit - len(self.raw)
            rest = self._read(text[:room], frames)
            if self.verdict == "open" and len(text) > room:
                self.verdict = "plain"
            if self.verdict in ("plain", "broken"):
                return self.raw + text[room:]
            if rest is not None:
                return rest + text[room:]
            text = text[room:]
        return self._read(text, frames)

    def _read(self, text: str, frames: list[StreamFrame]) -> str | None:
        self._text += text
        if self.verdict == "open":
            self.raw += text
        while self._text and not self.over and self.verdict in ("open", "taken"):
            if not self._state(frames):
                break
        if self.over and self.verdict == "open":
            self.verdict = "plain"
        if self.verdict in ("plain", "broken"):
            return self.raw
        return self._text if self.over else None

    # Each state takes what it can from the text, and says whether the next state can go on.

    def _brace(self, frames: list[StreamFrame]) -> bool:
        self._text = self._text[1:]
        self._state = self._next
        return True

    def _next(self, frames: list[StreamFrame]) -> bool:
        match = _NEXT.match(self._text)
        if match is None:
            return self._no_key(frames)
        self._text = self._text[match.end() :]
        if match.group(1) is None:
            return self._finish(frames)
        self._key = _decoded(match.group(1))
        self._state = self._value_state(self._text[0])
        return True

    def _no_key(self, frames: list[StreamFrame]) -> bool:
        stripped = self._text.lstrip(" \t\r\n,")
        if not stripped or (stripped[0] == '"' and not _NO_COLON.match(stripped)):
            return False
        if self.verdict == "taken":
            # A call without its closing brace; what stands here is somebody else's.
            return self._finish(frames)
        self.verdict = "broken"
        return False

    def _finish(self, frames: list[StreamFrame]) -> bool:
        self.over = True
        if self._calling:
            frames += self._assembler.close_block()
        return False

    def _value_state(self, first: str) -> Callable[[list[StreamFrame]], bool]:
        self._scanner = ObjectScanner()
        self._string = JSONString()
        key = self._key
        if key in NAME_KEYS and not self._name and first in '"n':
            self.named = True
            return self._take_name
        if key in ARGUMENT_KEYS and first in '"{[':
            return self._arguments_text if first == '"' else self._arguments
        if self._rules.replies and key in REPLY_KEYS and first != "n" and not self._calling:
            self.verdict = "taken"
            return self._reply if first == '"' else self._output
        return self._skip

    def _take_name(self, frames: list[StreamFrame]) -> bool:
        match = _STRING.match(self._text)
        if match is None:
            if self._text[0] == "n":
                # {"tool": null, "reply": "…"}: the answer follows.
                self.verdict = "taken" if self._rules.replies else self.verdict
                self._state = self._skip
            return self._text[0] == "n"
        self._text = self._text[match.end() :]
        self._name = _decoded(match.group())
        self._state = self._next
        known = bool(self._early) and self._name in self._rules.names
        if known or (self._name and self._key in self._rules.sure):
            self._call(frames)
        return True

    def _call(self, frames: list[StreamFrame]) -> None:
        self.verdict, self._calling = "taken", True
        frames += self._assembler.tool_call(name=self._name, index=self._index)
        self._give("".join(self._early), frames)

    def _give(self, arguments: str, frames: list[StreamFrame]) -> None:
        if self._calling:
            if arguments:
                frames += self._assembler.tool_call(arguments=arguments, index=self._index)
        else:
            self._early.append(arguments)

    def _begin_arguments(self, frames: list[StreamFrame]) -> None:
        if not self._calling and self._name in self._rules.names:
            self._call(frames)

    def _arguments(self, frames: list[StreamFrame]) -> bool:
        self._begin_arguments(frames)
        mine = self._scanned()
        self._give(mine, frames)
        return self._scanner.whole

    def _arguments_text(self, frames: list[StreamFrame]) -> bool:
        # Some models write the arguments as a string with JSON in it.
        self._begin_arguments(frames)
        words = self._decoded_string()
        self._give(words, frames)
        return self._state == self._next

    def _reply(self, frames: list[StreamFrame]) -> bool:
        words = self._decoded_string()
        frames += self._assembler.text(words)
        return self._state == self._next

    def _output(self, frames: list[StreamFrame]) -> bool:
        if not self._scanner.started and self._text[0] not in "{[":
            match = _LITERAL.match(self._text)
            if match is not None:
                self._text = self._text[match.end() :]
                self._state = self._next
                frames += self._assembler.text(match.group())
            return match is not None
        frames += self._assembler.text(self._scanned())
        return self._scanner.whole

    def _skip(self, frames: list[StreamFrame]) -> bool:
        first = self._text[0]
        if self._scanner.started or (first in "{[" and not self._string.begun):
            self._scanned()
            return self._scanner.whole
        if self._string.begun or first == '"':
            self._decoded_string()
            return self._state == self._next
        match = _LITERAL.match(self._text)
        if match is None:
            return False
        self._text = self._text[match.end() :]
        self._state = self._next
        return True

    def _scanned(self) -> str:
        end = self._scanner.feed(self._text)
        mine, self._text = (self._text, "") if end < 0 else (self._text[:end], self._text[end:])
        if end >= 0:
            self._state = self._next
        return mine

    def _decoded_string(self) -> str:
        text, self._text = self._text, ""
        if not self._string.begun:
            text = text[1:]  # the opening quote
        words, rest = self._string.feed(text)
        if rest is not None:
            self._text, self._state = rest, self._next
        return words


def _decoded(string: str) -> str:
    try:
        return str(pydantic_core.from_json(string))
    except ValueError:
        return string[1:-1]
