"""Answers in Markdown with named sections."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent import ConfigurationError, OutputElement, OutputInvalid, Section, Sections
from tests.agent.agents import scripted

REPORT = Sections(
    "Summary", {"Next steps": "a numbered list"}, schema="Be brief.", example="## Summary\nWell."
)
TEXT = "## Summary\nGood.\n\n### Detail\nFine.\n\n## Next steps\n1. Go."


def test_the_model_is_told_the_form() -> None:
    """The headings, what belongs below them, the form and the example."""
    told = REPORT.instructions()
    assert "## Summary\n" in told and "## Next steps\n(a numbered list)" in told
    assert "Be brief." in told and "For example:\n## Summary" in told
    assert "with headings" in Sections().instructions()


async def test_sections_are_handed_over_while_the_answer_streams() -> None:
    """Each as an element when the next one begins; the value is all of them."""
    agent, client = scripted(TEXT, output=REPORT)
    items = [item async for item in agent.stream("?")]
    elements = [item for item in items if isinstance(item, OutputElement)]
    assert [(item.index, item.value.title) for item in elements] == [
        (0, "Summary"),
        (1, "Next steps"),
    ]
    assert items[-1].reply.output == tuple(item.value for item in elements)
    assert "### Detail\nFine." in elements[0].value.body
    assert client.prompts[0].messages[0].role == "system"


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("## ", "# ").replace("#### ", "### "),
        f"```markdown\n{TEXT}\n```",
        f"~~~~md\n{TEXT}\n~~~~\n",
        TEXT.replace("Summary", "**1. summary:**"),
        f"# Report\nHere it is.\n\n{TEXT}",
        TEXT + "\n\n## More\nOf it.",
    ],
)
def test_what_models_make_of_headings_is_understood(text: str) -> None:
    """Another level, emphasis, numbers, a title of the whole, a fence around everything."""
    sections = REPORT.value(text)
    assert {"next steps"} <= {section.title.lower() for section in sections}
    assert all(section.title for section in sections)
    assert "```" not in sections[-1].body and "~" not in sections[-1].body


@settings(deadline=None)
@given(
    st.integers(1, 9),
    st.sampled_from([TEXT, f"```markdown\n{TEXT}\n```", f"```md\n{TEXT}\n```\n\n", f"So:\n{TEXT}"]),
)
def test_any_cut_gives_the_same_sections(size: int, text: str) -> None:
    """While it streams they are those of the whole."""
    reader = REPORT.reader("r")
    events = [e for at in range(0, len(text), size) for e in reader.feed(text[at : at + size])]
    events += reader.flush()
    assert tuple(event.value for event in events) == REPORT.value(text)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("## Summary\nGood.", "'Next steps' is missing"),
        ("## Summary\n\n## Next steps\n1. Go.", "nothing below the heading 'Summary'"),
        ("## Next steps\n1. Go.\n## Summary\nGood.", "another order than Summary, Next steps"),
        ("", "The answer is empty"),
    ],
)
async def test_what_is_wrong_goes_back_to_the_model(text: str, wrong: str) -> None:
    """By the title."""
    agent, client = scripted(text or " ", TEXT, output=REPORT)
    assert len((await agent.ask("?")).output) == 2
    assert wrong in client.prompts[1].messages[-1].text


def test_any_headings() -> None:
    """Without titles every heading begins a section."""
    assert [section.title for section in Sections().value("# A\nx\n## B\ny")] == ["A", "B"]


def test_sections_that_are_there_already() -> None:
    """What a strategy of one's own gives."""
    made = [Section(None, "x")]
    assert Sections().checked(made) == tuple(made)
    for value in ([], "x", ["x"]):
        with pytest.raises(OutputInvalid):
            Sections().checked(value)
    with pytest.raises(OutputInvalid, match="Summary"):
        REPORT.checked(made)


@pytest.mark.parametrize(
    ("titles", "options"), [((" ",), {}), (("A", "A"), {}), (("A",), {"level": 7})]
)
def test_a_definition_that_makes_no_sense(titles: Any, options: Any) -> None:
    """It is refused where it is made."""
    with pytest.raises(ConfigurationError, match="Sections"):
        Sections(*titles, **options)
