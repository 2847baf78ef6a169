"""Markdown as a model writes it: headings, paragraphs, lists, code, tables. The same every time."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

__all__ = ["deltas", "earlier", "question"]

SEED = 20_260
SAID = (
    "the mean weight of these cars falls with every year while their mileage rises and a model "
    "that knows only one column explains about half of what we see in this plot so it is worth "
    "looking at both origin and number of cylinders before any conclusion is drawn from it"
)
WORDS = SAID.split()
NAMES = ("mpg", "weight", "origin", "cylinders", "horsepower", "year", "acceleration")
#: About what a tokenizer makes of English: a word with its space, or a piece of a long one.
PIECES = re.compile(r"\s*\w{1,6}|\s*[^\w\s]{1,3}|\s+")


def deltas(count: int, seed: int = SEED) -> Sequence[str]:
    """Exactly this many deltas of realistic Markdown, with no block or markup left open."""
    chance = random.Random(seed)
    pieces: list[str] = []
    for block in _blocks(chance):
        more = PIECES.findall(block)
        if len(pieces) + len(more) > count:
            break
        pieces += more
    words = [f" {word[:6]}" for word in chance.choices(WORDS, k=count - len(pieces))]
    return [*pieces, *words]


def earlier(rounds: int) -> Sequence[tuple[str, str]]:
    """Questions, and answers of about a hundred words each."""
    return [(question(n), "".join(deltas(150, SEED + n))) for n in range(1, rounds + 1)]


def question(number: int) -> str:
    """A question; no two are alike."""
    return f"Question {number}: what about {NAMES[number % len(NAMES)]}?"


def _blocks(chance: random.Random) -> Iterator[str]:
    """Blocks without an end, each with the empty line after it."""
    kinds: Sequence[Callable[[random.Random], str]] = (
        _heading,
        _paragraph,
        _list,
        _paragraph,
        _code,
        _paragraph,
        _table,
        _paragraph,
    )
    while True:
        for kind in kinds:
            yield kind(chance) + "\n\n"


def _heading(chance: random.Random) -> str:
    return "## " + " ".join(chance.choices(WORDS, k=4)).capitalize()


def _paragraph(chance: random.Random) -> str:
    return " ".join(_sentence(chance) for _ in range(chance.randint(2, 5)))


def _sentence(chance: random.Random) -> str:
    words = chance.choices(WORDS, k=chance.randint(7, 14))
    words[2] = f"**{words[2]}**"
    words[4] = f"`{chance.choice(NAMES)}`"
    words[5] = str(chance.randint(10, 9999))
    return " ".join(words).capitalize() + "."


def _list(chance: random.Random) -> str:
    items = [f"- {_sentence(chance)}" for _ in range(chance.randint(3, 6))]
    return "\n".join(items)


def _code(chance: random.Random) -> str:
    lines = ["```python", "import pandas as pd", ""]
    for number in range(chance.randint(3, 6)):
        column = chance.choice(NAMES)
        lines.append(f"part_{number} = frame.groupby({column!r}).mean()  # {column} by group")
    return "\n".join([*lines, "print(part_0)", "```"])


def _table(chance: random.Random) -> str:
    names = chance.sample(NAMES, 4)
    rows = [[str(chance.randint(1, 9999)) for _ in names] for _ in range(chance.randint(4, 8))]
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
