"""Calls that wait for a person's yes: asked in code, answered in code or in the widget."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import threading
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from nbagent.agent.deadline import within
from nbagent.agent.events import ApprovalRequested
from nbagent.agent.questions import Questions
from nbagent.errors import ConfigurationError, ToolArgumentsError
from nbagent.tools import Inline, Place, Tool, ToolInterrupted
from nbagent.tools.signature import is_async

__all__ = ["Approval", "Approvals", "Approver"]

NOBODY = "nobody can be asked: the agent is not displayed and has no approver"
INTERRUPTED = "the person interrupted the question"


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
Tell: TypeAlias = Callable[[ApprovalRequested], None]


@dataclass(eq=False)
class _Waiting:
    """A request that a person has not answered yet."""

    request: ApprovalRequested
    check: Callable[[str], object]
    tell: Tell
    answer: concurrent.futures.Future[Approval] = field(default_factory=concurrent.futures.Future)


class Approvals:
    """Who is asked, what is waiting, and what need not be asked again.

    Args:
        approver: Asked instead of a person, where it is set.
        timeout: Seconds after which a request that nobody answered is denied; None never.

    Attributes:
        approver: As above.
        timeout: As above.
        changed: Called when `always` has changed, on whatever thread changed it.
        fallback: Gives what answers where nobody reads along: a terminal, if there is one.
        questions: What the model asks the person.
    """

    def __init__(self, approver: Approver | None = None, timeout: float | None = None) -> None:
        self.approver = approver
        self.timeout = timeout
        self.changed: Callable[[], None] = _unheard
        self.fallback: Callable[[], Approver | None] = _nobody
        self.questions = Questions()
        self._always: frozenset[str] = frozenset()
        self._waiting: dict[str, _Waiting] = {}
        self._guard = threading.Lock()

    def allow(self, names: Iterable[str]) -> None:
        """Takes these tools as approved once and for all."""
        with self._guard:
            before, self._always = self._always, self._always | frozenset(names)
        if self._always != before:
            self.changed()

    @property
    def always(self) -> frozenset[str]:
        """The names of the tools that were approved once and for all."""
        return self._always

    def revoke(self, name: str) -> bool:
        """Asks again for each call of this tool; False if it was asked about anyway."""
        with self._guard:
            known = name in self._always
            self._always -= {name}
        if known:
            self.changed()
        return known

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
        tell: Tell | None = None,
        check: Callable[[str], object] | None = None,
    ) -> Approval:
        """Waits for the answer, at most `timeout` seconds.

        Args:
            request: What is asked.
            attended: Whether anybody sees the request; else it is denied with that reason.
            place: Where the approver runs, for it may use what lives on the notebook's own loop;
                here and now by default.
            tell: Told of the request once it can be answered.
            check: Raises `ToolArgumentsError` for arguments that the tool does not take.

        Raises:
            ConfigurationError: The approver gave what is no answer.
            Exception: Whatever the approver raised.
        """
        approver = self.approver or (None if attended else self.fallback())
        told = tell or _untold
        if approver is None and not attended:
            told(request)
            return Approval(False, reason=NOBODY)
        if approver is None:
            asked = self._answered(_Waiting(request, check or _unchecked, told))
        else:
            told(request)
            asked = _asked(approver, request, place or Inline())
        approval = await within(self.timeout, asked)
        if approval is None:
            return Approval(False, reason=f"nobody answered within {self.timeout:g} seconds")
        return self._taken(request, approval)

    def answer(self, tool_call_id: str, approval: Approval) -> bool:
        """Answers a waiting request, from any thread; False if none waits under that id.

        With ``always`` it answers every other request for the same tool as well.

        Raises:
            ToolArgumentsError: The tool does not take these arguments. The request waits on.
        """
        waiting = self._waiting.get(tool_call_id)
        if waiting is None:
            return False
        if approval.approved and approval.arguments is not None:
            waiting.check(approval.arguments)
        with self._guard:
            waiting = self._waiting.pop(tool_call_id, None)
        if waiting is None or not waiting.answer.set_running_or_notify_cancel():
            return False
        self._taken(waiting.request, approval)
        waiting.answer.set_result(approval)
        if approval.approved and approval.always:
            for other in self._waiting_for(waiting.request.name):
                self.answer(other, Approval(True))
        return True

    def ask_again(self, tool_call_id: str, arguments: str, error: ToolArgumentsError) -> None:
        """Shows a request once more, with what the person wrote and why that cannot be run."""
        waiting = self._waiting.get(tool_call_id)
        if waiting is not None:
            waiting.tell(replace(waiting.request, arguments=arguments, error=str(error)))

    def _waiting_for(self, name: str) -> list[str]:
        with self._guard:
            return [key for key, one in self._waiting.items() if one.request.name == name]

    async def _answered(self, waiting: _Waiting) -> Approval:
        identity = waiting.request.tool_call_id
        with self._guard:
            # Before anybody is told: an answer from another thread may come at once.
            self._waiting[identity] = waiting
        try:
            waiting.tell(waiting.request)
            return await asyncio.wrap_future(waiting.answer)
        finally:
            with self._guard:
                self._waiting.pop(identity, None)

    def _taken(self, request: ApprovalRequested, approval: Approval) -> Approval:
        if approval.approved and approval.always and request.name not in self._always:
            with self._guard:
                self._always |= {request.name}
            self.changed()
        return approval


async def _asked(approver: Approver, request: ApprovalRequested, place: Place) -> Approval:
    async def awaited(answer: Any) -> Any:
        return await answer

    if is_async(approver):
        return _approval(await place.run_async(lambda: awaited(approver(request)), _begun))
    try:
        # A plain function may wait for somebody: that must not hold up the loop of the network.
        answer: Any = await place.run(lambda: approver(request), _begun)
    except ToolInterrupted:
        return Approval(False, reason=INTERRUPTED)
    if inspect.isawaitable(answer):
        answer = await place.run_async(lambda: awaited(answer), _begun)
    return _approval(answer)


def _begun() -> None:
    """Nobody needs to know when an approver begins."""


def _nobody() -> Approver | None:
    return None


def _unheard() -> None:
    """Nobody asked to be told of changes."""


def _untold(request: ApprovalRequested) -> None:
    """Nobody asked to be told of requests."""


def _unchecked(arguments: str) -> None:
    """Whoever asked for no check takes any arguments."""


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
