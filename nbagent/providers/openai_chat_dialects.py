"""Who speaks OpenAI's chat completions, and what each of them does differently. Data.

A server is known by its address; a provider also by its name, which has its key and its address
from the environment. Whoever is in no record here is a plain server: it takes ``max_tokens``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit

from nbagent.errors import ConfigurationError

__all__ = ["DIALECTS", "OPENAI", "PLAIN", "Dialect", "azure", "dialect_of", "named"]

Effort: TypeAlias = Literal["reasoning_effort", "reasoning", "thinking"]
Returned: TypeAlias = Literal["", "reasoning_content", "reasoning_details", "thinking"]


@dataclass(frozen=True)
class Dialect:
    """What one service does differently.

    Attributes:
        name: The provider's name in ``"provider:model"``.
        label: Its name in texts for people.
        base_url: Where it is.
        key_variables: The environment's variables for its key; none for a server without keys.
        url_variable: The variable for another address.
        hosts: Host names by which it is known, also behind a dot and anything before that.
        key_header: The header of the key; ``authorization`` takes it as a bearer token.
        path: Of a request; ``{model}`` stands for the model.
        models_path: Of the list of models.
        max_tokens: What the limit of a reply is called.
        seed: What the seed is called.
        stream_options: Whether it has to be told to send the usage.
        strict: Whether it takes the word ``strict`` in a tool.
        effort: The form in which it is told how much to think.
        returned: The form in which it wants its reasoning back; empty if it does not.
        reasoning_required: It refuses a message with calls that has no reasoning.
        signature_key: Under what it signs calls, in ``extra_content``; they go back so.
        short_ids: It takes ids of calls of nine letters and digits alone.
        bridged: It refuses a user's message right behind results; an assistant's goes between.
    """

    name: str
    label: str
    base_url: str = ""
    key_variables: tuple[str, ...] = ()
    url_variable: str = ""
    hosts: tuple[str, ...] = ()
    key_header: str = "authorization"
    path: str = "/chat/completions"
    models_path: str = "/models"
    max_tokens: str = "max_tokens"
    seed: str = "seed"
    stream_options: bool = True
    strict: bool = True
    effort: Effort = "reasoning_effort"
    returned: Returned = ""
    reasoning_required: bool = False
    signature_key: str = ""
    short_ids: bool = False
    bridged: bool = False

    @property
    def configured(self) -> bool:
        """Whether the environment has what it needs: a key, or the address where none is needed."""
        keyed = any(os.environ.get(name) for name in self.key_variables)
        placed = bool(self.base_url or os.environ.get(self.url_variable))
        return placed and keyed if self.key_variables else bool(os.environ.get(self.url_variable))


OPENAI = Dialect(
    "openai",
    "OpenAI",
    "https://api.openai.com/v1",
    ("OPENAI_API_KEY",),
    "OPENAI_BASE_URL",
    ("api.openai.com",),
    # The newer models refuse max_tokens; other servers do not know the new name.
    max_tokens="max_completion_tokens",
)
PLAIN = Dialect("openai", "OpenAI")
_GOOGLE = ("GEMINI_API_KEY", "GOOGLE_API_KEY")

# The providers that have a name of their own, in the order in which their keys are tried.
_PROVIDERS = (
    Dialect(
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        ("OPENROUTER_API_KEY",),
        "OPENROUTER_BASE_URL",
        ("openrouter.ai",),
        effort="reasoning",
        returned="reasoning_details",
    ),
    Dialect(
        "deepseek",
        "DeepSeek",
        "https://api.deepseek.com",
        ("DEEPSEEK_API_KEY",),
        "DEEPSEEK_BASE_URL",
        ("deepseek.com",),
        effort="thinking",
        returned="reasoning_content",
        reasoning_required=True,
    ),
    Dialect(
        "mistral",
        "Mistral",
        "https://api.mistral.ai/v1",
        ("MISTRAL_API_KEY",),
        "MISTRAL_BASE_URL",
        ("mistral.ai",),
        seed="random_seed",
        # Its last chunk always has the usage, and it refuses fields that it does not know.
        stream_options=False,
        returned="thinking",
        short_ids=True,
        bridged=True,
    ),
    Dialect(
        "groq",
        "Groq",
        "https://api.groq.com/openai/v1",
        ("GROQ_API_KEY",),
        "GROQ_BASE_URL",
        ("groq.com",),
        max_tokens="max_completion_tokens",
    ),
    Dialect(
        "xai",
        "xAI",
        "https://api.x.ai/v1",
        ("XAI_API_KEY",),
        "XAI_BASE_URL",
        ("x.ai",),
        strict=False,
    ),
    Dialect(
        "together",
        "Together",
        "https://api.together.xyz/v1",
        ("TOGETHER_API_KEY",),
        "TOGETHER_BASE_URL",
        ("together.xyz", "together.ai"),
    ),
    Dialect(
        "fireworks",
        "Fireworks",
        "https://api.fireworks.ai/inference/v1",
        ("FIREWORKS_API_KEY",),
        "FIREWORKS_BASE_URL",
        ("fireworks.ai",),
        strict=False,
    ),
    Dialect(
        "cerebras",
        "Cerebras",
        "https://api.cerebras.ai/v1",
        ("CEREBRAS_API_KEY",),
        "CEREBRAS_BASE_URL",
        ("cerebras.ai",),
        max_tokens="max_completion_tokens",
    ),
    Dialect(
        "moonshot",
        "Moonshot",
        "https://api.moonshot.ai/v1",
        ("MOONSHOT_API_KEY",),
        "MOONSHOT_BASE_URL",
        ("moonshot.ai", "moonshot.cn"),
        returned="reasoning_content",
        reasoning_required=True,
    ),
    Dialect(
        "azure",
        "Azure OpenAI",
        "",
        ("AZURE_OPENAI_API_KEY",),
        "AZURE_OPENAI_ENDPOINT",
        ("openai.azure.com", "services.ai.azure.com", "cognitiveservices.azure.com"),
        key_header="api-key",
        max_tokens="max_completion_tokens",
    ),
    # Servers without keys: theirs is the provider's name as soon as somebody says where they are.
    Dialect("vllm", "vLLM", url_variable="VLLM_BASE_URL"),
    Dialect("lmstudio", "LM Studio", url_variable="LM_STUDIO_BASE_URL"),
    Dialect(
        "llamacpp", "llama.cpp", url_variable="LLAMACPP_BASE_URL", returned="reasoning_content"
    ),
)
DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in _PROVIDERS}
# Known by their addresses alone: these are Gemini's, whose own API has a client of its own.
_ADDRESSED = (
    OPENAI,
    Dialect(
        "gemini",
        "Gemini",
        key_variables=_GOOGLE,
        hosts=("generativelanguage.googleapis.com",),
        signature_key="google",
    ),
    Dialect(
        "vertex",
        "Vertex AI",
        # A region goes before it with a hyphen.
        hosts=("aiplatform.googleapis.com", "-aiplatform.googleapis.com"),
        signature_key="vertex",
    ),
)


def dialect_of(base_url: str) -> Dialect:
    """The dialect that is spoken at an address."""
    host = urlsplit(base_url).hostname or ""
    for dialect in (*_ADDRESSED, *_PROVIDERS):
        if any(host == end or host.endswith(_suffix(end)) for end in dialect.hosts):
            return dialect
    return PLAIN


def _suffix(end: str) -> str:
    return end if end.startswith("-") else f".{end}"


def named(name: str) -> Dialect:
    """The dialect of a provider.

    Raises:
        ConfigurationError: There is no such provider; the text lists them.
    """
    if name == OPENAI.name:
        return OPENAI
    if name not in DIALECTS:
        raise ConfigurationError(
            f"There is no dialect {name!r} of OpenAI's chat completions. Known are openai, "
            f"{', '.join(DIALECTS)}; any other server is reached by its base_url."
        )
    return DIALECTS[name]


def azure(dialect: Dialect, endpoint: str) -> tuple[Dialect, str]:
    """The dialect with the paths of an Azure resource, and its base URL.

    With an API version (``OPENAI_API_VERSION``, or ``?api-version=`` behind the endpoint) the
    model is the name of a deployment, in the path; without one it is Azure's newer API, whose
    paths are OpenAI's.
    """
    parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    version = "".join(parse_qs(parts.query).get("api-version", [])[:1])
    version = version or os.environ.get("OPENAI_API_VERSION", "")
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    root = f"{parts.scheme}://{parts.netloc}"
    if path.endswith("/v1"):
        return dialect, root + path
    if not version:
        return dialect, f"{root}{path.removesuffix('/openai')}/openai/v1"
    base, _, deployment = path.partition("/deployments/")
    base = f"{root}{base.removesuffix('/openai')}/openai"
    asked = f"?api-version={version}"
    chat = f"/deployments/{deployment or '{model}'}/chat/completions{asked}"
    return replace(dialect, path=chat, models_path=f"/models{asked}"), base
