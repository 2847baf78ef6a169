"""Which model is asked when nobody names one."""

from __future__ import annotations

import sys

import pytest

from nbagent import ConfigurationError, Executor, Model
from nbagent.choice import DEFAULTS, choose_model, executor_for
from nbagent.executor import CLIENTS
from nbagent.models import Capability, price_of
from nbagent.providers import AnthropicClient, GeminiClient, OpenAIChatClient
from nbagent.providers.openai_chat_dialects import DIALECTS
from nbagent.testing import ScriptedClient


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without any choice in it, and without the embedded model."""
    for client in (AnthropicClient, GeminiClient, OpenAIChatClient, *DIALECTS.values()):
        for name in (*client.key_variables, client.url_variable):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("NBAGENT_MODEL", raising=False)
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")  # nobody listens there
    monkeypatch.setitem(sys.modules, "xllamacpp", None)


def test_nothing_to_choose_from() -> None:
    """The error lists every way to have a model."""
    with pytest.raises(ConfigurationError) as caught:
        choose_model()
    for way in ("openai:", "NBAGENT_MODEL", "OPENAI_API_KEY", "pip install 'nbagent[local]'"):
        assert way in str(caught.value)


def test_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded model is the last choice, a key comes before it, the variable before both."""
    monkeypatch.setitem(sys.modules, "xllamacpp", _installed())
    assert choose_model().provider == "local"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert choose_model().provider == "openai"
    monkeypatch.setenv("NBAGENT_MODEL", "other:one")
    assert str(choose_model()) == "other:one"
    assert str(choose_model("named:model")) == "named:model"


@pytest.mark.parametrize("provider", DEFAULTS)
def test_each_key_is_a_choice(monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    """One provider's key alone is enough, and its model calls tools by itself."""
    keys = (CLIENTS.get(provider) or DIALECTS[provider]).key_variables
    monkeypatch.setenv(keys[0], "sk-secret")
    model = choose_model()
    assert model.provider == provider
    assert model.can([Capability.TOOLS])
    assert provider in executor_for(model, None).providers


def test_defaults_are_current() -> None:
    """Of the providers in the catalogue, a default is a model that the catalogue knows."""
    known = ("openai", "anthropic", "gemini", "deepseek", "mistral", "groq", "xai", "cerebras")
    for provider in (*known, "moonshot"):
        assert price_of(f"{provider}:{DEFAULTS[provider]}") is not None, provider


def test_embedded_model_is_constrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded model reaches its tools by constrained output."""
    monkeypatch.setitem(sys.modules, "xllamacpp", _installed())
    assert choose_model().tool_calling == "schema"


def test_names_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without a provider, in code or in the variable, says how one is written."""
    with pytest.raises(ConfigurationError, match="provider:name"):
        choose_model("gpt-5")
    with pytest.raises(ConfigurationError, match="got a int"):
        choose_model(5)  # type: ignore[arg-type]  # the mistake to be told of
    monkeypatch.setenv("NBAGENT_MODEL", "gpt-5")
    with pytest.raises(ConfigurationError, match="provider:name"):
        choose_model()


def test_executor() -> None:
    """A given executor is used as it is, but for the embedded model, which it is given."""
    executor = Executor({"scripted": ScriptedClient()})
    assert executor_for(Model("scripted", "any"), executor) is executor
    assert executor_for(Model.of("local:any"), executor).providers == ("local", "scripted")
    assert executor_for(Model.of("local:any"), None).providers == ("local", "ollama")
    with pytest.raises(ConfigurationError, match="executor is an Executor"):
        executor_for(Model("scripted", "any"), ScriptedClient())  # type: ignore[arg-type]  # as above


def _installed() -> object:
    """Stands for a package that can be found."""
    module = type(sys)("xllamacpp")
    module.__spec__ = sys.__spec__
    return module
