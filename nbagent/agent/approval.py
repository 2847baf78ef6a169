"""Calls that wait for a person's yes: asked in code, answered in code or in the widget."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from nbagent.agent.events import ApprovalRequested
from nbagent.errors import ConfigurationError
from nbagent.tools import Inline, Place, Tool

__all__ = ["Approval", "Approvals", "Approver"]

NOBODY = "nobody can be asked: the agent is not displayed and has no approver"


@dataclass(frozen=True)
class Approval:
    """The answer to a request.

    Attributes:
        approved: Whether the call may run.
        arguments: JSON text to call it with instead of the model's; None leaves the model's.
        reason: Why not; the model reads it.
        always: Whether calls of this tool need no more asking from now on.
    """

    approved: bool
    arguments: str | None = None
    reason: str = ""
    always: bool = False


Answer: TypeAlias = Approval | bool | str
Approver: TypeAlias = Callable[[ApprovalRequested], Awaitable[Answer] | Answer]


class Approvals:
    """Who is asked, what is waiting, and what need not be asked again.

    Attributes:
        approver: Asked instead of a person, where it is set.
    """

    def __init__(self, approver: Approver | None = None) -> None:
        self.approver = approver
        self._always: set[str] = set()
        self._waiting: dict[str, concurrent.futures.Future[Approval]] = {}
        self._guard = threading.Lock()

    @property
    def always(self) -> frozenset[str]:
        """The names of the tools that were approved once and for all."""
        return frozenset(self._always)

    def revoke(self, name: str) -> None:
        """Asks again for each call of this tool."""
        self._always.discard(name)

    def needed(self, tool: Tool[..., Any], arguments: str) -> bool:
        """Whether a call has to be asked for. Arguments that do not fit are never asked about.

        Raises:
            ToolArgumentsError: They do not fit.
            ToolError: The tool's own ``approve=`` function raised.
        """
        if tool.name in self._always or not tool.needs_approval(arguments):
            return False
        tool.validate(arguments)
        return True

    async def ask(
        self,
        request: ApprovalRequested,
        *,
        attended: bool,
        place: Place | None = None,
        tell: Callable[[ApprovalRequested], None] | None = None,
    ) -> Approval:
        """Waits for the answer.

        Args:
            request: What is asked.
            attended: Whether anybody sees the request; else it is denied with that reason.
            place: Where the approver runs, for it may use what lives on the notebook's own loop;
                here and now by default.
            tell: Told of the request once it can be answered.

        Raises:
            ConfigurationError: The approver gave what is no answer.
            Exception: Whatever the approver raised.
        """
        approver = self.approver
        if approver is None and attended:
            return self._taken(request, await self._answered(request, tell))
        if tell is not None:
            tell(request)
        if approver is None:
            return Approval(False, reason=NOBODY)
        return self._taken(request, await _asked(approver, request, place))

    def answer(self, tool_call_id: str, approval: Approval) -> bool:
        """Answers a waiting request, from any thread; False if none waits under that id."""
        with self._guard:
            waiting = self._waiting.pop(tool_call_id, None)
        if waiting is None or not waiting.set_running_or_notify_cancel():
            return False
        waiting.set_result(approval)
        return True

    async def _answered(
        self, request: ApprovalRequested, tell: Callable[[ApprovalRequested], None] | None
    ) -> Approval:
        waiting: concurrent.futures.Future[Approval] = concurrent.futures.Future()
        with self._guard:
            # Before anybody is told: an answer from another thread may come at once.
            self._waiting[request.tool_call_id] = waiting
        try:
            if tell is not None:
                tell(request)
            return await asyncio.wrap_future(waiting)
        finally:
            with self._guard:
                self._waiting.pop(request.tool_call_id, None)

    def _taken(self, request: ApprovalRequested, approval: Approval) -> Approval:
        if approval.approved and approval.always:
            self._always.add(request.name)
        return approval


async def _asked(approver: Approver, request: ApprovalRequested, place: Place | None) -> Approval:
    async def asked() -> Any:
        answer = approver(request)
        return await answer if inspect.isawaitable(answer) else answer

    where = place if place is not None else Inline()
    return _approval(await where.run_async(asked, _begun))


def _begun() -> None:
    """Nobody needs to know when an approver begins."""


def _approval(answer: Any) -> Approval:
    if isinstance(answer, Approval):
        return answer
    if isinstance(answer, bool):
        return Approval(answer)
    if isinstance(answer, str):
        return Approval(False, reason=answer)
    raise ConfigurationError(
        "An approver answers True, False, a reason (text) to deny, or an Approval; "
        f"got {type(answer).__name__}."
    )
