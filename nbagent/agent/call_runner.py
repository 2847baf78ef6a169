"""Runs one call: finds its tool, asks for approval, runs it, and tells how it went.

Whatever the model got wrong (a tool that is not there, arguments that do not fit) becomes a
result that it can act on. Only a cancelled run goes through.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nbagent.agent.approval import Approvals
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
from nbagent.errors import ToolArgumentsError, ToolDenied, ToolError, UnknownTool
from nbagent.messages import ToolCall
from nbagent.tools import Place, Tool, ToolContext, ToolInterrupted, ToolResult
from nbagent.tools import ToolOutput as Output

__all__ = ["CallRunner", "Stopped"]


class Stopped(ToolError):
    """The run was stopped before the call had a result."""


@dataclass(frozen=True)
class CallRunner:
    """What calls need: the tools by name, where they run, who approves, and who listens."""

    tools: Mapping[str, Tool[..., Any]]
    place: Place
    approvals: Approvals
    attended: bool
    emit: Callable[[AgentEvent], None]
    run_id: str

    async def run(self, call: ToolCall) -> CallRecord:
        """The call's record. Every way in which it can fail is in its ``state`` and ``error``.

        Raises:
            asyncio.CancelledError: The run was stopped; the call's end has been told.
        """
        self.emit(ToolQueued(self.run_id, call.tool_call_id, call.name, call.arguments))
        listener = _Listener(self, call)
        try:
            record = await self._checked(call, listener)
        except asyncio.CancelledError:
            error = Stopped("The call was stopped before it had a result.")
            self._finish(CallRecord.refused(call, "cancelled", error))
            raise
        self._finish(record)
        return record

    async def _checked(self, call: ToolCall, listener: _Listener) -> CallRecord:
        tool = self.tools.get(call.name)
        if tool is None:
            known = ", ".join(sorted(self.tools)) or "none"
            return CallRecord.refused(
                call,
                "failed",
                UnknownTool(f"There is no tool named {call.name!r}. The tools are: {known}."),
            )
        try:
            needed = self.approvals.needed(tool, call.arguments)
        except ToolError as error:
            return CallRecord.refused(call, "failed", error)
        if needed:
            request = ApprovalRequested(self.run_id, call.tool_call_id, call.name, call.arguments)
            self.emit(request)
            approval = await self.approvals.ask(request, attended=self.attended)
            if not approval.approved:
                reason = f": {approval.reason}" if approval.reason else "."
                denied = ToolDenied(f"The person did not allow this call{reason}")
                return CallRecord.refused(call, "denied", denied)
            if approval.arguments is not None:
                call = ToolCall(call.tool_call_id, call.name, approval.arguments, call.provider_id)
                listener.call = call
        return await self._invoked(tool, call, listener)

    async def _invoked(
        self, tool: Tool[..., Any], call: ToolCall, listener: _Listener
    ) -> CallRecord:
        context = ToolContext(call, place=self.place, listener=listener)
        try:
            result = await tool.invoke(call.arguments, context)
        except ToolArgumentsError as error:
            return CallRecord.refused(call, "failed", error)
        return CallRecord(
            call.tool_call_id,
            call.name,
            call.arguments,
            _state(result),
            result,
            listener.elapsed,
        )

    def _finish(self, record: CallRecord) -> None:
        self.emit(
            ToolFinished(
                self.run_id,
                record.tool_call_id,
                record.name,
                record.state,
                record.outcome,
                record.elapsed,
            )
        )


class _Listener:
    """Turns what one running tool tells into events."""

    def __init__(self, runner: CallRunner, call: ToolCall) -> None:
        self.call = call
        self._runner = runner
        self._begun: float | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the function began; 0 if it did not."""
        return time.monotonic() - self._begun if self._begun is not None else 0.0

    def started(self) -> None:
        self._begun = time.monotonic()
        call = self.call
        self._runner.emit(
            ToolStarted(self._runner.run_id, call.tool_call_id, call.name, call.arguments)
        )

    def progress(self, fraction: float | None, text: str) -> None:
        self._runner.emit(ToolProgress(self._runner.run_id, self.call.tool_call_id, fraction, text))

    def output(self, output: Output) -> None:
        self._runner.emit(ToolOutput(self._runner.run_id, self.call.tool_call_id, output))


def _state(result: ToolResult) -> ToolState:
    if result.error is None:
        return "done"
    return "interrupted" if isinstance(result.error, ToolInterrupted) else "failed"
