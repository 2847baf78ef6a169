"""From what an agent does to what a page shows: events and frames in, ops out.

Pure but for the clock. One assistant message a run: the text, reasoning and cards of all its
steps in their order. A run inside of a call is a message inside of that call's card.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nbagent.agent.events import (
    ApprovalRequested,
    ApprovalsChanged,
    HistoryCut,
    HistoryReset,
    NestedItem,
    QuestionAnswered,
    QuestionAsked,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StreamItem,
    ToolFinished,
    ToolQueued,
    ToolStarted,
)
from nbagent.widget.attachments import attachment_ops
from nbagent.widget.picture import Picture
from nbagent.widget.values import error_view, repair
from nbagent.widget.views import ErrorView, MessageState, Status
from nbagent.widget.wire import MessageStartOp, Op

__all__ = ["Translator"]

# After these the widget may wait for a person, or wait no longer.
_TURNS = (
    ApprovalRequested,
    QuestionAsked,
    QuestionAnswered,
    ToolQueued,
    ToolStarted,
    ToolFinished,
    NestedItem,
)
# Told of a call inside of a call by the outer run, under the path to it.
_PASSED_ON = (ApprovalRequested, QuestionAsked, QuestionAnswered)


class Translator:
    """Keeps the keys of messages and parts; one for each widget.

    Args:
        model: The model's label until a run says another.
        now: Gives epoch seconds.
    """

    def __init__(self, model: str = "", now: Callable[[], float] = time.time) -> None:
        self._model = model
        self._now = now
        self._messages = 0
        self._picture = Picture("", "", now)
        # The runs inside of calls, by the path to these: ``call/call of the run inside/…``.
        self._inner: dict[str, Picture] = {}
        self._questions: dict[str, str] = {}
        self._active = False
        self._status: Status = "idle"
        self._handlers: dict[type, Callable[[Any], list[Op]]] = {
            RunStarted: self._run_started,
            RunFinished: lambda event: self._close("done", None),
            RunFailed: lambda event: self._close("failed", error_view(event.error)),
            RunCancelled: lambda event: self._close("cancelled", None),
            ApprovalsChanged: lambda event: [{"op": "always", "names": list(event.always)}],
            NestedItem: lambda event: self._nested(event, event.tool_call_id),
            HistoryCut: self._history_cut,
            HistoryReset: self._history_reset,
        }

    @property
    def run_id(self) -> str:
        """The run that the last event belonged to; empty before the first."""
        return self._picture.run_id

    def run_of(self, message: str) -> str:
        """The run that began with this message of the person; empty where there is none."""
        return next((run for run, known in self._questions.items() if known == message), "")

    def named(self, model: str) -> list[Op]:
        """The ops that show another model's name."""
        self._model = model
        return [self._status_op()]

    def translate(self, event: StreamItem) -> list[Op]:
        """The ops that show ``event``; none for an event that has no picture."""
        handler = self._handlers.get(type(event))
        ops = handler(event) if handler is not None else self._shown(event)
        return [*ops, *self._refresh_status()] if isinstance(event, _TURNS) else ops

    def _shown(self, event: StreamItem) -> list[Op]:
        if isinstance(event, _PASSED_ON) and not self._picture.knows(event.tool_call_id):
            path, _, rest = event.tool_call_id.rpartition("/")
            inner = self._inner.get(path)
            if inner is not None:
                return inner.show(_shortened(event, rest))
        return self._picture.show(event)

    def _run_started(self, event: RunStarted) -> list[Op]:
        self._model = event.model
        self._active = True
        self._status = "running"
        question, ops = self._start_message("user")
        self._questions[event.run_id] = question
        ops += attachment_ops(question, event.attachments, 2)
        if event.text:
            ops += [
                {"op": "text", "message": question, "part": "1", "text": repair(event.text)},
                {"op": "part_done", "message": question, "part": "1"},
            ]
        if event.versions > 1:
            index, count = event.version - 1, event.versions
            ops.append({"op": "versions", "id": question, "index": index, "count": count})
        message, answer = self._start_message("assistant")
        self._picture, self._inner = Picture(event.run_id, message, self._now), {}
        return [self._status_op(), *ops, *answer]

    def _start_message(self, role: Any, parent: str = "") -> tuple[str, list[Op]]:
        self._messages += 1
        identity = f"m{self._messages}"
        op: MessageStartOp = {
            "op": "message_start",
            "id": identity,
            "role": role,
            "created": self._now(),
        }
        if parent:
            op["parent"] = parent
        return identity, [op]

    def _status_op(self) -> Op:
        return {"op": "status", "status": self._status, "model": self._model}

    def _refresh_status(self) -> list[Op]:
        """The widget waits while any call waits for a person."""
        if not self._active:
            return []
        waits = any(picture.waits for picture in (self._picture, *self._inner.values()))
        status: Status = "waiting" if waits else "running"
        if status == self._status:
            return []
        self._status = status
        return [self._status_op()]

    def _nested(self, event: NestedItem, path: str) -> list[Op]:
        """What a run inside of the call at ``path`` told."""
        item = event.item
        if isinstance(item, NestedItem):
            return self._nested(item, f"{path}/{item.tool_call_id}")
        if isinstance(item, ApprovalRequested):
            return []  # told by the outer run as well
        if isinstance(item, RunStarted):
            message, ops = self._start_message("assistant", path)
            self._inner[path] = Picture(item.run_id, message, self._now, path)
            return ops
        inner = self._inner.get(path)
        if inner is None:
            return []
        if isinstance(item, RunFinished):
            return inner.close("done", None)
        if isinstance(item, RunCancelled):
            return inner.close("cancelled", None)
        if isinstance(item, RunFailed):
            return inner.close("failed", error_view(item.error))
        return inner.show(item)

    def _close(self, state: MessageState, error: ErrorView | None) -> list[Op]:
        if not self._active:
            return []
        self._active = False
        self._status = "idle"
        left: MessageState = "cancelled" if state == "done" else state
        inside = [op for inner in self._inner.values() for op in inner.close(left, None)]
        return [*inside, *self._picture.close(state, error), self._status_op()]

    def _history_cut(self, event: HistoryCut) -> list[Op]:
        message = self._questions.get(event.run_id)
        if message is None:
            return []
        runs = list(self._questions)
        for run in runs[runs.index(event.run_id) :]:
            del self._questions[run]
        return [{"op": "cut", "id": message}]

    def _history_reset(self, event: HistoryReset) -> list[Op]:
        self._picture, self._inner = Picture("", "", self._now), {}
        self._questions.clear()
        self._active = False
        self._status = "idle"
        return [{"op": "reset"}, self._status_op()]


def _shortened(
    event: ApprovalRequested | QuestionAsked | QuestionAnswered, tool_call_id: str
) -> StreamItem:
    """The event as the run inside knows it: without the path."""
    if isinstance(event, QuestionAnswered):
        return replace(event, tool_call_id=tool_call_id)
    return replace(event, tool_call_id=tool_call_id, name=event.name.rpartition("/")[2])
