"""The terminals of calls: a call that is told anew begins with an empty one."""

from typing import Any

from nbagent.widget.terminals import Terminals


def printed(text: str) -> dict[str, Any]:
    """The op of a text that a call prints."""
    output = {"kind": "stream", "name": "stdout", "text": text}
    return {"op": "output", "tool_call_id": "c", "output": output}


def test_a_call_told_anew() -> None:
    """A conversation that goes back to a version tells its calls again; nothing stands twice."""
    terminals = Terminals()
    lines = "".join(f"{number}\n" for number in range(250_000))
    for _ in range(2):
        terminals.notice({"op": "call", "message": "m", "part": "1", "tool_call_id": "c"})
        op = terminals.play(printed(lines), lines)
        assert op["op"] == "output"
        assert op["output"]["hidden"] > 0
        terminals.notice({"op": "result", "tool_call_id": "c"})
        assert terminals.printed("c") == lines
