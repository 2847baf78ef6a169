"""Bounds of what goes to a page, measured on things that have none."""

import time

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nbagent.tools import for_person
from nbagent.tools.sizes import MAX_DATA, MAX_MARKUP, MAX_TEXT, bounded

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


@pytest.mark.parametrize(
    "value",
    [
        pd.DataFrame({"a": np.zeros(BIG), "b": np.zeros(BIG)}),
        pd.Series(np.zeros(BIG)),
        np.zeros(BIG),
        pl.DataFrame({"a": np.zeros(BIG)}),
        list(range(BIG)),
        dict.fromkeys(range(1_000_000), "x"),
        pd.DataFrame(np.zeros((200_000, 20))).style.background_gradient(),
    ],
    ids=["frame", "series", "array", "polars", "list", "dict", "styler"],
)
def test_a_hundred_megabytes_are_a_head_in_no_time(value: object) -> None:
    """What a person sees of a huge object is small, and takes well under a second to make."""
    began = time.perf_counter()
    bundle = for_person(value)
    assert time.perf_counter() - began < 2
    assert 0 < sum(len(content) for content in bundle.data.values()) < 1_000_000


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
