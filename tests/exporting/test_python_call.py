"""A call as Python: always valid, and the same values."""

import ast
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nbagent.exporting.python_call import python_call

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def values(source: str) -> dict[str, Any]:
    """The keyword arguments of the call that a source is."""
    found = ast.parse(source).body[-1]
    assert isinstance(found, ast.Expr) and isinstance(found.value, ast.Call)
    made: dict[str, Any] = {}
    for keyword in found.value.keywords:
        value = eval(ast.unparse(keyword.value), {"float": float})
        made |= {keyword.arg: value} if keyword.arg else value
    return made


@given(st.text(), st.dictionaries(st.text() | st.sampled_from(["x", "for", "é"]), JSON, max_size=4))
def test_values_come_back(name: str, arguments: dict[str, Any]) -> None:
    """Whatever the name and the arguments, the source is Python with the same values."""
    assert values(python_call(name, json.dumps(arguments))) == arguments


@given(st.text(), st.text())
def test_broken_arguments_are_a_comment(name: str, arguments: str) -> None:
    """What is no JSON cannot become code."""
    ast.parse(python_call(name, arguments))


def test_it_is_readable() -> None:
    """Short calls on a line, long ones an argument a line, code as code."""
    assert python_call("f", '{"a": "x", "b": true, "c": null}') == 'f(a="x", b=True, c=None)'
    assert python_call("f", "") == "f()"
    assert python_call("my-tool", '{"a-b": 1}') == 'tools["my-tool"](**{"a-b": 1})'
    code = python_call("run", json.dumps({"code": "a = 1\nb = 'x'", "check": True}))
    assert code == 'run(\n    code="""a = 1\nb = \'x\'""",\n    check=True,\n)'
