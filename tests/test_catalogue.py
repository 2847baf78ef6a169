"""The table of models: what it says, how names are matched, and when it is read."""

import re
import subprocess
import sys

import pytest

from nbagent import catalogue
from nbagent.catalogue import Price
from nbagent.messages import Usage
from nbagent.models import TOOL_CALLING, Capability


@pytest.mark.parametrize(
    ("provider", "name", "known"),
    [
        ("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-5-latest", "claude-sonnet-4-5"),
        ("openai", "gpt-5-2025-08-07", "gpt-5"),
        ("openai", "GPT-5", "gpt-5"),
        ("gemini", "models/gemini-2.5-flash-001", "gemini-2.5-flash"),
        ("gemini", "gemini-flash-latest", "gemini-flash-latest"),
        ("ollama", "gemma3:27b", "gemma3"),
        ("ollama", "gemma3", "gemma3"),
    ],
)
def test_names_that_mean_a_known_model(provider, name, known):
    """A date, a version, "latest" and a tag do not make another model."""
    entry = catalogue.entry(provider, name)
    assert entry is not None
    assert entry == catalogue.entry(provider, known)


def test_a_tag_goes_before_its_family():
    """Of a family that sees images, one size does not."""
    assert "images" in catalogue.entry("ollama", "gemma3:4b")["can"]
    assert "images" not in catalogue.entry("ollama", "gemma3:1b")["can"]


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("anthropic", "claude-sonnet-99"),
        ("nobody", "gpt-5"),
        ("openai", "gpt-5-mini-of-mine"),
        ("openai", "ft:gpt-4o-mini:org::x"),
        ("ollama", "me/gemma3"),
    ],
)
def test_names_that_are_not_known(provider, name):
    """What is only like a known model is not taken for it."""
    assert catalogue.entry(provider, name) is None
    assert catalogue.price(provider, name) is None


def test_the_same_models_under_another_provider():
    """The responses API has OpenAI's models."""
    assert catalogue.entry("responses", "gpt-5") == catalogue.entry("openai", "gpt-5")


def test_every_entry_is_of_the_form():
    """Known keys and values alone, limits and prices that can be."""
    capabilities = {item.value for item in Capability}
    for known in catalogue.names():
        provider, _, name = known.partition(":")
        entry = catalogue.entry(provider, name)
        assert entry.keys() <= {"can", "window", "output", "price", "tool_calling", "api"}, known
        assert set(entry["can"]) <= capabilities, known
        assert entry.get("tool_calling", "native") in TOOL_CALLING, known
        assert ("tools" in entry["can"]) == ("tool_calling" not in entry), known
        assert 0 < entry.get("output", 1) <= entry.get("window", 10**7), known
        price = catalogue.price(provider, name)
        assert price is None or 0 < price.cached_input <= price.input <= price.output, known


def test_prices_have_a_date():
    """A price says of when it is."""
    price = catalogue.price("anthropic", "claude-sonnet-4-5")
    assert (price.input, price.output, price.cached_input) == (3.0, 15.0, 0.3)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", price.date)


def test_what_a_reply_costs():
    """Cached tokens are a part of the input and have their own price."""
    price = Price(input=2.0, output=10.0, cached_input=0.5)
    million = 1_000_000
    assert price.cost(Usage(million, million)) == pytest.approx(12.0)
    assert price.cost(Usage(million, 0, cached_input_tokens=million // 2)) == pytest.approx(1.25)
    assert price.cost(Usage()) == 0.0


def test_the_table_is_read_when_it_is_asked_for():
    """Importing the package, and even the models, does not read it."""
    code = (
        "import nbagent, nbagent.models, nbagent.catalogue as c;"
        "assert c._table.cache_info().currsize == 0;"
        "nbagent.models.Model.of('openai:gpt-5');"
        "assert c._table.cache_info().currsize == 1"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
