"""nbagent itself, in JupyterLab: an agent's widget, asked in its composer."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.side.contestant import Setting
from tests.bench.side.in_lab import InLab

__all__ = ["CONTESTANT"]

SHOW = """
from nbagent import Agent, Executor, OpenAIChatClient
client = OpenAIChatClient(api_key="test", base_url={url!r})
agent = Agent("openai:scripted", executor=Executor({{"openai": client}}))
agent
"""
EARLIER = """
for question in {questions!r}:
    await agent.ask(question)
"""


def _cells(setting: Setting) -> Sequence[str]:
    show = SHOW.format(url=setting.model.url)
    questions = [question for question, _ in setting.load.rounds]
    return [show, EARLIER.format(questions=questions)] if questions else [show]


CONTESTANT = InLab(
    name="nbagent",
    packages=("nbagent",),
    reply='[data-nbagent="message"][data-role="assistant"] [data-nbagent="text"]',
    cells=_cells,
    composer=True,
)
