"""Bytes to events and lines, wherever they are cut."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.sse import EventTooLarge, LineDecoder, ServerSentEvent, SSEDecoder
from tests.cutting import cut, each_cut, places


def events(pieces, max_bytes=1000):
    """The events of these pieces, and the words of the error that ended them, if one did."""
    decoder = SSEDecoder(max_bytes)
    found = []
    try:
        for piece in pieces:
            found += decoder.feed(piece)
        return found + decoder.flush(), None
    except EventTooLarge as error:
        return [*found, *error.before], str(error)


def lines(pieces):
    """The lines of these pieces."""
    decoder = LineDecoder()
    return [line for piece in pieces for line in decoder.feed(piece)] + decoder.flush()


def data(*values):
    """Events that carry data alone."""
    return [ServerSentEvent(value) for value in values]


CASES = [
    (b"data: a\n\ndata: b\n\n", data(b"a", b"b")),
    (b"data: a\r\n\r\ndata: b\r\n\r\n", data(b"a", b"b")),
    (b"data: a\r\rdata: b\r\r", data(b"a", b"b")),
    (b"data: a\r\n\ndata: b\n\r\n", data(b"a", b"b")),
    (b"data: a\n\r\n\rdata: b\n\n", data(b"a", b"b")),
    (b"\xef\xbb\xbfdata: a\n\n", data(b"a")),
    (b"data: \xef\xbb\xbfa\n\n", data(b"\xef\xbb\xbfa")),
    (b"data:a\n\n", data(b"a")),
    (b"data:  a \n\n", data(b" a ")),
    (b"data: a\ndata: b\n\n", data(b"a\nb")),
    (b"data: a\ndata:\ndata: b\n\n", data(b"a\n\nb")),
    (b"data\n\n", data(b"")),
    (b": ping\n\n: ping\ndata: a\n\n", data(b"a")),
    (b"event: ping\n\ndata: a\n\n", data(b"a")),
    (b"event: x\ndata: a\n\ndata: b\n\n", [ServerSentEvent(b"a", "x"), ServerSentEvent(b"b")]),
    (b"id: 7\ndata: a\n\ndata: b\n\n", [ServerSentEvent(b"a", "", "7"), ServerSentEvent(b"b", "", "7")]),
    (b"id: 7\0\ndata: a\n\n", data(b"a")),
    (b"retry: 10\nfoo: bar\nnonsense\ndata: a\n\n", data(b"a")),
    (b"data: a", data(b"a")),
    (b"data: a\n", data(b"a")),
    (b"event: x\n", []),
    (b"", []),
    (b"\n\n\n", []),
    ("data: \u2028\u2029\u0085\x0b\x0c\x1c\u00e9\n\n".encode(), data("\u2028\u2029\u0085\x0b\x0c\x1c\u00e9".encode())),
    (b"data: \xff\xfe\n\n", data(b"\xff\xfe")),
    (b" data: a\n\n", []),
]  # fmt: skip


@pytest.mark.parametrize(("stream", "want"), CASES)
def test_each_rule_of_the_standard(stream, want):
    """Line ends, comments, fields, and what servers forget; cut anywhere, the same."""
    assert events([stream]) == (want, None)
    for pieces in each_cut(stream):
        assert events(pieces) == (want, None), pieces


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_cut_gives_the_same_events(data):
    """Any bytes give the same events and the same error, wherever they are cut."""
    atoms = st.sampled_from(
        [b"data: ", b"data:", b"event: x", b"id: 1", b": c", b"\r", b"\n", b"\r\n", b"\n\n", b"a" * 9,
         b"\xef\xbb\xbf", b"{}", b"\xc3", b"\xa9", b":"]
    )  # fmt: skip
    stream = b"".join(data.draw(st.lists(atoms, max_size=30)))
    assert events(cut(stream, data.draw(places(len(stream)))), 25) == events([stream], 25)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_cut_gives_the_same_lines(data):
    """Lines too."""
    stream = data.draw(st.binary(max_size=40)) + b"\r\n" + data.draw(st.binary(max_size=10))
    assert lines(cut(stream, data.draw(places(len(stream))))) == lines([stream])


@pytest.mark.parametrize(
    "stream",
    [
        b"data: ok\n\ndata: " + b"x" * 60 + b"\n\n",
        b"data: ok\n\n" + b"data: xxxxxxxx\n" * 10 + b"\n",
        b"data: ok\n\n" + b"data:\n" * 100,
        b"data: ok\n\n" + b": nothing but comments\n\n" * 10,
        b"data: ok\n\n" + b"\n" * 100,
        b"data: ok\n\n" + b"garbage\n" * 50,
        b"data: ok\n\n" + b"x" * 100,
    ],
)
def test_what_never_ends_is_bounded(stream):
    """Long lines, long events and garbage are refused, and the event before them is kept."""
    want = ([ServerSentEvent(b"ok")], events([stream], 50)[1])
    assert want[1] is not None
    for pieces in each_cut(stream):
        assert events(pieces, 50) == want, pieces


def test_memory_stays_bounded():
    """A megabyte without an event keeps no more than the bound."""
    decoder = LineDecoder(1000)
    with pytest.raises(EventTooLarge, match="1,000 bytes"):
        for _ in range(1000):
            decoder.feed(b"x" * 1000)
    assert decoder.flush() == []
