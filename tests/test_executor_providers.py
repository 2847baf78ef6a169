"""Which client a model leads to: by name, by what the environment holds, by what it serves."""

import pytest

from nbagent.errors import (
    AuthenticationError,
    ConfigurationError,
)
from nbagent.executor import Executor, Retry
from nbagent.models import Model
from nbagent.providers import OpenAIChatClient, OpenAIResponsesClient
from nbagent.providers.openai_chat_dialects import DIALECTS
from nbagent.testing import (
    FakeServer,
    ScriptedClient,
    reply_error,
)
from tests.executors import BUSY, make, words


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("nowhere:m", "Unknown provider 'nowhere'"),
        ("openai:m", "OPENAI_API_KEY"),
        ("gpt-5", "provider:name"),
        (":m", "provider:name"),
        (None, "a string or a Model"),
    ],
)
async def test_models_that_lead_nowhere(model, found):
    """The error says what is configured, what to set, or how a model is written."""
    executor, _ = make()
    with pytest.raises(ConfigurationError, match=found):
        await words(executor, model)


async def test_models_of_all_providers():
    """Each is named with its provider."""
    executor = Executor({"b": ScriptedClient(models=["x"]), "a": ScriptedClient(models=["y", "z"])})
    assert await executor.models() == ["a:y", "a:z", "b:x"]
    assert executor.providers == ("a", "b")
    assert repr(executor) == "Executor(a, b)"


async def test_from_the_environment(monkeypatch):
    """A key in the environment is a client; no key is none."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    executor = Executor.from_env()
    assert "openai" in executor.providers
    assert "secret" not in repr(executor)
    monkeypatch.delenv("OPENAI_API_KEY")
    assert "openai" not in Executor.from_env().providers


async def test_providers_of_the_chat_completions_by_name(monkeypatch):
    """Each has its own name with its own key, and the error for a missing one names that."""
    for dialect in DIALECTS.values():
        for name in (*dialect.key_variables, dialect.url_variable):
            monkeypatch.delenv(name, raising=False)
    assert not set(DIALECTS) & set(Executor.from_env().providers)
    with pytest.raises(ConfigurationError, match=r"OPENROUTER_API_KEY.*dialect='openrouter'"):
        await words(Executor.from_env(), "openrouter:openrouter/auto")
    with pytest.raises(ConfigurationError, match="VLLM_BASE_URL"):
        await words(Executor.from_env(), "vllm:m")
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-secret")
    monkeypatch.setenv("VLLM_BASE_URL", "http://localhost:9/v1")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "sk-secret")
    assert set(DIALECTS) & set(Executor.from_env().providers) == {"openrouter", "vllm"}
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com")
    assert "azure" in Executor.from_env().providers


async def test_a_provider_by_name_over_a_socket(monkeypatch):
    """Its key goes to its address, and its errors have its name."""
    with FakeServer(["Hi", reply_error(401)]) as server:
        monkeypatch.setenv("GROQ_API_KEY", "sk-groq")
        monkeypatch.setenv("GROQ_BASE_URL", server.url)
        executor = Executor.from_env()
        assert await words(executor, "groq:m") == "Hi"
        with pytest.raises(AuthenticationError, match="Groq answered 401"):
            await words(executor, "groq:m")
    assert server.requests[0].headers["authorization"] == "Bearer sk-groq"


def test_models_that_openai_serves_through_its_other_api(monkeypatch):
    """Its newest models take no tools in chat completions; another server is asked as it was."""
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    chat, responses = OpenAIChatClient("k"), OpenAIResponsesClient("k")
    executor = Executor({"openai": chat, "responses": responses})
    assert executor._client(Model.of("openai:gpt-6-sol")) is responses
    assert executor._client(Model.of("openai:gpt-5-mini")) is chat
    assert executor._client(Model.of("openai:unknown")) is chat
    assert Executor({"openai": chat})._client(Model.of("openai:gpt-6-sol")) is chat
    other = OpenAIChatClient("k", "http://localhost:9/v1")
    executor = Executor({"openai": other, "responses": responses})
    assert executor._client(Model.of("openai:gpt-6-sol")) is other


async def test_one_more_client():
    """It is added to a copy; retries and fallbacks stay."""
    executor, _ = make("Hi", fallbacks={"t:m": ["s:m"]}, retry=Retry(attempts=1))
    more = executor.with_client("t", ScriptedClient([BUSY]))
    assert executor.providers == ("s",)
    assert await words(more, "t:m") == "Hi"
