"""The forms in which plotly's and altair's charts can be drawn: as data, without a script.

Both show themselves as HTML that fetches its library from elsewhere, or expects it in the page. As
data under its own MIME type a chart is drawn by whoever has a renderer for it. Neither library is
imported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["chart_bundle", "with_chart_data"]

PLOTLY = "application/vnd.plotly.v1+json"
# What plotly puts into a page once, before its first figure: its library, and no figure.
_PLOTLY_LIBRARY = "window.PlotlyConfig"
_ALTAIR = re.compile(r'id="altair-viz-|VEGA_DEBUG')
_ALTAIR_SPEC = re.compile(r"\}\)\((?=\{)")
_SCHEMA = re.compile(r"/schema/(vega|vega-lite)/v(\d+)")


def chart_bundle(chart: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Data and metadata of a figure of plotly's or a chart of altair's; None for all else.

    A figure that is a widget is not meant: it shows itself, alive.
    """
    kinds = {(kind.__module__.partition(".")[0], kind.__name__) for kind in type(chart).__mro__}
    if any(name == "ipywidgets" for name, _ in kinds):
        return None
    if ("plotly", "BaseFigure") in kinds:
        return {PLOTLY: json.loads(chart.to_json()), "text/plain": "plotly figure"}, {}
    if ("altair", "TopLevelMixin") in kinds:
        return _altair(chart)
    return None


def with_chart_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was displayed, with the data of the chart in it where that can be had."""
    found = dict(data)
    html = found.get("text/html")
    if not isinstance(html, str):
        return found
    if PLOTLY in found or (_PLOTLY_LIBRARY in html and "<div" not in html):
        del found["text/html"]
    elif _ALTAIR.search(html):
        found |= _vega(_spec_in(html))
    return found


def _altair(chart: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    words = f"{type(chart).__module__.partition('.')[0]}.{type(chart).__name__}(...)"
    try:
        spec = chart.to_dict(context={"pre_transform": False})
    except Exception as error:  # a chart is checked only now, and may have too many rows
        return {"text/plain": f"{words}\n{type(error).__name__}: {error}"}, {}
    html = chart.to_html(fullhtml=False) if hasattr(chart, "to_html") else ""
    return {**_vega(spec), "text/html": html, "text/plain": words}, {}


def _vega(spec: Any) -> dict[str, Any]:
    """The spec under the MIME type that its own schema names."""
    schema = _SCHEMA.search(str(spec.get("$schema"))) if isinstance(spec, dict) else None
    if schema is None:
        return {}
    return {f"application/vnd.{schema[1].replace('-', '')}.v{schema[2]}+json": spec}


def _spec_in(html: str) -> Any:
    """The first thing that altair's script is called with."""
    specs = (_json_at(html, call.end()) for call in _ALTAIR_SPEC.finditer(html))
    return next(filter(None, specs), None)


def _json_at(text: str, place: int) -> Any:
    try:
        return json.JSONDecoder().raw_decode(text, place)[0]
    except json.JSONDecodeError:
        return None  # a bracket of the script's own
