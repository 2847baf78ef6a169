"""The notebooks of features: each runs from top to bottom, and shows what it says."""

import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from nbagent.testing import FakeServer
from tests.notebooks.played import PLAYED
from tests.notebooks.quickstart import NOTEBOOK

FOLDER = NOTEBOOK.parent
MODEL = "local:qwen2.5-coder-0.5b-instruct"
CELLS = range(6, 19)  # with the prose between them


def executed(name: str, folder: Path, **environment: str) -> Any:
    """A notebook after its run, in a folder of its own."""
    notebook = _read(name)
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=300, resources=resources)
    client.execute(env={**os.environ, **environment})
    return notebook


def shown(notebook: Any) -> str:
    """All that its cells printed and displayed, as text."""
    return "".join(_text(each) for cell in notebook.cells for each in cell.get("outputs", ()))


def _text(output: Any) -> str:
    if output.output_type == "stream":
        return str(output.text)
    return f"{output.get('data', {}).get('text/plain', '')}\n"


def test_every_notebook_of_a_feature_is_run() -> None:
    """None is left out here, and each is short."""
    names = {path.stem for path in FOLDER.glob("*.ipynb")} - {NOTEBOOK.stem}
    assert names == set(PLAYED)
    for name in names:
        assert len(_read(name).cells) in CELLS, name


def _read(name: str) -> Any:
    # nbformat has no types here
    # nbformat has no types.
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]


@pytest.mark.e2e
@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", sorted(PLAYED))
def test_a_notebook_runs_and_shows_what_it_says(name: str, tmp_path: Path) -> None:
    """No cell fails with a model that answers by rule, and the facts stand in the outputs."""
    played = PLAYED[name]
    with FakeServer(always=played) as server:
        notebook = executed(
            name,
            tmp_path,
            NBAGENT_MODEL="openai:scripted",
            OPENAI_API_KEY="test",
            OPENAI_BASE_URL=server.url,
        )
        requests = len(server.requests)
    text = shown(notebook)
    assert [fact for fact in played.facts if fact not in text] == [], text
    assert played.requests in (None, requests)
    assert not list(tmp_path.iterdir()), "a notebook leaves no files beside itself"


@pytest.mark.model
@pytest.mark.timeout(600)
def test_a_notebook_runs_on_the_embedded_model(tmp_path: Path) -> None:
    """As it is for whoever has no key: what was read out of the letters is right."""
    text = shown(executed("structured_output", tmp_path, NBAGENT_MODEL=MODEL))
    for fact in ("customer='Mrs Alder', product='garden chair", "quantity=12", "element 2"):
        assert fact in text, text
    assert {("Mrs Cedar", "2"), ("Mr Dogwood", "5"), ("Ms Elm", "1")} <= set(
        re.findall(r"(M\w+ \w+) +\w+ +(\d)$", text, re.MULTILINE)
    ), text
