"""Who takes part, in the order of the table."""

from __future__ import annotations

from tests.bench.side import (
    chatlas_chat,
    gradio_chat,
    ipython_display,
    marimo_chat,
    naive_trait,
    nbagent_chat,
    panel_chat,
    shinychat_chat,
)
from tests.bench.side.contestant import Contestant

__all__ = ["FIELD"]

_ALL: tuple[Contestant, ...] = (
    nbagent_chat.CONTESTANT,
    ipython_display.CONTESTANT,
    naive_trait.CONTESTANT,
    panel_chat.CONTESTANT,
    gradio_chat.CONTESTANT,
    marimo_chat.CONTESTANT,
    shinychat_chat.CONTESTANT,
    chatlas_chat.CONTESTANT,
)

#: By name.
FIELD = {contestant.name: contestant for contestant in _ALL}
