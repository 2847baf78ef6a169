"""A body in the chunked transfer coding, its many small chunks merged into few large ones.

Providers send a chunk for each token. A parser of HTTP takes some tens of microseconds for each,
many times what reading the token takes; so what one read of the socket has brought is made one
chunk before the parser sees it. Chunks mean nothing beyond one hop: any intermediary may do this.

Nothing is decided here that a parser decides. What it would not take is handed to it as it is, so
that the error is its own; nothing that it could use is held back.

Sources: RFC 9112, 7.1 (chunked coding) and 7.1.2 (trailers); RFC 9110, 7.6 (message forwarding).
"""

from __future__ import annotations

import re

__all__ = ["ChunkMerger"]

CRLF = b"\r\n"
MAX_HELD = 4096
# Looser than the RFC in the one way in which h11 is: blanks before the line's end.
_FIRST = re.compile(rb"([0-9A-Fa-f]{1,20})(?:;[^\r\n]*)?[ \t]*\r\n")
_NEXT = re.compile(rb"\r\n" + _FIRST.pattern)


class ChunkMerger:
    """Merges the chunks of one body, fed from its first byte on."""

    def __init__(self) -> None:
        self._held = b""  # the beginning of a chunk's line, of no use to the parser yet
        self._left = 0  # bytes that are still to come of the sender's chunk
        self._begun = False  # a chunk was begun, so that the next line has an end before it
        self._owes_end = False  # the parser has a chunk that was not ended yet
        self._raw = False  # everything is handed on as it is from now on
        self._tail: bytes | None = None  # what came behind the line of the last chunk

    @property
    def over(self) -> bool:
        """The body has come to its end, and not a byte more. Trailers are taken for more."""
        return self._tail == CRLF

    def feed(self, data: bytes) -> bytes:
        """What the parser gets for ``data``, which may be nothing; ``b""`` is the stream's end."""
        if self._raw or not data:
            return self._rest(data)
        if not (self._begun or self._left or self._held) and _is_one(data):
            return data  # as most are that come one by one
        data = self._held + data
        spans, stop = self._walk(data)
        self._held = b"" if self._raw else data[stop:]
        out: list[bytes] = []
        if spans:
            # A chunk's own end waits for the next output: if the sender's is malformed, the
            # parser has to meet it where it is.
            size = sum(end - start for start, end in spans)
            out.append(b"\r\n%x\r\n" % size if self._owes_end else b"%x\r\n" % size)
            self._owes_end = True
            out += [data[start:end] for start, end in spans]
        if self._raw:
            out.append(data[stop:])
        elif self._begun and self._held == CRLF:
            out.append(CRLF)
            self._held, self._begun, self._owes_end = b"", False, False
        return b"".join(out)

    def _rest(self, data: bytes) -> bytes:
        if self._tail is not None:
            self._tail = (self._tail + data)[:3]
        if not data:
            data, self._held, self._raw = self._held, b"", True
        return data

    def _walk(self, data: bytes) -> tuple[list[tuple[int, int]], int]:
        """Where the chunks' contents are, and where the last line begins that is not whole."""
        spans: list[tuple[int, int]] = []
        at, left, length = 0, self._left, len(data)
        line = (_NEXT if self._begun else _FIRST).match
        while True:
            if left:
                end = min(at + left, length)
                if end > at:
                    spans.append((at, end))
                left -= end - at
                at = end
            if left:
                break
            found = line(data, at)
            if found is None:
                self._raw = not self._unfinished(data[at:])
                break
            left = int(found[1], 16)
            if not left:
                self._raw, self._tail = True, data[found.end() :][:3]
                break
            at = found.end()
            self._begun, line = True, _NEXT.match
        self._left = left
        return spans, at

    def _unfinished(self, rest: bytes) -> bool:
        """Whether more bytes could make these a chunk's line."""
        if self._begun:
            if not CRLF.startswith(rest[:2]):
                return False
            rest = rest[2:]
        return len(rest) < MAX_HELD and CRLF not in rest


def _is_one(data: bytes) -> bool:
    """Whether these are one whole chunk, and not the last."""
    line = _FIRST.match(data)
    if line is None:
        return False
    size = int(line[1], 16)
    return size > 0 and line.end() + size + 2 == len(data) and data.endswith(CRLF)
