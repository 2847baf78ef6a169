"""Colours of terminal text: what holds after it, how to get there, and how it looks as HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbagent.widget.sgr import PLAIN, html, plain, restyle, shift

CODES = ["0", "1", "2", "3", "4", "7", "9", "22", "23", "24", "27", "29", "31", "39", "42", "49"]
CODES += ["97", "104", "38;5;208", "48;5;17", "38;2;1;2;3", "1;31", "", "38;5", "58;5;1"]
sequences = st.lists(st.sampled_from(CODES), max_size=8).map(
    lambda codes: "".join(f"\x1b[{code}m" for code in codes)
)


@given(sequences, sequences)
def test_shift_leads_from_any_style_to_any_other(before: str, after: str) -> None:
    """The sequence between two styles does exactly that."""
    start, end = restyle(PLAIN, before), restyle(PLAIN, after)
    assert restyle(start, shift(start, end)) == end
    assert shift(end, end) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain <b>", "plain &lt;b&gt;"),
        ("\x1b[1mbold\x1b[0m", '<span style="font-weight: bold">bold</span>'),
        ("\x1b[38;5;196mx", '<span style="color: #ff0000">x</span>'),
        ("\x1b[38;5;244mx", '<span style="color: #808080">x</span>'),
        ("\x1b[38;2;1;2;255mx", '<span style="color: #0102ff">x</span>'),
        ("\x1b[31mred\x1b[39m not", '<span style="color: #d0342c">red</span> not'),
        ("\x1b[41mx", '<span style="background-color: #d0342c">x</span>'),
        ("a\x1b[2Kb\x1b]0;title\x07c\x1b[", "abc"),
    ],
)
def test_as_html(text: str, expected: str) -> None:
    """Colours become inline styles, words are escaped, all else is left out."""
    assert html(text) == expected


@given(st.text())
def test_no_text_makes_a_tag(text: str) -> None:
    """Whatever a tool prints, only our own spans are tags."""
    assert html(text).replace("<span style=", "").replace("</span>", "").count("<") == 0


def test_plain() -> None:
    """Escape sequences go, words stay."""
    assert plain("\x1b[1;31mred\x1b[0m and \x1b[38;5;208morange") == "red and orange"
