"""The transcript as a notebook: valid, and a call's cell has what the call gave."""

import json
from typing import Any

import nbformat
from hypothesis import given
from hypothesis import strategies as st

from nbagent.exporting.notebook import as_notebook
from tests.exporting.test_html import EVIL, everywhere
from tests.exporting.transcripts import conversation, shown
from tests.widget.scripts import whole_run


def notebook(text: str) -> Any:
    """A notebook that is valid."""
    # nbformat has no types.
    made = nbformat.reads(text, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    nbformat.validate(made)
    return made


def test_words_are_markdown_and_calls_are_code() -> None:
    """Questions and answers in their order, each call as Python with its outputs."""
    cells = notebook(as_notebook(conversation())).cells
    code = {cell.source.split("(")[0]: cell for cell in cells if cell.cell_type == "code"}
    assert list(code) == [
        "summary",
        "plot",
        "# failed, 0.3 s\nrun_code",
        "ask_user",
        "analyst",
        "head",
    ]
    assert code["summary"].source == 'summary(column="mpg", by=None)'
    assert "<th>mpg</th>" in code["summary"].outputs[0].data["text/html"]
    kinds = [output.output_type for output in code["plot"].outputs]
    assert kinds == ["stream", "display_data", "execute_result"]
    assert isinstance(code["plot"].outputs[2].data["image/png"], str)
    failed = code["# failed, 0.3 s\nrun_code"].outputs[0]
    assert (failed.ename, failed.evalue) == ("KeyError", "'mgp'")
    words = [cell.source for cell in cells if cell.cell_type == "markdown"]
    assert words[1].startswith("**You**\n\nWhat is the average mpg?")
    assert any("Cars get **23.5 mpg**" in each for each in words)


def test_it_is_the_same_each_time() -> None:
    """Two exports of the same conversation can be compared."""
    assert as_notebook(conversation()) == as_notebook(conversation())
    assert notebook(as_notebook(shown(*whole_run())))


@given(st.text(max_size=20))
def test_any_text_is_valid(evil: str) -> None:
    """Whatever was said, the file is one that nbformat takes."""
    notebook(as_notebook(everywhere(evil)))


def test_markup_in_words_is_words() -> None:
    """No script of a model's stands in a Markdown cell."""
    cells = json.loads(as_notebook(everywhere(EVIL)))["cells"]
    assert not any("<script" in cell["source"] for cell in cells if cell["cell_type"] == "markdown")
