"""Files from the page in pieces: whole they come out, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbagent.errors import ConfigurationError
from nbagent.widget.commands import CommandError, Upload
from nbagent.widget.incoming import ALL, EACH, Incoming, ReceivedFile


def send(incoming: Incoming, file: str, data: bytes, step: int) -> None:
    """Sends a file in pieces of that size."""
    for offset in range(0, len(data), step):
        piece = Upload(file, f"{file}.txt", len(data), offset)
        incoming.put(piece, [memoryview(data)[offset : offset + step]])


@given(st.binary(min_size=1, max_size=400), st.integers(1, 100))
def test_any_cut_gives_the_file(data: bytes, step: int) -> None:
    """However a file is cut, its bytes and name come out, once."""
    incoming = Incoming()
    send(incoming, "a", data, step)
    send(incoming, "b", b"other", 2)
    assert incoming.take(["a"]) == [ReceivedFile("a.txt", data)]
    with pytest.raises(ConfigurationError, match="did not arrive whole"):
        incoming.take(["a"])
    assert incoming.take(["b"]) == [ReceivedFile("b.txt", b"other")]


@pytest.mark.parametrize(
    ("piece", "buffers", "reason"),
    [
        (Upload("a", "a", 3, 0), [], "one buffer"),
        (Upload("a", "a", 3, 0), [b"abc", b"d"], "one buffer"),
        (Upload("a", "a", 0, 0), [b""], "1 to"),
        (Upload("a", "a", EACH + 1, 0), [b"a"], "1 to 10,000,000"),
        (Upload("a", "a", 2, 0), [b"abc"], "not the next"),
        (Upload("a", "a", 9, 3), [b"abc"], "beginning"),
    ],
)
def test_pieces_that_will_not_do(piece: Upload, buffers: list[bytes], reason: str) -> None:
    """A piece without its beginning, of the wrong size, or too big is refused."""
    with pytest.raises(CommandError, match=reason):
        Incoming().put(piece, buffers)


def test_a_lost_piece_is_noticed() -> None:
    """A gap ends the file; what follows is refused, and the file cannot be taken."""
    incoming = Incoming()
    incoming.put(Upload("a", "a", 9, 0), [b"abc"])
    with pytest.raises(CommandError, match="not the next"):
        incoming.put(Upload("a", "a", 9, 6), [b"ghi"])
    with pytest.raises(ConfigurationError, match="Send the question again"):
        incoming.take(["a"])


def test_what_nobody_asks_is_forgotten() -> None:
    """Uploads of pages that went away do not fill the kernel: the oldest go first."""
    incoming = Incoming()
    count = ALL // EACH + 1
    for number in range(count):
        incoming.put(Upload(str(number), "a", EACH, 0), [b"x"])
    with pytest.raises(CommandError, match="beginning"):
        incoming.put(Upload("0", "a", EACH, 1), [b"x"])
    incoming.put(Upload(str(count - 1), "a", EACH, 1), [b"x"])
