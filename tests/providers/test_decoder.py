"""What all decoders share, with the smallest protocol there can be."""

from nbagent.errors import MalformedStream, ProviderStreamError, StreamTruncated
from nbagent.frames import End, TextComplete, TextDelta
from nbagent.providers.decoder import EventDecoder


class Letters(EventDecoder):
    """``{"t": words}``, then ``END``."""

    provider = "Letters"

    def marker(self, data):
        return data == b"END"

    def event(self, data, name):
        if name == "failed":
            raise self.reported(data)
        return self.assembler.text(data["t"])

    def finish(self):
        if not self.done:
            raise self.truncated()
        return self.assembler.end("stop")


def test_events_become_frames():
    """What is whole comes out at once; the end at the flush."""
    decoder = Letters()
    assert decoder.feed(b'data: {"t": "a"}\n\ndata: {"t"') == [TextDelta("a", 0)]
    assert decoder.feed(b': "b"}\n\n') == [TextDelta("b", 0)]
    assert not decoder.done
    assert decoder.feed(b"data: END\n\n") == []
    assert decoder.done
    assert decoder.flush() == [TextComplete("ab", 0), End("stop")]
    assert decoder.error is None


def test_frames_before_an_error_are_not_lost():
    """Neither method raises: the frames come, then the error stands, and nothing comes after."""
    decoder = Letters()
    stream = b'data: {"t": "a"}\n\nevent: failed\ndata: {"message": "no", "code": "c"}\n\n'
    assert decoder.feed(stream + b'data: {"t": "b"}\n\n') == [TextDelta("a", 0)]
    assert isinstance(decoder.error, ProviderStreamError)
    assert (decoder.error.code, decoder.error.body) == ("c", {"message": "no", "code": "c"})
    assert decoder.feed(b"data: END\n\n") == decoder.flush() == []


def test_an_event_that_is_broken_half_way():
    """What had been taken of it is in the partial message, so its frames are given too."""

    class Pairs(Letters):
        def event(self, data, name):
            return [frame for word in data["t"] for frame in self.assembler.text(word + "")]

    decoder = Pairs()
    assert decoder.feed(b'data: {"t": ["a", "b", 5]}\n\n') == [TextDelta("a", 0), TextDelta("b", 0)]
    assert isinstance(decoder.error, MalformedStream)
    assert decoder.error.partial.text == "ab"


def test_a_marker_of_another_protocol_says_nothing():
    """Gateways add [DONE] to whatever they pass on; it is neither an end nor an error."""
    for stream in (b"data: [DONE]\n\n", b'data: {"t": "a"}\n\ndata: [DONE]\n\n'):
        decoder = Letters()
        decoder.feed(stream)
        assert (decoder.done, decoder.error) == (False, None)
        decoder.feed(b"data: END\n\n")
        assert isinstance(decoder.flush()[-1], End)


def test_a_number_beyond_all_bounds():
    """It is the provider's fault, and no arithmetic error of ours."""

    class Numbers(Letters):
        def event(self, data, name):
            return self.assembler.text("a", index=int(data["n"]))

    decoder = Numbers()
    decoder.feed(b'data: {"n": 1e999}\n\n')
    assert isinstance(decoder.error, MalformedStream)


def test_truncation_names_the_provider():
    """The error says whose reply broke off."""
    decoder = Letters()
    decoder.feed(b'data: {"t": "a"}\n\n')
    decoder.flush()
    assert isinstance(decoder.error, StreamTruncated)
    assert "Letters" in str(decoder.error)
    assert decoder.message.text == decoder.error.partial.text == "a"


def test_another_shape_is_malformed():
    """A missing key is the provider's fault, told with the event."""
    decoder = Letters()
    decoder.feed(b'data: {"u": "' + b"x" * 200 + b'"}\n\n')
    assert isinstance(decoder.error, MalformedStream)
    assert '{"u": "xxx' in str(decoder.error)
    assert "…" in str(decoder.error)


def test_what_comes_behind_the_end_marker_is_not_read():
    """Not even when it is too large."""
    decoder = Letters()
    decoder.feed(b"data: END\n\ndata: " + b"x" * 9_000_000)
    assert decoder.error is None
    assert decoder.flush() == [End("stop")]
