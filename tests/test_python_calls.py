"""The page's "Copy as Python call": what it writes is Python, and says the same as the JSON.

The calls in the fixture were written by js/src/python-call.ts; js/tests/python-call.test.ts holds
it to them.
"""

import ast
import json
import math
from pathlib import Path
from typing import Any

import pytest

FIXTURE = Path(__file__).parent / "fixtures" / "python_calls.json"
CASES: list[dict[str, Any]] = json.loads(FIXTURE.read_text(encoding="utf-8"))


def same(one: Any, other: Any) -> bool:
    """Equal, in type too: 1 is neither 1.0 nor True."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return bool(one == other)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_it_is_python_with_the_same_values(case: dict[str, Any]) -> None:
    """One call of a plain name; its arguments evaluate to exactly what the JSON holds."""
    tree = ast.parse(case["call"], mode="eval")
    assert isinstance(tree.body, ast.Call)
    assert isinstance(tree.body.func, ast.Name)
    assert not tree.body.args
    name = tree.body.func.id
    given = eval(case["call"], {"__builtins__": {}, name: dict})  # literals, as seen above
    wanted = json.loads(case["arguments"] or "{}")
    assert same({key: given[key] for key in wanted}, wanted)
    assert len(given) == len(wanted)


def test_names_stay_names() -> None:
    """What Python can name is named; only the rest is unpacked from a dict."""
    for case in CASES:
        call = ast.parse(case["call"], mode="eval").body
        assert isinstance(call, ast.Call)
        named = {keyword.arg for keyword in call.keywords} - {None}
        plain = {key for key in json.loads(case["arguments"] or "{}") if key.isascii()}
        keywords = ("class", "lambda", "if", "__debug__")
        assert {key for key in plain if key.isidentifier() and key not in keywords} <= named
