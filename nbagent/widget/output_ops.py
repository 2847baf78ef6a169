"""What a tool put out, as ops: printed, displayed, updated under an id, cleared."""

from __future__ import annotations

from nbagent.tools.outputs import ClearOutput, DisplayOutput, StreamOutput, ToolOutput
from nbagent.widget.values import bundle_view, repair
from nbagent.widget.views import Output
from nbagent.widget.wire import Op

__all__ = ["OutputOps"]


class OutputOps:
    """Keeps which calls will be cleared with their next output."""

    def __init__(self) -> None:
        self._clears: set[str] = set()

    def of(self, tool_call_id: str, shown: ToolOutput) -> list[Op]:
        """The ops that show an output of a call."""
        if isinstance(shown, ClearOutput):
            return self._cleared(tool_call_id, shown)
        if isinstance(shown, DisplayOutput) and shown.update:
            return [_update(tool_call_id, shown)]
        if isinstance(shown, DisplayOutput) and not shown.bundle.data and not shown.display_id:
            return []  # nothing is left of it: a library's script, say
        ops: list[Op] = []
        if tool_call_id in self._clears:
            self._clears.discard(tool_call_id)
            ops.append({"op": "clear", "tool_call_id": tool_call_id})
        return [*ops, {"op": "output", "tool_call_id": tool_call_id, "output": _output(shown)}]

    def _cleared(self, tool_call_id: str, shown: ClearOutput) -> list[Op]:
        if shown.wait:
            self._clears.add(tool_call_id)
            return []
        self._clears.discard(tool_call_id)
        return [{"op": "clear", "tool_call_id": tool_call_id}]


def _output(shown: StreamOutput | DisplayOutput) -> Output:
    if isinstance(shown, StreamOutput):
        return {"kind": "stream", "name": shown.name, "text": shown.text}
    bundle = bundle_view(shown.bundle.data, shown.bundle.metadata)
    if shown.display_id is None:
        return {"kind": "display", "bundle": bundle}
    return {"kind": "display", "bundle": bundle, "display_id": repair(shown.display_id)}


def _update(tool_call_id: str, shown: DisplayOutput) -> Op:
    bundle = bundle_view(shown.bundle.data, shown.bundle.metadata)
    name = repair(shown.display_id or "")
    return {"op": "update", "tool_call_id": tool_call_id, "display_id": name, "bundle": bundle}
