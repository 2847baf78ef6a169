"""Variables that an agent is given to see: described in each request, as they are then."""

from __future__ import annotations

from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest

from nbagent import ConfigurationError, tool
from nbagent.agent.shown import ALL, MISSING, Chip, Shown
from nbagent.testing import reply_calls
from tests.agent.agents import scripted
from tests.counting import Watched, counted_calls, peak_of

matplotlib.use("Agg")

CARS = pd.DataFrame({"mpg": np.arange(398.0), "name": [f"car {i}" for i in range(398)]})


class Told:
    def _repr_llm_(self) -> str:
        return "told by itself"


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


NOTEBOOK: dict[str, Any] = {
    "cars": CARS,
    "trips": pl.DataFrame({"a": [1, 2]}),
    "mpg": CARS["mpg"],
    "matrix": np.zeros((3, 2)),
    "rates": {"eur": 1.1},
    "names": ["a", "b"],
    "limit": 42,
    "told": Told(),
    "broken": Broken(),
}
TEXTS = {
    "cars": ["cars: DataFrame, shape: 398 rows x 2 columns", "types: mpg float64", "4 | car 4"],
    "trips": ["trips: DataFrame, shape: 2 rows x 1 columns"],
    "mpg": ["mpg: Series 'mpg', 398 values, type float64", "first 5 of 398"],
    "matrix": ["matrix: ndarray, shape (3, 2), type float64"],
    "rates": ['rates: {"eur":1.1}'],
    "names": ['names: ["a","b"]'],
    "limit": ["limit: 42"],
    "told": ["told: told by itself"],
    "broken": ["no repr"],
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_the_model_reads(name: str) -> None:
    """Each kind of object has a short description under its name."""
    shown = Shown()
    shown.show(name, home=NOTEBOOK)
    for words in TEXTS[name]:
        assert words in shown.text()
    assert "5 | car 5" not in shown.text()
    assert [chip.name for chip in shown.chips] == [name]


def test_a_figure_is_described_and_not_drawn() -> None:
    """Words cost nothing; a picture would be drawn for each request."""
    figure, axes = plt.subplots()
    axes.plot([1, 2], [3, 4])
    figure.savefig = None  # type: ignore[method-assign,assignment]  # drawing would fail
    shown = Shown()
    shown.show(figure, name="figure")
    assert "line of 2 points" in shown.text()
    plt.close(figure)


async def test_it_is_in_every_request_and_kept_current() -> None:
    """What stands under the name when the model is asked: bound anew in a tool, the new one."""
    space: dict[str, Any] = {"df": CARS}

    @tool
    def cut_down() -> str:
        """Cuts it down."""
        space["df"] = CARS.head(7)
        return "done"

    agent, client = scripted(
        reply_calls(("cut_down", {})), "ok", "ok", tools=[cut_down], instructions="Be short."
    )
    agent._engine.settings.shown.show("df", home=space)
    await agent.ask("Go.")
    del space["df"]
    await agent.ask("And now?")
    first, second, third = (prompt.messages[0] for prompt in client.prompts)
    assert first.role == "system" and first.text.startswith("Be short.\n\n")
    assert "df: DataFrame, shape: 398 rows" in first.text
    assert "df: DataFrame, shape: 7 rows" in second.text and "398" not in second.text
    assert f"df: {MISSING}" in third.text
    assert not any("DataFrame" in message.text for message in agent.history)


async def test_an_unchanged_variable_leaves_the_prompt_as_it_was() -> None:
    """The same system message byte for byte, so that a provider's cache holds."""
    agent, client = scripted("a", "b")
    agent.show(CARS)
    await agent.ask("1")
    await agent.ask("2")
    first, second = (prompt.messages[0] for prompt in client.prompts)
    assert first == second and "CARS: DataFrame" in first.text


async def test_nothing_shown_is_no_word() -> None:
    """Without variables the prompt is what it was without all this."""
    agent, client = scripted("a", "b")
    await agent.ask("1")
    agent.show("CARS")
    agent.hide(CARS)
    await agent.ask("2")
    assert [prompt.messages[0].role for prompt in client.prompts] == ["user", "user"]


def test_showing_by_object_by_name_and_under_a_name() -> None:
    """The name is found by identity; an object without one is held itself."""
    agent, _ = scripted("a")
    agent.show(CARS, "NOTEBOOK")
    agent.show(CARS.head(3), name="three")
    assert list(agent.shown) == ["CARS", "NOTEBOOK", "three"]
    assert agent.shown["three"] == "DataFrame, shape: 3 rows x 2 columns"
    agent.hide("three", NOTEBOOK)
    assert list(agent.shown) == ["CARS"]
    agent.hide()
    assert agent.shown == {}


def test_an_object_with_several_names() -> None:
    """The first defined counts; a number that is many variables' has to be named."""
    shown = Shown()
    shown.show(CARS, home={"df": CARS, "frame": CARS})
    assert [chip.name for chip in shown.chips] == ["df"]
    with pytest.raises(ConfigurationError, match=r"n, m.*show\('n'\)"):
        shown.show(3, home={"n": 3, "m": 3})


WRONG: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    ((), {}, "takes the variables to show"),
    ((1, 2), {"name": "both"}, "takes the variables to show"),
    (("CARZ",), {}, "no variable 'CARZ'.*mean CARS"),
    (("a long text",), {}, r"agent.show\(text, name='notes'\)"),
    ((pd.DataFrame(),), {}, "name='cars'"),
    ((CARS,), {"name": " "}, "empty"),
]


@pytest.mark.parametrize(("variables", "options", "words"), WRONG)
def test_what_cannot_be_shown(
    variables: tuple[Any, ...], options: dict[str, Any], words: str
) -> None:
    """The error says what to write instead, and nothing of the call is shown."""
    agent, _ = scripted("a")
    with pytest.raises(ConfigurationError, match=words):
        agent.show(*variables, **options)
    assert agent.shown == {}


def test_hiding_what_is_not_shown() -> None:
    """The error says what is."""
    agent, _ = scripted("a")
    agent.show(CARS)
    with pytest.raises(ConfigurationError, match=r"not shown 'other'.*It is shown: CARS"):
        agent.hide("other")
    assert list(agent.shown) == ["CARS"]


def test_a_fork_sees_the_same_and_goes_its_own_way() -> None:
    """What is shown comes along as a copy."""
    agent, _ = scripted("a")
    agent.show(CARS)
    other = agent.fork()
    other.show("NOTEBOOK")
    assert list(agent.shown) == ["CARS"] and list(other.shown) == ["CARS", "NOTEBOOK"]


def test_the_size_is_limited_and_says_so() -> None:
    """Many and large variables stay under a bound; each is still named."""
    shown = Shown()
    space = {f"t{number}": "x" * 100_000 for number in range(30)}
    shown.show(*space, home=space)
    text = shown.text()
    assert len(text) < ALL + 30 * 200
    assert "cut to 1,500 of 100,000 characters" in text
    assert "t29: str of 100,000 characters (more does not fit here)" in text


def test_a_listener_hears_of_changes_alone() -> None:
    """For a display: at once, then on show, hide, and where a summary changed by itself."""
    space: dict[str, Any] = {"df": CARS}
    shown, heard = Shown(), []
    shown.listen(heard.append)
    shown.show("df", home=space)
    shown.text()
    space["df"] = CARS.head(2)
    shown.text()
    shown.hide()
    whole = "DataFrame, shape: {} rows x 2 columns"
    assert heard == [
        (),
        (Chip("df", whole.format(398)),),
        (Chip("df", whole.format(2)),),
        (),
    ]


def test_a_large_frame_is_quick() -> None:
    """Ten million rows cost as many calls as a million: only the head is looked at."""
    cost = {}
    for rows in (1_000_000, 10_000_000):
        shown, cell = Shown(), Watched()
        shown.show(pd.DataFrame({"a": np.zeros(rows), "b": [cell] * rows}), name="big")
        shown.text()
        cell.looks = 0
        with counted_calls() as calls:
            text = shown.text()
        assert f"{rows} rows" in text
        assert peak_of(shown.text) < 1_000_000
        cost[rows] = calls.count, cell.looks
    assert cost[1_000_000] == cost[10_000_000]
