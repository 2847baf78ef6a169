"""What requests cost: tokens as their providers count them, and dollars by the price table.

Prices and their date are data (see `nbagent.catalogue`); `nbagent.register_model` gives the price
of a model that the table does not have.
"""

from __future__ import annotations

from collections.abc import Iterable

from nbagent import catalogue
from nbagent.agent.tokens import estimated
from nbagent.errors import ConfigurationError
from nbagent.messages import Message, Usage
from nbagent.models import Model, Price, price_of

__all__ = ["Spent", "check_price"]

FREE = frozenset({"local", "ollama"})  # what runs on one's own machine
NOTHING = Usage()


class Spent:
    """The tokens and dollars of a run, or of a conversation. Only ever added to.

    Args:
        onto: Others that everything is added to as well: the run of a tool's agent costs its own
            run and the one that it was called in.

    Attributes:
        usage: Tokens, as the providers reported them.
        counted: The same, with an estimate for replies whose provider reported nothing.
    """

    def __init__(self, *onto: Spent) -> None:
        self.usage = Usage()
        self.counted = Usage()
        self._dollars = 0.0
        self._unknown = False
        self._onto = onto

    @property
    def cost(self) -> float | None:
        """US dollars; None where the price of some of it is not known."""
        return None if self._unknown else self._dollars

    def add(self, model: Model, reply: Message, asked: Iterable[Message] = ()) -> None:
        """One more reply.

        Args:
            model: What was asked.
            reply: What came of it.
            asked: What it was asked with, to estimate from where the provider reported no usage.
        """
        counted = reply.usage
        if counted == NOTHING and reply.parts:
            counted = Usage(estimated(asked), estimated([reply]))
        self._take(reply.usage, counted, _dollars(model, reply))

    def add_earlier(self, model: Model, messages: Iterable[Message]) -> None:
        """The replies of a conversation that was held before, maybe with other models."""
        for message in messages:
            if message.usage != NOTHING:
                self._take(message.usage, message.usage, _dollars(model, message, earlier=True))

    def clear(self) -> None:
        """Begins anew."""
        self.usage = self.counted = NOTHING
        self._dollars, self._unknown = 0.0, False

    def _take(self, usage: Usage, counted: Usage, dollars: float | None) -> None:
        self.usage += usage
        self.counted += counted
        self._dollars += dollars or 0.0
        self._unknown |= dollars is None
        for other in self._onto:
            other._take(usage, counted, dollars)


def check_price(model: Model, cost: float | None) -> None:
    """Whether a limit on cost means something.

    Raises:
        ConfigurationError: There is one, and nobody knows what the model costs.
    """
    if cost is not None and _price(model, None) is None:
        raise ConfigurationError(
            f"A limit on cost needs the price of {model}, which is not in the price table. Give "
            f"it in US dollars a million tokens (input, output, cached input): nbagent."
            f"register_model(Model.of({str(model)!r}), Price(3, 15, 0.3)); or limit the tokens."
        )


def _dollars(model: Model, reply: Message, *, earlier: bool = False) -> float | None:
    if reply.usage == NOTHING:
        return 0.0
    price = _elsewhere(reply.model) if earlier else None
    price = price or _price(model, reply.model)
    return None if price is None else price.cost(reply.usage)


def _price(model: Model, answered: str | None) -> Price | None:
    """The price of a model, by its own name or by that under which its provider answered."""
    known = price_of(model) or (catalogue.price(model.provider, answered) if answered else None)
    return Price(0, 0, 0) if known is None and model.provider in FREE else known


def _elsewhere(name: str | None) -> Price | None:
    """The price of what a provider, whichever it was, calls by this name."""
    if name is None:
        return None
    providers = dict.fromkeys(known.partition(":")[0] for known in catalogue.names())
    prices = (catalogue.price(provider, name) for provider in providers)
    return next((price for price in prices if price is not None), None)
