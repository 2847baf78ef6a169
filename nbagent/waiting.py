"""When a request is sent again, and how long it waits for that.

A provider that asks for a pause means all requests to that model, not only the one that it
answered: they share a `Pause`, so that they do not all keep knocking.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nbagent.errors import NbagentError, ProviderError, RateLimited, TransportError

__all__ = ["Pause", "Retry", "Sleeper", "lasting"]

RETRIED_STATUSES = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
# Seconds over which those spread who wait for the same moment.
SPREAD = 1.0


@dataclass(frozen=True)
class Retry:
    """When to ask again: only before the first frame, and by status, never by words.

    Attributes:
        attempts: How often to ask in all; 1 never asks again.
        base: Seconds that the first pause lasts at most; it doubles each time.
        cap: Seconds that any pause lasts at most, unless the provider asks for more.
    """

    attempts: int = 4
    base: float = 0.5
    cap: float = 30.0

    def allows(self, error: NbagentError, attempt: int) -> bool:
        """Whether to ask again after ``attempt`` attempts that ended in ``error``."""
        if attempt >= self.attempts:
            return False
        if isinstance(error, ProviderError):
            return error.status in RETRIED_STATUSES
        return isinstance(error, TransportError)

    def pause(self, error: NbagentError, attempt: int) -> float:
        """Seconds to wait: what the provider asks for, else full jitter."""
        asked = getattr(error, "retry_after", None)
        if asked is not None:
            return float(asked)
        return random.uniform(0.0, min(self.cap, self.base * 2 ** (attempt - 1)))


class Pause:
    """Until when a provider wants no requests for one model. Shared by all of an executor's."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.until = float("-inf")
        self.waiting = 0
        self._clock = clock
        self._asked = float("-inf")

    def ask(self, seconds: float) -> float:
        """The provider asks for a pause from now on; gives the moment when that is over."""
        self._asked = self._clock()
        over = self._asked + seconds
        self.until = max(self.until, over)
        return over

    def left(self, waited: float) -> float:
        """Seconds that are left of it for a request that has waited until ``waited`` already."""
        return self.until - max(self._clock(), waited)

    def answered(self, started: float) -> None:
        """A request that started at ``started`` was answered: nothing has to wait any longer."""
        if started >= self._asked:
            self.until = float("-inf")


class Sleeper:
    """How one request waits.

    Args:
        pause: The pause that it shares.
        name: The model, for texts.
        limit: Seconds that a wait may last; None for any.
        sleep: Waits a number of seconds.
        clock: Seconds since some moment.
        tell: Told in words about each wait.
    """

    def __init__(
        self,
        pause: Pause,
        name: str,
        limit: float | None,
        sleep: Callable[[float], Awaitable[None]],
        clock: Callable[[], float],
        tell: Callable[[str], None],
    ) -> None:
        self._pause, self._name, self._limit = pause, name, limit
        self._sleep, self._clock, self._tell = sleep, clock, tell
        self._waited = float("-inf")
        self._started = float("-inf")

    async def start(self) -> None:
        """Waits until the provider takes requests again.

        Raises:
            RateLimited: That is too far away.
        """
        while (seconds := self._pause.left(self._waited)) > 0:
            if self._limit is not None and seconds > self._limit:
                raise RateLimited(
                    f"{self._name} takes no requests for another {lasting(seconds)}: its provider "
                    f"asked for a pause. {self._advice()}",
                    status=429,
                    retry_after=seconds,
                )
            self._tell(f"{self._name} asked for a pause. Retrying in {lasting(seconds)}.")
            over = self._pause.until
            await self._nap(seconds)
            self._waited = over
        self._started = self._clock()

    def answered(self) -> None:
        """The request was answered well."""
        self._pause.answered(self._started)

    async def again(self, error: NbagentError, seconds: float) -> None:
        """Waits after ``error``.

        Raises:
            ProviderError: ``error`` itself: that is too long.
        """
        if self._limit is not None and seconds > self._limit:
            asks = f"It asks to wait {lasting(seconds)}. {self._advice()}"
            error.args = (f"{error} {asks}", *error.args[1:])
            raise error
        self._tell(f"{error} Retrying in {lasting(seconds)}.")
        if getattr(error, "retry_after", None) is None:
            await self._sleep(seconds)
            return
        over = self._pause.ask(seconds)
        await self._nap(seconds)
        self._waited = max(self._waited, over)

    async def _nap(self, seconds: float) -> None:
        # The first to wait comes to the moment, all others a little behind it.
        behind = random.uniform(0.0, SPREAD) if self._pause.waiting else 0.0
        self._pause.waiting += 1
        try:
            await self._sleep(seconds + behind)
        finally:
            self._pause.waiting -= 1

    def _advice(self) -> str:
        return (
            f"That is longer than the {self._limit:g} s that are waited for silently: ask again "
            "later, give Executor(fallbacks=…) another model, or raise Executor(max_wait=…)."
        )


def lasting(seconds: float) -> str:
    """A length of time in words, as exact as it is of use."""
    if seconds >= 120:
        return f"{seconds / 60:.0f} min"
    return f"{seconds:.0f} s" if seconds >= 1.95 else f"{seconds:.1f} s"
