"""What a call showed, kept as its card shows it."""

from __future__ import annotations

from nbagent.agent.kept_outputs import DISPLAYS, PRINTED, KeptOutputs
from nbagent.tools.outputs import ClearOutput, DisplayOutput, MimeBundle, StreamOutput


def shown(text: str, name: str | None = None, *, update: bool = False) -> DisplayOutput:
    """Something displayed."""
    return DisplayOutput(MimeBundle({"text/plain": text}), name, update)


def test_texts_are_joined_in_order() -> None:
    """Texts of one stream that follow one another are one; a display goes between."""
    kept = KeptOutputs()
    for output in (
        StreamOutput("stdout", "a"),
        StreamOutput("stdout", "b"),
        StreamOutput("stderr", "c"),
        shown("d"),
        StreamOutput("stdout", "e"),
    ):
        kept.add(output)
    assert kept.now == (
        StreamOutput("stdout", "ab"),
        StreamOutput("stderr", "c"),
        shown("d"),
        StreamOutput("stdout", "e"),
    )


def test_cleared_and_updated() -> None:
    """What was cleared is gone, at once or with the next output; an update takes its place."""
    kept = KeptOutputs()
    kept.add(shown("a", "x"))
    kept.add(shown("b", "x", update=True))
    assert kept.now == (shown("b", "x"),)
    kept.add(ClearOutput(wait=True))
    assert len(kept.now) == 1
    kept.add(StreamOutput("stdout", "c"))
    assert kept.now == (StreamOutput("stdout", "c"),)
    kept.add(ClearOutput())
    assert kept.now == ()


def test_bounded() -> None:
    """Of very much the end is kept, and nowhere is more held than a few times that."""
    kept = KeptOutputs()
    for number in range(3000):
        kept.add(StreamOutput("stdout", f"{number:0999}\n"))
    (text,) = kept.now
    assert isinstance(text, StreamOutput)
    assert len(text.text) == PRINTED
    assert text.text.endswith("2999\n")
    for number in range(1000):
        kept.add(shown(str(number)))
    assert len([o for o in kept.now if isinstance(o, DisplayOutput)]) == DISPLAYS
    assert len(kept._outputs) <= 4 * DISPLAYS + 1
