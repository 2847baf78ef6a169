"""matplotlib figures: recognising, drawing and describing them, and pyplot's open ones.

matplotlib is never imported here: an object can only be a figure if somebody else imported it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

__all__ = ["close", "describe", "figure_of", "png", "size_hint"]

DPI = 144  # twice the notebook's usual 72: sharp on a screen of double density
MAX_SHOWN = 6
MAX_BARS = 20  # that are told one by one


def figure_of(value: Any) -> Any | None:
    """The figure that a value is or belongs to (a figure, axes, a list of axes); else None."""
    module = sys.modules.get("matplotlib.figure")
    if module is None:
        return None
    if isinstance(value, module.FigureBase):
        return value.get_figure() if isinstance(value, module.SubFigure) else value
    if isinstance(value, sys.modules["matplotlib.axes"].Axes):
        return figure_of(value.figure)
    if isinstance(value, (list, tuple)):
        return _of_all(value)
    if type(value).__name__ == "ndarray" and value.dtype == object:
        return _of_all(value.flat)
    if type(value).__module__.startswith("seaborn."):  # its grids are no figures, but hold one
        return getattr(value, "figure", None)
    return None


def _of_all(values: Iterable[Any]) -> Any | None:
    figure = None
    for value in values:
        # One level only: a list may hold itself.
        inner = None if isinstance(value, (list, tuple)) else figure_of(value)
        if inner is None or (figure is not None and inner is not figure):
            return None
        figure = inner
    return figure


def png(figure: Any) -> bytes:
    """The figure as a PNG of `DPI` dots an inch, cut to what is drawn."""
    target = io.BytesIO()
    if figure.axes or figure.lines or figure.texts:
        figure.savefig(target, format="png", dpi=DPI, bbox_inches="tight")
    else:
        figure.savefig(target, format="png", dpi=DPI)  # nothing to cut to
    return target.getvalue()


def size_hint(picture: bytes) -> dict[str, int]:
    """Width and height in CSS pixels at which a PNG from `png` looks its intended size."""
    # The IHDR chunk: two big-endian 32-bit numbers from byte 16.
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    return {"width": width // 2, "height": height // 2}


def close(manager: Any) -> None:
    """Take a figure out of pyplot, so that nothing shows it again. The figure itself lives on."""
    sys.modules["matplotlib._pylab_helpers"].Gcf.destroy(manager)


def describe(figure: Any) -> str:
    """The figure in words: titles, axes, what is plotted and over which ranges."""
    heading = "figure"
    if getattr(figure, "_suptitle", None) is not None:
        heading += f" {figure._suptitle.get_text()!r}"
    axes = figure.axes
    lines = [f"{heading} with {len(axes)} {'plot' if len(axes) == 1 else 'plots'}"]
    for number, one in enumerate(axes[:MAX_SHOWN], 1):
        lines.extend(_describe_axes(one, f"plot {number}" if len(axes) > 1 else "plot"))
    if len(axes) > MAX_SHOWN:
        lines.append(f"({len(axes) - MAX_SHOWN} more plots)")
    return "\n".join(lines)


def _describe_axes(axes: Any, name: str) -> Iterator[str]:
    title = axes.get_title()
    yield f"{name}{f' {title!r}' if title else ''}: {_axis(axes, 'x')}; {_axis(axes, 'y')}"
    drawn = list(_drawn(axes))
    yield from (f"- {item}" for item in drawn[:MAX_SHOWN])
    if len(drawn) > MAX_SHOWN:
        yield f"- ({len(drawn) - MAX_SHOWN} more)"
    legend = axes.get_legend()
    if legend is not None:
        yield f"- legend: {', '.join(text.get_text() for text in legend.get_texts())}"


def _axis(axes: Any, which: str) -> str:
    label = getattr(axes, f"get_{which}label")()
    limits = [_at(axes, which, limit) for limit in getattr(axes, f"get_{which}lim")()]
    scale = getattr(axes, f"get_{which}scale")()
    kind = "" if scale == "linear" else f", {scale} scale"
    return f"{which} axis{f' {label!r}' if label else ''} {' to '.join(limits)}{kind}"


def _at(axes: Any, which: str, number: float) -> str:
    """A place on an axis: a date where the axis is one of dates."""
    axis = getattr(axes, f"{which}axis")
    dates = sys.modules.get("matplotlib.dates")
    if dates is None or "Date" not in type(axis.get_major_locator()).__name__:
        return f"{number:.6g}"
    moment = dates.num2date(number)
    return f"{moment:%Y-%m-%d}" if moment.hour == moment.minute == 0 else f"{moment:%Y-%m-%d %H:%M}"


def _drawn(axes: Any) -> Iterator[str]:
    for line in axes.lines:
        xs, ys = line.get_xdata(orig=False), line.get_ydata(orig=False)
        yield f"line{_label(line)} of {len(xs)} points, {_ranges(axes, xs, ys)}"
    for collection in axes.collections:
        points = collection.get_offsets()
        if type(collection).__name__ == "PathCollection":
            what = f"scatter{_label(collection)} of {len(points)} points"
            ranges = _ranges(axes, points[:, 0], points[:, 1])
            yield f"{what}, {ranges}" if len(points) else what
        else:
            yield f"{type(collection).__name__}{_label(collection)}"
    for container in axes.containers:
        if type(container).__name__ == "BarContainer":
            yield _bars(axes, container)
    for image in axes.images:
        yield f"image of shape {image.get_array().shape}"


def _bars(axes: Any, container: Any) -> str:
    sideways = getattr(container, "orientation", "vertical") == "horizontal"
    lengths = [p.get_width() if sideways else p.get_height() for p in container.patches]
    what = f"{len(lengths)} bars{_label(container)}"
    if not lengths:
        return what
    what += f", {'lengths' if sideways else 'heights'} {' to '.join(_range(lengths))}"
    labels = _categories(axes.yaxis if sideways else axes.xaxis)
    if len(labels) != len(lengths) or len(labels) > MAX_BARS:
        return what
    pairs = zip(labels, lengths, strict=True)
    return f"{what}: {', '.join(f'{label} {length:.6g}' for label, length in pairs)}"


def _categories(axis: Any) -> list[str]:
    """The words along an axis, where it has words."""
    ticks = axis.get_major_formatter()
    words = [label.get_text() for label in axis.get_majorticklabels()]
    return words if type(ticks).__name__ in ("StrCategoryFormatter", "FixedFormatter") else []


def _label(artist: Any) -> str:
    label = str(artist.get_label() or "")
    return f" {label!r}" if label and not label.startswith("_") else ""


def _ranges(axes: Any, xs: Any, ys: Any) -> str:
    along_x = " to ".join(_range(xs, lambda number: _at(axes, "x", number)))
    along_y = " to ".join(_range(ys, lambda number: _at(axes, "y", number)))
    return f"x {along_x}, y {along_y}"


def _range(values: Any, written: Callable[[float], str] = "{:.6g}".format) -> list[str]:
    """The ends of a range; one word where there is nothing."""
    if hasattr(values, "dtype") and values.dtype.kind in "iuf" and values.size:
        low, high = float(values.min()), float(values.max())
        if low == low:
            return [written(low), written(high)]
    numbers = [number for number in map(float, values) if number == number]  # NaN is not itself
    return [written(min(numbers)), written(max(numbers))] if numbers else ["(nothing)"]
