"""The terminals of the calls that print: which one a text belongs to, and what it changes there."""

from __future__ import annotations

from typing import Any

from nbagent.widget.terminal import Terminal

__all__ = ["Terminals"]


class Terminals:
    """One terminal for each stretch of stdout or stderr, as an output is one on the page."""

    def __init__(self) -> None:
        # Of each call the stretch that can still grow, and all stretches if any hides lines.
        self._open: dict[str, tuple[str, Terminal]] = {}
        self._all: dict[str, list[Terminal]] = {}

    def play(self, op: dict[str, Any], text: str) -> dict[str, Any]:
        """The op, an ``output`` that is a stream, or a ``rewrite`` where more than the end changes.

        ``text`` is what was printed.
        """
        identity, name = op["tool_call_id"], op["output"]["name"]
        known, terminal = self._open.get(identity, ("", None))
        if terminal is None or known != name:
            terminal = Terminal()
            self._open[identity] = (name, terminal)
            self._all.setdefault(identity, []).append(terminal)
            text_now = terminal.feed(text)
            output = {**op["output"], "text": text_now.text}
            if terminal.hidden:
                output["hidden"] = terminal.hidden
            return {**op, "output": output}
        change = terminal.feed(text)
        if not change.first and not change.last:
            return {**op, "output": {**op["output"], "text": change.text}}
        return {
            "op": "rewrite",
            "tool_call_id": identity,
            "first": change.first,
            "last": change.last,
            "text": change.text,
            "hidden": terminal.hidden,
        }

    def notice(self, op: dict[str, Any]) -> None:
        """Another op goes out: what it displays, clears or ends ends the stretch before it."""
        match op["op"]:
            case "output" if op["output"]["kind"] != "stream":
                self._open.pop(op["tool_call_id"], None)
            case "clear" | "call":  # a call is told anew when a conversation goes back to it
                self._open.pop(op["tool_call_id"], None)
                self._all.pop(op["tool_call_id"], None)
            case "result":
                self._over(op["tool_call_id"])
            case "reset":
                self._open.clear()
                self._all.clear()

    def printed(self, tool_call_id: str) -> str | None:
        """All that a call printed, where a part of it is hidden; else None."""
        stretches = self._all.get(tool_call_id, [])
        if not any(terminal.hidden for terminal in stretches):
            return None
        return "".join(terminal.text for terminal in stretches)

    def _over(self, tool_call_id: str) -> None:
        """The transcript has what a call printed, unless a part of it is hidden there."""
        self._open.pop(tool_call_id, None)
        if self.printed(tool_call_id) is None:
            self._all.pop(tool_call_id, None)
