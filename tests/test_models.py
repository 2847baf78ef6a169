"""Models and what they can do."""

import pytest

from nbagent.errors import ConfigurationError
from nbagent.models import ALL_CAPABILITIES, Capability, Model


def test_a_model_by_its_name():
    """Provider and name are parted at the first colon; what is unknown is assumed capable."""
    model = Model.of("ollama:qwen3:8b")
    assert (model.provider, model.name, str(model)) == ("ollama", "qwen3:8b", "ollama:qwen3:8b")
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
