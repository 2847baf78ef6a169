"""Versions of questions: what was edited or asked again is still there, and can be gone on with."""

from __future__ import annotations

from nbagent.agent.versions import BranchPoint, BranchVersion
from nbagent.notebook.view import View

__all__ = ["Branching"]


class Branching(View):
    """The part of `Agent` that goes from one version of a question to another."""

    @property
    def branches(self) -> tuple[BranchPoint, ...]:
        """The questions of the conversation that were asked in more than one way, or again::

            point = agent.branches[-1]
            [version.question.text for version in point.versions]
            agent.switch(point.versions[0])

        A version is the question with everything that followed it. Versions of questions that
        only another version has are there once that one was switched to. What was changed by hand
        (`edit`, `drop`, `history`) makes no version: it is gone.
        """
        return self._engine.versions.points

    def switch(self, version: BranchVersion) -> None:
        """Goes on with another version of a question, in place of it and all that followed.

        The history that the model is given, `calls` with their live results, and the widget are
        then those of that version; what was there before is a version in its turn. What all of
        them cost stays counted in `usage`.

        Args:
            version: One of a point of `branches`.

        Raises:
            AgentBusy: A run is going on.
            ConfigurationError: The conversation has no such version any more.
        """
        self._engine.switch(version)
