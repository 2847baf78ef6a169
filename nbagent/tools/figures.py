"""matplotlib figures: recognising, drawing and describing them, and pyplot's open ones.

matplotlib is never imported here: an object can only be a figure if somebody else imported it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

__all__ = ["close", "describe", "figure_of", "open_managers", "png", "size_hint"]

DPI = 144  # twice the notebook's usual 72: sharp on a screen of double density
MAX_SHOWN = 6


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
        return _of_all(value.ravel().tolist())
    if type(value).__module__.startswith("seaborn."):  # its grids are no figures, but hold one
        return getattr(value, "figure", None)
    return None


def _of_all(values: Sequence[Any]) -> Any | None:
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


def open_managers() -> list[Any]:
    """pyplot's open figures, as figure managers; none where pyplot was never used."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return list(helpers.Gcf.get_all_fig_managers()) if helpers is not None else []


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
    low, high = getattr(axes, f"get_{which}lim")()
    scale = getattr(axes, f"get_{which}scale")()
    kind = "" if scale == "linear" else f", {scale} scale"
    return f"{which} axis{f' {label!r}' if label else ''} {low:.6g} to {high:.6g}{kind}"


def _drawn(axes: Any) -> Iterator[str]:
    for line in axes.lines:
        xs, ys = line.get_xdata(orig=False), line.get_ydata(orig=False)
        yield f"line{_label(line)} of {len(xs)} points, {_ranges(xs, ys)}"
    for collection in axes.collections:
        points = collection.get_offsets()
        if type(collection).__name__ == "PathCollection":
            what = f"scatter{_label(collection)} of {len(points)} points"
            yield f"{what}, {_ranges(points[:, 0], points[:, 1])}" if len(points) else what
        else:
            yield f"{type(collection).__name__}{_label(collection)}"
    for container in axes.containers:
        if type(container).__name__ == "BarContainer":
            yield _bars(container)
    for image in axes.images:
        yield f"image of shape {image.get_array().shape}"


def _bars(container: Any) -> str:
    sideways = getattr(container, "orientation", "vertical") == "horizontal"
    lengths = [p.get_width() if sideways else p.get_height() for p in container.patches]
    what = f"{len(lengths)} bars{_label(container)}"
    return f"{what}, {'lengths' if sideways else 'heights'} {_range(lengths)}" if lengths else what


def _label(artist: Any) -> str:
    label = str(artist.get_label() or "")
    return f" {label!r}" if label and not label.startswith("_") else ""


def _ranges(xs: Iterable[Any], ys: Iterable[Any]) -> str:
    return f"x {_range(xs)}, y {_range(ys)}"


def _range(values: Iterable[Any]) -> str:
    numbers = [number for number in map(float, values) if number == number]  # NaN is not itself
    return f"{min(numbers):.6g} to {max(numbers):.6g}" if numbers else "(nothing)"
