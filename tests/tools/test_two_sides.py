"""The two sides of a result, with real pandas, numpy, matplotlib and PIL."""

import dataclasses
import datetime
import decimal
import enum
import json
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import PIL.Image
import pytest
from pydantic import BaseModel

from nbagent.tools import for_model, for_person, tool
from nbagent.tools.for_model import cut
from tests.counting import Watched

matplotlib.use("Agg")


class Level(enum.Enum):
    HIGH = "high"


class Item(BaseModel):
    name: str
    price: decimal.Decimal


@dataclasses.dataclass
class Spot:
    x: int
    when: datetime.date


class Told:
    def _repr_llm_(self) -> str:
        return "for the model"


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def _repr_html_(self) -> str:
        raise RuntimeError("no html")


class Plain:
    def __repr__(self) -> str:
        return "<plain>"


CYCLE: list[Any] = []
CYCLE.append(CYCLE)

TEXTS: list[tuple[Any, str]] = [
    ("as it is\n", "as it is\n"),
    (3, "3"),
    (2.5, "2.5"),
    (True, "true"),
    (np.float64(2.5), "2.5"),
    (np.int64(3), "3"),
    (np.bool_(True), "true"),
    ({"a": [1, None]}, '{"a":[1,null]}'),
    ([np.float64(1), np.int64(2)], "[1.0,2]"),
    ({"ü": {1}}, '{"ü":[1]}'),
    ({1: "x"}, '{"1":"x"}'),
    ({"a": np.arange(3)}, '{"a":[0,1,2]}'),
    ({"p": Plain()}, '{"p":"<plain>"}'),
    (Item(name="n", price=decimal.Decimal("1.10")), '{"name":"n","price":"1.10"}'),
    (Spot(1, datetime.date(2024, 1, 31)), '{"x":1,"when":"2024-01-31"}'),
    (Level.HIGH, "high"),
    (datetime.date(2024, 1, 31), "2024-01-31"),
    (decimal.Decimal("1.10"), "1.10"),
    (b"\x89PNG1234", "8 bytes of a PNG image"),
    (b"\x00\x01", "2 bytes of binary data"),
    (ValueError("x"), "ValueError: x"),
    (Plain(), "<plain>"),
    (Told(), "for the model"),
    (CYCLE, "[[...]]"),
    (iter([1]), "a list_iterator that was not consumed"),
    (float("nan"), "NaN"),
]


@pytest.mark.parametrize(("value", "text"), TEXTS, ids=lambda v: type(v).__name__)
def test_what_a_model_reads(value: Any, text: str) -> None:
    """Each kind of value has its text."""
    assert for_model(value).text == text


def test_broken_reprs_are_reported() -> None:
    """An object that cannot show itself says why, on both sides, and breaks nothing."""
    assert "no repr" in for_model(Broken()).text
    text = for_person(Broken()).data["text/plain"]
    assert "no repr" in text and "no html" in text


def test_the_limit_is_said() -> None:
    """A long text keeps its beginning and end, and says how much there was."""
    text = for_model("a" * 5000 + "b" * 5000).text
    assert len(text) <= 4000
    assert text.startswith("aaa") and text.endswith("bbb")
    assert "10,000 characters" in text
    assert cut("short", 10) == "short"


def test_a_huge_list_is_quick() -> None:
    """Only the beginning of a million items is turned into text, for either side."""
    cost = []
    for size in (100_000, 1_000_000):
        item = Watched()
        for_model([item] * size), for_person([item] * size)
        cost.append(item.looks)
    assert cost[0] == cost[1] <= 5000
    text = for_model(list(range(1_000_000))).text
    assert text.startswith("list of 1,000,000 items, the first 1,000: [0,1,2")


CARS = pd.DataFrame({"mpg": np.linspace(10, 40, 398), "name": [f"car {i}" for i in range(398)]})


def test_a_long_frame() -> None:
    """Shape, types and a head, and the text says what is left out."""
    lines = for_model(CARS).text.splitlines()
    assert lines[0] == "DataFrame, shape: 398 rows x 2 columns"
    assert lines[1].startswith("types: mpg float64, name ")
    assert lines[2] == "(only the first 10 of 398 rows)"
    assert lines[3:5] == ["mpg | name", "10 | car 0"]
    assert len(lines) == 14


def test_a_small_frame_is_whole_with_its_index() -> None:
    """A frame like that of ``describe`` comes whole; an index that says something is in it."""
    text = for_model(CARS[["mpg"]].describe()).text
    assert "shape: 8 rows x 1 columns" in text
    assert "only" not in text
    assert " | mpg" in text and "mean | 25" in text and "75% | 32.5" in text


def test_a_wide_frame() -> None:
    """Columns are limited and the text says so."""
    text = for_model(pd.DataFrame(np.zeros((3, 100)), columns=[f"c{i}" for i in range(100)])).text
    assert "(only the first 20 of 100 columns)" in text
    assert "| c18 | c19\n" in text
    assert "other columns: c20, c21" in text and "c99" in text


def test_a_frame_of_long_cells_stays_under_the_limit() -> None:
    """Fewer rows are given rather than a table cut in its middle."""
    frame = pd.DataFrame({f"c{i}": ["x" * 1000] * 50 for i in range(15)})
    text = for_model(frame).text
    assert len(text) <= 4000
    assert "of 50 rows)" in text and "… [cut" not in text


def test_odd_frames() -> None:
    """Empty ones, several index levels, several column levels."""
    assert "0 rows x 0 columns" in for_model(pd.DataFrame()).text
    grouped = CARS.assign(k=1, j=2).groupby(["k", "j"]).agg({"mpg": ["mean", "max"]})
    text = for_model(grouped).text
    assert "mpg/mean" in text and "1/2 | 25 | 40" in text


def test_series() -> None:
    """Name, length, type; short ones whole, an index that says something in it."""
    assert for_model(CARS["mpg"]).text.startswith("Series 'mpg', 398 values, type float64")
    counts = pd.Series(["a", "b", "a"]).value_counts()
    assert for_model(counts).text.splitlines()[1:] == ["a | 2", "b | 1"]
    assert "0, 1, 2" in for_model(pd.Index([0, 1, 2])).text


def test_arrays() -> None:
    """Shape, type and range; small ones whole."""
    text = for_model(np.arange(1000.0).reshape(10, 100)).text
    assert "shape (10, 100), type float64" in text and "min 0, max 999, mean 499.5" in text
    assert "[[1, 2]]" in for_model(np.array([[1, 2]])).text


def test_a_frame_inside_a_dict() -> None:
    """A table in a container is its text there."""
    assert "shape: 398 rows x 2 columns" in for_model({"frame": CARS}).text


def test_a_figure() -> None:
    """The model gets words and a picture, the person the picture at screen size."""
    figure, (left, right) = plt.subplots(1, 2)
    left.plot([1, 2, 3], [4, 5, 6], label="growth")
    left.set(title="Growth", xlabel="year", ylabel="size", yscale="log")
    left.legend()
    right.scatter([1, 2], [3, 4])
    right.bar(["a", "b"], [1, 5])
    plt.close(figure)
    side = for_model(figure)
    for words in ("figure with 2 plots", "plot 1 'Growth'", "'year'", "'size'", "log scale"):
        assert words in side.text
    assert "line 'growth' of 3 points, x 1 to 3, y 4 to 6" in side.text
    assert "scatter of 2 points" in side.text and "2 bars, heights 1 to 5" in side.text
    assert side.images[0].data is not None and side.images[0].data.startswith(b"\x89PNG")
    bundle = for_person(left)
    assert bundle.data["image/png"].startswith(b"\x89PNG")
    hint = bundle.metadata["image/png"]
    assert 300 < hint["width"] < 700 and 200 < hint["height"] < 500
    assert for_person([left, right]).data["image/png"]


def test_an_empty_figure() -> None:
    """Nothing to cut to is no crash."""
    assert for_person(matplotlib.figure.Figure()).data["image/png"]


def test_a_pil_image() -> None:
    """A picture goes to models that see; its size is told to all."""
    image = PIL.Image.new("CMYK", (30, 20))
    side = for_model(image)
    assert "30 x 20 pixels" in side.text
    assert side.images[0].media_type == "image/png"


def test_reprs_by_hand() -> None:
    """Without IPython the display protocol is followed here."""

    class Rich:
        def _repr_mimebundle_(self, **kwargs: Any) -> Any:
            return {"application/x-own": 1}, {"application/x-own": {"k": 1}}

        def _repr_markdown_(self) -> str:
            return "**x**"

        def _repr_png_(self) -> Any:
            return b"\x89PNG", {"width": 3}

        def _repr_latex_(self) -> None:
            return None

    bundle = for_person(Rich())
    assert bundle.data["application/x-own"] == 1
    assert bundle.data["text/markdown"] == "**x**"
    assert bundle.data["image/png"] == b"\x89PNG"
    assert bundle.metadata == {"application/x-own": {"k": 1}, "image/png": {"width": 3}}
    assert "text/latex" not in bundle.data
    assert for_person(Rich).data.keys() == {"text/plain"}


def test_plain_things_for_the_person() -> None:
    """Nothing for None; lines of text as lines; the rest as a notebook has it."""
    assert for_person(None).data == {}
    assert for_person("x").data == {"text/plain": "'x'"}
    assert for_person("x\ny").data == {"text/plain": "x\ny"}
    long = for_person("x\n" * 100_000).data["text/plain"]
    assert len(long) < 101_000 and "more characters" in long


async def test_a_big_frame_is_quick() -> None:
    """100 MB: the page gets a table's head, the model a few lines, the value is the object."""
    cell = Watched()
    big = pd.DataFrame(np.zeros((650_000, 20))).assign(last=[cell] * 650_000)

    @tool
    def f() -> Any:
        return big

    with pd.option_context("display.max_rows", None, "display.max_columns", None):
        result = await f.invoke("")
    assert cell.looks < 500
    assert result.value is big
    assert len(result.bundle.data["text/html"]) < 200_000
    assert len(result.text) < 4000 and "650000 rows" in result.text


def test_json_stays_json() -> None:
    """What is data can be read back."""
    value = {"a": [1, 2.5, None, True], "b": {"c": "d"}}
    assert json.loads(for_model(value).text) == value
