"""The person's side of a result: what the notebook would have shown, as a MIME bundle.

Where an IPython shell runs, its own display formatter decides. Elsewhere the ``_repr_*_`` methods
are asked here. Four things differ from a bare notebook: a figure is a picture also where no
inline backend was set up; plotly's and altair's charts come as data (see `chart_bundles`); text of
several lines is not shown escaped on one; and what is so big that a page would choke on it is cut,
with a word about it.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Mapping
from typing import Any

from nbagent.tools.chart_bundles import chart_bundle, with_chart_data
from nbagent.tools.figures import figure_of, png, size_hint
from nbagent.tools.outputs import MimeBundle
from nbagent.tools.sizes import bounded, shortened_style, tables_cut_short

__all__ = ["bundle_of", "for_person", "running_shell"]

MAX_ITEMS = 1000  # of a list and the like, as text
REPRS = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_",
    "text/latex": "_repr_latex_",
    "application/json": "_repr_json_",
    "application/javascript": "_repr_javascript_",
}


def for_person(value: Any) -> MimeBundle:
    """What a notebook cell would show of a value, images as bytes; nothing for None."""
    if value is None:
        return MimeBundle()
    if isinstance(value, str):
        text = value if "\n" in value else repr(value)
        return bundle_of({"text/plain": text}, {})
    figure = figure_of(value)
    if figure is not None:
        return _figure(value, figure)
    chart = chart_bundle(value)
    if chart is not None:
        return bundle_of(*chart)
    with tables_cut_short():
        return bundle_of(*_formatted(shortened_style(value)))


def bundle_of(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> MimeBundle:
    """A bundle in our form: images as bytes, sizes within bounds."""
    result = {kind: _content(kind, content) for kind, content in data.items()}
    return MimeBundle(bounded(with_chart_data(result)), dict(metadata))


def running_shell() -> Any | None:
    """IPython's shell, if one runs in this process. IPython is not imported for it."""
    module = sys.modules.get("IPython.core.interactiveshell")
    # Another thread may be importing it: then the module is there, and has nothing in it yet.
    shell = getattr(module, "InteractiveShell", None)
    if shell is None or not shell.initialized():
        return None
    return shell.instance()


def _content(kind: str, content: Any) -> Any:
    is_image = kind.startswith("image/") and kind != "image/svg+xml"
    return base64.b64decode(content) if is_image and isinstance(content, str) else content


def _figure(value: Any, figure: Any) -> MimeBundle:
    picture = png(figure)
    hints = {"image/png": size_hint(picture)}
    return MimeBundle({"text/plain": repr(value), "image/png": picture}, hints)


def _formatted(value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    shell = running_shell()
    if shell is not None and shell.display_formatter is not None:
        data, metadata = shell.display_formatter.format(value)
        displayed_itself = hasattr(type(value), "_ipython_display_")
        return (data, metadata) if data or displayed_itself else ({"text/plain": _text(value)}, {})
    return _by_hand(value)


def _by_hand(value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    data: dict[str, Any] = {"text/plain": _text(value)}
    metadata: dict[str, Any] = {}
    if isinstance(value, type):
        return data, metadata  # its methods are those of its instances
    for kind, name in {"": "_repr_mimebundle_", **REPRS}.items():
        method = getattr(value, name, None)
        if not callable(method):
            continue
        try:
            _merge(kind, method(), data, metadata)
        except Exception as error:  # any code may be in a repr; it is reported
            note = f"({name} failed: {type(error).__name__}: {error})"
            data["text/plain"] = f"{data['text/plain']}\n{note}"
    return data, metadata


def _merge(kind: str, given: Any, data: dict[str, Any], metadata: dict[str, Any]) -> None:
    content, hints = given if isinstance(given, tuple) else (given, None)
    if not content:
        return
    if kind == "":
        data.update(content)
        metadata.update(hints or {})
    else:
        data.setdefault(kind, content)
        if hints:
            metadata.setdefault(kind, hints)


def _text(value: Any) -> str:
    try:
        return _pretty(value) if isinstance(value, (list, dict, set, tuple)) else repr(value)
    except Exception as error:  # any code may be in a repr; it is reported
        note = f"its repr failed: {type(error).__name__}: {error}"
        return f"<{type(value).__name__} object: {note}>"


def _pretty(value: Any) -> str:
    """As a notebook does it: of many items only the first, at every depth."""
    # Its import takes a while, and most results are shown by a shell that has it.
    from IPython.lib.pretty import pretty

    text: str = pretty(value, max_seq_length=MAX_ITEMS)  # type: ignore[no-untyped-call]  # IPython
    more = len(value) - MAX_ITEMS
    return f"{text}\n({more:,} more items)" if more > 0 else text
