"""What the comparison stands on: the text is what it says, and what is lost is counted."""

import pytest

from nbagent.frames import End, TextDelta
from nbagent.testing import Request
from tests.bench.side.loads import LOADS, Load
from tests.bench.side.model import Stamp, encoded, reply
from tests.bench.side.shown import lost, plain


@pytest.mark.parametrize("load", LOADS.values(), ids=list(LOADS))
def test_a_load_has_exactly_its_deltas(load: Load):
    """No delta is empty, and the text is the same each time."""
    assert len(load.deltas) == load.count
    assert all(load.deltas)
    assert load.text == Load("again", load.count).text


def test_what_a_reader_sees_of_a_load_is_not_lost():
    """The rendered words, with what pages add between them, count as whole."""
    text = LOADS["flood"].text
    assert lost(text, plain(text)) == 0
    assert lost(text, "Copy\n" + plain(text).replace("import", "python Copy import")) == 0


def test_missing_words_are_counted_in_characters():
    """A lost end and a lost middle are both seen."""
    assert lost("one **two** three", "one two") == len("three")
    assert lost("one **two** three", "one three") == len("two")
    assert lost("one", "") == len("one")


def test_an_earlier_question_gets_its_own_answer():
    """Anything else gets the load, with a stamp at each end."""
    load = LOADS["under-40"]
    question, answer = load.rounds[10]
    pieces = encoded(load)
    assert list(reply(load, pieces, _asked(question)).frames) == [TextDelta(answer, 0), End("stop")]
    body = reply(load, pieces, _asked("Go on.")).body
    assert isinstance(body, list)
    assert isinstance(body[0], Stamp) and isinstance(body[-1], Stamp)


def _asked(question: str) -> Request:
    body = {"messages": [{"role": "user", "content": [{"type": "text", "text": question}]}]}
    return Request("POST", "/v1/chat/completions", {}, body, 0.0)
