"""What the runs of all agents leave in the log ``nbagent``.

INFO has one line for each run, step and call: names, durations, tokens. DEBUG has the steps in
between. Nothing that anybody said is in either, and no key: of an error stands its type.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from nbagent.agent.events import (
    ApprovalRequested,
    NodeFinished,
    NodeStarted,
    Notice,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    ToolFinished,
    ToolQueued,
    ToolStarted,
)
from nbagent.agent.following import Following, Source

__all__ = ["Logbook"]

_log = logging.getLogger("nbagent")


class Logbook:
    """Writes the lines of one agent's runs.

    Args:
        now: Gives seconds since some moment.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._begun: dict[tuple[str, int], float] = {}
        self._lines: dict[type, Callable[[Any], None]] = {
            RunStarted: self._run_started,
            RunFinished: self._run_finished,
            RunFailed: self._run_failed,
            RunCancelled: self._run_cancelled,
            StepStarted: self._step_started,
            StepFinished: self._step_finished,
            ToolFinished: self._tool_finished,
            ToolQueued: lambda e: _between(e, "tool %s (%s) queued", e.name, e.tool_call_id),
            ToolStarted: lambda e: _between(e, "tool %s (%s) started", e.name, e.tool_call_id),
            ApprovalRequested: lambda e: _between(
                e, "tool %s (%s) waits for a yes", e.name, e.tool_call_id
            ),
            NodeStarted: lambda e: _between(e, "node %s of %s started", e.name, e.graph),
            NodeFinished: lambda e: _between(e, "node %s of %s finished", e.name, e.graph),
            Notice: lambda e: _between(e, "a notice of %d characters", len(e.text)),
        }
        self.following = Following(
            self._told, frozenset(self._lines), "The log of runs", at_once=True
        )

    def _told(self, source: Source, event: Any) -> None:
        if _log.isEnabledFor(logging.INFO):
            self._lines[type(event)](event)

    def _run_started(self, event: RunStarted) -> None:
        self._begun[event.run_id, 0] = self._now()
        _between(event, "started with %s", event.model)

    def _step_started(self, event: StepStarted) -> None:
        self._begun[event.run_id, event.step] = self._now()
        _between(event, "step %d started", event.step)

    def _step_finished(self, event: StepFinished) -> None:
        message = event.message
        _log.info(
            "run %s: step %d %s after %s: %d input and %d output tokens, %d calls, model %s",
            event.run_id,
            event.step,
            message.finish_reason or "broke off",
            self._lasted(event.run_id, event.step),
            message.usage.input_tokens,
            message.usage.output_tokens,
            len(message.tool_calls),
            message.model or "unknown",
        )

    def _tool_finished(self, event: ToolFinished) -> None:
        error = event.result.error
        _log.info(
            "run %s: tool %s (%s) %s after %.3f s%s",
            event.run_id,
            event.name,
            event.tool_call_id,
            event.state,
            event.elapsed,
            f": {type(error).__name__}" if error is not None else "",
        )

    def _run_finished(self, event: RunFinished) -> None:
        usage = event.reply.usage
        _log.info(
            "run %s: finished after %s: %d input and %d output tokens, %d calls",
            event.run_id,
            self._lasted(event.run_id, 0),
            usage.input_tokens,
            usage.output_tokens,
            len(event.reply.calls),
        )

    def _run_failed(self, event: RunFailed) -> None:
        _log.info(
            "run %s: failed after %s: %s%s",
            event.run_id,
            self._lasted(event.run_id, 0),
            type(event.error).__name__,
            f", status {status}" if (status := getattr(event.error, "status", 0)) else "",
        )

    def _run_cancelled(self, event: RunCancelled) -> None:
        _log.info("run %s: stopped after %s", event.run_id, self._lasted(event.run_id, 0))

    def _lasted(self, run_id: str, step: int) -> str:
        begun = self._begun.pop((run_id, step), None)
        # The log may have been turned on in between.
        return f"{self._now() - begun:.3f} s" if begun is not None else "an unknown time"


def _between(event: Any, text: str, *values: object) -> None:
    _log.debug("run %s: " + text, event.run_id, *values)
