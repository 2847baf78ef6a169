"""The text of a JSON string while it arrives in fragments."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.calling.json_string import JSONString
from tests.cutting import cut, each_cut, places


def read(pieces):
    """The text, and what stands behind the string."""
    reader, words, rest = JSONString(), "", None
    for piece in pieces:
        if rest is not None:
            rest += piece
            continue
        more, rest = reader.feed(piece)
        words += more
    return words, rest


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20), st.booleans(), st.text(max_size=4), st.data())
def test_any_text_in_any_pieces(text, ascii_only, behind, data):
    """It is what json decodes, wherever it is cut."""
    source = json.dumps(text, ensure_ascii=ascii_only)[1:] + behind
    assert read(cut(source, data.draw(places(len(source))))) == (text, behind)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r'\ud83d\ude00"', "😀"),
        (r'\ud83d"', "\ufffd"),
        (r'\ud83d x"', "\ufffd x"),
        (r'\ud83d\u0041"', "\ufffdA"),
        (r'\ude00\ud83d"', "\ufffd\ufffd"),
        (r'\ud83d\n"', "\ufffd\n"),
        (r'a\xb"', r"a\xb"),
        ('a\nb"', "a\nb"),
    ],
)
def test_odd_escapes(source, text):
    """Half characters are replaced, what is no escape stays; the same for every cut."""
    for pieces in ([source], *each_cut(source)):
        assert read(pieces) == (text, "")


def test_text_comes_as_soon_as_it_is_certain():
    """Only an escape that is cut waits."""
    reader = JSONString()
    assert reader.feed("ab\\u00") == ("ab", None)
    assert reader.feed('e9c"}') == ("éc", "}")
