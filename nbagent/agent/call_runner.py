"""Runs one call: finds its tool, asks for approval, runs it, and tells how it went.

Whatever the model got wrong (a tool that is not there, arguments that do not fit) becomes a
result that it can act on. Only a cancelled run goes through.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nbagent.agent.approval import Approval, Approvals
from nbagent.agent.calls import CallRecord
from nbagent.agent.events import (
    AgentEvent,
    ApprovalRequested,
    ToolFinished,
    ToolOutput,
    ToolProgress,
    ToolQueued,
    ToolStarted,
    ToolState,
)
from nbagent.agent.kept_outputs import KeptOutputs
from nbagent.agent.nesting import Caller, Host, calling
from nbagent.agent.slots import Slot, Slots
from nbagent.errors import ToolDenied, ToolError, UnknownTool
from nbagent.messages import ToolCall
from nbagent.tools import Place, Tool, ToolContext, ToolInterrupted, ToolResult
from nbagent.tools import ToolOutput as Output

__all__ = ["CallRunner", "Stopped"]

GRACE_SECONDS = 2.0  # that a coroutine has for its cleaning up after a stop
_left: set[asyncio.Future[CallRecord]] = set()


class Stopped(ToolError):
    """The run was stopped before the call had a result."""


@dataclass(frozen=True)
class CallRunner:
    """What calls need: the tools by name, where they run, who approves, and who listens.

    ``slots`` says how many of them run at once, ``host`` is the conversation they are part of.
    """

    tools: Mapping[str, Tool[..., Any]]
    place: Place
    approvals: Approvals
    attended: bool
    emit: Callable[[AgentEvent], None]
    run_id: str
    slots: Slots = field(default_factory=Slots)
    host: Host | None = None

    async def run(
        self, call: ToolCall, keep: Callable[[CallRecord], None] | None = None
    ) -> CallRecord:
        """The call's record. Every way in which it can fail is in its ``state`` and ``error``.

        Args:
            call: The call.
            keep: Given the record too, also where the run was stopped.

        Raises:
            asyncio.CancelledError: The run was stopped; the call's end has been told.
            Exception: What the approver raised; the call's end has been told.
        """
        self.emit(ToolQueued(self.run_id, call.tool_call_id, call.name, call.arguments))
        listener = _Listener(self, call)
        work = asyncio.ensure_future(self._in_line(call, listener))
        try:
            await asyncio.wait({work})
        finally:
            try:
                await _called_off(work)
            finally:
                record = replace(_record(listener.call, work), outputs=listener.shown())
                listener.finish(record)
                if keep is not None:
                    keep(record)
        # A tool that was cancelled by something of its own has a record, and the run goes on.
        if not work.cancelled():
            work.result()
        return record

    async def _in_line(self, call: ToolCall, listener: _Listener) -> CallRecord:
        async with self.slots.line_up() as slot:
            return await self._checked(call, listener, slot)

    async def _checked(self, call: ToolCall, listener: _Listener, slot: Slot) -> CallRecord:
        tool = self.tools.get(call.name)
        if tool is None:
            known = ", ".join(sorted(self.tools)) or "none"
            unknown = f"There is no tool named {call.name!r}. The tools are: {known}."
            return CallRecord.refused(call, "failed", UnknownTool(unknown))
        try:
            needed = self.approvals.needed(tool, call.arguments)
        except Exception as error:  # a validator of the person's own may raise anything
            return CallRecord.refused(call, "failed", _tool_error(call, error))
        if needed:
            approval = await self._approval(tool, call)
            if not approval.approved:
                return CallRecord.refused(call, "denied", _denied(approval.reason))
            if approval.arguments is not None:
                call = replace(call, arguments=approval.arguments)
                listener.call = call
            self.emit(ToolQueued(self.run_id, call.tool_call_id, call.name, call.arguments))
        await slot.take()
        return await self._invoked(tool, call, listener)

    async def _approval(self, tool: Tool[..., Any], call: ToolCall) -> Approval:
        request = ApprovalRequested(self.run_id, call.tool_call_id, call.name, call.arguments)
        return await self.approvals.ask(
            request, attended=self.attended, place=self.place, tell=self.emit, check=tool.validate
        )

    async def _invoked(
        self, tool: Tool[..., Any], call: ToolCall, listener: _Listener
    ) -> CallRecord:
        context = ToolContext(call, place=self.place, listener=listener)
        calling.set(self._caller(call, listener))  # in the task of this call, and nowhere else
        try:
            result = await tool.invoke(call.arguments, context)
        except Exception as error:  # arguments that do not fit, an executor that was shut down
            return CallRecord.refused(call, "failed", _tool_error(call, error))
        state, elapsed = _state(result), listener.elapsed
        return CallRecord(call.tool_call_id, call.name, call.arguments, state, result, elapsed)

    def _caller(self, call: ToolCall, listener: _Listener) -> Caller:
        around = calling.get()
        depth = 1 if around is None else around.depth + 1
        return Caller(
            self.run_id,
            call.tool_call_id,
            call.name,
            listener.tell,
            self.approvals,
            self.attended,
            self.host,
            depth,
        )


class _Listener:
    """Turns what one running tool tells into events; nothing is told after the call's end."""

    def __init__(self, runner: CallRunner, call: ToolCall) -> None:
        self.call = call
        self._runner = runner
        self._begun: float | None = None
        self._over = False
        self._outputs: KeptOutputs | None = None
        # A function on another thread goes on after a stop, and may tell while the end is told.
        self._guard = threading.RLock()

    @property
    def elapsed(self) -> float:
        """Seconds since the function began; 0 if it did not."""
        return time.monotonic() - self._begun if self._begun is not None else 0.0

    def started(self) -> None:
        self._begun = time.monotonic()
        call = self.call
        self.tell(ToolStarted(self._runner.run_id, call.tool_call_id, call.name, call.arguments))

    def progress(self, fraction: float | None, text: str) -> None:
        self.tell(ToolProgress(self._runner.run_id, self.call.tool_call_id, fraction, text))

    def output(self, output: Output) -> None:
        with self._guard:
            if not self._over:
                self._outputs = self._outputs or KeptOutputs()
                self._outputs.add(output)
        self.tell(ToolOutput(self._runner.run_id, self.call.tool_call_id, output))

    def shown(self) -> tuple[Output, ...]:
        """What it printed and displayed so far."""
        with self._guard:
            return self._outputs.now if self._outputs is not None else ()

    def finish(self, record: CallRecord) -> None:
        """Tells the call's end."""
        run_id, identity = self._runner.run_id, record.tool_call_id
        with self._guard:
            self._over = True
            self._runner.emit(
                ToolFinished(
                    run_id, identity, record.name, record.state, record.outcome, record.elapsed
                )
            )

    def tell(self, event: AgentEvent) -> None:
        """Tells an event of the call, as long as it goes on."""
        with self._guard:
            if not self._over:
                self._runner.emit(event)


async def _called_off(work: asyncio.Future[CallRecord]) -> None:
    """Ends work that is still going: cancels it, and gives it a moment to clean up."""
    if work.done():
        return
    work.cancel()
    try:
        await asyncio.wait({work}, timeout=GRACE_SECONDS)
    finally:
        if not work.done():
            # It does not want to end. It goes on alone: held, or it could be collected meanwhile.
            _left.add(work)
            work.add_done_callback(_forget)


def _forget(work: asyncio.Future[CallRecord]) -> None:
    _left.discard(work)
    if not work.cancelled():
        work.exception()


def _record(call: ToolCall, work: asyncio.Future[CallRecord]) -> CallRecord:
    if not work.done() or work.cancelled():
        stopped = Stopped("The call was stopped before it had a result.")
        return CallRecord.refused(call, "cancelled", stopped)
    error = work.exception()
    if error is not None:
        return CallRecord.refused(call, "failed", _tool_error(call, error))
    return work.result()


def _tool_error(call: ToolCall, error: BaseException) -> ToolError:
    if isinstance(error, ToolError):
        return error
    made = ToolError(f"{call.name!r} was not run: {type(error).__name__}: {error}")
    made.__cause__ = error
    return made


def _denied(reason: str) -> ToolDenied:
    return ToolDenied(f"The person did not allow this call{f': {reason}' if reason else '.'}")


def _state(result: ToolResult) -> ToolState:
    if result.error is None:
        return "done"
    return "cancelled" if isinstance(result.error, ToolInterrupted) else "failed"
