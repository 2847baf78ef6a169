"""The local Ollama among the choices: it is asked quickly, and never in anybody's way."""

import socket
import sys

import pytest

from nbagent import ConfigurationError, Executor, TransportError
from nbagent.choice import choose_model
from nbagent.testing import FakeServer


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """An environment without any choice in it, and without the embedded model."""
    for name in ("NBAGENT_MODEL", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.setitem(sys.modules, "xllamacpp", None)


@pytest.fixture
def ollama(monkeypatch):
    """A server that lists two models where OLLAMA_HOST says."""
    with FakeServer(["Hi"], models=["qwen3:8b", "a:1b"]) as server:
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{server.port}")
        yield server


def test_its_first_model_is_chosen(ollama, monkeypatch):
    """The model that Ollama lists first is chosen, after a key and before the embedded model."""
    assert str(choose_model()) == "ollama:qwen3:8b"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert choose_model().provider == "openai"


async def test_in_a_running_loop(ollama):
    """An agent made in a cell, where a loop is running, has it too; and can ask it."""
    model = choose_model()
    assert model.name == "qwen3:8b"
    assert (await Executor.from_env().execute("hi", model=model)).text == "Hi"


@pytest.mark.parametrize("models", [[], None])
def test_a_server_without_models(models, monkeypatch):
    """An Ollama with nothing pulled, or another server on that port, is no choice."""
    with FakeServer(models=models or ()) as server:
        address = f"127.0.0.1:{server.port}" + ("" if models == [] else "/other")
        monkeypatch.setenv("OLLAMA_HOST", address)
        with pytest.raises(ConfigurationError, match="Ollama"):
            choose_model()


def test_a_server_that_does_not_answer(monkeypatch):
    """A port that takes connections and says nothing, ever, is given up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(ConfigurationError):
            choose_model()


async def test_what_is_offered_without_it(monkeypatch):
    """Where nobody asked for Ollama, its absence is no error; where somebody did, it is."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{port}")
    with pytest.raises(TransportError):
        await Executor.from_env().models()
    monkeypatch.delenv("OLLAMA_HOST")
    assert "ollama" in Executor.from_env().providers


async def test_both_clients_of_openai(monkeypatch):
    """The key of OpenAI serves both of its APIs, each under its own name."""
    with FakeServer(["chat", "responses"]) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        executor = Executor.from_env()
        assert (await executor.execute("hi", model="openai:m")).text == "chat"
        assert (await executor.execute("hi", model="responses:m")).text == "responses"
    paths = [request.path for request in server.requests]
    assert paths == ["/v1/chat/completions", "/v1/responses"]
