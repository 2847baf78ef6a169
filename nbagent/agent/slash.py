"""The person's own slash commands: short names for questions they ask often.

A command is a template (``{}`` is what stands behind its name) or a function that gives the
question; one that gives None did what it was for, and nothing is asked.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from nbagent.errors import ConfigurationError
from nbagent.tools import Place
from nbagent.tools.signature import is_async

__all__ = ["BUILT_IN", "Action", "SlashCommand", "SlashCommands", "command_of"]

Action: TypeAlias = str | Callable[..., Any]
Takes: TypeAlias = Literal["none", "maybe", "needed"]

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
# What the page has by itself.
BUILT_IN = ("clear", "stop", "retry", "export", "model", "tools", "help")
PLACE = "{}"
# Names of parameters do not matter; what else they may be does.
PLAIN = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """One command.

    Attributes:
        name: What follows the slash.
        description: What the list says about it.
        action: The template, or the function.
        takes: Whether words follow the name.
    """

    name: str
    description: str
    action: Action
    takes: Takes

    async def question(self, text: str, place: Place) -> Any:
        """What is to be asked; None for nothing.

        Args:
            text: What stands behind the name.
            place: Where a function runs.

        Raises:
            ConfigurationError: It needs words and there are none, or takes none and there are.
            Exception: Whatever the function raised.
        """
        text = text.strip()
        if self.takes == "needed" and not text:
            raise ConfigurationError(f"/{self.name} needs words behind it, as in /{self.name} …")
        if self.takes == "none" and text:
            raise ConfigurationError(f"/{self.name} takes no words behind it.")
        if isinstance(self.action, str):
            return _filled(self.action, text)
        return await _called(self.action, (text,) if text else (), place)


class SlashCommands(MutableMapping[str, SlashCommand]):
    """The commands by name, to be changed like a dict; a value that is set may be an `Action`.

    Attributes:
        changed: Called after each change.
    """

    def __init__(self, commands: Any = ()) -> None:
        self.changed: Callable[[], None] = _nothing
        self._commands: dict[str, SlashCommand] = {}
        for name, action in _pairs(commands):
            self[name] = action

    def __repr__(self) -> str:
        return f"SlashCommands({', '.join(f'/{name}' for name in self)})"

    def __getitem__(self, name: str) -> SlashCommand:
        if name not in self._commands:
            known = ", ".join(f"/{known}" for known in self._commands) or "none"
            raise KeyError(f"There is no command /{name}. There are: {known}.")
        return self._commands[name]

    def __setitem__(self, name: str, action: Action | SlashCommand) -> None:
        """Adds one, in place of one of the same name.

        Raises:
            ConfigurationError: It cannot be called so, or is neither a text nor a function.
        """
        self._commands[_checked(name)] = command_of(name, action)
        self.changed()

    def __delitem__(self, name: str) -> None:
        del self._commands[name]
        self.changed()

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._commands))

    def __len__(self) -> int:
        return len(self._commands)


def command_of(name: str, action: Action | SlashCommand, description: str = "") -> SlashCommand:
    """A command from a template or a function.

    Args:
        name: What follows the slash.
        action: The template, the function, or a command to be called so.
        description: What the list says; by default the docstring's first line, or the template.

    Raises:
        ConfigurationError: It is none of these, or its function takes more than one text.
    """
    if isinstance(action, SlashCommand):
        return SlashCommand(name, description or action.description, action.action, action.takes)
    if isinstance(action, str) and action.strip():
        takes: Takes = "needed" if PLACE in action else "maybe"
        return SlashCommand(name, description or action.strip(), action, takes)
    if not callable(action):
        raise ConfigurationError(
            f"The command /{name} is a text, as 'Summarise the frame {{}}', or a function that "
            f"gives the question; got {action!r}."
        )
    said = (inspect.getdoc(action) or "").strip().partition("\n")[0]
    return SlashCommand(name, description or said, action, _takes(name, action))


def _takes(name: str, function: Callable[..., Any]) -> Takes:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:
        return "maybe"  # some functions written in C do not say
    required = [p for p in parameters if p.default is p.empty and p.kind in PLAIN]
    plain = [p for p in parameters if p.kind in PLAIN]
    if len(required) > 1:
        raise ConfigurationError(
            f"The function of /{name} gets one text, what stands behind the name, or nothing; it "
            f"has {len(required)} parameters without a default."
        )
    if required:
        return "needed"
    return "maybe" if plain else "none"


def _filled(template: str, text: str) -> str:
    if PLACE in template:
        return template.replace(PLACE, text)
    return f"{template}\n\n{text}" if text else template


async def _called(function: Callable[..., Any], given: tuple[str, ...], place: Place) -> Any:
    async def awaited(value: Any) -> Any:
        return await value

    if is_async(function):
        return await place.run_async(lambda: awaited(function(*given)), _nothing)
    found = await place.run(lambda: function(*given), _nothing)
    if not inspect.isawaitable(found):
        return found
    return await place.run_async(lambda: awaited(found), _nothing)


def _pairs(commands: Any) -> Iterable[tuple[str, Any]]:
    if commands is None:
        return ()
    if isinstance(commands, Mapping):
        return commands.items()
    if isinstance(commands, (str, bytes)) or not isinstance(commands, Iterable):
        raise ConfigurationError(
            "commands is a dict, as in commands={'summarise': 'Summarise the frame {}'}, or a "
            f"list of functions; got a {type(commands).__name__}."
        )
    return [(_name_of(function), function) for function in commands]


def _name_of(function: Any) -> str:
    if isinstance(function, SlashCommand):
        return function.name
    return str(getattr(function, "__name__", type(function).__name__)).replace("_", "-").lower()


def _checked(name: Any) -> str:
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        raise ConfigurationError(
            'A command\'s name is 1 to 40 small letters a-z, digits, "_" and "-", without the '
            f"slash; got {name!r}."
        )
    if name in BUILT_IN:
        raise ConfigurationError(
            f"/{name} is built in. The names {', '.join(BUILT_IN)} are taken; take another one."
        )
    return name


def _nothing() -> None:
    """Nobody needs to know."""
