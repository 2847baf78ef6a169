"""Parameters filled from the notebook's variables, with real pandas, polars, numpy, matplotlib."""

import asyncio
import json
import threading
from typing import Annotated, Any, Optional, Protocol

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pytest
from pydantic import BaseModel

from nbagent.errors import ToolArgumentsError, ToolSchemaError
from nbagent.tools import Tool, ToolContext, Variable, tool

matplotlib.use("Agg")


class Classifier:
    """A class that only this notebook knows."""


class Proto(Protocol):
    """A class that nothing can be checked against."""

    x: int


def cell(source: str, **variables: Any) -> dict[str, Any]:
    """A notebook's namespace: the variables, and what the cell defines."""
    space = {
        "pd": pd,
        "pl": pl,
        "np": np,
        "npt": npt,
        "plt": plt,
        "tool": tool,
        "Any": Any,
        "Annotated": Annotated,
        "Optional": Optional,
        "Variable": Variable,
        "Classifier": Classifier,
        "__name__": "a_notebook",
        **variables,
    }
    exec(source, space)
    return space


def enum(one: Tool[..., Any], name: str = "it") -> Any:
    """The names that a parameter offers now; None where there is no such list."""
    schema = one.spec.parameters["properties"][name]
    return next((b["enum"] for b in [schema, *schema.get("anyOf", ())] if "enum" in b), None)


CARS = pd.DataFrame({"mpg": [1.0, 2.0]})
NOTEBOOK = {
    "cars": CARS,
    "trips": pl.DataFrame({"a": [1]}),
    "lazy": pl.DataFrame({"a": [1]}).lazy(),
    "column": CARS["mpg"],
    "matrix": np.zeros((2, 2)),
    "figure": plt.figure(),
    "axes": plt.figure().add_subplot(),
    "days": pd.date_range("2024-01-01", periods=2),
    "model": Classifier(),
    "n": 3,
    "_hidden": CARS,
}
KINDS = [
    ("pd.DataFrame", ["cars"]),
    ("pl.DataFrame", ["trips"]),
    ("pl.LazyFrame", ["lazy"]),
    ("pd.DataFrame | pl.DataFrame", ["cars", "trips"]),
    ("pd.DataFrame | pd.Series | None", ["cars", "column"]),
    ("Optional[pd.DataFrame]", ["cars"]),
    ("pd.Series", ["column"]),
    ("pd.Index", ["days"]),
    ("pd.DatetimeIndex", ["days"]),
    ("np.ndarray", ["matrix"]),
    ("npt.NDArray[np.float64]", ["matrix"]),
    ("plt.Figure", ["figure"]),
    ("plt.Axes", ["axes"]),
    ("'pd.DataFrame'", ["cars"]),
    ("Annotated[pd.DataFrame, 'The table.']", ["cars"]),
    ("Annotated[Classifier, Variable()]", ["model"]),
    ("Annotated[Classifier, Variable]", ["model"]),
    ("Annotated[Classifier | None, Variable()]", ["model"]),
    ("Annotated[int, Variable()]", ["n"]),
    ("Annotated[Any, Variable(kind=pd.DataFrame)]", ["cars"]),
    ("Annotated[Any, Variable(kind=(int, Classifier))]", ["model", "n"]),
    ("Annotated[Any, Variable(kind=lambda value: type(value) is Classifier)]", ["model"]),
    ("Annotated[Any, Variable(kind=int, names=['m', 'n'])]", ["n"]),
]


@pytest.mark.parametrize(("annotation", "names"), KINDS, ids=[kind for kind, _ in KINDS])
async def test_what_is_offered_and_given(annotation: str, names: list[str]) -> None:
    """The schema lists the names of that type, and the function gets the very object."""
    space = cell(f"@tool\ndef f(it: {annotation}): return it", **NOTEBOOK)
    assert enum(space["f"]) == names
    for name in names:
        result = await space["f"].invoke(json.dumps({"it": name}))
        assert result.value is NOTEBOOK[name]


async def test_containers() -> None:
    """Lists, dicts, ``*args`` and ``**kwargs`` of frames, and defaults that are frames."""
    space = cell(
        "@tool\n"
        "def f(them: list[pd.DataFrame], named: dict[str, pd.DataFrame],\n"
        "      *more: pd.DataFrame, other: pd.DataFrame = cars, none: pd.DataFrame = None,\n"
        "      **rest: pd.DataFrame):\n"
        "    return them, named, more, other, none, rest",
        **NOTEBOOK,
    )
    schema = space["f"].spec.parameters
    assert schema["properties"]["them"]["items"]["enum"] == ["cars"]
    assert schema["properties"]["named"]["additionalProperties"]["enum"] == ["cars"]
    assert schema["properties"]["more"]["items"]["enum"] == ["cars"]
    assert schema["additionalProperties"]["enum"] == ["cars"]
    assert schema["required"] == ["them", "named"]
    arguments = '{"them": ["cars"], "named": {"k": "cars"}, "more": ["cars"], "x": "cars"}'
    them, named, more, other, none, rest = (await space["f"].invoke(arguments)).value
    for given in (them[0], named["k"], more[0], other, rest["x"]):
        assert given is CARS
    assert none is None


async def test_a_text_or_a_frame() -> None:
    """Where a text is allowed too, the name of a variable still means the variable."""
    space = cell("@tool\ndef f(it: str | pd.DataFrame): return it", **NOTEBOOK)
    assert (await space["f"].invoke('{"it": "cars"}')).value is CARS
    assert (await space["f"].invoke('{"it": "cars.csv"}')).value == "cars.csv"


def test_the_names_are_those_of_now() -> None:
    """A variable defined, bound anew or deleted after the decoration is in the next spec."""
    space = cell("@tool\ndef f(it: pd.DataFrame): return it")
    spec = space["f"].spec
    assert enum(space["f"]) is None
    assert (
        "no variable of type pandas.DataFrame" in spec.parameters["properties"]["it"]["description"]
    )
    assert space["f"].spec is spec  # the same as long as the names are: prompts are cached
    space["df"] = CARS
    assert enum(space["f"]) == ["df"]
    space["df"], space["later"] = 3, CARS
    assert enum(space["f"]) == ["later"]
    del space["later"]
    assert enum(space["f"]) is None
    assert json.dumps(space["f"].spec.parameters)


WRONG = [
    ('{"it": "car"}', "no such variable.*pandas.DataFrame, one of cars, trucks, got 'car'"),
    ('{"it": "n"}', "of type int.*one of cars, trucks"),
    ('{"it": "_hidden"}', "no such variable"),
    ('{"it": 3}', "should be the name of a variable.*one of cars, trucks"),
    ('{"it": {}}', "should be the name of a variable"),
    ("{}", "it: missing"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG)
async def test_a_wrong_name_comes_back_with_the_right_ones(arguments: str, words: str) -> None:
    """The model reads what is wrong with the name, and which ones there are."""
    space = cell("@tool\ndef f(it: pd.DataFrame): return it", **NOTEBOOK, trucks=CARS.copy())
    with pytest.raises(ToolArgumentsError, match=words):
        await space["f"].invoke(arguments)


async def test_without_any_variable_a_call_says_so() -> None:
    """A tool with nothing to give stays offered, so that the model can say what is missing."""
    space = cell("@tool\ndef f(it: pd.DataFrame): return it")
    with pytest.raises(ToolArgumentsError, match="but there is none now"):
        await space["f"].invoke('{"it": "df"}')


async def test_many_names_are_limited() -> None:
    """The newest fifty are listed, which the text says; the others may be named all the same."""
    names = cell(
        "@tool\ndef f(it: pd.DataFrame): return it", **{f"df{n}": CARS for n in range(200)}
    )
    assert enum(names["f"]) == [f"df{number}" for number in range(150, 200)]
    said = names["f"].spec.parameters["properties"]["it"]["description"]
    assert "the newest 50 of 200" in said
    assert (await names["f"].invoke('{"it": "df7"}')).value is CARS
    with pytest.raises(ToolArgumentsError, match=r"one of df7, .*df199.* \(and 1\d\d older ones\)"):
        await names["f"].invoke('{"it": "dff7"}')


async def test_code_may_give_the_object() -> None:
    """Whoever invokes the tool from Python need not have a variable; JSON always names one."""
    space = cell("@tool\ndef f(it: pd.DataFrame): return it")
    assert (await space["f"].invoke({"it": CARS})).value is CARS
    assert space["f"](CARS) is CARS
    with pytest.raises(ToolArgumentsError, match="should be the name"):
        await space["f"].invoke({"it": [1]})


async def test_a_namespace_of_ones_own() -> None:
    """A mapping, or a function that gives one each time."""
    space: dict[str, Any] = {"a": CARS}

    def f(
        it: Annotated[pd.DataFrame, Variable(namespace=space)],
        same: Annotated[pd.DataFrame, Variable(namespace=lambda: space)],
    ) -> Any:
        return it, same

    made = Tool.of(f)
    space["b"] = CARS.copy()
    assert enum(made) == enum(made, "same") == ["a", "b"]
    it, same = (await made.invoke('{"it": "a", "same": "b"}')).value
    assert it is CARS and same is space["b"]


async def test_inside_a_pydantic_model() -> None:
    """A marked field of the person's own model is filled as well."""
    space: dict[str, Any] = {"cars": CARS}

    class Job(BaseModel):
        frame: Annotated[pd.DataFrame, Variable(namespace=space)]
        column: str

    @tool
    def f(job: Job) -> Any:
        return job.frame

    definition = f.spec.parameters["$defs"]["Job"]["properties"]["frame"]
    assert definition["enum"] == ["cars"] and json.dumps(f.spec.parameters)
    assert (await f.invoke('{"job": {"frame": "cars", "column": "mpg"}}')).value is CARS


def test_descriptions() -> None:
    """What the person says of the parameter stands before the word about names."""
    space = cell(
        "@tool\n"
        "def f(a: Annotated[pd.DataFrame, 'From Annotated.'],\n"
        "      b: Annotated[Classifier, Variable(description='From Variable.')],\n"
        "      c: pd.DataFrame):\n"
        "    '''F.\n\n    Args:\n        c: From the docstring.\n    '''",
        **NOTEBOOK,
    )
    fields = space["f"].spec.parameters["properties"]
    for name, words in (("a", "From Annotated."), ("b", "From Variable."), ("c", "From the docs")):
        assert fields[name]["description"].startswith(words)
        assert "name of a variable" in fields[name]["description"]


def test_examples_of_variables_to_come() -> None:
    """They are no error at decoration, and reach the model only when they can be called."""
    space = cell(
        "@tool(examples=[('mean of cars?', {'it': 'cars', 'column': 'mpg'}),\n"
        "                ('mean of trucks?', {'it': 'trucks', 'column': 'mpg'})])\n"
        "def f(it: pd.DataFrame, column: str): return it"
    )
    assert space["f"].spec.examples == ()
    space["cars"] = CARS
    assert [request for request, _ in space["f"].spec.examples] == ["mean of cars?"]
    with pytest.raises(ToolSchemaError, match="column"):
        cell("@tool(examples=[('q', {'it': 'cars'})])\ndef f(it: pd.DataFrame, column: str): ...")


def test_the_strict_form() -> None:
    """Names are an enum there too, and a missing variable is still a string."""
    source = (
        "@tool(strict=True)\ndef f(it: pd.DataFrame, other: Optional[pd.DataFrame] = None): ..."
    )
    shown = cell(source, **NOTEBOOK)["f"].spec.parameters
    assert shown["properties"]["it"]["enum"] == ["cars"]
    assert shown["required"] == ["it", "other"]
    assert cell(source)["f"].spec.parameters["properties"]["it"]["type"] == "string"


class Shop:
    stock = CARS

    @tool
    def sell(self, it: Annotated[pd.DataFrame, Variable(namespace={"cars": CARS})]) -> Any:
        return it


async def test_methods() -> None:
    """A bound tool offers the names too."""
    assert enum(Shop().sell) == ["cars"]
    assert (await Shop().sell.invoke('{"it": "cars"}')).value is CARS


async def test_a_class_defined_again() -> None:
    """After its cell ran again a class is another one, and objects of it still fit."""
    space = cell("class C: ...\n@tool\ndef f(it: Annotated[C, Variable()]): return it")
    space["__name__"] = "__main__"
    exec("class C: ...\n@tool\ndef f(it: Annotated[C, Variable()]): return it", space)
    exec("class C: ...\nc = C()", space)
    assert enum(space["f"]) == ["c"]
    assert (await space["f"].invoke('{"it": "c"}')).value is space["c"]


class Shy:
    """A proxy whose object is not there yet."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("not bound")


def test_objects_that_do_not_want_to_be_looked_at() -> None:
    """One proxy in the notebook does not take the other variables away."""
    assert enum(cell("@tool\ndef f(it: pd.DataFrame): ...", **NOTEBOOK, shy=Shy())["f"]) == ["cars"]


def test_anything_with_data() -> None:
    """``Any`` offers data, not the modules, functions and classes that a notebook is full of."""
    offered = enum(cell("@tool\ndef f(it: Annotated[Any, Variable()]): ...", **NOTEBOOK)["f"])
    assert {"cars", "n", "model"} <= set(offered)
    assert not {"pd", "tool", "Classifier", "Annotated", "f"} & set(offered)


def test_what_cannot_be_checked_is_an_error() -> None:
    """At decoration, with the way out."""
    with pytest.raises(ToolSchemaError, match="kind="):
        Tool.of(cell("def f(it: Annotated['Proto', Variable()]): ...", Proto=Proto)["f"])


async def test_approval_sees_the_objects() -> None:
    """``approve=`` is asked with the live objects, from JSON with names."""
    asked: list[Any] = []

    def approve(arguments: dict[str, Any]) -> bool:
        asked.append(arguments["it"])
        return True

    space = cell("def f(it: pd.DataFrame): return it", **NOTEBOOK)
    made: Tool[..., Any] = tool(space["f"], approve=approve)
    assert made.needs_approval('{"it": "cars"}') and asked[-1] is CARS


async def test_default_frames_are_not_copied() -> None:
    """A frame as a default is the very object, and pydantic never copies it."""

    class Uncopied(pd.DataFrame):
        def __deepcopy__(self, memo: Any) -> Any:
            raise AssertionError("copied")

    default = Uncopied({"a": [1]})
    space = cell("@tool\ndef f(it: pd.DataFrame = default): return it", default=default)
    assert (await space["f"].invoke("{}")).value is default


async def test_names_may_come_and_go_meanwhile() -> None:
    """A cell defines variables on one thread while another makes the spec."""
    space = cell("@tool\ndef f(it: pd.DataFrame): return it", **NOTEBOOK)
    stop = threading.Event()

    def define() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            space[f"x{number}"] = number
            space.pop(f"x{number - 50}", None)

    thread = threading.Thread(target=define)
    thread.start()
    try:
        for _ in range(200):
            assert enum(space["f"]) == ["cars"]
            await asyncio.sleep(0)
    finally:
        stop.set()
        thread.join()


async def test_a_context_beside_it() -> None:
    """A `ToolContext` is still filled in and hidden."""

    def f(it: pd.DataFrame, context: ToolContext) -> Any:
        return it is CARS and isinstance(context, ToolContext)

    # Its globals are this module's, and CARS is among them.
    assert (await Tool.of(f).invoke('{"it": "CARS"}')).value is True
