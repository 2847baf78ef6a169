"""What a terminal shows of what a tool printed: carriage returns, backspaces and cursors applied.

A progress bar writes its line again and again. A page needs the line as it is now, not the
100,000 lines that it was. So the text is played here, and what comes out is a change of the text
that is shown already: so many lines at its end give way to new ones. Colours stay in the text as
they were written. Only the last `SCREEN` lines can still change, as on a screen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nbagent.widget.sgr import PLAIN, Style, restyle, shift

__all__ = ["KEPT", "Change", "Terminal"]

SCREEN = 64  # lines that the cursor can reach
KEPT = 1_000_000  # characters that are left shown when what is shown becomes half as much again
LONGEST_LINE = 100_000  # characters; a longer line is broken

_MOVES = re.compile(r"[\r\b\x07\x0b\x0c]|\x1b(?!\[[\d;:]*m)")
_UNFINISHED = re.compile(r"\x1b(?:\[[\d;:?]*|\][^\x07\x1b]{0,999}\x1b?)?$")
_TOKEN = re.compile(
    r"(?P<text>[^\n\r\b\x07\x0b\x0c\x1b]+)|(?P<move>[\n\r\b])"
    r"|\x1b\[(?P<arguments>[\d;:?]*)(?P<command>[@-~])"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_=>]|[\x07\x0b\x0c\x1b]"
)

_Cell = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a text that is shown.

    Attributes:
        first: Lines that go at the beginning.
        last: Lines that go at the end, the unfinished one included.
        text: What is appended then.
    """

    first: int
    last: int
    text: str


@dataclass(slots=True)
class Terminal:
    """Plays one stream's text.

    Attributes:
        hidden: Lines that are no longer shown.
    """

    hidden: int = 0
    _hidden: list[str] = field(default_factory=list)
    _above: list[str] = field(default_factory=list)  # shown, and out of the cursor's reach
    _size: int = 0  # of the text above
    _lines: list[str] = field(default_factory=lambda: [""])
    _style_above: Style = PLAIN  # with which the first of the lines begins
    _style: Style = PLAIN  # with which the next character is written
    _row: int = 0
    _column: int | None = None  # None: at the end of the last line
    _held: str = ""

    @property
    def text(self) -> str:
        """Everything, what is hidden too."""
        return "".join([*self._hidden, *self._above, "\n".join(self._lines)])

    def feed(self, text: str) -> Change:
        """Plays ``text``; gives what that changes."""
        text = self._held + text
        unfinished = _UNFINISHED.search(text)
        self._held = unfinished[0] if unfinished else ""
        text = text[: len(text) - len(self._held)]
        before, shown = self._lines, self._size
        if self._column is None and not _MOVES.search(text):
            change = Change(0, 0, self._append(text))
        else:
            change = _difference(before, self._play(text))
        self._scroll()
        return self._bounded(change, len(before), shown)

    def _append(self, text: str) -> str:
        """The usual case: text that only grows."""
        lines = text.split("\n")
        if lines[0] and len(self._lines[-1]) + len(lines[0]) > LONGEST_LINE:
            lines.insert(0, "")
        text = "\n".join(map(_broken, lines))
        self._style = restyle(self._style, text)
        self._lines = [*self._lines[:-1], *(self._lines[-1] + text).split("\n")]
        self._row = len(self._lines) - 1
        return text

    def _play(self, text: str) -> list[str]:
        grid = _Grid(self._lines, self._style_above, self._style, self._row, self._column)
        for token in _TOKEN.finditer(text):
            grid.take(token)
        self._lines, self._style, self._row = grid.rendered(), grid.style, grid.row
        self._column = grid.column if grid.is_inside() else None
        return self._lines

    def _scroll(self) -> None:
        """Lines that leave the screen stay as they are."""
        count = len(self._lines) - SCREEN
        if count <= 0:
            return
        above = "".join(f"{line}\n" for line in self._lines[:count])
        self._style_above = restyle(self._style_above, above)
        self._above.append(above)
        self._size += len(above)
        self._lines = self._lines[count:]
        self._row = max(0, self._row - count)

    def _bounded(self, change: Change, lines_before: int, shown_before: int) -> Change:
        """Hides what is far above, so that a page stays light however much is printed."""
        if self._size <= KEPT * 3 // 2:
            return change
        above = "".join(self._above)
        cut = above.find("\n", len(above) - KEPT) + 1
        gone = above.count("\n", 0, cut)
        self._hidden.append(above[:cut])
        self._above, self._size = [above[cut:]], len(above) - cut
        self.hidden += gone
        if cut < shown_before:
            return Change(gone, change.last, change.text)
        # All that was shown has gone, and some of the new text was never shown.
        everything = above.count("\n", 0, shown_before) + lines_before
        return Change(0, everything, above[cut:] + "\n".join(self._lines))


class _Grid:
    """The lines from the cursor's on as cells, taken apart as far up as the cursor goes."""

    def __init__(
        self, lines: list[str], above: Style, style: Style, row: int, column: int | None
    ) -> None:
        self._raw, self._style_above = lines, above
        self._first = len(lines)
        self._cells: list[list[_Cell]] = []
        self.style, self.row, self.column = style, row, 0
        self._open(row)
        self.column = len(self._line()) if column is None else column

    def is_inside(self) -> bool:
        """Whether the next character would replace one, or stand in a line above the last."""
        last = self._first + len(self._cells) - 1
        return self.row < last or self.column != len(self._line())

    def take(self, token: re.Match[str]) -> None:
        """Obeys one token."""
        if token["text"]:
            self._write(token["text"])
        elif token["move"] == "\n":
            self._down(1)
            self.column = 0
        elif token["move"] == "\r":
            self.column = 0
        elif token["move"] == "\b":
            self.column = max(0, self.column - 1)
        elif token["command"] == "m":
            self.style = restyle(self.style, token[0])
        elif token["command"]:
            self._control(token["command"], token["arguments"])

    def rendered(self) -> list[str]:
        """All lines as text again."""
        style = _style_after(self._style_above, self._raw[: self._first])
        lines = list(self._raw[: self._first])
        for number, cells in enumerate(self._cells):
            text, style = _rendered(cells, style)
            if number == len(self._cells) - 1:
                text += shift(style, self.style)
            lines.append(text)
        return lines

    def _control(self, command: str, arguments: str) -> None:
        number = int(arguments.split(";")[0] or 0) if re.match(r"\d*(;|$)", arguments) else 0
        if command in "AF":
            self._up(max(1, number))
        elif command in "BE":
            self._down(max(1, number))
        elif command == "C":
            self.column = min(self.column + max(1, number), LONGEST_LINE)
        elif command == "D":
            self.column = max(0, self.column - max(1, number))
        elif command == "G":
            self.column = min(max(0, number - 1), LONGEST_LINE)
        elif command == "K":
            self._erase_line(number)
        elif command == "J" and number in (0, 2):
            self._erase_line(0)
            del self._cells[self.row - self._first + 1 :]
        if command in "EF":
            self.column = 0

    def _erase_line(self, which: int) -> None:
        line = self._line()
        if which == 0:
            del line[self.column :]
        elif which == 1:
            line[: self.column + 1] = [(" ", PLAIN)] * min(len(line), self.column + 1)
        elif which == 2:
            line.clear()

    def _write(self, text: str) -> None:
        line = self._line()
        if len(line) < self.column:
            line.extend([(" ", PLAIN)] * (self.column - len(line)))
        for start in range(0, len(text), LONGEST_LINE):
            piece = text[start : start + LONGEST_LINE]
            line[self.column : self.column + len(piece)] = [(c, self.style) for c in piece]
            self.column += len(piece)
            if len(line) >= LONGEST_LINE:
                self._down(1)
                self.column, line = 0, self._line()

    def _up(self, count: int) -> None:
        self.row = max(0, self.row - count)
        self._open(self.row)

    def _down(self, count: int) -> None:
        self.row += min(count, SCREEN)
        while self.row >= self._first + len(self._cells):
            self._cells.append([])

    def _line(self) -> list[_Cell]:
        return self._cells[self.row - self._first]

    def _open(self, row: int) -> None:
        if row >= self._first:
            return
        style = _style_after(self._style_above, self._raw[:row])
        opened: list[list[_Cell]] = []
        for line in self._raw[row : self._first]:
            cells, style = _cells_of(line, style)
            opened.append(cells)
        self._cells[:0] = opened
        self._first = row


def _cells_of(line: str, style: Style) -> tuple[list[_Cell], Style]:
    cells: list[_Cell] = []
    for token in _TOKEN.finditer(line):
        if token["text"]:
            cells.extend((character, style) for character in token["text"])
        else:
            style = restyle(style, token[0])
    return cells, style


def _rendered(cells: list[_Cell], style: Style) -> tuple[str, Style]:
    """A line's text where ``style`` holds at its beginning, and the style at its end."""
    pieces: list[str] = []
    for character, own in cells:
        if own != style:
            pieces.append(shift(style, own))
            style = own
        pieces.append(character)
    return "".join(pieces), style


def _style_after(style: Style, lines: list[str]) -> Style:
    for line in lines:
        style = restyle(style, line)
    return style


def _broken(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    return "\n".join(line[at : at + LONGEST_LINE] for at in range(0, len(line), LONGEST_LINE))


def _difference(before: list[str], after: list[str]) -> Change:
    """The change at the end that makes ``after`` of ``before``."""
    same = 0
    while same < len(before) and same < len(after) and before[same] == after[same]:
        same += 1
    if same == len(before):
        rest = after[same:]
        return Change(0, 0, "".join(f"\n{line}" for line in rest))
    if same == len(before) - 1 and same < len(after) and after[same].startswith(before[same]):
        tail = after[same][len(before[same]) :]
        return Change(0, 0, "\n".join([tail, *after[same + 1 :]]))
    # Lines can go without others in their place: then the break before them goes too.
    if same == len(after):
        same -= 1
    return Change(0, len(before) - same, "\n".join(after[same:]))
