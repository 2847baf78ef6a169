"""The quickstart notebook: clean as it is saved, whole when it is run."""

import csv
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest
from nbclient import NotebookClient

from tests.notebooks.quickstart import NOTEBOOK, tools


@pytest.fixture(autouse=True)
def _figures_closed() -> Iterator[None]:
    """Figures that a tool's direct call leaves open are no other test's business."""
    yield
    plt.close("all")


@pytest.mark.parametrize(
    "path", sorted(NOTEBOOK.parent.glob("*.ipynb")), ids=lambda path: path.stem
)
def test_a_notebook_is_valid_and_saved_without_outputs(path: Path):
    """No outputs, no execution counts, no widget state; and valid by nbformat's schema."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert "widgets" not in notebook.metadata


def test_the_data_come_with_their_source_and_licence():
    """The notebook says where the cars come from and under which licence."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    words = " ".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    assert "archive.ics.uci.edu/dataset/9/auto+mpg" in words
    assert "CC BY 4.0" in words


def test_the_data_are_complete():
    """392 cars, no value missing, the three origins that the tools offer."""
    with (NOTEBOOK.parent / "cars.csv").open(newline="") as file:
        cars = list(csv.DictReader(file))
    assert len(cars) == 392
    assert all(value for car in cars for value in car.values())
    assert {car["origin"] for car in cars} == {"USA", "Europe", "Japan"}


def test_the_tools_give_a_number_a_table_and_a_figure():
    """Each of the three kinds of result, and the numbers that the data hold."""
    statistic, compare, plot = tools()
    assert statistic("mean", "horsepower", "Japan") == 79.84
    assert statistic("count", "mpg", "Europe") == 68
    assert compare("mpg", "origin").loc["Japan", "mean"] == 30.5
    assert len(plot("count", "weight").axes[0].patches) == 20
    assert len(plot("mpg", "weight").axes[0].collections) == 3


def test_every_example_calls_its_tool_without_an_error():
    """What the examples teach the model is valid."""
    for tool in tools():
        assert tool.spec.examples
        for _, arguments in tool.spec.examples:
            tool(**arguments)


@pytest.mark.model
@pytest.mark.timeout(600)
def test_the_notebook_runs_from_top_to_bottom():
    """Every cell runs on the embedded model; the last ones hold the tool's own results."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    options = {"timeout": 300, "resources": {"metadata": {"path": str(NOTEBOOK.parent)}}}
    NotebookClient(notebook, **options).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = ["".join(map(str, cell.outputs)) for cell in code]
    assert "application/vnd.jupyter.widget-view+json" in shown[3]
    assert "2433.47" in shown[4]
    assert "2433.47" in shown[5]
    assert "'4'" in shown[6] or "np.int64(4)" in shown[6]
