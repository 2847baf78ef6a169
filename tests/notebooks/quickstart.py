"""The quickstart's tools, out of the notebook itself."""

import os
from pathlib import Path
from typing import Any

import nbformat

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "quickstart.ipynb"


def tools() -> list[Any]:
    """The three tools, made by running the notebook's cells for the data and the tools."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    wanted = [cell.source for cell in notebook.cells if cell.metadata.get("tags")]
    namespace: dict[str, Any] = {}
    before = Path.cwd()
    os.chdir(NOTEBOOK.parent)  # the notebook reads its data from beside it
    try:
        for source in wanted:
            exec(source, namespace)
    finally:
        os.chdir(before)
    return [namespace[name] for name in ("statistic", "compare", "plot")]
