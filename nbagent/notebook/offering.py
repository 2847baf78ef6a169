"""What an agent offers a person beside a field to write in: slash commands and first questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeVar, overload

from nbagent.agent.slash import SlashCommands, command_of
from nbagent.errors import ConfigurationError
from nbagent.models import Capability, known_models
from nbagent.notebook.view import View
from nbagent.widget.values import repair
from nbagent.widget.views import OffersView, OfferView
from nbagent.widget.widget import AgentWidget

__all__ = ["Offering", "suggestions_of"]

F = TypeVar("F", bound=Callable[..., Any])

DERIVED = 3  # suggestions that are taken from the tools' examples
DESCRIPTION = 200  # characters of one in a list


class Offering(View):
    """The part of `Agent` that offers."""

    _commands: SlashCommands
    _suggestions: tuple[str, ...] | None
    _widget: AgentWidget | None

    @property
    def commands(self) -> SlashCommands:
        """The person's own slash commands by name, to be changed like a dict::

            agent.commands["summarise"] = "Summarise the frame {} in three sentences."

        ``{}`` is what stands behind the name. A function in place of the text gets that and gives
        the question: whatever `ask` takes, or None where nothing is to be asked.
        """
        return self._commands

    @commands.setter
    def commands(self, commands: Any) -> None:
        self._take_commands(SlashCommands(commands))

    @overload
    def command(self, function: F) -> F: ...

    @overload
    def command(self, *, name: str | None = None, description: str = "") -> Callable[[F], F]: ...

    def command(
        self, function: Any = None, *, name: str | None = None, description: str = ""
    ) -> Any:
        """Makes a function a slash command; the function stays what it is::

            @agent.command
            def residuals(column):
                \"""Looks at what the model does not explain.\"""
                return ["What do you see in these residuals?", plot_residuals(column)]

        It runs on the notebook's own thread and gives the question, or None.

        Args:
            function: It gets what stands behind the name, if it takes a parameter.
            name: What follows the slash; by default the function's name, ``_`` as ``-``.
            description: What the list says; by default the docstring's first line.

        Raises:
            ConfigurationError: A command cannot be called so, or it takes more than one parameter.
        """

        def made(function: F) -> F:
            label = name or function.__name__.replace("_", "-").lower()
            self._commands[label] = command_of(label, function, description)
            return function

        return made if function is None else made(function)

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Questions that are offered while the conversation is empty; a click asks one.

        By default the first of the tools' ``examples``. Set to a list they are these; to ``[]``,
        none.
        """
        if self._suggestions is not None:
            return self._suggestions
        asked = (
            tool.options.examples[0][0]
            for tool in self._engine.settings.tools
            if tool.options.examples
        )
        return tuple(dict.fromkeys(asked))[:DERIVED]

    @suggestions.setter
    def suggestions(self, suggestions: Iterable[str] | None) -> None:
        self._suggestions = suggestions_of(suggestions)
        self._tell_offers()

    def _take_commands(self, commands: SlashCommands) -> None:
        self._commands = commands
        commands.changed = self._tell_offers
        self._tell_offers()

    def _tell_offers(self) -> None:
        if self._widget is not None:
            self._widget.tell()

    def _offers(self) -> OffersView:
        """What the page offers."""
        can = self.model.capabilities
        return {
            "commands": [
                {**_line(command.name, command.description), "takes": command.takes}
                for command in self._commands.values()
            ],
            "tools": [_line(tool.name, tool.description) for tool in self._engine.settings.tools],
            "suggestions": [repair(text) for text in self.suggestions],
            "models": list(_models(self._engine.settings.executor.providers)),
            "images": Capability.IMAGES in can,
            "files": Capability.FILES in can,
        }


def suggestions_of(suggestions: Any) -> tuple[str, ...] | None:
    """Questions to begin with, or None for those of the tools.

    Raises:
        ConfigurationError: It is no list of texts.
    """
    if suggestions is None:
        return None
    if isinstance(suggestions, str) or not isinstance(suggestions, Iterable):
        raise ConfigurationError(
            "suggestions is a list of questions, as in suggestions=['What is in df?']; got a "
            f"{type(suggestions).__name__}."
        )
    found = tuple(suggestions)
    if not all(isinstance(text, str) and text.strip() for text in found):
        raise ConfigurationError(f"Each of the suggestions is a question in words; got {found!r}.")
    return found


def _line(name: str, description: str) -> OfferView:
    first = " ".join(description.split("\n\n")[0].split())
    short = first if len(first) <= DESCRIPTION else f"{first[: DESCRIPTION - 1]}…"
    return {"name": repair(name), "description": repair(short)}


@lru_cache(maxsize=64)
def _models(providers: tuple[str, ...]) -> tuple[str, ...]:
    # A local server has the models that were pulled, whatever the catalogue knows.
    return tuple(
        str(model)
        for provider in providers
        if provider not in ("ollama", "local")
        for model in known_models(provider)
    )
