"""`ask_user`: a tool with which the model asks the person."""

from __future__ import annotations

from dataclasses import replace

import pydantic
from typing_extensions import Self

from nbagent.agent.events import QuestionAsked
from nbagent.agent.nesting import Caller, PassedOn, calling
from nbagent.agent.questions import Nobody
from nbagent.tools import tool

__all__ = ["NOBODY", "Question", "ask_user"]

NOBODY = (
    "Nobody is there to answer this now. Decide yourself what is most likely meant, go on, and "
    "say in your answer what you assumed."
)


class Question(pydantic.BaseModel):
    """What a call of the tool asked."""

    question: str
    choices: list[str] | None = None

    @classmethod
    def of(cls, arguments: str) -> Self | None:
        """By the call's arguments; None where they are not the tool's."""
        try:
            return cls.model_validate_json(arguments)
        except pydantic.ValidationError:
            return None


@tool
async def ask_user(question: str, choices: list[str] | None = None) -> str:
    """Ask the person a question and wait for the answer.

    Use it when only the person can know: what is meant, which of several things they want, a
    decision that is theirs. Ask one thing at a time, and not what can be looked up.

    Args:
        question: The question, complete in itself.
        choices: Answers to choose from, if there are a few; the person may answer something else.
    """
    caller = calling.get()
    if caller is None:
        return NOBODY
    caller, identity = _around(caller)
    asked = QuestionAsked(caller.run_id, identity, caller.name, question, tuple(choices or ()))
    try:
        return await caller.approvals.questions.ask(
            asked, attended=caller.attended, tell=caller.tell
        )
    except Nobody:
        return NOBODY


def _around(caller: Caller) -> tuple[Caller, str]:
    """The call whose run a person sees, and the name of the question there.

    An agent that is a tool of another asks where it was called, unless it has an asker itself.
    """
    identity = caller.tool_call_id
    while isinstance(caller.approvals, PassedOn) and caller.approvals.questions.asker is None:
        name, caller = caller.name, caller.approvals.caller
        identity = f"{caller.tool_call_id}/{identity}"
        caller = replace(caller, name=f"{caller.name}/{name}")
    return caller, identity
