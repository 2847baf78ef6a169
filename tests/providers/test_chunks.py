"""Chunks are merged, and a parser of HTTP takes the same from them as from the bytes themselves."""

import h11
from hypothesis import example, given
from hypothesis import strategies as st

from nbagent.providers.chunks import MAX_HELD, ChunkMerger
from tests.cutting import cut, each_cut

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WORDS = [f"data: {number}\n\n".encode() for number in range(40)]


def chunk(data, line=b"%x"):
    """One chunk, its size written like this."""
    return line % len(data) + b"\r\n" + data + b"\r\n"


class Parser:
    """h11 reading one reply: what it has given by now, and how it ended."""

    def __init__(self):
        self._connection = h11.Connection(h11.CLIENT)
        request = h11.Request(method="GET", target="/", headers=[("host", "x")])
        self._connection.send(request)
        self._connection.send(h11.EndOfMessage())
        self.body = b""
        self.pieces = 0
        self.ended = None
        self.feed(HEAD)

    def feed(self, data):
        """Gives it bytes; none are the end of the stream."""
        if self.ended is not None:
            return
        self._connection.receive_data(data)
        try:
            while (event := self._connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, h11.Data):
                    self.body += event.data
                    self.pieces += 1
                elif isinstance(event, h11.EndOfMessage):
                    self.ended = ("end", event.headers.raw_items())
                elif isinstance(event, h11.ConnectionClosed):
                    break
        except h11.RemoteProtocolError as error:
            self.ended = ("error", _unlike_cuts(str(error)))


def _unlike_cuts(words):
    # A malformed end of a chunk is quoted as far as it has come.
    return words.partition("footer")[0]


def read(pieces):
    """What h11 takes from the merger, beside what it takes without; and the merger itself."""
    plain, merged = Parser(), Parser()
    merger = ChunkMerger()
    for piece in pieces:
        plain.feed(piece)
        if given := merger.feed(piece):
            merged.feed(given)
        # Nothing is held back that a reader could have, and no error comes late.
        assert (merged.body, merged.ended) == (plain.body, plain.ended)
    plain.feed(b"")
    while given := merger.feed(b""):
        merged.feed(given)
    merged.feed(b"")
    assert (merged.body, merged.ended) == (plain.body, plain.ended)
    return merger, merged


# Lines of chunks as servers write them, and as none should.
LINES = st.sampled_from(
    [
        *[b"%x", b"%X", b"0%x", b"%x;name=value", b'%x; n="a;b"', b"%x ", b"%x\t;x", b"%x;\rx"],
        *[b" %x", b"0x%x", b"%xg", b"-%x", b"+%x", b"\n%x", b"%x\r"],
        *[b"%x;" + b"n" * 60, b"0" * 30 + b"%x"],
    ]
)
ENDS = st.sampled_from(
    [
        *[b"0\r\n\r\n", b"0\r\nX-Sum: 1\r\nY: 2\r\n\r\n", b"00;end\r\n\r\n"],
        *[b"0\r\n\r\nHTTP/1.1 200 OK", b"0\r\nbroken\r\n\r\n", b"0\r\n\n"],
        *[b"", b"0", b"0\r", b"0\r\n", b"0\r\n\r", b"\r\n", b"!"],
    ]
)


@st.composite
def bodies(draw):
    """Bodies that are mostly right."""
    chunks = draw(st.lists(st.binary(min_size=1, max_size=40), max_size=6))
    right = draw(st.booleans())
    lines = [b"%x" if right else draw(LINES) for _ in chunks]
    body = b"".join(map(chunk, chunks, lines)) + draw(ENDS)
    if not right and draw(st.booleans()) and body:
        at = draw(st.integers(0, len(body) - 1))
        body = body[:at] + draw(st.binary(max_size=2)) + body[at + 1 :]
    return body


@given(bodies(), st.data())
@example(b"5\r\nhelloXX5\r\nworld\r\n0\r\n\r\n", None)
@example(b"5\r\nhello\rX", None)
def test_a_parser_takes_the_same(body, data):
    """Right or wrong, cut anywhere: no difference."""
    places = [] if data is None else data.draw(st.lists(st.integers(0, len(body)), max_size=9))
    read([piece for piece in cut(body, places) if piece])


def test_each_cut():
    """At every single byte too."""
    body = b"".join(map(chunk, WORDS[:3])) + b"0\r\n\r\n"
    for pieces in each_cut(body):
        merger, merged = read(pieces)
        assert merged.ended[0] == "end"
        assert merger.over


def test_one_read_is_one_chunk():
    """However many chunks it has brought, and wherever it was cut."""
    body = b"".join(map(chunk, WORDS)) + b"0\r\n\r\n"
    assert read([body])[1].pieces == 1
    for place in range(10, 200):
        assert read(cut(body, [place]))[1].pieces == 2


def test_a_body_is_over_at_its_last_byte():
    """Neither before nor with anything behind it; trailers may be followed by anything."""
    for ending, over in [
        (b"0\r\n\r\n", True),
        (b"0\r\n\r", False),
        (b"0\r\n", False),
        (b"0\r\n\r\nH", False),
        (b"0\r\nX: 1\r\n\r\n", False),
    ]:
        assert read([chunk(b"word") + ending])[0].over is over


def test_a_line_without_end_is_not_kept():
    """What no parser would take is handed on once it is long, not gathered for ever."""
    merger = ChunkMerger()
    given = b"".join(merger.feed(b"1" * 100) for _ in range(100))
    assert given == b"1" * 10_000
    assert merger.feed(b"1" * (MAX_HELD + 1)) == b"1" * (MAX_HELD + 1)
    assert not merger.over
