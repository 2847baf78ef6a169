"""Where a JSON object ends, while its text still arrives."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.json_scan import ObjectScanner
from tests.cutting import cut, places


def end_of(pieces):
    """The offset behind the object's end in all of the text, or -1."""
    scanner = ObjectScanner()
    before = 0
    for piece in pieces:
        end = scanner.feed(piece)
        if end >= 0:
            return before + end
        before += len(piece)
    return -1


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("{}", 2),
        ("{} x", 2),
        ('  {"a": [1, {"b": "}"}]}tail', 24),
        ('{"a": "\\""}', 11),
        ('{"a": "\\\\"}x', 11),
        ("[1, 2]", 6),
        ('{"a": 1', -1),
        ('{"a": "}', -1),
        ('"text"', -1),
        ("", -1),
    ],
)
def test_the_end_of_an_object(text, end):
    """Strings, escapes and nested brackets are followed."""
    assert end_of([text]) == end
    for place in range(1, len(text)):
        assert end_of(cut(text, [place])) == end


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.text(max_size=6), st.text(max_size=6) | st.lists(st.integers(), max_size=3)),
    st.data(),
)
def test_any_object_in_any_pieces(value, data):
    """The end is found wherever the text is cut, and nothing behind it matters."""
    text = json.dumps(value, ensure_ascii=False)
    tail = data.draw(st.text(max_size=5))
    assert end_of(cut(text + tail, data.draw(places(len(text) + len(tail) + 1)))) == len(text)


def test_what_it_knows_meanwhile():
    """White space does not start an object; only the outermost bracket makes it whole."""
    scanner = ObjectScanner()
    scanner.feed(" \n")
    assert (scanner.started, scanner.whole) == (False, False)
    scanner.feed('{"a": {}')
    assert (scanner.started, scanner.whole) == (True, False)
    scanner.feed("}")
    assert scanner.whole
