"""The notebooks of features: each runs from top to bottom, and shows what it says."""

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from nbagent.testing import FakeServer
from tests.notebooks.played import PLAYED
from tests.notebooks.quickstart import NOTEBOOK

FOLDER = NOTEBOOK.parent
CELLS = range(6, 19)  # with the prose between them


def executed(name: str, folder: Path, **environment: str) -> Any:
    """A notebook after its run, in a folder of its own."""
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    options = {"timeout": 300, "resources": {"metadata": {"path": str(folder)}}}
    NotebookClient(notebook, **options).execute(env={**os.environ, **environment})
    return notebook


def shown(notebook: Any) -> str:
    """All that its cells printed and displayed, as text."""
    outputs = [each for cell in notebook.cells for each in cell.get("outputs", ())]
    texts = [each.get("text") or each.get("data", {}).get("text/plain", "") for each in outputs]
    return "\n".join(texts)


def test_every_notebook_of_a_feature_is_run():
    """None is left out here, and each is short."""
    names = {path.stem for path in FOLDER.glob("*.ipynb")} - {NOTEBOOK.stem}
    assert names == set(PLAYED)
    for name in names:
        assert len(nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells) in CELLS, name


@pytest.mark.e2e
@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", sorted(PLAYED))
def test_a_notebook_runs_and_shows_what_it_says(name: str, tmp_path: Path):
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
