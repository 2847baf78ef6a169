"""Gathering: ops merged into few messages, without threads and without I/O.

A page pays for every message, not for every letter: what is appended to the same text between two
messages becomes one op, whatever came in between for other parts. What a tool prints is played as
on a terminal first, so that of a progress bar only its last look is sent; what a tool takes away
again before a message goes out is never sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from nbagent.widget.terminals import Terminals
from nbagent.widget.values import extract, repair, weight
from nbagent.widget.views import TranscriptView
from nbagent.widget.wire import VERSION, Op, WireMessage

__all__ = ["Gatherer", "Outgoing"]

# Jupyter's servers and proxies are at ease below a megabyte; half of that leaves room for the
# escapes of JSON.
LARGEST_MESSAGE = 512 * 1024

_Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send. Bytes are still in its ops; ``size`` is about its bytes."""

    seq: int
    run: str
    ops: list[Op]
    size: int

    def encode(self) -> tuple[WireMessage, list[bytes]]:
        """The content and the buffers of the custom message."""
        buffers: list[bytes] = []
        ops = [cast(Op, extract(op, buffers)) for op in self.ops]
        return {"v": VERSION, "seq": self.seq, "run": self.run, "ops": ops}, buffers


@dataclass(slots=True)
class _Pending:
    """An op that waits; while it waits, its text can grow by fragments."""

    op: dict[str, Any]
    fragments: list[str] = field(default_factory=list)
    played: bool = False

    def play(self, terminals: Terminals) -> None:
        """What was printed, as the change it makes to what is shown."""
        if self.played or not _is_printed(self.op):
            return
        self.played = True
        self.op = terminals.play(self.op, repair("".join(self.fragments)))
        self.fragments = [_text_of(self.op)]

    def take(self, room: int) -> tuple[dict[str, Any], _Pending | None]:
        """The op with at most ``room`` bytes of text, and what is left over."""
        if not self.fragments:
            return self.op, None
        text = repair("".join(self.fragments))
        # A character outside ASCII takes up to four bytes.
        length = room if text.isascii() else room // 4
        if len(text) <= length:
            return _with_text(self.op, text), None
        rest = _Pending(_appending(self.op), [text[length:]], played=True)
        return _with_text(self.op, text[:length]), rest


class Gatherer:
    """Takes ops in, gives messages out, numbered.

    ``run`` is the run that the next message belongs to; ``seq`` the number of the last message.
    """

    def __init__(self, largest: int = LARGEST_MESSAGE) -> None:
        self.seq = 0
        self.run = ""
        self._largest = largest
        self._pending: deque[_Pending] = deque()
        self._open: dict[_Key, _Pending] = {}
        self._terminals = Terminals()

    def printed(self, tool_call_id: str) -> str | None:
        """All that a call printed, where a part of it is no longer shown; else None."""
        return self._terminals.printed(tool_call_id)

    def add(self, ops: Iterable[Op]) -> None:
        """Takes in ops, in their order."""
        for op in ops:
            self._add(cast(dict[str, Any], op))

    def take(self) -> Outgoing | None:
        """The next message, or None when nothing waits."""
        if not self._pending:
            return None
        ops: list[dict[str, Any]] = []
        size = 0
        while self._pending and (not ops or size < self._largest):
            waiting = self._pending.popleft()
            waiting.play(self._terminals)
            op, rest = waiting.take(self._largest - size)
            self._terminals.notice(op)
            ops.append(op)
            size += weight(op)
            if rest is not None:
                self._pending.appendleft(rest)
                break
        self._open.clear()
        self.seq += 1
        return Outgoing(self.seq, self.run, cast(list[Op], ops), size)

    def tick(self) -> Outgoing:
        """An empty message with the last number, by which a page sees what it missed."""
        return Outgoing(self.seq, self.run, [], 0)

    def snapshot(self, transcript: TranscriptView) -> Outgoing:
        """The whole transcript under the last number, for a page that missed something."""
        op: Op = {"op": "snapshot", "transcript": transcript}
        return Outgoing(self.seq, self.run, [op], weight(op))

    def _add(self, op: dict[str, Any]) -> None:
        key = _merge_key(op)
        if op["op"] == "clear":
            self._drop_outputs(op["tool_call_id"])
        if key is None:
            # What may depend on the texts before it keeps its place behind them.
            self._open.clear()
            self._pending.append(_Pending(op))
        elif op["op"] in ("progress", "update", "drawn"):
            self._replace(key, op)
        else:
            self._append(key, op)

    def _replace(self, key: _Key, op: dict[str, Any]) -> None:
        waiting = self._open.get(key)
        if waiting is not None:
            waiting.op = op
        else:
            self._start(key, _Pending(op))

    def _drop_outputs(self, tool_call_id: str) -> None:
        """What waits to be shown and is taken away again need not be sent."""
        gone = ("output", "update", "clear")
        self._pending = deque(
            waiting
            for waiting in self._pending
            if waiting.played
            or waiting.op.get("tool_call_id") != tool_call_id
            or waiting.op["op"] not in gone
        )

    def _append(self, key: _Key, op: dict[str, Any]) -> None:
        waiting = self._open.get(key)
        if waiting is not None and _same_stream(waiting.op, op):
            waiting.fragments.append(_text_of(op))
        else:
            self._start(key, _Pending(op, [_text_of(op)]))

    def _start(self, key: _Key, pending: _Pending) -> None:
        self._open[key] = pending
        self._pending.append(pending)


def _merge_key(op: dict[str, Any]) -> _Key | None:
    """What an op appends to, or None for an op that does not append."""
    match op["op"]:
        case "text":
            return ("part", op["message"], op["part"])
        case "reasoning":
            return ("part", op["message"], op["part"], str(op["summary"]))
        case "arguments" | "progress" | "drawn":
            return (op["op"], op["tool_call_id"])
        case "output" if op["output"]["kind"] == "stream":
            return ("output", op["tool_call_id"])
        case "update":
            return ("update", op["tool_call_id"], op["display_id"])
    return None


def _is_printed(op: dict[str, Any]) -> bool:
    return bool(op["op"] == "output" and op["output"]["kind"] == "stream")


def _appending(op: dict[str, Any]) -> dict[str, Any]:
    """The op that goes on where ``op`` was cut."""
    return {**op, "first": 0, "last": 0} if op["op"] == "rewrite" else op


def _same_stream(waiting: dict[str, Any], op: dict[str, Any]) -> bool:
    """Whether text of ``op`` may join ``waiting``: stdout and stderr keep their order."""
    return op["op"] != "output" or bool(waiting["output"]["name"] == op["output"]["name"])


def _text_of(op: dict[str, Any]) -> str:
    return str(op["output"]["text"] if op["op"] == "output" else op["text"])


def _with_text(op: dict[str, Any], text: str) -> dict[str, Any]:
    if op["op"] == "output":
        return {**op, "output": {**op["output"], "text": text}}
    return {**op, "text": text}
