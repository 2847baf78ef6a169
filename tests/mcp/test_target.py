"""What is connected to, and how it keeps its secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbagent import ConfigurationError, MCPServer
from nbagent.mcp.target import Target


def test_commands_and_addresses() -> None:
    """A command line, its words, a path, an address."""
    assert Target.of("python 'my server.py' --x").command == ("python", "my server.py", "--x")
    assert Target.of(["python", Path("a.py")]).command == ("python", "a.py")  # type: ignore[list-item]  # taken too
    assert Target.of("https://example.org/mcp").url == "https://example.org/mcp"
    labels = [
        "/usr/bin/uvx mcp-git",
        "python -u my/files.py --key abc",
        "https://u:p@h.org:81/m?k=v",
    ]
    assert [Target.of(each).label for each in labels] == ["uvx", "files", "https://h.org:81/m"]


@pytest.mark.parametrize(
    ("what", "options", "told"),
    [
        ("", {}, "a command, as in"),
        ([], {}, "a command, as in"),
        (3, {}, "got int"),
        (["python", 3], {}, "got list"),
        ("python a.py", {"headers": {"a": "b"}}, "headers are for"),
        ("http://h/mcp", {"env": {"a": "b"}}, "env and cwd"),
        ("http://h/mcp", {"cwd": "."}, "env and cwd"),
        ("python a.py", {"approve": "sometimes"}, "'destructive'"),
    ],
)
def test_mistakes(what: Any, options: dict[str, Any], told: str) -> None:
    """Each is refused when the server is made, with a text that helps."""
    with pytest.raises(ConfigurationError, match=told):
        MCPServer(what, **options)


def test_secrets() -> None:
    """Neither the repr nor a cleaned text has the values of variables and headers."""
    child = Target.of("run --key inline-key", env={"KEY": "sk-secret", "FLAG": "1"})
    far = Target.of(
        "http://me:password@h/mcp?key=inline-key", headers={"Authorization": "Bearer tok-secret"}
    )
    for target in (child, far):
        assert "secret" not in repr(target) and "inline-key" not in repr(target)
    assert child.clean("1 sk-secret 1") == "1 *** 1"
    assert far.clean("tok-secret, key=inline-key, password") == "***, ***, ***"
    assert "key" not in repr(MCPServer("run --key inline-key"))
