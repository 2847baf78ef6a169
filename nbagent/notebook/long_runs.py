"""What an agent may use, what it has cost, and what the model is given of a long conversation."""

from __future__ import annotations

from nbagent.agent.checks import limits_checked
from nbagent.agent.compaction import Compaction, Summary, compaction_of
from nbagent.agent.limits import Limits
from nbagent.messages import Message
from nbagent.notebook.view import View

__all__ = ["LongRuns"]


class LongRuns(View):
    """The part of `Agent` that keeps long conversations going."""

    @property
    def cost(self) -> float | None:
        """US dollars for all requests so far, by the price table; None where it does not say.

        What agents that are tools of this one cost is in it. See `nbagent.price_of`.
        """
        return self._engine.spent.cost

    @property
    def limits(self) -> Limits:
        """What one question may use; can be set."""
        return self._engine.runs.limits

    @limits.setter
    def limits(self, limits: Limits | None) -> None:
        self._engine.runs.limits = limits_checked(limits, self._engine.settings.model)

    @property
    def compaction(self) -> Compaction | None:
        """What is done about a conversation that grows long; can be set, None for nothing."""
        return self._engine.runs.compaction

    @compaction.setter
    def compaction(self, compaction: Compaction | None) -> None:
        self._engine.runs.compaction = compaction_of(compaction)

    @property
    def context(self) -> tuple[Message, ...]:
        """What the model is given of the conversation: `history`, or less of a long one."""
        return self._engine.context

    async def compact(self, how: Compaction | None = None) -> bool:
        """Makes the conversation shorter for the model, now; `history` stays whole.

        Args:
            how: In which way; by default the agent's own, else with a `Summary`.

        Returns:
            Whether anything was left out.

        Raises:
            ConfigurationError: ``how`` is no `Compaction`.
            NbagentError: The model could not be asked for a summary.
        """
        chosen = compaction_of(how) or self.compaction or Summary()
        return await self._engine.compact(chosen)
