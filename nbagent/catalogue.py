"""What is known of current models: a table of data, read when it is first asked for.

The table is ``models.json`` beside this file, with its date and where it is from. A name that it
does not have is looked up without its date, version or ``-latest``: ``gpt-5-2025-08-07`` is
``gpt-5``, and ``gemma3:27b`` is of the family ``gemma3``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from nbagent.messages import Usage

__all__ = ["Price", "entry", "names", "price"]

# Providers that offer another one's models under the same names.
SAME_MODELS: Mapping[str, str] = {"responses": "openai", "azure": "openai", "google": "gemini"}
# What stands behind a model's name for one state of it: a date, a version's number, "latest".
STATE = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8}|\d{2}-\d{4}|00\d|latest|v\d+(:\d+)?)$")


@dataclass(frozen=True)
class Price:
    """What a model's tokens cost, in US dollars a million.

    Attributes:
        input: For tokens that are read.
        output: For tokens that are written, reasoning included.
        cached_input: For tokens that are read from the provider's cache.
        date: When the table was made, as ``YYYY-MM-DD``; empty for a price of your own.
    """

    input: float
    output: float
    cached_input: float
    date: str = ""

    def cost(self, usage: Usage) -> float:
        """US dollars for ``usage``, without what a provider charges for writing to its cache."""
        cached = min(usage.cached_input_tokens, usage.input_tokens)
        tokens = (
            (usage.input_tokens - cached) * self.input
            + cached * self.cached_input
            + usage.output_tokens * self.output
        )
        return tokens / 1_000_000


def entry(provider: str, name: str) -> Mapping[str, Any] | None:
    """What the table says of a model; None for one that it does not know."""
    models = _table()["models"].get(SAME_MODELS.get(provider, provider), {})
    found = next((models[known] for known in _spellings(name) if known in models), None)
    return found if isinstance(found, Mapping) else None


def price(provider: str, name: str) -> Price | None:
    """What a model's tokens cost; None where the table does not say."""
    known = (entry(provider, name) or {}).get("price")
    if not known:
        return None
    read, written, *cached = known
    return Price(read, written, cached[0] if cached else read, str(_table()["date"]))


def names(provider: str | None = None) -> list[str]:
    """The models in the table as ``"provider:name"``, of one provider or of all."""
    models: Mapping[str, Mapping[str, Any]] = _table()["models"]
    providers = [each for each in models if provider in (None, each)]
    return [f"{each}:{name}" for each in providers for name in models[each]]


def _spellings(name: str) -> Iterator[str]:
    """The name as it is written, then with ever more of its state left out."""
    written = name.removeprefix("models/").lower()
    yield written
    while (shorter := STATE.sub("", written)) != written:
        yield shorter
        written = shorter
    if ":" in written:
        yield written.partition(":")[0]


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Any]:
    text = files("nbagent").joinpath("models.json").read_text(encoding="utf-8")
    table: Mapping[str, Any] = json.loads(text)
    return table
