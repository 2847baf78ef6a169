"""The embedded model fills a model of six fields from a paragraph, streamed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from nbagent import Agent, PartialOutput, RunFailed, RunFinished
from tests.extraction import developed_forms, forms

MODEL = "local:qwen2.5-coder-0.5b-instruct"
HERE = Path(__file__).parent


@dataclass
class Outcome:
    """What came of one paragraph."""

    text: str
    filled: bool = False
    wrong: dict[str, Any] = field(default_factory=dict)
    partial: int = 0
    error: str = ""


@pytest.mark.model
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("texts", ["tried", "held_out"])
async def test_a_model_of_six_fields_is_filled(texts: str, results: Path) -> None:
    """At least 9 of 10 paragraphs fill it, field by field; 9 of 10 fields say what they say."""
    outcomes = [await filled(entry) for entry in entries(texts)]
    report = [vars(outcome) for outcome in outcomes]
    (results / f"extraction_{texts}.json").write_text(json.dumps(report, indent=1))
    streamed = [outcome for outcome in outcomes if outcome.filled and outcome.partial >= 6]
    assert len(streamed) >= 9, report
    right = sum(6 - len(outcome.wrong) for outcome in outcomes if outcome.filled)
    assert right >= 54, report


def entries(texts: str) -> list[dict[str, Any]]:
    """The paragraphs of a set, each with the form to fill and what is to come out."""
    made: list[dict[str, Any]] = json.loads((HERE / f"{texts}.json").read_text())
    return made


async def filled(entry: dict[str, Any]) -> Outcome:
    """Reads one paragraph and compares each field."""
    outcome = Outcome(entry["text"])
    form = getattr(forms, entry["form"], None) or getattr(developed_forms, entry["form"])
    agent = Agent(MODEL, output=form)
    async for item in agent.stream(entry["text"]):
        if isinstance(item, PartialOutput):
            outcome.partial += 1
        elif isinstance(item, RunFailed):
            outcome.error = str(item.error)
        elif isinstance(item, RunFinished):
            outcome.filled = True
            found = item.reply.output.model_dump(mode="json")
            pairs = entry["wanted"].items()
            outcome.wrong = {k: found[k] for k, v in pairs if not alike(found[k], v)}
    return outcome


def alike(found: Any, wanted: Any) -> bool:
    """Whether a value says the same: numbers and choices exactly, words with others around."""
    if found is None or wanted is None:
        return found is wanted
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(alike, found, wanted))
    if isinstance(wanted, str):
        return wanted.lower() in found.lower()
    return type(found) is type(wanted) and bool(found == wanted)
