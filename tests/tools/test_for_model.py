"""The model's side of odd and of very large values, with real pandas, polars and numpy."""

import json
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nbagent.tools import for_model
from nbagent.tools.for_model import summary
from tests.counting import counted_calls, peak_of

CARS = pd.DataFrame({"mpg": np.linspace(10, 40, 398), "name": [f"car {i}" for i in range(398)]})


class Point(NamedTuple):
    x: int
    y: int


class Liar:
    """Its own description is whatever it was given."""

    def __init__(self, given: Any) -> None:
        self.given = given

    def _repr_llm_(self) -> Any:
        if isinstance(self.given, Exception):
            raise self.given
        return self.given

    def __repr__(self) -> str:
        return "<liar>"

    def __len__(self) -> int:
        raise RuntimeError("no length")


def test_a_very_wide_frame() -> None:
    """Of thousands of columns the first names are given, and how many more there are."""
    frame = pd.DataFrame(np.zeros((30, 5000)), columns=[f"c{i}" for i in range(5000)])
    text = for_model(frame).text
    assert len(text) <= 4000 and "c119 (and 4880 more)" in text


def test_cells_of_every_kind() -> None:
    """What is missing, nested, long or twice named stands in its cell, and is short."""
    frame = pd.DataFrame(
        [
            [pd.NaT, np.nan, None, {"a": [1] * 1000}, "x" * 10_000_000, CARS, 123456789.0],
            [pd.Timestamp("2024-01-31"), 1.5, pd.NA, (1, 2), "a\nb", np.zeros(9), 1234567.25],
        ],
        columns=pd.Index(["t", "t", 5, ("a", "b"), "long", "inner", "number"], tupleize_cols=False),
    )
    head, first, second = for_model(frame).text.splitlines()[1:]
    assert head == "t | t | 5 | a/b | long | inner | number"
    assert first.startswith("NaT | nan | None | {a: [1, 1, 1, 1, 1, …]} | xxxx")
    assert first.endswith("x… | DataFrame of shape (398, 2) | 123456789")
    assert second.endswith("<NA> | 1/2 | a b | ndarray of shape (9,) | 1234567.25")


def test_categories_and_nullable_types() -> None:
    """pandas' own types come as what they hold."""
    columns = {"c": pd.Categorical(["a", None]), "n": pd.array([1, None], dtype="Int64")}
    assert for_model(pd.DataFrame(columns)).text.endswith("c | n\na | 1\nnan | <NA>")


def test_indexes() -> None:
    """Several levels with their names; numbers that are labels and no positions."""
    frame = CARS.assign(k=1, j=range(398)).set_index(["k", "j"])
    assert "k/j | mpg | name\n1/0 | 10 | car 0" in for_model(frame).text
    assert "1/a, 1/b" in for_model(pd.MultiIndex.from_product([[1], ["a", "b"]])).text
    halves = pd.Series(range(100), index=np.arange(100) / 2)
    assert "(only the first 10 of 100)\n0 | 0\n0.5 | 1" in for_model(halves).text


def test_a_styler_is_its_frame() -> None:
    """The person sees the colours, the model the numbers."""
    assert for_model(CARS.style).text == for_model(CARS).text


def test_polars() -> None:
    """Frames and series as pandas' ones; a lazy frame is not computed for it."""
    frame = pl.DataFrame({"a": range(30), "b": [["x"]] * 30, "c": [{"k": 1}] * 30})
    text = for_model(frame).text
    assert "shape: 30 rows x 3 columns" in text
    assert "types: a Int64, b List(String)" in text and "a | b | c\n0 | [x] | {k: 1}" in text
    assert for_model(frame["a"]).text.startswith("Series 'a', 30 values, type Int64")
    wide = pl.DataFrame({f"c{number}": [1] for number in range(50)})
    assert "the first 20 of 50 columns" in for_model(wide).text

    def compute(_: Any) -> Any:
        raise AssertionError("computed")

    lazy = frame.lazy().map_batches(compute, schema={"a": pl.Int64})
    assert for_model(lazy).text == "LazyFrame (not computed), 1 columns: a Int64"


def test_arrays_of_every_kind() -> None:
    """No dimension, fields, masks, objects, dates; and large ones looked at in part."""
    assert for_model(np.array(3.5)).text.endswith("3.5")
    assert "type [('a', '<i4')" in for_model(np.zeros(200, dtype=[("a", "<i4"), ("b", "f8")])).text
    assert for_model(np.ma.array([1, 2], mask=[0, 1])).text.endswith("[1, None]")
    assert for_model(np.array([CARS, None], dtype=object)).text.endswith("(398, 2), None")
    assert for_model(np.datetime64("2024-01-31T00:00:00", "ns")).text.startswith("2024-01-31T00")
    assert "(of the first 1,000,000 values)" in for_model(np.zeros((2000, 1000))).text
    assert "all NaN" in for_model(np.full(200, np.nan)).text


LARGE = {
    "frame": lambda size: pd.DataFrame(np.zeros((size // 2, 2))),
    "series": lambda size: pd.Series(np.zeros(size)),
    "array": lambda size: np.zeros((size // 2000, 2000)),
    "array on its side": lambda size: np.zeros((size // 2000, 2000)).T,
    "polars": lambda size: pl.DataFrame({"a": np.zeros(size)}),
    "list in a dict": lambda size: {"a": [0.0] * size},
    "bytes": lambda size: memoryview(bytes(8 * size)),
    "text": lambda size: {"text": "x" * 8 * size},
}


@pytest.mark.parametrize("kind", LARGE)
def test_nothing_large_is_copied(kind: str) -> None:
    """Describing 80 MB takes as many calls as 16 MB, and next to no memory of its own."""
    cost = []
    for size in (2_000_000, 10_000_000):
        value = LARGE[kind](size)
        for_model(value)  # what is imported and compiled at first is not counted
        with counted_calls() as calls:
            for_model(value)
        cost.append(calls.count)
        assert peak_of(partial(for_model, value)) < 20_000_000
    assert cost[0] == cost[1]


def test_containers_are_cut_wherever_they_are_large() -> None:
    """Also deep inside; what is left out is said there. An iterator is not used up."""
    waiting = iter([1])
    text = for_model({"a": list(range(5000)), "it": waiting}, limit=10_000).text
    assert "… (4,002 more of 5,000 items)" in text and next(waiting) == 1
    deep: Any = "bottom"
    for _ in range(5000):
        deep = [deep]
    assert "deeper levels are left out" in for_model(deep).text
    assert json.loads(for_model({"t": pd.NaT, "b": b"\x00", "p": Point(1, 2)}).text) == {
        "t": "NaT",
        "b": "1 bytes of binary data",
        "p": {"x": 1, "y": 2},
    }


def test_bytes_that_are_words() -> None:
    """They are read as words, and said to be bytes."""
    assert for_model("größe".encode()).text == "7 bytes of text: größe"
    assert "100,000 bytes of text: ü" in for_model(("ü" * 50_000).encode()).text
    assert for_model(b"").text == "0 bytes of binary data"


def test_a_repr_for_models_that_fails() -> None:
    """The call has its result all the same, and the model is told why it reads something else."""
    assert for_model(Liar(KeyError("x"))).text == "<liar>\n(Its _repr_llm_ raised KeyError: 'x')"
    assert for_model(Liar(None)).text == "<liar>"
    assert for_model(Liar({"a": 1})).text == '{"a":1}'
    assert for_model([Liar("told")]).text == '["told"]'
    itself = Liar(None)
    itself.given = {"me": itself}
    assert for_model(itself).text == '{"me":"<liar>"}'


def test_summaries() -> None:
    """One line of each, whatever it is."""
    assert summary(CARS) == "DataFrame, shape: 398 rows x 2 columns"
    assert summary(CARS["mpg"]) == "Series 'mpg', 398 values, type float64"
    assert summary({"a": 1}) == "dict of 1 item"
    assert summary("x" * 5000) == "str of 5,000 characters"
    assert summary(3) == "int: 3"
    assert summary(Liar("told\nat length")) == "told …"
    assert summary(Liar(KeyError("x"))) == "<liar> …"
    assert len(summary(ValueError("x" * 5000))) <= 120
