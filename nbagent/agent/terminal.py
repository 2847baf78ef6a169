"""Where no widget is: approvals and questions on the plain terminal that a script runs in."""

from __future__ import annotations

import sys

from nbagent.agent.approval import Approval, Approver
from nbagent.agent.events import ApprovalRequested, QuestionAsked
from nbagent.agent.questions import Asker
from nbagent.tools.for_person import running_shell

__all__ = [
    "answer_on_terminal",
    "at_terminal",
    "on_terminal",
    "one_line",
    "terminal_approver",
    "terminal_asker",
]

SHOWN = 2000  # characters of a call's arguments


def at_terminal() -> bool:
    """Whether a person sits at the keyboard of this process, and it is no notebook's kernel."""
    if getattr(running_shell(), "kernel", None) is not None:
        return False
    try:
        return sys.stdin is not None and sys.stdin.isatty()
    except ValueError:  # it was closed
        return False


def terminal_approver() -> Approver | None:
    """What asks for approval on the terminal; None where there is none."""
    return on_terminal if at_terminal() else None


def terminal_asker() -> Asker | None:
    """What asks questions on the terminal; None where there is none."""
    return answer_on_terminal if at_terminal() else None


def on_terminal(request: ApprovalRequested) -> Approval:
    """Asks for a yes. An end of the input is a no."""
    arguments = request.arguments
    if len(arguments) > SHOWN:
        arguments = f"{arguments[:SHOWN]}… ({len(arguments)} characters)"
    sys.stdout.write(f"\n{request.name} wants to run with {arguments}\n")
    try:
        said = one_line("Allow it? [y]es, [a]lways for this tool, or why not: ").strip()
    except EOFError:
        return Approval(False, reason="nobody answered on the terminal")
    if said.lower() in ("y", "yes"):
        return Approval(True)
    if said.lower() in ("a", "always"):
        return Approval(True, always=True)
    return Approval(False, reason="" if said.lower() in ("", "n", "no") else said)


def answer_on_terminal(question: QuestionAsked) -> str:
    """Asks a question; the number of a choice stands for it."""
    sys.stdout.write(f"\n{question.question}\n")
    for number, choice in enumerate(question.choices, 1):
        sys.stdout.write(f"  {number}. {choice}\n")
    try:
        said = one_line("Your answer: ").strip()
    except EOFError:
        return "(The person gave no answer.)"
    if said.isdigit() and 1 <= int(said) <= len(question.choices):
        return question.choices[int(said) - 1]
    return said or "(The person gave no answer.)"


def one_line(prompt: str) -> str:
    """One line from the keyboard.

    Raises:
        EOFError: There are no more.
    """
    sys.stdout.flush()
    return input(prompt)
