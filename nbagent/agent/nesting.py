"""The calls around the code that runs: what an agent knows that is a tool of another one."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Protocol

from nbagent.agent.approval import Approval, Approvals, Tell
from nbagent.agent.events import AgentEvent, ApprovalRequested
from nbagent.agent.limits import Tally
from nbagent.agent.pricing import Spent
from nbagent.agent.settings import Settings
from nbagent.tools import Place, Tool

__all__ = ["Caller", "Host", "PassedOn", "calling"]


class Host(Protocol):
    """The conversation that a call is part of.

    Attributes:
        spent: What its run has cost.
        tally: What its run may use; None outside of a run.
    """

    spent: Spent
    tally: Tally | None

    def hand_over(self, settings: Settings, name: str) -> str:
        """Goes on with another agent's settings; the name of who has it already, or nothing."""


@dataclass(frozen=True)
class Caller:
    """The call that code runs in.

    Attributes:
        run_id: Its run.
        tool_call_id: The call.
        name: Its tool.
        tell: Tells an event of the call, as long as it goes on.
        approvals: Who says yes, of the run.
        attended: Whether anybody can.
        host: The conversation; None where there is none to go back to.
        depth: How many calls are around the code, one in the other.
    """

    run_id: str
    tool_call_id: str
    name: str
    tell: Callable[[AgentEvent], None]
    approvals: Approvals
    attended: bool
    host: Host | None
    depth: int


calling: ContextVar[Caller | None] = ContextVar("nbagent_calling", default=None)


class PassedOn(Approvals):
    """The approvals of an agent that is called as a tool: its requests go to whoever called it.

    There they are told as calls of ``name/tool``, under an id that begins with the outer call's:
    "always" then means this tool of this agent, and ids that both runs have are kept apart.

    Args:
        own: The agent's own; its approver goes first, where it has one.
        caller: The call that it runs in.
    """

    def __init__(self, own: Approvals, caller: Caller) -> None:
        super().__init__(own.approver, own.timeout)
        self.questions = own.questions
        self._own = own
        self._caller = caller

    @property
    def caller(self) -> Caller:
        """The call around."""
        return self._caller

    def needed(self, tool: Tool[..., Any], arguments: str) -> bool:
        """Whether a call has to be asked for, here and by whoever called."""
        if not self._own.needed(tool, arguments):
            return False
        return f"{self._caller.name}/{tool.name}" not in self._caller.approvals.always

    async def ask(
        self,
        request: ApprovalRequested,
        *,
        attended: bool,
        place: Place | None = None,
        tell: Tell | None = None,
        check: Callable[[str], object] | None = None,
    ) -> Approval:
        """As of any approvals, asked where the call around this one is."""
        if self._own.approver is not None:
            return await self._own.ask(
                request, attended=attended, place=place, tell=tell, check=check
            )
        outer = self._caller

        def told(asked: ApprovalRequested) -> None:
            outer.tell(asked)
            if tell is not None:
                tell(replace(request, arguments=asked.arguments, error=asked.error))

        passed = replace(
            request,
            run_id=outer.run_id,
            tool_call_id=f"{outer.tool_call_id}/{request.tool_call_id}",
            name=f"{outer.name}/{request.name}",
        )
        return await outer.approvals.ask(
            passed, attended=outer.attended, place=place, tell=told, check=check
        )
