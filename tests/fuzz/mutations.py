"""Ways to break a reply: in its bytes, in its events, in its JSON values."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tests.providers.odd_values import with_odd_value

__all__ = ["broken", "outside_in"]

DRAW = Any
JUNK = (
    b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b"\n\n", b"data: ", b"data:", b"event: error\n",
    b": ping\n\n", b"event: ping\n\n", b"data: [DONE]\n\n", b"{", b"}", b"[", b"]", b'"', b"\\", b"\\ud83d", b",", b"null", b"0", b"1e999",
    b'{"error": {"message": "no"}}', b"data: 5\n\n", b"data: {}\n\n", b"data: null\n\n", b"[" * 300, b'{"a":' * 300, b"9" * 5000, b"<html>", b" ",
)  # fmt: skip
SCALARS = (
    None,
    5,
    -1,
    1.5,
    1e300,
    True,
    "",
    "x",
    "null",
    "[DONE]",
    [],
    {},
    [5],
    {"a": 1},
    [None],
    [[]],
    "\u2028",
    "{",
    '{"a":1}{',
)


def broken(draw: DRAW, stream: bytes) -> bytes:
    """``stream`` after up to four breaks."""
    for _ in range(draw(st.integers(1, 4))):
        stream = draw(st.sampled_from((_bytes, _bytes, _events, _values, _values)))(draw, stream)
    return stream


def _bytes(draw: DRAW, stream: bytes) -> bytes:
    start = draw(st.integers(0, len(stream)))
    end = min(len(stream), start + draw(st.sampled_from((0, 1, 2, 7, 60, 600))))
    kind = draw(st.sampled_from(("insert", "remove", "twice", "flip", "end", "junk")))
    if kind == "insert":
        return stream[:start] + draw(st.sampled_from(JUNK)) + stream[start:]
    if kind == "remove":
        return stream[:start] + stream[end:]
    if kind == "twice":
        return stream[:end] + stream[start:]
    if kind == "end":
        return stream[:start]
    if kind == "junk":
        return stream[:start] + draw(st.binary(max_size=8)) + stream[end:]
    flipped = bytes(byte ^ (1 << draw(st.integers(0, 7))) for byte in stream[start : start + 1])
    return stream[:start] + flipped + stream[start + 1 :]


def _events(draw: DRAW, stream: bytes) -> bytes:
    """Events out of order, missing, twice, or at another place."""
    gap = b"\n\n" if b"\n\n" in stream else b"\n"
    events = stream.split(gap)
    one, other = (draw(st.integers(0, len(events) - 1)) for _ in range(2))
    kind = draw(st.sampled_from(("swap", "drop", "twice", "move")))
    if kind == "swap":
        events[one], events[other] = events[other], events[one]
    elif kind == "twice":
        events.insert(other, events[one])
    else:
        event = events.pop(one)
        if kind == "move":
            events.insert(other, event)
    return gap.join(events)


def _values(draw: DRAW, stream: bytes) -> bytes:
    """A value of another type at one place of one event, or a key less."""
    lines = stream.split(b"\n")
    places = [n for n, line in enumerate(lines) if b"{" in line]
    if not places:
        return stream
    place = draw(st.sampled_from(places))
    head, brace, rest = lines[place].partition(b"{")
    try:
        value = json.loads(brace + rest)
    except (ValueError, RecursionError):
        return stream
    if not isinstance(value, dict) or not value:
        return stream
    changed = with_odd_value(draw, value, SCALARS)
    lines[place] = head + json.dumps(changed).encode()
    return b"\n".join(lines)


def outside_in(draw: DRAW, stream: bytes) -> list[bytes]:
    """``stream`` in pieces."""
    size = len(stream)
    if draw(st.booleans()):
        step = draw(st.sampled_from((1, 2, 3, 17, 100)))
        return [stream[at : at + step] for at in range(0, size, step)]
    places = sorted(draw(st.lists(st.integers(0, size), max_size=6)))
    return [stream[a:b] for a, b in zip([0, *places], [*places, size], strict=True)]
