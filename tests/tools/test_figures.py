"""Figures in words: what a model without eyes reads of them."""

from functools import partial

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from nbagent.tools.figures import describe, figure_of
from tests.counting import counted_calls, peak_of

matplotlib.use("Agg")


def test_dates_are_dates() -> None:
    """Not the numbers of days that matplotlib keeps them as."""
    figure, axes = plt.subplots()
    axes.plot(pd.date_range("2024-01-01", periods=10), range(10))
    plt.close(figure)
    assert "x 2024-01-01 to 2024-01-10, y 0 to 9" in describe(figure)


def test_bars_are_told_with_their_names() -> None:
    """A bar chart of few bars is read bar by bar, in either direction."""
    figure, (left, right) = plt.subplots(1, 2)
    left.bar(["a", "b"], [1, 2.5])
    right.barh(["c", "d"], [3, 4])
    plt.close(figure)
    text = describe(figure)
    assert "2 bars, heights 1 to 2.5: a 1, b 2.5" in text
    assert "2 bars, lengths 3 to 4: c 3, d 4" in text


def test_many_points_are_quick() -> None:
    """A line of millions of points takes no more calls than a short one; NaN is in no range."""
    cost = []
    for points in (300_000, 3_000_000):
        figure, axes = plt.subplots()
        axes.plot(np.linspace(0, 1, points))
        axes.plot([1, np.nan, 3])
        plt.close(figure)
        describe(figure)
        with counted_calls() as calls:
            text = describe(figure)
        cost.append(calls.count)
    assert cost[0] == cost[1]
    assert "line of 3000000 points" in text and "y 1 to 3" in text


def test_a_large_array_of_objects_is_no_figure() -> None:
    """It is looked at up to the first object that is none, and not copied."""
    cost = []
    for size in (5_000, 5_000_000):
        objects = np.full(size, None)
        with counted_calls() as calls:
            assert figure_of(objects) is None
        cost.append(calls.count)
        assert peak_of(partial(figure_of, objects)) < 100_000
    assert cost[0] == cost[1]
