"""chatlas in JupyterLab: `chat.chat(...)`, which displays the reply in the cell as it streams."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.side.contestant import Setting
from tests.bench.side.in_lab import InLab

__all__ = ["CONTESTANT"]

SHOW = """
from chatlas import ChatOpenAICompletions
chat = ChatOpenAICompletions(base_url={url!r}, api_key="test", model="scripted")
for question in {questions!r}:
    chat.chat(question)
"""
ASK = """
chat.chat("Go on.");
"""


def _cells(setting: Setting) -> Sequence[str]:
    questions = [question for question, _ in setting.load.rounds]
    return [SHOW.format(url=setting.model.url, questions=questions), ASK]


CONTESTANT = InLab(
    name="chatlas",
    packages=("chatlas",),
    reply=".jp-OutputArea",
    cells=_cells,
)
