"""JSON that can be sent, whatever text stands in it."""

from __future__ import annotations

import json

import pydantic_core
import pytest

from nbagent.json_text import to_json


def test_what_is_whole_is_as_it_was() -> None:
    """Whole text, in any script, is written as by the library."""
    value = {"ü": ["😀", "\u2028", 1, None, {"a": ("b",)}]}
    assert to_json(value) == pydantic_core.to_json(value)


def test_halves_are_replaced_and_pairs_joined() -> None:
    """Half of a pair alone is U+FFFD, in names and values; two halves are one character."""
    value = {"\ud83d": ["a\udcff", ("\ud83d\ude00",)]}
    assert json.loads(to_json(value)) == {"\ufffd": ["a\ufffd", ["😀"]]}


def test_what_is_no_json_is_refused_as_ever() -> None:
    """Another trouble than such text stays one."""
    with pytest.raises(pydantic_core.PydanticSerializationError):
        to_json({"a": object()})
