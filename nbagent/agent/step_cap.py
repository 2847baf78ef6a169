"""How often a part of a strategy may ask the model."""

from __future__ import annotations

from dataclasses import dataclass

from nbagent.errors import RunLimitReached

__all__ = ["StepCap"]


@dataclass
class StepCap:
    """Counts the requests of one walk through a subgraph, its branches together.

    Attributes:
        name: The subgraph's.
        most: How many there may be.
        steps: How many there were.
    """

    name: str
    most: int
    steps: int = 0

    def step(self) -> None:
        """One more request.

        Raises:
            RunLimitReached: There were enough.
        """
        if self.steps >= self.most:
            raise RunLimitReached(
                f"Subgraph {self.name!r} asked the model {self.most} times without coming to its "
                "finish. Give it more max_steps, or a condition that ends its loop."
            )
        self.steps += 1
