"""Printed text as a terminal shows it, and the changes by which a page keeps up with it."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbagent.widget.sgr import PLAIN, plain, restyle
from nbagent.widget.terminal import KEPT, LONGEST_LINE, Change, Terminal
from nbagent.widget.transcript import Transcript
from tests.counting import counted_calls

PIECES = [
    *("a", "bc", "é😀", "\n", "\r", "\b", "\r\n", "\x07"),
    *("\x1b[A", "\x1b[2A", "\x1b[B", "\x1b[2C", "\x1b[D", "\x1b[5G", "\x1b[F", "\x1b[E"),
    *(
        "\x1b[K",
        "\x1b[1K",
        "\x1b[2K",
        "\x1b[J",
        "\x1b[2J",
        "\x1b[?25l",
        "\x1b]0;title\x07",
        "\x1b7",
    ),
    *("\x1b[31m", "\x1b[1;38;5;208m", "\x1b[48;2;1;2;3m", "\x1b[0m", "\x1b[39m", "\x1b[m"),
]
printed = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


class _Page:
    """A transcript with one stream, changed by what a terminal says."""

    def __init__(self) -> None:
        self.terminal = Terminal()
        self._transcript = Transcript()
        for op in (
            {"op": "message_start", "id": "m", "role": "assistant", "created": 1.0},
            {"op": "call", "message": "m", "part": "1", "tool_call_id": "a", "name": "f"},
            {
                "op": "output",
                "tool_call_id": "a",
                "output": {"kind": "stream", "name": "stdout", "text": ""},
            },
        ):
            self._transcript.apply(op)  # type: ignore[arg-type]  # plain dictionaries

    def feed(self, text: str) -> Change:
        change = self.terminal.feed(text)
        self._transcript.apply(
            {
                "op": "rewrite",
                "tool_call_id": "a",
                "first": change.first,
                "last": change.last,
                "text": change.text,
                "hidden": self.terminal.hidden,
            }
        )
        return change

    @property
    def text(self) -> str:
        return self._transcript.printed("a")


def _shown(*pieces: str) -> str:
    page = _Page()
    for piece in pieces:
        page.feed(piece)
    return page.text


def _cells(text: str) -> list[object]:
    """Each character with its style; line breaks have none."""
    cells: list[object] = []
    style = PLAIN
    for token in re.findall(r"\x1b\[[\d;]*m|.", text, re.DOTALL):
        if len(token) > 1:
            style = restyle(style, token)
        else:
            cells.append(token if token == "\n" else (token, style))
    return cells


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["10%\r", "20%\r", "30%"], "30%"),
        (["a long line\rshort"], "shortg line"),
        (["one\r\ntwo\r\n"], "one\ntwo\n"),
        (["abc\b\bX"], "aXc"),
        (["loading\x1b[2K\rdone"], "done"),
        (["first\nsecond\x1b[A\rFIRST"], "FIRST\nsecond"),
        (["outer 0\n", "\rinner 50%", "\x1b[A\router 1\n", "\r\x1b[K"], "outer 1\n"),
        (["\x1b[31mred\r", "\x1b[32mgr", "een\x1b[0m"], "\x1b[32mgreen\x1b[0m"),
        (["cut \x1b", "[3", "1mred"], "cut \x1b[31mred"),
        (["title \x1b]0;na", "me\x07end"], "title end"),
        (["a\x1b[5Cb"], "a     b"),
        (["one\ntwo\x1b[5A\x1b[J"], "one"),
    ],
)
def test_what_stands_in_the_end(pieces: list[str], shown: str) -> None:
    """Carriage returns, backspaces, cursor moves and erasing give what a terminal would show."""
    assert _shown(*pieces) == shown


@given(printed, st.lists(st.integers(0, 120), max_size=4))
def test_where_it_was_cut_makes_no_difference(text: str, places: list[int]) -> None:
    """Any cut of the same text shows the same, and a page that follows the changes shows it too."""
    cuts = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(cuts)]
    page = _Page()
    for piece in pieces:
        page.feed(piece)
    assert _cells(page.text) == _cells(page.terminal.text) == _cells(_shown(text))


@given(st.lists(st.sampled_from(["a", "b\n", "\n", "\x1b[31m", "\x1b[0m"]), max_size=40))
def test_text_that_only_grows_is_only_appended(pieces: list[str]) -> None:
    """Without carriage returns and moves every change is an append of the text as it is."""
    page = _Page()
    for piece in pieces:
        assert page.feed(piece) == Change(0, 0, piece)


def test_a_progress_bar_costs_its_last_look() -> None:
    """100,000 updates in 100 messages are sent as 100 lines; the last costs as the first ones."""
    page = _Page()
    sent, cost = 0, []
    for step in range(100):
        updates = (f"\r{step * 1000 + i:7d}/100000 |####      | 10 it/s" for i in range(1000))
        text = "".join(updates)
        with counted_calls() as calls:
            sent += len(page.feed(text).text)
        cost.append(calls.count)
    assert page.text == "  99999/100000 |####      | 10 it/s"
    assert sent < 100 * 40
    assert cost[-1] <= cost[1]


def test_very_much_is_hidden_but_not_lost() -> None:
    """A page keeps about a megabyte; the terminal has all, and knows how many lines are hidden."""
    page = _Page()
    lines = [f"line {number}\n" for number in range(400_000)]
    for start in range(0, len(lines), 10_000):
        page.feed("".join(lines[start : start + 10_000]))
    assert len(page.text) < 2 * KEPT
    assert page.terminal.text == "".join(lines)
    assert page.text == "".join(lines[page.terminal.hidden :])


def test_a_flood_in_one_piece_is_never_sent_whole() -> None:
    """Of 10 MB that were printed between two messages the end is sent."""
    page = _Page()
    page.feed("before\n")
    text = "".join(f"line {number}\n" for number in range(800_000))
    change = page.feed(text)
    assert len(change.text) < 2 * KEPT
    assert page.text.endswith("line 799999\n")
    assert page.terminal.text == f"before\n{text}"
    assert page.text.count("\n") + page.terminal.hidden == 800_001


def test_an_endless_line_is_broken() -> None:
    """A line that no page could show is broken, however it came."""
    for pieces in (["x" * 250_000], ["x" * 50_000] * 5, ["\r" + "x" * 250_000]):
        longest = max(map(len, _shown(*pieces).split("\n")))
        assert longest <= 2 * LONGEST_LINE
    assert plain(_shown("x" * 250_000)).replace("\n", "") == "x" * 250_000
