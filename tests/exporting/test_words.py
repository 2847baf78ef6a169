"""The words that all forms of a transcript share."""

import pytest

from nbagent.exporting.words import elapsed
from tests.exporting.transcripts import call


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "1 ms"),
        (0.042, "42 ms"),
        (0.1, "0.1 s"),
        (1.44, "1.4 s"),
        (9.97, "10 s"),
        (59.6, "1 min 00 s"),
        (185.0, "3 min 05 s"),
        (None, ""),
    ],
)
def test_how_long_a_call_took(seconds: float | None, words: str) -> None:
    """As the page says it: what took a moment is never said to have taken no time."""
    assert elapsed(call("a", "mean", {}, elapsed=seconds)) == words
