"""Variables of the notebook that an agent is given to see."""

from __future__ import annotations

import sys
from typing import Any

from nbagent.notebook.view import View

__all__ = ["Showing"]


class Showing(View):
    """The part of `Agent` that shows."""

    def show(self, *variables: Any, name: str | None = None) -> None:
        """Lets the agent see variables: in every request from now on, as they are then::

            agent.show(df)                     # its name, shape, columns and a few rows
            agent.show(df, model, "prices")    # several; also by name
            agent.show(rows[0], name="first")  # an object that no variable holds

        A variable is shown by its name: bound anew, the new object is shown. What the model reads
        of each is short, and says where something was left out; an object with ``_repr_llm_()``
        says it itself.

        Args:
            variables: Objects, or names of variables.
            name: The name of a single object that no variable holds.

        Raises:
            ConfigurationError: There is no such variable, or an object has no name.
        """
        home = sys._getframe(1).f_globals
        self._engine.settings.shown.show(*variables, name=name, home=home)

    def hide(self, *variables: Any) -> None:
        """Shows the agent variables no longer: by name or as objects; without any, all of them.

        Raises:
            ConfigurationError: One of them was not shown.
        """
        self._engine.settings.shown.hide(*variables)

    @property
    def shown(self) -> dict[str, str]:
        """What the agent sees: each name with a line about what stands under it now."""
        return {chip.name: chip.summary for chip in self._engine.settings.shown.chips}
