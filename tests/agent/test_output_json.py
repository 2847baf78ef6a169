"""The JSON of an answer, found between words, whole or in part."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.agent.output_json import PART, JSONReader, Seen, documents

LEAVES = (
    st.none() | st.booleans() | st.integers(-999, 9999) | st.floats(-9, 9) | st.text(max_size=9)
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner)
)
OBJECTS = st.dictionaries(st.text(max_size=4), VALUES, min_size=1, max_size=5)


def read(pieces: list[str], opens: str = "{") -> list[Seen]:
    """All that a reader gives of a text in pieces."""
    reader = JSONReader(opens)
    found = [seen for piece in pieces if (seen := reader.feed(piece)) is not None]
    last = reader.flush()
    return found if last is None else [*found, last]


def is_prefix(part: Any, whole: Any) -> bool:
    """Whether a value may grow into another one: in its last text, field or element alone."""
    if isinstance(part, dict):
        same = list(whole)[: len(part)] == list(part)
        return same and all(is_prefix(part[key], whole[key]) for key in part)
    if isinstance(part, list):
        return len(part) <= len(whole) and all(map(is_prefix, part, whole))
    if isinstance(part, str):
        return isinstance(whole, str) and whole.startswith(part)
    return part == whole and type(part) is type(whole)


@settings(deadline=None)
@given(OBJECTS, st.integers(1, 7), st.sampled_from(["", "Here you are:\n```json\n", "So {x} or "]))
def test_each_look_is_a_beginning_of_the_whole(value: Any, size: int, before: str) -> None:
    """Nothing that was seen is taken back, numbers come whole, and the last look is all of it."""
    text = f"{before}{json.dumps(value)}\n``` Bye."
    looks = read([text[at : at + size] for at in range(0, len(text), size)])
    assert looks[-1] == Seen(value)
    kept = [look.data for look in looks if look.data]
    assert all(is_prefix(data, value) for data in kept)
    assert all(is_prefix(one, other) for one, other in pairwise(kept))


def test_where_the_end_stands_is_known() -> None:
    """The open brackets are counted; a text that is a key does not count as growing."""
    assert read(['{"a": {"b": ["x'])[-1] == Seen({"a": {"b": ["x"]}}, 3, True)
    assert read(['{"a": "x", "b'])[-1] == Seen({"a": "x"}, 1, False)
    assert read(['{"a": "x", "b": 12'])[-1] == Seen({"a": "x"}, 1, False)
    assert read(['{"a": "x", "b": 12 '])[-1] == Seen({"a": "x", "b": 12}, 1, False)
    assert read(['{"a": "say \\"', 'x\\"'])[-1].data == {"a": 'say "x"'}


def test_a_later_document_takes_the_place_of_an_earlier_one() -> None:
    """A model that corrects itself is read to the end."""
    looks = read(["{not it} ", '{"a": 1} or rather {"a": 2}'])
    assert looks[-1].data == {"a": 2}


def test_looking_costs_no_more_than_reading_so_many_times() -> None:
    """A long answer is looked at ever more seldom: all looks together stay in proportion."""
    text = json.dumps({"rows": [{"name": f"row {n}", "n": n} for n in range(4000)]})
    reader, looked, length = JSONReader(), 0, 0
    for at in range(0, len(text), 4):
        length += 4
        looked += length if reader.feed(text[at : at + 4]) is not None else 0
    assert looked < 2 * PART * len(text)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ('{"a": 1}', {"a": 1}),
        ("12", 12),
        ('Sure!\n```json\n{"a": 1}\n```\nAnything else?', {"a": 1}),
        ('~~~\n{"a": 1}\n~~~', {"a": 1}),
        ('For {x}, as {"a": 0}: {"a": {"b": 1}}. Done {', {"a": {"b": 1}}),
        ('[1] says {"a": 1}', {"a": 1}),
    ],
)
def test_the_likeliest_document_comes_first(text: str, first: Any) -> None:
    """All of it, what is fenced, or the last object in it."""
    assert next(documents(text)) == first


def test_without_json_there_is_no_document() -> None:
    """Words and braces alone are none."""
    assert list(documents("I cannot {say} that.")) == []
    assert list(documents("{" * 500)) == []
