"""What a form around a client's decoder passes through, and what it changes."""

from nbagent.assembly import FrameAssembler
from nbagent.calling.text_decoder import TextDecoder
from nbagent.errors import StreamTruncated
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.messages import Message, Usage


class Inner:
    """A decoder that gives what it is made with."""

    def __init__(self, *frames, error=None):
        self.done = True
        self.error = error
        self.message = Message.assistant("raw")
        self._frames = list(frames)

    def feed(self, data):
        frames, self._frames = self._frames, []
        return frames

    def flush(self):
        return []


class Shouting:
    """A reader that finds no calls and makes the words louder."""

    def __init__(self, assembler):
        self._assembler = assembler

    def feed(self, text):
        return self._assembler.text(text.upper())

    def flush(self, finish_reason):
        return self._assembler.text(f"<{finish_reason}>")


def wrap(inner):
    """The inner decoder under the shouting form."""
    assembler = FrameAssembler()
    return TextDecoder(inner, assembler, Shouting(assembler))


def test_words_are_read_and_the_rest_passes():
    """Reasoning with its signature, calls of the provider's own, and the end."""
    decoder = wrap(Inner(
        ReasoningDelta("r", 0), ReasoningDelta("s", 0, True), ReasoningComplete("r", 0, "s", "sig"),
        TextDelta("a", 1), TextComplete("a", 1),
        ToolCallDelta("1", "f", "{}", 2), ToolCallComplete("1", "f", "{}", 2),
        End("tool_calls", Usage(1), "m", "r", {"x": 1}),
    ))  # fmt: skip
    frames = decoder.feed(b"")
    completes = [f for f in frames if f.kind.endswith("_complete")]
    assert completes[0] == ReasoningComplete("r", 0, "s", "sig")
    assert [c.text for c in completes if isinstance(c, TextComplete)] == ["A", "<tool_calls>"]
    assert [c.tool_call_id for c in completes if isinstance(c, ToolCallComplete)] == ["1"]
    assert frames[-1] == End("tool_calls", Usage(1), "m", "r", {"x": 1})
    assert decoder.done


def test_an_error_gets_the_translated_partial():
    """What the reader saw is what had come, and nothing comes after it."""
    decoder = wrap(
        Inner(TextDelta("a", 0), error=StreamTruncated("x", partial=Message.assistant("a")))
    )
    assert decoder.feed(b"") == [TextDelta("A", 0)]
    assert decoder.error.partial == decoder.message == Message.assistant("A")
    assert decoder.flush() == []
