"""plotly's and altair's charts as data, returned or displayed, with the real libraries."""

from typing import Any

import altair
import pandas as pd
import plotly.graph_objects as go
import plotly.io

from nbagent.tools import for_person
from nbagent.tools.chart_bundles import chart_bundle, with_chart_data

PLOTLY = "application/vnd.plotly.v1+json"
FRAME = pd.DataFrame({"x": [1, 2], "y": [3, 4]})


def _chart() -> Any:
    return altair.Chart(FRAME).mark_bar().encode(x="x", y="y")


def test_a_plotly_figure_is_its_data() -> None:
    """What a page draws is plain JSON, without the library's megabytes of script."""
    bundle = for_person(go.Figure(go.Bar(y=[1, 2])))
    assert bundle.data[PLOTLY]["data"][0]["type"] == "bar"
    assert "text/html" not in bundle.data


def test_an_altair_chart_is_its_spec_and_its_page() -> None:
    """The spec goes under the type that its own schema names; the page is for hosts without one."""
    bundle = for_person(_chart())
    (kind,) = [kind for kind in bundle.data if "vegalite" in kind]
    major = _chart().to_dict()["$schema"].rsplit("/v", 1)[1].split(".")[0]
    assert kind == f"application/vnd.vegalite.v{major}+json"
    assert bundle.data[kind]["mark"]["type"] == "bar"
    assert "vega-embed" in bundle.data["text/html"]


def test_an_altair_chart_that_cannot_be_drawn_says_why() -> None:
    """Too many rows, or a mistake in the encoding, is read in the card."""
    chart = altair.Chart(pd.DataFrame({"x": range(9000)})).mark_point().encode(x="x")
    text = for_person(chart).data["text/plain"]
    assert "MaxRowsError" in text


def test_what_altair_displays_carries_its_spec() -> None:
    """A chart that was displayed, of which only HTML is known, is drawn from its data too."""
    html = _chart()._repr_mimebundle_()["text/html"]
    found = with_chart_data({"text/html": html})
    (kind,) = [kind for kind in found if "vegalite" in kind]
    assert found[kind]["mark"]["type"] == "bar"
    assert found["text/html"] == html


def test_what_plotly_shows_is_its_data_alone() -> None:
    """The page that expects plotly's library around it goes, and so does the library itself."""
    figure = go.Figure(go.Bar(y=[1, 2]))
    shown = {PLOTLY: figure.to_plotly_json(), "text/html": "<div><script>Plotly.newPlot</script>"}
    assert list(with_chart_data(shown)) == [PLOTLY]
    library = f"<script>window.PlotlyConfig = {{}};</script><script>{'x' * 1000}</script>"
    assert with_chart_data({"text/html": library}) == {}


def test_self_made_pages_stay_as_they_are() -> None:
    """HTML that only looks like a chart's is left alone, and no bracket in it does harm."""
    whole = plotly.io.to_html(go.Figure(), include_plotlyjs="cdn")
    for html in ("<b>words</b>", whole, '<div id="altair-viz-1"></div><script>})({broken</script>'):
        assert with_chart_data({"text/html": html}) == {"text/html": html}


def test_nothing_else_is_a_chart() -> None:
    """Frames, figures' lookalikes and classes are not taken for charts."""
    for value in (FRAME, go.Figure, object(), None, "plotly"):
        assert chart_bundle(value) is None
