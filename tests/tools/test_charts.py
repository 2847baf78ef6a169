"""plotly's figures and altair's charts in words."""

import altair
import pandas as pd
import plotly.graph_objects as graph

from nbagent.tools import for_model
from nbagent.tools.for_model import summary

CARS = pd.DataFrame({"mpg": [10.0, 20.0, 30.0, 40.0], "kind": ["a", "b", "a", "b"]})


def test_plotly() -> None:
    """Title, traces with their first values, axes."""
    figure = graph.Figure(
        [graph.Scatter(x=[1, 2, 3, 4], y=CARS["mpg"], name="growth"), graph.Bar(y=[1])],
        layout={"title": "Cars", "xaxis": {"title": "year"}},
    )
    lines = for_model(figure).text.splitlines()
    assert lines[0] == "plotly figure 'Cars' with 2 traces"
    assert lines[1] == "- scatter 'growth': x 1, 2, 3, … (4); y 10, 20, 30, … (4)"
    assert lines[2] == "- bar: y 1 (1)"
    assert lines[3] == "x axis 'year'"
    assert summary(figure) == f"{lines[0]} …"


def test_altair() -> None:
    """Mark, data and what is encoded; layered charts one by one."""
    points = altair.Chart(CARS, title="Cars").mark_point().encode(x="kind", y="mean(mpg):Q")
    text = for_model(points).text
    assert text == "altair chart 'Cars': point of 4 rows\nx = kind, y = mean(mpg):Q"
    layered = for_model(points + altair.Chart(CARS).mark_line()).text
    assert layered.startswith("altair LayerChart") and "altair chart: line" in layered
    assert "point of 4 rows" in for_model([points]).text
