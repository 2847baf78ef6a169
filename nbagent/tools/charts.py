"""plotly's figures and altair's charts in words. Neither library is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from nbagent.tools.cells import cell

__all__ = ["chart_text", "is_chart"]

MAX_SHOWN = 8
AXES = ("x", "y", "z", "color", "size", "shape", "row", "column", "facet", "theta", "text")


def is_chart(value: Any) -> bool:
    """Whether it is plotly's or altair's."""
    return bool(_library(value))


def chart_text(chart: Any) -> str:
    """Its title, what is drawn of which data, and the axes."""
    return "\n".join(_plotly(chart) if _library(chart) == "plotly" else _altair(chart))


def _library(value: Any) -> str:
    for kind in type(value).__mro__:
        found = (kind.__module__.partition(".")[0], kind.__name__)
        if found in (("plotly", "BaseFigure"), ("altair", "TopLevelMixin")):
            return found[0]
    return ""


def _plotly(figure: Any) -> Iterator[str]:
    traces, layout = figure.data, figure.layout
    title = getattr(layout.title, "text", None)
    yield f"plotly figure{_quoted(title)} with {_count(len(traces), 'trace')}"
    for trace in traces[:MAX_SHOWN]:
        yield f"- {trace.type}{_quoted(trace.name)}{_extent(trace)}"
    if len(traces) > MAX_SHOWN:
        yield f"- ({len(traces) - MAX_SHOWN} more)"
    for which in ("x", "y"):
        label = getattr(getattr(layout, f"{which}axis", None), "title", None)
        words = getattr(label, "text", None)
        if words:
            yield f"{which} axis {words!r}"


def _extent(trace: Any) -> str:
    """How many points, and the first of them."""
    parts = []
    for which in ("x", "y", "z", "labels", "values", "lat", "lon"):
        values = getattr(trace, which, None) if which in trace else None
        if values is not None and hasattr(values, "__len__"):
            first = ", ".join(cell(value) for value in islice(values, 3))
            parts.append(f"{which} {first}{', …' if len(values) > 3 else ''} ({len(values):,})")
    return f": {'; '.join(parts)}" if parts else ""


def _altair(chart: Any) -> Iterator[str]:
    title = _defined(chart, "title")
    layers = next((found for n in LAYERS if isinstance(found := _defined(chart, n), list)), None)
    if layers is not None:
        yield f"altair {type(chart).__name__}{_quoted(title)} of {_count(len(layers), 'chart')}"
        for layer in layers[:MAX_SHOWN]:
            yield from (f"- {line}" for line in _altair(layer))
        return
    mark = _defined(chart, "mark")
    kind = mark if isinstance(mark, str) else _defined(mark, "type")
    data = _defined(chart, "data")
    shape = f" of {data.shape[0]} rows" if hasattr(data, "shape") else ""
    yield f"altair chart{_quoted(title)}: {kind or type(chart).__name__}{shape}"
    encoded = [
        f"{axis} = {_shorthand(channel)}"
        for axis in AXES
        if (channel := _defined(_defined(chart, "encoding"), axis)) is not None
    ]
    if encoded:
        yield ", ".join(encoded)


LAYERS = ("layer", "hconcat", "vconcat", "concat")


def _shorthand(channel: Any) -> str:
    parts = {n: _defined(channel, n) for n in ("shorthand", "aggregate", "field", "type")}
    known: Mapping[str, Any] = {name: value for name, value in parts.items() if value is not None}
    if "shorthand" in known:
        return cell(known["shorthand"])
    return " ".join(cell(value) for value in known.values()) or cell(channel)


def _defined(holder: Any, name: str) -> Any:
    """An attribute of altair's; it has a value of its own for what was not given."""
    value = getattr(holder, name, None) if holder is not None else None
    return None if type(value).__name__ == "UndefinedType" else value


def _quoted(text: Any) -> str:
    return f" {cell(text)!r}" if isinstance(text, str) and text else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
