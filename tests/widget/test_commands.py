"""Commands from the page: the known ones come out typed, everything else is refused."""

from typing import Any

import pytest

from nbagent.widget.commands import (
    Answer,
    Approve,
    Ask,
    Asset,
    Branch,
    CallAgain,
    Clear,
    Command,
    CommandError,
    Deny,
    Edit,
    Export,
    Hide,
    Resync,
    Retry,
    Revoke,
    Stop,
    Switch,
    Upload,
    Use,
    parse,
)


@pytest.mark.parametrize(
    ("content", "command"),
    [
        ({"type": "ask", "text": "Hi"}, Ask("Hi")),
        (
            {"type": "ask", "text": "", "files": ["a", "b"], "id": "1"},
            Ask("", ("a", "b"), "1"),
        ),
        (
            {"type": "upload", "file": "a", "name": "a.csv", "size": 9, "offset": 0},
            Upload("a", "a.csv", 9, 0),
        ),
        (
            {"type": "use", "name": "sum", "text": "df", "files": [], "id": "1"},
            Use("sum", "df", (), "1"),
        ),
        ({"type": "clear", "id": "1"}, Clear("1")),
        ({"type": "export", "path": "a.md", "id": "1"}, Export("a.md", "1")),
        ({"type": "switch", "model": "openai:gpt-5"}, Switch("openai:gpt-5")),
        ({"type": "stop"}, Stop()),
        ({"type": "retry"}, Retry()),
        ({"type": "call_again", "tool_call_id": "a", "id": "1"}, CallAgain("a", "1")),
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
        ({"type": "branch", "message": "m1", "version": 2}, Branch("m1", 2)),
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
        ({"type": "ask", "text": "", "files": [3]}, "ask.files.0"),
        ({"type": "upload", "file": "a", "name": "a", "size": "9", "offset": 0}, "upload.size"),
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
