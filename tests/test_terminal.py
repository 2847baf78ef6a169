"""A conversation on a real (pseudo) terminal: what is printed, asked and answered there."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")

SETUP = """
from nbagent import Agent, Executor, ask_user, tool
from nbagent.testing import Gate, Reply, ScriptedClient, reply_calls, reply_text
import nbagent.terminal

@tool(approve=True)
def drop(column: str) -> str:
    "Drops a column."
    print("dropping")
    return "dropped " + column

def agent(*replies):
    executor = Executor({"scripted": ScriptedClient(replies)})
    return Agent("scripted:any", tools=[drop, ask_user], executor=executor)

DROP = reply_calls(("drop", {"column": "mpg"}))
ASK = reply_calls(("ask_user", {"question": "Which one?", "choices": ["mpg", "weight"]}))
"""


class Screen:
    """A script on a terminal of its own."""

    def __init__(self, folder: Path, script: str) -> None:
        file = folder / "script.py"
        file.write_text(SETUP + script)
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, str(file)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.text = ""

    def until(self, words: str, timeout: float = 60.0) -> str:
        """Reads until the words are there, and gives all up to them."""
        deadline = time.monotonic() + timeout
        while words not in self.text:
            assert time.monotonic() < deadline, self.text
            try:
                self.text += os.read(self.ours, 4096).decode()
            except OSError:  # the other side is closed
                assert words in self.text, self.text
        before, self.text = self.text.split(words, 1)
        return before

    def interrupt(self, words: str) -> None:
        """Presses Ctrl-C until the words are there: one between prompt and reading is lost."""
        while words not in self.text and self.process.poll() is None:
            time.sleep(0.3)
            os.kill(self.process.pid, signal.SIGINT)
            if select.select([self.ours], [], [], 1.0)[0]:
                self.text += os.read(self.ours, 4096).decode()
        self.until(words)

    def type(self, text: str) -> None:
        """Types a line."""
        os.write(self.ours, text.encode() + b"\n")

    def end(self) -> int:
        """Waits for its end."""
        code = self.process.wait(60)
        os.close(self.ours)
        return code


def test_a_conversation(tmp_path: Path) -> None:
    """Words as they stream, a call that is allowed, a question that is answered by its number."""
    screen = Screen(
        tmp_path,
        """
a = agent(reply_text("Hello you.", pieces=3), DROP, ASK, "All done.")
nbagent.terminal.chat(a)
print("CALLS", [call.text for call in a.calls])
""",
    )
    screen.until("> ")
    screen.type("hi")
    screen.until("Hello you.")
    screen.until("> ")
    screen.type("drop it")
    screen.until('drop wants to run with {"column": "mpg"}')
    screen.until("Allow it?")
    screen.type("y")
    screen.until("dropping")
    screen.until("[drop: done")
    screen.until("Which one?")
    screen.until("2. weight")
    screen.until("Your answer: ")
    screen.type("2")
    screen.until("All done.")
    screen.until("> ")
    screen.type("quit")
    screen.until("CALLS ['dropped mpg', 'weight']")
    assert screen.end() == 0


def test_ask_blocking_asks_on_the_terminal(tmp_path: Path) -> None:
    """Without a widget and without an approver: a script's person is asked there."""
    screen = Screen(
        tmp_path,
        """
a = agent(DROP, ASK, "Done.")
print("SAID", a.ask_blocking("Go.").text, [(c.state, c.text) for c in a.calls])
""",
    )
    screen.until("Allow it?")
    screen.type("I need it")
    screen.until("Your answer: ")
    screen.type("both of them")
    said = screen.until("]")
    assert "SAID Done." in said and "denied" in said and "I need it" in said
    assert "('done', 'both of them')" in said
    assert screen.end() == 0


def test_ctrl_c_stops_the_answer_alone(tmp_path: Path) -> None:
    """The conversation goes on after it, and ends with the input."""
    screen = Screen(
        tmp_path,
        """
held = Reply((*reply_text("Half").frames[:1], Gate()))
nbagent.terminal.chat(agent(held, "Whole."))
print("BYE")
""",
    )
    screen.until("> ")
    screen.type("go")
    screen.until("Half")
    os.kill(screen.process.pid, signal.SIGINT)
    screen.until("[stopped]")
    screen.until("> ")
    screen.type("again")
    screen.until("Whole.")
    screen.until("> ")
    os.write(screen.ours, b"\x04")
    screen.until("BYE")
    assert screen.end() == 0


@pytest.mark.parametrize("answered", [False, True])
def test_ctrl_c_at_the_prompt_ends_it(tmp_path: Path, answered: bool) -> None:
    """Before the first question, and after one."""
    screen = Screen(tmp_path, 'nbagent.terminal.chat(agent("Hello."))\nprint("BYE")')
    screen.until("> ")
    if answered:
        screen.type("hi")
        screen.until("Hello.")
        screen.until("> ")
    screen.interrupt("BYE")
    screen.end()


def test_ctrl_c_at_a_question_stops_the_answer(tmp_path: Path) -> None:
    """Nobody has to say yes or no first."""
    script = 'a = agent(DROP, "Never.")\nnbagent.terminal.chat(a)\nprint(a.calls[0].state)'
    screen = Screen(tmp_path, script)
    screen.until("> ")
    screen.type("drop it")
    screen.until("Allow it?")
    screen.interrupt("[stopped]")
    screen.until("> ")
    screen.type("quit")
    screen.until("cancelled")
    assert screen.end() == 0


def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    """A script with its input from elsewhere does not wait for anybody."""
    file = tmp_path / "script.py"
    file.write_text(
        SETUP + 'a = agent(DROP, ASK, "Done."); a.ask_blocking("Go.")\n'
        "print([c.text for c in a.calls])"
    )
    done = subprocess.run(
        [sys.executable, str(file)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "nobody can be asked" in done.stdout and "Nobody is there" in done.stdout
