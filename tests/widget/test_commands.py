"""Commands from the page: the known ones come out typed, everything else is refused."""

from typing import Any

import pytest

from nbagent.widget.commands import (
    Answer,
    Approve,
    Ask,
    Asset,
    Command,
    CommandError,
    Deny,
    Edit,
    Hide,
    Resync,
    Retry,
    Revoke,
    Stop,
    parse,
)


@pytest.mark.parametrize(
    ("content", "command"),
    [
        ({"type": "ask", "text": "Hi"}, Ask("Hi")),
        ({"type": "stop"}, Stop()),
        ({"type": "retry"}, Retry()),
        ({"type": "resync", "seq": 4}, Resync(4)),
        (
            {"type": "approve", "tool_call_id": "a", "arguments": None, "always": True},
            Approve("a", None, True),
        ),
        (
            {"type": "approve", "tool_call_id": "a", "arguments": "{}", "always": False},
            Approve("a", "{}"),
        ),
        ({"type": "revoke", "name": "f"}, Revoke("f")),
        ({"type": "answer", "tool_call_id": "a", "text": "yes"}, Answer("a", "yes")),
        ({"type": "edit", "message": "m1", "text": "Hi"}, Edit("m1", "Hi")),
        ({"type": "hide", "name": "df"}, Hide("df")),
        ({"type": "asset", "name": "plotly"}, Asset("plotly")),
        ({"type": "deny", "tool_call_id": "a", "reason": "no"}, Deny("a", "no")),
    ],
)
def test_commands(content: dict[str, Any], command: Command) -> None:
    """Each command of the wire becomes its value."""
    assert parse(content) == command


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"type": "ask"}, "ask.text"),
        ({"type": "ask", "text": 3}, "ask.text"),
        ({"type": "resync", "seq": "4"}, "resync.seq"),
        ({"type": "approve", "always": True}, "approve.tool_call_id"),
        ({"type": "run", "code": "rm"}, "'run'"),
        ({}, "type"),
        (None, "message"),
        ("stop", "message"),
        ([1, 2], "message"),
    ],
)
def test_refused(content: object, reason: str) -> None:
    """What is not a command is refused with the field that is wrong."""
    with pytest.raises(CommandError, match=reason):
        parse(content)
