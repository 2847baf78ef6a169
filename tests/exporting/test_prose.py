"""A model's Markdown as HTML: what is read, what stays words, and what is never slow."""

import subprocess
import sys

import pytest

from nbagent.exporting.prose import plain_prose, prose, table_of
from tests.counting import counted_calls

WITHOUT = """
import sys
for name in {missing}: sys.modules[name] = None
from nbagent.exporting.prose import prose, table_of
print(prose("**a** <b>"), table_of("<table><tr><td>1</td></tr></table>"))
"""


def test_markdown_is_read() -> None:
    """Emphasis, lists, tables with their sides, footnotes, struck words, addresses."""
    html = prose(
        "# T\n\n*a* ~~b~~ https://x.org note[^1]\n\n"
        "|l|r|\n|-|-:|\n|1|2|\n\n- [x] done\n\n[^1]: foot"
    )
    for piece in (
        '<h3 class="jp-toc-ignore">T</h3>',
        "<em>a</em>",
        "<del>b</del>",
        '<a href="https://x.org"',
        "<sup>1</sup>",
        '<td align="right">2</td>',
        "☑ done",
        "foot",
    ):
        assert piece in html, piece


def test_formulas_are_not_read() -> None:
    """What stands in a formula is no emphasis; display and inline, both ways of writing."""
    for source in ("$a_1 b_2$", "$$\na_1\n*b*\n$$", r"\(a_1 b_2\)", r"\[ a_1 \\ b_2 \]"):
        assert f'mathjax_process">{source}</span>' in prose(f"so {source}."), source
    assert "mathjax_process" not in prose("It costs $5 and $10 or `$x$`.")


def test_code_is_code() -> None:
    """Signs in code are escaped once."""
    assert prose("```r\na <- b & c\n```") == "<pre><code>a &lt;- b &amp; c\n</code></pre>\n"


@pytest.mark.parametrize(
    ("piece", "count", "end"),
    [
        ("[", 50_000, ""),
        ("*a ", 30_000, ""),
        ("[a](", 20_000, ""),
        ("$a", 40_000, ""),
        ("|a", 20_000, "\n" + "|-" * 9),
    ],
)
def test_hostile_texts_cost_in_proportion(piece: str, count: int, end: str) -> None:
    """Ten times a text that is made to take long takes no more than ten times the calls."""
    cost = []
    for times in (count // 10, count):
        with counted_calls() as calls:
            prose(piece * times + end)
        cost.append(calls.count)
    assert cost[1] < 11 * cost[0]


def test_too_deep_and_too_long_stays_words() -> None:
    """What would exhaust the reader is shown as it is."""
    for text in (
        ">" * 5000 + "a",
        "\n".join(" " * 2 * n + "- a" for n in range(400)),
        "a" * 400_000,
    ):
        assert prose(text) == plain_prose(text)


def test_only_tables_of_html() -> None:
    """Of other HTML, and of what is too large, nothing is taken."""
    assert table_of("<b>1</b>") is None
    assert table_of("<table>" + "<tr><td>1</td></tr>" * 20_000) is None


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (["nh3"], "<p><strong>a</strong> &lt;b&gt;</p>\n <table><tbody><tr><td>1</td>"),
        (["mistune"], '<p class="nba-words">**a** &lt;b&gt;</p> <table><tbody>'),
        (["nh3", "bleach"], '<p class="nba-words">**a** &lt;b&gt;</p> None'),
    ],
)
def test_without_the_libraries(missing: list[str], said: str) -> None:
    """What is not installed costs looks and never safety."""
    script = WITHOUT.format(missing=missing)
    made = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert made.stdout.startswith(said)
