"""What a person sees while bytes come."""

import io

import pytest

from nbagent.local.progress import LogLines, NotebookBar, TerminalBar


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_terminal_writes_one_line_over_and_over() -> None:
    """A bar of one line, ended once, at the end."""
    clock, stream = Clock(), io.StringIO()
    bar = TerminalBar(stream, clock=clock)
    for done in range(0, 101, 10):
        bar(done * 1_000_000, 100_000_000, "Downloading")
        clock.now += 1
    written = stream.getvalue()
    assert written.count("\r") == 11
    assert written.count("\n") == 1
    assert written.endswith("100%  100 of 100 MB\x1b[K\n")


@pytest.mark.parametrize(("kind", "most"), [(TerminalBar, 12), (LogLines, 2)])
def test_a_thousand_states_a_second_are_paced(
    kind: type[TerminalBar] | type[LogLines], most: int
) -> None:
    """A terminal gets about ten states a second, a log one in five seconds."""
    clock, stream = Clock(), io.StringIO()
    bar = kind(stream, clock=clock)
    for done in range(1000):
        bar(done, 2000, "Downloading")
        clock.now += 0.001
    assert stream.getvalue().count("Downloading") <= most


def test_notebook_bar_stays_in_one_place() -> None:
    """One display, updated at most five times a second; the text is escaped."""
    clock = Clock()
    shown: list[str] = []
    updates: list[str] = []

    class Handle:
        def update(self, picture: str) -> None:
            updates.append(picture)

    def display(picture: str, display_id: bool) -> Handle:
        shown.append(picture)
        return Handle()

    bar = NotebookBar(display, str, clock=clock)
    for done in range(1000):
        bar(done, 2000, "<b>Downloading")
        clock.now += 0.001
    assert len(shown) == 1
    assert 3 <= len(updates) <= 5
    assert "&lt;b&gt;Downloading" in shown[0]


def test_a_new_text_is_shown_at_once() -> None:
    """What is being done is never hidden by the pace."""
    stream = io.StringIO()
    lines = LogLines(stream, clock=Clock())
    lines(0, 10, "Downloading")
    lines(0, 10, "Checking")
    assert "Checking" in stream.getvalue()
