"""The parameters of a request, checked once for all providers."""

import pydantic
import pytest

from nbagent.errors import ConfigurationError
from nbagent.providers.params import Params


class Answer(pydantic.BaseModel):
    """A form of an answer."""

    number: int


def test_none_leaves_the_choice_to_the_provider():
    """What is not given, or given as None, is not set."""
    assert Params.of({}) == Params.of({"temperature": None, "extra": None}) == Params()


def test_an_unknown_parameter_is_refused():
    """A misspelling is told, with what there is and where the rest goes."""
    with pytest.raises(ConfigurationError, match=r"temprature.*temperature.*extra="):
        Params.of({"temprature": 1})


def test_values_are_brought_to_one_form():
    """One stop text is a list of one; a model is its schema."""
    params = Params.of({"stop": "x", "output": Answer})
    assert params.stop == ["x"]
    assert params.output.name == "Answer"
    assert params.output.schema["properties"]["number"]["type"] == "integer"
