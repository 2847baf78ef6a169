"""Files that a person attached: parts for the model, and tables for the notebook."""

import builtins
import sys
from typing import Any

import pandas as pd
import pytest

from nbagent.agent.csv_files import data_frame
from nbagent.agent.received import received
from nbagent.agent.shown import Shown
from nbagent.errors import ConfigurationError
from nbagent.messages import FilePart, ImagePart
from tests.widget.scripts import PNG

CSV = b"mpg,weight\n18.0,3504\n15.0,3693\n"


def test_parts_keep_their_names() -> None:
    """An image is an image; a text and a PDF are files under the name they had."""
    found = received([("a.png", PNG), ("b.json", b"{}"), ("c.pdf", b"%PDF-1.7")])
    assert [each.part for each in found] == [
        ImagePart(PNG, "image/png"),
        FilePart(b"{}", "text/plain", "b.json"),
        FilePart(b"%PDF-1.7", "application/pdf", "c.pdf"),
    ]
    assert [each.part.name for each in found] == ["a.png", "b.json", "c.pdf"]
    assert [each.table for each in found] == [None] * 3


def test_names_of_tables_are_free_names() -> None:
    """A variable is called like its file, and never like anything that is there already."""
    names = ["Cars 2024.csv", "cars-2024.csv", "1.csv", "list.csv", "class.tsv", "é à.csv", ".csv"]
    found = received([(name, CSV) for name in names])
    assert [each.variable for each in found] == [
        "cars_2024",
        "cars_2024_2",
        "data_1",
        "list_2",
        "data_class",
        "é_à",
        "data",
    ]
    assert hasattr(builtins, "list")


def test_a_long_table_is_given_by_its_beginning() -> None:
    """The model reads the head and where all of it is; the whole is shown as a variable."""
    data = b"n\n" + b"".join(b"%d\n" % number for number in range(20_000))
    [found] = received([("numbers.csv", data)])
    assert isinstance(found.part, FilePart)
    text = found.part.data.decode()
    assert text.startswith("The beginning of the file; all of it is the DataFrame `numbers`.\n")
    assert "20000 rows x 1 columns" in text and len(text) < 1000
    assert found.part.name == "numbers.csv (its beginning)"
    shown = Shown()
    found.bind(shown)
    assert [chip.name for chip in shown.chips] == ["numbers"]
    assert len(found.table) == 20_000


@pytest.mark.parametrize(
    ("name", "data", "columns"),
    [
        ("a.csv", CSV, ["mpg", "weight"]),
        ("a.TSV", b"mpg\tweight\n1\t2\n", ["mpg", "weight"]),
        ("a.csv", b"mpg;weight\n1,5;2\n", ["mpg", "weight"]),
        ("a.csv", "ä\n1\n".encode("utf-8-sig"), ["ä"]),
        ("a.txt", CSV, None),
        ("a.csv", b"\xff\xfe\x00", None),
        ("a.csv", b"a,b\n1,2,3\n4,5,6,7\n", None),
        ("a.csv", b"\n", None),
    ],
)
def test_tables(name: str, data: bytes, columns: list[str] | None) -> None:
    """Commas, tabs, and semicolons as spreadsheets write them; what is no table is None."""
    frame = data_frame(name, data)
    assert (None if frame is None else list(frame.columns)) == columns


def test_decimal_commas_are_numbers() -> None:
    """A spreadsheet that separates with semicolons writes numbers with commas."""
    frame: Any = data_frame("a.csv", b"mpg;weight\n1,5;2\n")
    pd.testing.assert_frame_equal(frame, pd.DataFrame({"mpg": [1.5], "weight": [2]}))


def test_without_pandas_a_table_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pandas is not installed the file reaches the model all the same."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    [found] = received([("cars.csv", CSV)])
    assert (found.part, found.table) == (FilePart(CSV, "text/csv", "cars.csv"), None)


def test_what_cannot_be_shown_is_named() -> None:
    """The error says which file, and what to do."""
    with pytest.raises(ConfigurationError, match=r"'cars.xlsx' cannot be shown.*Office document"):
        received([("notes.md", b"x"), ("cars.xlsx", b"PK\x03\x04\x00")])
