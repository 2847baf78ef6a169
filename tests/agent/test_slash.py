"""Slash commands: what can be one, what it takes, and the question it gives."""

import time
from typing import Any

import pytest

from nbagent.agent.slash import BUILT_IN, SlashCommands, command_of
from nbagent.errors import ConfigurationError
from nbagent.tools import Inline


async def asked(action: Any, text: str = "") -> Any:
    """The question that a command gives."""
    return await command_of("x", action).question(text, Inline())


async def test_templates() -> None:
    """`{}` is what was written, as it was written; without it that comes behind."""
    assert await asked("Summarise {} and {}.", " {a} ") == "Summarise {a} and {a}."
    assert await asked("What is new?") == "What is new?"
    assert await asked("What is new?", "In short") == "What is new?\n\nIn short"
    with pytest.raises(ConfigurationError, match="/x needs words"):
        await asked("Summarise {}.", "  ")


async def test_functions() -> None:
    """Sync and async, with a text, with one that may be missing, and without any."""

    async def later(text: str) -> list[str]:
        return [text, "more"]

    assert await asked(later, "a") == ["a", "more"]
    assert await asked(lambda text="df": f"About {text}") == "About df"
    assert await asked(lambda text="df": later(text), "b") == ["b", "more"]
    assert await asked(lambda: None) is None
    with pytest.raises(ConfigurationError, match="takes no words"):
        await asked(lambda: None, "a")
    with pytest.raises(ConfigurationError, match="needs words"):
        await asked(later)


def test_what_is_said_about_them() -> None:
    """A docstring's first line, the template, or words of one's own; and what they take."""

    def look(text: str) -> None:
        """Looks at it.

        Closely.
        """

    commands = [
        command_of("a", look),
        command_of("b", "Sum {}", "Adds up"),
        command_of("c", "Sum"),
        command_of("d", lambda: None),
        command_of("e", lambda *texts: None),
        command_of("f", time.ctime),
    ]
    assert [command.description for command in commands[:5]] == [
        "Looks at it.",
        "Adds up",
        "Sum",
        "",
        "",
    ]
    assert [command.takes for command in commands] == [
        "needed",
        "needed",
        "maybe",
        "none",
        "none",
        "maybe",
    ]


def test_they_are_a_dict_that_tells_of_changes() -> None:
    """Set, replaced, deleted and counted like a dict; a list of functions gives their names."""

    def look_at(text: str) -> str:
        return text

    commands, changes = SlashCommands([look_at]), []
    commands.changed = lambda: changes.append(list(commands))
    commands["sum"] = "Sum {}"
    commands["total"] = commands["sum"]
    del commands["sum"]
    assert changes == [["look-at", "sum"], ["look-at", "sum", "total"], ["look-at", "total"]]
    assert commands["total"].name == "total" and commands["total"].action == "Sum {}"
    assert repr(commands) == "SlashCommands(/look-at, /total)"
    assert SlashCommands(commands) == commands
    with pytest.raises(KeyError, match="no command /sum"):
        commands["sum"]


@pytest.mark.parametrize("name", ["", "Sum", "1", "a b", "a/b", "a" * 41, None, *BUILT_IN])
def test_names_that_will_not_do(name: Any) -> None:
    """A name is small letters; the built-in ones are taken."""
    with pytest.raises(ConfigurationError, match=r"name is 1 to 40|built in"):
        SlashCommands({name: "Sum"})


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ("sum", "commands is a dict"),
        (3, "commands is a dict"),
        ({"sum": 3}, "/sum is a text"),
        ({"sum": " "}, "/sum is a text"),
        ({"sum": lambda a, b: None}, "2 parameters"),
    ],
)
def test_actions_that_will_not_do(commands: Any, reason: str) -> None:
    """What is neither a text nor a function of one text is refused, with what to write."""
    with pytest.raises(ConfigurationError, match=reason):
        SlashCommands(commands)
