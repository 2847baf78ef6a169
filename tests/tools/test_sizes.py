"""Bounds of what goes to a page, measured on things that have none."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nbagent.tools import for_person
from nbagent.tools.sizes import MAX_DATA, MAX_MARKUP, MAX_TEXT, bounded
from tests.counting import counted_calls

BIG = 10_000_000


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text/html", "x" * (MAX_MARKUP + 1)),
        ("image/png", b"x" * (MAX_DATA + 1)),
        ("application/json", {"deep": [["x" * MAX_MARKUP]]}),
        ("application/vnd.plotly.v1+json", {"data": [{"x": [0.5] * (MAX_DATA // 10)}]}),
    ],
)
def test_what_is_too_big_is_left_out_and_said(kind: str, content: object) -> None:
    """The page is told what is missing, how big it is, and where it is."""
    result = bounded({kind: content, "text/plain": "words"})
    assert list(result) == ["text/plain"]
    assert result["text/plain"].startswith("words\n")
    assert kind in result["text/plain"] and "in the kernel" in result["text/plain"]


def test_what_fits_is_left_alone() -> None:
    """A bundle within bounds is the same bundle."""
    bundle = {"text/html": "<b>", "application/json": {"a": [1, {"b": None}]}, "image/png": b"x"}
    assert bounded(bundle) == bundle
    assert len(bounded({"text/plain": "x" * MAX_TEXT * 2})["text/plain"]) < MAX_TEXT + 100


LARGE: dict[str, Callable[[int], object]] = {
    "frame": lambda size: pd.DataFrame({"a": np.zeros(size), "b": np.zeros(size)}),
    "series": lambda size: pd.Series(np.zeros(size)),
    "array": np.zeros,
    "polars": lambda size: pl.DataFrame({"a": np.zeros(size)}),
    "list": lambda size: list(range(size)),
    "dict": lambda size: dict.fromkeys(range(size // 10), "x"),
    "list in a dict": lambda size: {"a": [0.0] * size},
    "styler": lambda size: pd.DataFrame(np.zeros((size // 20, 20))).style.background_gradient(),
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_hundred_megabytes_are_a_head(kind: str) -> None:
    """What a person sees of a huge object is small, and costs what it does of a smaller one."""
    cost = []
    for size in (BIG // 10, BIG):
        value = LARGE[kind](size)
        for_person(value)  # what is imported and compiled at first is not counted
        with counted_calls() as calls:
            bundle = for_person(value)
        cost.append(calls.count)
        assert 0 < sum(len(content) for content in bundle.data.values()) < 1_000_000
    assert cost[0] == cost[1]


def test_of_a_big_styled_frame_only_the_head_is_formatted() -> None:
    """Its cells are styled and written as far as the head goes, however many rows there are."""
    cost = []
    for rows in (20_000, 200_000):
        written: list[float] = []
        styled: list[int] = []

        def write(value: float, written: list[float] = written) -> str:
            written.append(value)
            return f"{value:.0f}"

        def colour(column: "pd.Series[float]", styled: list[int] = styled) -> list[str]:
            styled.append(len(column))
            return ["color: gold"] * len(column)

        for_person(pd.DataFrame(np.zeros((rows, 20))).style.format(write).apply(colour))
        cost.append((len(written), sum(styled)))
    assert cost[0] == cost[1] and 0 < max(cost[0]) <= 200 * 20


def test_tables_are_cut_also_when_told_to_show_everything() -> None:
    """A person's own settings hold up to where a page would choke."""
    with pd.option_context("display.max_rows", None), pl.Config(tbl_rows=-1):
        for value in (pd.DataFrame({"a": range(100_000)}), pl.DataFrame({"a": range(100_000)})):
            assert len(for_person(value).data["text/html"]) < 50_000


def test_a_small_styled_frame_is_shown_whole() -> None:
    """Styles of a frame of ordinary size are computed on all of it, with its own caption."""
    styler = pd.DataFrame({"a": range(50)}).style.set_caption("Mine").highlight_max(color="gold")
    html = for_person(styler).data["text/html"]
    assert "Mine" in html and "gold" in html and ">49<" in html


def test_a_big_styled_frame_says_that_it_is_a_head() -> None:
    """The caption names how much there is, and the styles are there."""
    frame = pd.DataFrame(np.arange(400_000.0).reshape(-1, 2))
    html = for_person(frame.style.format("{:.0f}").highlight_max(color="gold")).data["text/html"]
    assert "The first 200 of 200,000 rows" in html and "gold" in html
