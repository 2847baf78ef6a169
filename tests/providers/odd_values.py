"""Puts values of other types into recorded JSON, for what servers might send one day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

ODD = (None, 5, -1.5, True, "x", "", [], [5], {}, {"a": 1}, [None])


def with_odd_value(draw: Any, value: Any, odd: Sequence[Any] = ODD) -> Any:
    """A copy of ``value`` with another value, one of ``odd``, at one place of it."""
    copy = deepcopy(value)
    holder, key = draw(st.sampled_from(list(_places(copy))))
    holder[key] = draw(st.sampled_from(odd))
    return copy


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from _places(inner)
