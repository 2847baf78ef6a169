"""Questions that are not in the quickstart, asked of the embedded model, and counted."""

import json
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nbagent import Agent, RunFinished, ToolFinished
from tests.notebooks.quickstart import tools

QUESTIONS = json.loads((Path(__file__).parent / "questions.json").read_text())
MODEL = "local:qwen2.5-coder-0.5b-instruct"


@dataclass
class Outcome:
    """What came of a question: the first call, and the answer if one was waited for."""

    question: str
    right_call: bool
    call: str
    right_number: bool | None
    answer: str


@pytest.mark.model
@pytest.mark.timeout(1200)
async def test_the_right_tool_is_called_and_its_number_told(results: Path):
    """At least 10 of 12 calls are right, and 10 of 12 answers have the tool's own number."""
    offered = tools()
    outcomes = [await asked(entry, offered) for entry in QUESTIONS]
    report = [vars(outcome) for outcome in outcomes]
    (results / "questions.json").write_text(json.dumps(report, indent=1, ensure_ascii=False))
    wrong = [outcome for outcome in outcomes if not outcome.right_call]
    assert len(wrong) <= len(outcomes) * 2 / 12, wrong
    numbers = [outcome for outcome in outcomes if outcome.right_number is not None]
    untold = [outcome for outcome in numbers if not outcome.right_number]
    assert len(untold) <= len(numbers) * 2 / 12, untold


async def asked(entry: dict[str, Any], offered: list[Any]) -> Outcome:
    """Ask one question of a fresh agent; only for numbers is the answer waited for."""
    agent = Agent(MODEL, tools=offered, params={"temperature": 0})  # as the notebook has it
    answer = ""
    async with aclosing(agent.stream(entry["question"])) as events:
        async for event in events:
            if isinstance(event, ToolFinished) and event.name != "statistic":
                break
            if isinstance(event, RunFinished):
                answer = event.reply.text
    if not agent.calls:
        return Outcome(entry["question"], False, "", None, answer)
    call = agent.calls[0]
    right_number = told(call.result, answer) if call.name == "statistic" else None
    said = f"{call.name} {call.arguments}"
    return Outcome(entry["question"], fits(call, entry), said, right_number, answer)


def fits(call: Any, entry: dict[str, Any]) -> bool:
    """Whether a call is of the expected tool, with every expected argument."""
    if call.name != entry["tool"]:
        return False
    arguments = json.loads(call.arguments)
    return all(arguments.get(name) == value for name, value in entry["arguments"].items())


def told(result: Any, answer: str) -> bool:
    """Whether the number is in the answer, with or without its .0 and thousands separators."""
    plain = answer.replace(",", "")
    return any(number in plain for number in (str(result), f"{result:g}"))
