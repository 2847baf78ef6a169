"""What an agent offers: commands, suggestions, models, and whether the page hears of changes."""

from typing import Any

import pytest

from nbagent import Agent, ConfigurationError, Executor, tool
from nbagent.testing import ScriptedClient


def made(**options: Any) -> Agent:
    """An agent that is never asked."""
    executor = Executor({"openai": ScriptedClient(), "groq": ScriptedClient()})
    return Agent("openai:gpt-4.1", executor=executor, **options)


@tool(examples=[("average mpg?", {"column": "mpg"}), ("average weight?", {"column": "weight"})])
def average(column: str) -> float:
    """The average of a column.

    Over all rows.
    """
    return 1.0


def test_suggestions_come_from_the_tools_where_none_are_given() -> None:
    """The first example of each tool, three at most; given ones are taken as they are."""
    others = [tool(name=f"t{n}", examples=[(f"Question {n}?", {})])(lambda: None) for n in range(4)]
    agent = made(tools=[average, *others])
    assert agent.suggestions == ("average mpg?", "Question 0?", "Question 1?")
    assert made(tools=[average], suggestions=[]).suggestions == ()
    assert made(tools=[average], suggestions=["Why?"]).suggestions == ("Why?",)
    assert made(tools=[average], suggestions=["Why?"]).fork().suggestions == ("Why?",)


@pytest.mark.parametrize("suggestions", ["Why?", [""], [3], 3])
def test_suggestions_that_will_not_do(suggestions: Any) -> None:
    """A single text, an empty one, or what is no text is refused."""
    with pytest.raises(ConfigurationError, match="suggestions"):
        made(suggestions=suggestions)


def test_the_page_hears_of_changes() -> None:
    """What is offered is in the transcript, and again after each change."""
    agent = made(tools=[average])

    def offers() -> dict[str, Any]:
        return dict(agent.widget.snapshot_now()[1]["offers"])

    found = offers()
    assert found["tools"] == [{"name": "average", "description": "The average of a column."}]
    assert (found["commands"], found["suggestions"]) == ([], ["average mpg?"])
    assert (found["images"], found["files"]) == (True, True)
    assert "openai:gpt-4.1" in found["models"]
    assert "groq:openai/gpt-oss-20b" in found["models"]
    agent.commands["sum"] = "Sum {}"
    assert offers()["commands"] == [{"name": "sum", "description": "Sum {}", "takes": "needed"}]
    agent.commands = {}
    agent.suggestions = ["Why?"]
    assert (offers()["commands"], offers()["suggestions"]) == ([], ["Why?"])
    agent.model = "groq:openai/gpt-oss-20b"
    assert offers()["images"] is False
    assert agent.widget.snapshot_now()[1]["model"] == "groq:openai/gpt-oss-20b"
    agent.widget.close()
