"""Branches that speak at once are told one after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nbagent.agent.lanes import Lane, Lanes


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=40))
def test_what_a_step_says_comes_together_and_nothing_is_lost(
    moves: list[tuple[int, bool]],
) -> None:
    """Whatever the order in which steps begin, speak and end."""
    told: list[tuple[int, int]] = []
    lanes = Lanes(told.append)
    going: dict[int, tuple[int, Lane]] = {}
    said: list[tuple[int, int]] = []
    begun = 0
    for who, ends in moves:
        if who not in going:
            begun += 1
            going[who] = (begun, lanes.lane())
        number, lane = going[who]
        said.append((number, len(said)))
        lane.emit(said[-1])
        if ends:
            del going[who]
            lane.close()
    for _, lane in going.values():
        lane.close()
    assert told == sorted(said)
    assert not lanes.open


def test_the_first_is_heard_as_it_speaks() -> None:
    """The others when it has ended its step; then the next of them is heard at once."""
    told: list[str] = []
    lanes = Lanes(told.append)
    first, second = lanes.lane(), lanes.lane()
    second.emit("two")
    first.emit("one")
    assert told == ["one"]
    assert (first.heard.is_set(), second.heard.is_set()) == (True, False)
    first.close()
    second.emit("three")
    assert told == ["one", "two", "three"]
    assert second.heard.is_set()
    second.close()
