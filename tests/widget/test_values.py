"""Values for the wire: anything a tool returns or raises can be sent."""

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from nbagent.errors import TransportError
from nbagent.tools.failures import ToolRaised
from nbagent.widget.values import bundle_view, clean, error_view, extract, repair, weight


def test_clean_makes_json() -> None:
    """What JSON has no word for becomes text, at any depth, and keys become text."""
    value = {1: [float("nan"), float("-inf")], "day": date(2024, 5, 1), "bytes": (b"x", None, True)}
    assert clean(value) == {
        "1": ["nan", "-inf"],
        "day": "2024-05-01",
        "bytes": ["b'x'", None, True],
    }


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
        max_leaves=20,
    )
)
def test_anything_can_be_sent(value: object) -> None:
    """Every value becomes what the kernel can pack: JSON without NaN, in UTF-8."""
    view = bundle_view({"application/json": value}, {"value": value})
    json.dumps(extract(view, []), allow_nan=False, ensure_ascii=False).encode()


@given(st.text(st.characters(), max_size=20))
def test_repair_leaves_whole_text_alone(text: str) -> None:
    """Only text that cannot be encoded is changed, and what comes out always can be."""
    repair(text).encode()
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert repair(text) == text


def test_json_that_looks_like_a_buffer() -> None:
    """JSON of the form that marks a buffer is sent as text, so that no page takes it for one."""
    view = bundle_view({"application/json": {"buffer": 0}}, {})
    assert view["data"] == {"application/json": '{"buffer": 0}'}


def test_weight_is_near_the_bytes() -> None:
    """The weight of a message is within a fifth of its JSON."""
    value = {"op": "text", "text": "x" * 1000, "more": [1, 2, {"a": "b" * 100}]}
    assert 0.8 < weight(value) / len(json.dumps(value)) < 1.2


def test_errors_of_ours_have_no_traceback() -> None:
    """Our own errors say what to do; where in our code they come from helps nobody."""
    error = TransportError("No connection to the server. Check base_url.")
    # As `add_note` does from Python 3.11 on.
    error.__notes__ = ["It was refused."]  # type: ignore[attr-defined] # unknown to 3.10
    assert error_view(error) == {
        "type": "TransportError",
        "message": "No connection to the server. Check base_url.",
        "traceback": "",
        "hint": "It was refused.",
    }


def test_error_of_a_tool() -> None:
    """A tool that raised shows what was raised, and the traceback that the tool machinery cut."""
    error = ToolRaised("summary failed: KeyError", traceback="Cell In[3], line 4")
    error.__cause__ = KeyError("mgp")
    view = error_view(error)
    assert (view["type"], view["message"], view["traceback"]) == (
        "KeyError",
        "'mgp'",
        "Cell In[3], line 4",
    )


def test_exception_that_cannot_be_read() -> None:
    """An exception whose own text raises still gets a card."""

    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    assert error_view(Mute())["message"] == "(its message cannot be read: ValueError)"


def test_other_errors_have_one() -> None:
    """An error that is not ours comes with its traceback."""
    try:
        _ = {"mpg": 1}["mgp"]
    except KeyError as error:
        view = error_view(error)
    assert view["type"] == "KeyError"
    assert "test_values.py" in view["traceback"]
