"""IPython's own way, in JupyterLab: `update_display(Markdown(...))` for every delta."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.side.contestant import READER, Setting
from tests.bench.side.in_lab import InLab

__all__ = ["CONTESTANT"]

SHOW = """
from IPython.display import Markdown, display, update_display
for question, answer in {rounds!r}:
    display(Markdown(question))
    display(Markdown(answer))
"""
ASK = """
text = ""
display(Markdown(text), display_id="reply")
async for delta in deltas({url!r}, "Go on."):
    text += delta
    update_display(Markdown(text), display_id="reply")
"""


def _cells(setting: Setting) -> Sequence[str]:
    return [
        READER + SHOW.format(rounds=list(setting.load.rounds)),
        ASK.format(url=setting.model.url),
    ]


CONTESTANT = InLab(
    name="ipython",
    packages=("ipython",),
    reply=".jp-OutputArea",
    cells=_cells,
)
