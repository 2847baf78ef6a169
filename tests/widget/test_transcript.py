"""The kernel's transcript against the fixtures that the page's reducer is held to as well."""

import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from nbagent.widget.transcript import Transcript
from nbagent.widget.wire import Op
from tests.counting import counted_calls

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures" / "wire").glob("*.json"))


def _read(path: Path) -> dict[str, Any]:
    fixture: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return fixture


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixture(path: Path) -> None:
    """The messages of a fixture give exactly its transcript."""
    fixture, transcript = _read(path), Transcript()
    for message in fixture["messages"]:
        for op in message["ops"]:
            transcript.apply(op)
    assert transcript.snapshot() == fixture["transcript"]


def test_fixtures_cover_every_op() -> None:
    """No op is left without a fixture, so neither language can forget one."""
    known = {get_args(get_type_hints(op)["op"])[0] for op in get_args(Op)}
    seen = {
        op["op"]
        for path in FIXTURES
        for message in _read(path)["messages"]
        for op in message["ops"]
    }
    assert seen == known


def test_snapshot_stands_still() -> None:
    """A snapshot that was taken does not change with later ops."""
    transcript = Transcript()
    transcript.apply({"op": "message_start", "id": "m", "role": "assistant", "created": 1.0})
    transcript.apply({"op": "text", "message": "m", "part": "1", "text": "one"})
    before = transcript.snapshot()
    copy = json.loads(json.dumps(before))
    transcript.apply({"op": "text", "message": "m", "part": "1", "text": " two"})
    transcript.apply(
        {"op": "message_end", "id": "m", "state": "done", "usage": None, "error": None}
    )
    assert before == copy
    assert before != transcript.snapshot()


def test_long_text_costs_what_it_is_long() -> None:
    """Of 200,000 fragments the last costs as the first: none is added to a growing copy."""

    class Fragment(str):
        added = 0

        def __radd__(self, other: str) -> str:
            Fragment.added += 1
            return str(other) + str(self)

    transcript, cost = Transcript(), []
    transcript.apply({"op": "message_start", "id": "m", "role": "assistant", "created": 1.0})
    for _ in range(200_000):
        text = Fragment("0123456789")
        with counted_calls() as calls:
            transcript.apply({"op": "text", "message": "m", "part": "1", "text": text})
        cost.append(calls.count)
    assert cost[-1] == cost[1] and Fragment.added == 0
    part = transcript.snapshot()["messages"][0]["parts"][0]
    assert part["kind"] == "text" and len(part["text"]) == 2_000_000
