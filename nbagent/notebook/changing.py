"""What an agent is held with, changed between questions."""

from __future__ import annotations

from typing import Any

from nbagent.agent.settings import Changeable, Settings
from nbagent.choice import executor_for
from nbagent.notebook.view import View
from nbagent.widget.widget import AgentWidget

__all__ = ["Changing"]


class Changing(Changeable, View):
    """The part of `Agent` whose model, tools, instructions and params can be set."""

    _own_executor: bool
    _widget: AgentWidget | None

    def _get_settings(self) -> Settings:
        return self._engine.settings

    def _change(self, name: str, value: Any) -> None:
        settings = self._engine.settings
        if name == "model" and self._own_executor:
            known = value.provider in settings.executor.providers
            settings.executor = executor_for(value, settings.executor if known else None)
        setattr(settings, name, value)
        if name == "model" and self._widget is not None:
            self._widget.show_model(str(value))
