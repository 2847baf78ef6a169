"""Calls that wait for a yes, answered from code."""

from __future__ import annotations

from nbagent.agent.approval import Approval, Approver
from nbagent.agent.checks import approver_of
from nbagent.errors import ToolArgumentsError
from nbagent.notebook.view import View

__all__ = ["Approving"]


class Approving(View):
    """The part of `Agent` that answers for the person."""

    @property
    def approver(self) -> Approver | None:
        """Answers requests for approval in code; None leaves them to the widget."""
        return self._engine.approvals.approver

    @approver.setter
    def approver(self, approver: Approver | None) -> None:
        self._engine.approvals.approver = approver_of(approver)

    def approve(
        self, tool_call_id: str, *, arguments: str | None = None, always: bool = False
    ) -> bool:
        """Lets a waiting call run.

        Args:
            tool_call_id: The call, as its `ApprovalRequested` names it.
            arguments: JSON text to run it with instead of the model's.
            always: Whether calls of this tool need no more asking.

        Returns:
            Whether a call was waiting under that id.

        Raises:
            ToolArgumentsError: The tool does not take these arguments; the call waits on.
        """
        return self._engine.answer(tool_call_id, Approval(True, arguments, always=always))

    def deny(self, tool_call_id: str, reason: str = "") -> bool:
        """Refuses a waiting call; the model reads the reason.

        Returns:
            Whether a call was waiting under that id.
        """
        return self._engine.answer(tool_call_id, Approval(False, reason=reason))

    @property
    def always_approved(self) -> tuple[str, ...]:
        """The names of the tools that were approved once and for all, sorted."""
        return tuple(sorted(self._engine.approvals.always))

    def revoke(self, name: str) -> bool:
        """Takes "always approve" back: each call of this tool is asked about again.

        Returns:
            Whether the tool was approved for always.
        """
        return self._engine.approvals.revoke(name)

    def _approve_from_page(self, tool_call_id: str, arguments: str | None, always: bool) -> None:
        """As `approve`; what the tool does not take goes back to the page, with the reason."""
        try:
            self.approve(tool_call_id, arguments=arguments, always=always)
        except ToolArgumentsError as error:
            self._engine.approvals.ask_again(tool_call_id, arguments or "", error)
