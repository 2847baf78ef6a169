"""The transcript for places without a page: complete, readable, and harmless."""

import pytest

from nbagent.agent.events import (
    NestedItem,
    RunFailed,
    RunStarted,
    StreamItem,
    ToolFinished,
    ToolOutput,
    ToolQueued,
)
from nbagent.messages import FilePart
from nbagent.tools.outputs import MimeBundle, StreamOutput, ToolResult
from nbagent.widget.static_html import as_html, as_markdown, as_text
from nbagent.widget.transcript import Transcript
from nbagent.widget.translate import Translator
from nbagent.widget.views import TranscriptView
from tests.widget.scripts import question, whole_run, words

EVIL = "<img src=x onerror=alert(1)></pre><script>alert(2)</script>"


def _shown(*events: StreamItem) -> TranscriptView:
    translator, transcript = Translator("m", now=lambda: 5.0), Transcript("m")
    for event in events:
        for op in translator.translate(event):
            transcript.apply(op)
    return transcript.snapshot()


def test_everything_is_there() -> None:
    """Words, calls, results and images of a run stand in the HTML; cards can be opened."""
    html = as_html(_shown(*whole_run()))
    for piece in (
        "What is the average mpg?",
        "It is **23.5**.",
        "<summary>summary (done)</summary>",
    ):
        assert piece in html
    assert 'src="data:image/png;base64,' in html
    assert html.count("<details>") == 3


def test_nothing_written_becomes_markup() -> None:
    """Hostile text from the person, the model, a tool and an error stays text."""
    evil = ToolResult(None, EVIL, MimeBundle({"text/html": EVIL, "text/plain": EVIL}, {}))
    html = as_html(
        _shown(
            *question(EVIL),
            *words(EVIL),
            ToolFinished("r1", "a", EVIL, "done", evil, 0.0),
            RunFailed("r1", ValueError(EVIL)),
        )
    )
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("form", [as_text, as_markdown])
def test_text_forms(form: object) -> None:
    """Text and Markdown name who speaks, what was called and what came of it."""
    assert callable(form)
    text = form(_shown(*whole_run()))
    for piece in ("You", "What is the average mpg?", "summary", '{"column": "weight"}', "23.5"):
        assert piece in text


def test_fence_holds() -> None:
    """A result with code fences in it does not end the block that it stands in."""
    result = ToolResult(None, "```\n````\n**bold**")
    text = as_markdown(_shown(*question(), ToolFinished("r1", "a", "f", "done", result, 0.0)))
    assert "`````\n```\n````\n**bold**\n`````" in text


def test_empty() -> None:
    """Before the first question there is at least a name."""
    assert as_text(_shown()) == as_markdown(_shown()) == "Agent (m)"
    assert "Agent (m)" in as_html(_shown())


def test_colours_of_what_was_printed_are_kept() -> None:
    """A saved notebook shows printed text as a terminal does, and says what is not there."""
    html = as_html(
        _shown(
            *question("Go"),
            ToolQueued("r1", "a", "f", "{}"),
            ToolOutput("r1", "a", StreamOutput("stdout", "\x1b[31mred\x1b[0m <b>")),
        )
    )
    assert '<span style="color: #d0342c">red</span> &lt;b&gt;' in html


def test_runs_inside_and_attachments() -> None:
    """What went on inside of a call, and what was attached, is named in every form."""
    attached = RunStarted("r1", "Go", "m", (FilePart(b"a,b", "text/csv", f"{EVIL}.csv"),))
    inside: list[StreamItem] = [
        RunStarted("r", "task", "m"),
        *words("I look."),
        ToolQueued("r", "x", "mean", "{}"),
    ]
    nested = [NestedItem("r1", "c", "cars", item) for item in inside]
    shown = _shown(attached, ToolQueued("r1", "c", "cars", "{}"), *nested)
    html = as_html(shown)
    assert "I look." in html and "<summary>mean (queued)</summary>" in html
    assert "Attached: " in html and "<script" not in html
    assert "In `cars`: `mean` (queued)" in as_markdown(shown)
    assert "(text/csv)" in as_text(shown)
