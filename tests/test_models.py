"""Models and what they can do."""

import pytest

from nbagent.catalogue import Price
from nbagent.errors import ConfigurationError
from nbagent.models import (
    ALL_CAPABILITIES,
    Capability,
    Model,
    known_models,
    price_of,
    register_model,
)


def test_a_model_by_its_name():
    """Provider and name are parted at the first colon; what is unknown is assumed capable."""
    model = Model.of("ollama:new:8b")
    assert (model.provider, model.name, str(model)) == ("ollama", "new:8b", "ollama:new:8b")
    assert model.can(ALL_CAPABILITIES)
    assert Model.of(model) is model


def test_the_embedded_model():
    """It constrains its output, sees no images and has no tools of its own."""
    model = Model.of("local:any")
    assert model.tool_calling == "schema"
    assert model.can([Capability.STRUCTURED_OUTPUT])
    assert not model.can([Capability.IMAGES])
    assert not model.can([Capability.STRUCTURED_OUTPUT, Capability.TOOLS])


@pytest.mark.parametrize("written", ["gpt-5", "openai:", ":gpt-5", "", 5, None])
def test_what_names_no_model(written):
    """The error shows how one is written, or says what came."""
    with pytest.raises(ConfigurationError, match=r"'provider:name'|a string or a Model"):
        Model.of(written)


def test_an_unknown_form_of_tool_calling():
    """It is refused where the model is made."""
    with pytest.raises(ConfigurationError, match="native, schema, prompted, none"):
        Model("p", "m", tool_calling="magic")


def test_a_model_that_the_catalogue_knows():
    """What it can do and its limits are filled in, also under a dated name."""
    model = Model.of("anthropic:claude-sonnet-4-5-20250929")
    assert model.name == "claude-sonnet-4-5-20250929"
    assert (model.context_window, model.max_output_tokens) == (200_000, 64_000)
    assert model.can(ALL_CAPABILITIES)
    assert not Model.of("openai:o3").can([Capability.PARALLEL_TOOL_CALLS])


def test_a_family_without_tools_of_its_own():
    """Ollama constrains its output instead, so that tools work at once."""
    model = Model.of("ollama:gemma3:4b")
    assert model.tool_calling == "schema"
    assert model.can([Capability.IMAGES, Capability.STRUCTURED_OUTPUT])
    assert not model.can([Capability.TOOLS])


def test_an_entry_of_ones_own_goes_first():
    """A registered model is what its name gives from then on, with its price."""
    mine = Model("openai", "gpt-4o-of-mine", frozenset({Capability.TOOLS}), 9_000)
    assert price_of("openai:gpt-4o-of-mine") is None
    assert register_model(mine, Price(1.0, 2.0, 0.5)) is mine
    assert Model.of("openai:gpt-4o-of-mine") is mine
    assert price_of(mine) == Price(1.0, 2.0, 0.5)
    assert mine in known_models("openai")
    again = register_model(Model("openai", "gpt-4o-of-mine"))
    assert Model.of("openai:gpt-4o-of-mine") is again


def test_known_models_of_a_provider():
    """They are listed as models, and each is what its name gives."""
    known = known_models("gemini")
    assert {model.provider for model in known} == {"gemini"}
    assert all(Model.of(str(model)) == model for model in known)
    assert len(known_models()) > len(known)


def test_prices_by_name():
    """A price is found by the model or its name; nobody knows it of an unknown one."""
    assert price_of("responses:gpt-5") == price_of(Model("openai", "gpt-5"))
    assert price_of("ollama:gemma3") is None
    with pytest.raises(ConfigurationError, match="provider:name"):
        price_of("gpt-5")
