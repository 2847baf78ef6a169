"""Limits of a run: what it may use, what it has used, and the clear end when that is too much."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from types import TracebackType
from typing import Any

from nbagent.agent.pricing import Spent
from nbagent.errors import ConfigurationError, RunLimitReached
from nbagent.messages import Usage

__all__ = ["MAX_STEPS", "Clock", "Limits", "Tally", "limits_of"]

MAX_STEPS = 20
WHOLE = ("steps", "tokens", "input_tokens", "output_tokens", "tool_calls")
ADVICE = "Ask again to go on from here, or give more: Limits({name}=…)."
STEPS_ADVICE = "Ask again to go on from here, or give the agent more max_steps."


@dataclass(frozen=True)
class Limits:
    """What one question may use; None leaves it open.

    Looked at before each request to the model, and before calls are run; the time at any moment.
    What agents that are tools of this one use counts too. A run that would go on beyond a limit
    ends with `RunLimitReached`; its conversation stays usable.

    Attributes:
        steps: Requests to the model; by default the agent's ``max_steps``.
        tokens: Tokens, read and written, as the provider counts them.
        input_tokens: Tokens that the model read, in all requests together.
        output_tokens: Tokens that it wrote, reasoning included.
        tool_calls: Calls of tools.
        cost: US dollars, by the price table (see `nbagent.price_of`).
        seconds: Time, from the beginning to the end; waiting for a person's yes counts as well.

    Raises:
        ConfigurationError: One of them is no number above zero.
    """

    steps: int | None = None
    tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    tool_calls: int | None = None
    cost: float | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            value, whole = getattr(self, each.name), each.name in WHOLE
            wanted = int if whole else (int, float)
            fits = isinstance(value, wanted) and not isinstance(value, bool) and value > 0
            if value is not None and not fits:
                kind = "whole number, at least 1" if whole else "number above zero"
                raise ConfigurationError(f"Limits: {each.name} is a {kind}; got {value!r}.")

    def under(self, other: Limits | None) -> Limits:
        """These limits, with those that ``other`` sets in their place."""
        if other is None:
            return self
        return replace(self, **{n: v for n, v in vars(other).items() if v is not None})


def limits_of(limits: Any) -> Limits:
    """What a run may use.

    Raises:
        ConfigurationError: It is no `Limits`.
    """
    if limits is None:
        return Limits()
    if not isinstance(limits, Limits):
        kind = type(limits).__name__
        raise ConfigurationError(f"limits is a Limits(tokens=…, cost=…, seconds=…); got a {kind}.")
    return limits


class Tally:
    """What a run has used so far, all its branches together, against its limits.

    Args:
        limits: What it may use.
        spent: Tokens and dollars of the run.
        outer: The run that it was called in as a tool, whose limits count as well.
    """

    def __init__(
        self, limits: Limits, spent: Spent | None = None, outer: Tally | None = None
    ) -> None:
        self.limits = limits
        self.spent = spent if spent is not None else Spent()
        self.outer = outer
        self.steps = 0
        self._calls: set[str] = set()

    @property
    def usage(self) -> Usage:
        """The tokens so far."""
        return self.spent.usage

    def step(self) -> int:
        """One more request to the model; its number, from 1 on.

        Raises:
            RunLimitReached: There was enough of something.
        """
        allowed = self.limits.steps or MAX_STEPS
        if self.steps >= allowed:
            raise _reached("steps", self.steps, allowed, "without a final answer")
        self.check()
        self.steps += 1
        return self.steps

    def check(self) -> None:
        """Whether it may go on.

        Raises:
            RunLimitReached: It has used up tokens or dollars, or the run around it has.
        """
        counted, limits = self.spent.counted, self.limits
        used = {
            "tokens": counted.input_tokens + counted.output_tokens,
            "input_tokens": counted.input_tokens,
            "output_tokens": counted.output_tokens,
            "cost": self.spent.cost or 0.0,
        }
        for name, amount in used.items():
            allowed = getattr(limits, name)
            if allowed is not None and amount >= allowed:
                raise _reached(name, amount, allowed, "before a final answer")
        if self.outer is not None:
            self.outer.check()

    def admits(self, tool_call_id: str) -> bool:
        """Notes a call that is to be run; False where there were enough."""
        allowed = self.limits.tool_calls
        if tool_call_id not in self._calls and allowed is not None and len(self._calls) >= allowed:
            return False
        self._calls.add(tool_call_id)
        return True

    def admit(self, tool_call_ids: Iterable[str]) -> None:
        """Notes the calls of a reply, all of them or none.

        Raises:
            RunLimitReached: There would be too many.
        """
        wanted = self._calls | set(tool_call_ids)
        allowed = self.limits.tool_calls
        if allowed is not None and len(wanted) > allowed:
            raise _reached("tool_calls", len(wanted), allowed, "by the calls it would run next")
        self._calls = wanted


class Clock:
    """Ends the current task when its time is up: by cancelling it, as a stop does.

    Args:
        seconds: How long it may take; None for ever.

    Attributes:
        error: What to tell instead of the cancellation, once the time is up.
    """

    def __init__(self, seconds: float | None) -> None:
        self.error: RunLimitReached | None = None
        self._seconds = seconds
        self._handle: asyncio.TimerHandle | None = None

    def __enter__(self) -> Clock:
        if self._seconds is not None:
            task, loop = asyncio.current_task(), asyncio.get_running_loop()
            self._begun = time.monotonic()
            self._handle = loop.call_later(self._seconds, self._up, task, self._seconds)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _up(self, task: asyncio.Task[Any] | None, seconds: float) -> None:
        if task is None:
            return
        used = time.monotonic() - self._begun
        self.error = _reached("seconds", used, seconds, "before a final answer")
        task.cancel()


def _reached(name: str, used: float, allowed: float, when: str) -> RunLimitReached:
    if name == "steps":
        text = f"The run used up its {allowed} steps {when}. {STEPS_ADVICE}"
    else:
        amount = f"{_written(name, used)} of {_written(name, allowed)}"
        text = f"The run reached its limit of {name} {when}: {amount}. {ADVICE.format(name=name)}"
    return RunLimitReached(text, limit=name, used=used, allowed=allowed)


def _written(name: str, amount: float) -> str:
    if name == "cost":
        return f"${amount:.4g}"
    return f"{amount:.3g}" if name == "seconds" else f"{amount:,}"
