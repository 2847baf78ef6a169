"""Models and what they can do.

A model is named ``"provider:name"``. `Model.of` fills in what the catalogue knows of it. What the
catalogue does not know is assumed capable: a provider's own "does not support" answer is the
better judge of a model that came out yesterday. An entry of your own goes before the catalogue's::

    register_model(Model("openai", "my-finetune", context_window=128_000), Price(3, 12, 1.5))
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

from nbagent import catalogue
from nbagent.catalogue import Price
from nbagent.errors import ConfigurationError

__all__ = [
    "ALL_CAPABILITIES",
    "TOOL_CALLING",
    "Capability",
    "Model",
    "ModelLike",
    "Price",
    "ToolCalling",
    "known_models",
    "price_of",
    "register_model",
]

ToolCalling: TypeAlias = Literal["native", "schema", "prompted", "none"]
TOOL_CALLING: tuple[ToolCalling, ...] = ("native", "schema", "prompted", "none")


class Capability(str, Enum):
    """Something a model can do."""

    TOOLS = "tools"
    PARALLEL_TOOL_CALLS = "parallel_tool_calls"
    STRUCTURED_OUTPUT = "structured_output"
    IMAGES = "images"
    FILES = "files"
    REASONING = "reasoning"


ALL_CAPABILITIES = frozenset(Capability)
# What the embedded server does for a text model: it constrains output, and has no tools of its own.
_LOCAL = frozenset({Capability.STRUCTURED_OUTPUT})


@dataclass(frozen=True)
class Model:
    """A model of a provider.

    Attributes:
        provider: The provider's name, as the executor's clients are named.
        name: The model's name, as the provider calls it.
        capabilities: What it can do.
        context_window: Tokens it can read and write together, where known.
        max_output_tokens: Tokens it can write in one reply, where known.
        tool_calling: How tools reach it: the provider's own way, output constrained to a JSON
            schema, a described format, or not at all.
    """

    provider: str
    name: str
    capabilities: frozenset[Capability] = ALL_CAPABILITIES
    context_window: int | None = None
    max_output_tokens: int | None = None
    tool_calling: ToolCalling = "native"

    def __post_init__(self) -> None:
        if self.tool_calling not in TOOL_CALLING:
            raise ConfigurationError(
                f"tool_calling is one of {', '.join(TOOL_CALLING)}; got {self.tool_calling!r}."
            )

    def __str__(self) -> str:
        return f"{self.provider}:{self.name}"

    @classmethod
    def of(cls, value: ModelLike) -> Model:
        """A model from ``"provider:name"``, with what is known of it; or the model itself.

        Raises:
            ConfigurationError: The string names no provider.
        """
        if isinstance(value, Model):
            return value
        if not isinstance(value, str):
            raise ConfigurationError(f"A model is a string or a Model; got {value!r}.")
        provider, separator, name = value.partition(":")
        if not (provider and separator and name):
            raise ConfigurationError(
                f"A model is written 'provider:name', for example 'openai:gpt-5'; got {value!r}."
            )
        return _OWN.get(value) or _known(provider, name)

    def can(self, capabilities: Iterable[Capability]) -> bool:
        """Whether it can do all of these."""
        return frozenset(capabilities) <= self.capabilities


ModelLike: TypeAlias = str | Model

# What users said of their models, by "provider:name".
_OWN: dict[str, Model] = {}
_OWN_PRICES: dict[str, Price] = {}


def register_model(model: Model, price: Price | None = None) -> Model:
    """From now on, `Model.of` of this name gives ``model``, and `price_of` the ``price``.

    Args:
        model: What it can do; it goes before what the catalogue says.
        price: US dollars a million tokens; by default what the catalogue says.

    Returns:
        The model, so that it can be used at once.
    """
    _OWN[str(model)] = model
    if price is not None:
        _OWN_PRICES[str(model)] = price
    return model


def price_of(model: ModelLike) -> Price | None:
    """What a model's tokens cost; None where nobody said it.

    Raises:
        ConfigurationError: The string names no provider.
    """
    found = Model.of(model)
    return _OWN_PRICES.get(str(found)) or catalogue.price(found.provider, found.name)


def known_models(provider: str | None = None) -> list[Model]:
    """The models that were registered or are in the catalogue, of one provider or of all."""
    own = [name for name, model in _OWN.items() if provider in (None, model.provider)]
    return [Model.of(name) for name in dict.fromkeys([*own, *catalogue.names(provider)])]


def _known(provider: str, name: str) -> Model:
    if provider == "local":
        return Model(provider, name, _LOCAL, tool_calling="schema")
    entry = catalogue.entry(provider, name)
    if entry is None:
        return Model(provider, name)
    return Model(
        provider,
        name,
        frozenset(map(Capability, entry["can"])),
        entry.get("window"),
        entry.get("output"),
        entry.get("tool_calling", "native"),
    )
