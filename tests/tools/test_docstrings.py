"""Docstrings of three styles, with wrapped lines."""

import pytest

from nbagent.tools import Tool
from nbagent.tools.docstrings import read_docstring

GOOGLE = """Summary statistics of one column.

    More on it,
    in two lines.

    Args:
        column: The column's name, which may be
            long to tell.
        n (int): How many.
        *rest: The rest.

    Returns:
        A table.
    """
NUMPY = """Summary statistics of one column.

    More on it,
    in two lines.

    Parameters
    ----------
    column : str
        The column's name, which may be
        long to tell.
    n : int, optional
        How many.
    *rest
        The rest.

    Returns
    -------
    DataFrame
        A table.
    """
SPHINX = """Summary statistics of one column.

    More on it,
    in two lines.

    :param column: The column's name, which may be
        long to tell.
    :param int n: How many.
    :param rest: The rest.
    :returns: A table.
    """


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, SPHINX], ids=["google", "numpy", "sphinx"])
def test_three_styles(text: str) -> None:
    """All three styles say the same, wrapped lines joined, sections for readers left out."""
    found = read_docstring(text)
    assert found.summary == "Summary statistics of one column.\n\nMore on it,\nin two lines."
    assert found.parameters == {
        "column": "The column's name, which may be long to tell.",
        "n": "How many.",
        "rest": "The rest.",
    }


def test_numpy_describes_several_at_once() -> None:
    """``x, y : float`` describes both."""
    text = "Add.\n\nParameters\n----------\nx, y : float\n    The numbers.\n"
    assert read_docstring(text).parameters == {"x": "The numbers.", "y": "The numbers."}


def test_a_summary_of_two_lines_is_one() -> None:
    """A summary that was wrapped is joined again."""
    assert read_docstring("Adds two\nnumbers.").summary == "Adds two numbers."


@pytest.mark.parametrize("text", [None, "", "   \n "])
def test_none(text: str | None) -> None:
    """No docstring is no description."""
    assert read_docstring(text).summary == ""


def test_an_annotation_wins_over_the_docstring() -> None:
    """What stands at the parameter itself is nearer than the docstring."""
    from typing import Annotated  # the annotation has to be a live object here

    def f(a: Annotated[int, "near"], b: int) -> None:
        """Do it.

        Args:
            a: far
            b: only here
        """

    spec = Tool.of(f).spec
    assert spec.description == "Do it."
    assert spec.parameters["properties"]["a"]["description"] == "near"
    assert spec.parameters["properties"]["b"]["description"] == "only here"


ODD = [
    ("Args:\n    a: The a.\n    b: The b.", "", {"a": "The a.", "b": "The b."}),
    ("Do.\nArgs:\n    a: The a.", "Do.", {"a": "The a."}),
    ("Do.\n\nArgs:\n    a (:obj:`int`, optional): The a.", "Do.", {"a": "The a."}),
    ("Do.\n\nArgs:\n    a\n    b (int)\n        The b.\n    c - C.", "Do.",
        {"b": "The b.", "c": "C."}),
    ("Do.\n\nArgs:\n    a: A.\n\nKeyword Args:\n    b: B.", "Do.", {"a": "A.", "b": "B."}),
    ("Do.\n\nArgs:\n    a: A.\n\nNote:\n    No more.", "Do.", {"a": "A."}),
    ("Do.\n\n:param dict[str, int] a: A.\n:param b: B.\n\nMore: text.", "Do.",
        {"a": "A.", "b": "B."}),
    (":param a: See :class:`~x.Y`.", "", {"a": "See `x.Y`."}),
    ("Do.\n\nReturns:\n    str: It.", "Do.", {}),
    ("Tables are:\n\n    users: id, name\n", "Tables are:\n\nusers: id, name", {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "summary", "parameters"), ODD, ids=range(len(ODD)))
def test_odd_ones(text: str, summary: str, parameters: dict[str, str]) -> None:
    """One line that is not by the book does not cost the others their descriptions."""
    found = read_docstring(text)
    assert (found.summary, found.parameters) == (summary, parameters)
