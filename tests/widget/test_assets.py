"""Scripts for charts: there when their package is, packed small."""

import gzip

import plotly.graph_objects

from nbagent.widget.assets import packed


def test_plotly_has_its_script_with_it() -> None:
    """The script comes from the package that made the figure, and takes a third packed."""
    assert plotly.graph_objects
    data = packed("plotly")
    assert data is not None
    script = gzip.decompress(data)
    assert b"plotly.js" in script[:200]
    assert len(data) < len(script) / 2


def test_no_other_file_can_be_had() -> None:
    """A page cannot ask for a file by its path."""
    for name in ("", "../../secret", "os", "/etc/passwd", "plotly/package_data"):
        assert packed(name) is None


def test_the_typesetter_for_maths_was_built_with_the_widget() -> None:
    """The page can have it without a network, packed to about a third."""
    data = packed("maths")
    assert data is not None
    assert b"renderToString" in gzip.decompress(data)
    assert len(data) < 90_000


def test_the_colours_of_code_were_built_with_the_widget() -> None:
    """So are they, in a third of their size."""
    data = packed("highlight")
    assert data is not None
    assert b"highlight" in gzip.decompress(data)
    assert len(data) < 60_000
