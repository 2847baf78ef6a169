"""A pyplot of its own for each call: two tools that plot at once do not draw on one another.

pyplot keeps all open figures, and which of them is the current one, in one registry. Inside a
call that somebody listens to, the call's own registry stands in its place: ``plt.plot()`` never
draws on the figure of a cell or of another call, and ``plt.close("all")`` closes nothing of theirs.
matplotlib is never imported here.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from nbagent.tools.imports import when_imported
from nbagent.tools.shown import Shown, owner

__all__ = ["watch_pyplot"]

MARK = "nbagent_watches"


def watch_pyplot() -> None:
    """Watch pyplot from now on, or from when it is imported."""
    when_imported("matplotlib._pylab_helpers", _divide)
    when_imported("matplotlib.pyplot", _watch_show)


class _Figures:
    """pyplot's registry (`Gcf.figs`): that of the call whose code asks, else the common one."""

    def __init__(self, common: OrderedDict[Any, Any]) -> None:
        self._common = common

    def _own(self) -> OrderedDict[Any, Any]:
        shown = _listened()
        return self._common if shown is None else shown.figures

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own(), name)

    def __len__(self) -> int:
        return len(self._own())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._own())

    def __contains__(self, number: object) -> bool:
        return number in self._own()

    def __getitem__(self, number: Any) -> Any:
        return self._own()[number]

    def __setitem__(self, number: Any, manager: Any) -> None:
        self._own()[number] = manager

    def __delitem__(self, number: Any) -> None:
        del self._own()[number]


def _listened() -> Shown | None:
    shown = owner.get()
    return shown if shown is not None and shown.listener is not None else None


def _divide(helpers: Any) -> None:
    if not isinstance(helpers.Gcf.figs, _Figures):
        helpers.Gcf.figs = _Figures(helpers.Gcf.figs)


def _watch_show(pyplot: Any) -> None:
    original = pyplot.show
    if hasattr(original, MARK):
        return

    @functools.wraps(original)
    def show(*arguments: Any, **options: Any) -> Any:
        shown = _listened()
        if shown is None:
            return original(*arguments, **options)
        return shown.take_figures(None)

    setattr(show, MARK, True)
    pyplot.show = show
