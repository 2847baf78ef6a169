"""Questions of the model to the person, answered from code."""

from __future__ import annotations

from nbagent.agent.events import QuestionAsked
from nbagent.agent.questions import Asker, asker_of
from nbagent.notebook.view import View

__all__ = ["Replying"]


class Replying(View):
    """The part of `Agent` that answers `ask_user`."""

    @property
    def asker(self) -> Asker | None:
        """Answers the model's questions in code; None leaves them to the person.

        A function, or an async one, that gets a `QuestionAsked` and gives a text.
        """
        return self._engine.approvals.questions.asker

    @asker.setter
    def asker(self, asker: Asker | None) -> None:
        self._engine.approvals.questions.asker = asker_of(asker)

    @property
    def questions(self) -> tuple[QuestionAsked, ...]:
        """The model's questions that wait for an answer, oldest first."""
        return self._engine.approvals.questions.waiting

    def answer(self, tool_call_id: str, text: str) -> bool:
        """Answers a question of the model.

        Args:
            tool_call_id: The call, as its `QuestionAsked` names it.
            text: The answer.

        Returns:
            Whether a question was waiting under that id.
        """
        return self._engine.approvals.questions.answer(tool_call_id, text)
