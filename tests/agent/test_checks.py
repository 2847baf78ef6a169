"""Errors that say what to write instead."""

from __future__ import annotations

from typing import Any

import pytest

from nbagent import ConfigurationError, Message, ToolSchemaError
from nbagent.agent import checks
from tests.agent.agents import add


@pytest.mark.parametrize(
    ("check", "value", "told"),
    [
        (checks.waits, "sometimes", "'wait' or 'refuse'"),
        (checks.toolset_of, add, r"tools=\[summary\]"),
        (checks.toolset_of, "add", r"tools=\[summary\]"),
        (checks.toolset_of, [add, add], "Two tools are named 'add'"),
        (checks.steps_of, 0, "at least 1"),
        (checks.steps_of, "3", "whole number"),
        (checks.steps_of, True, "whole number"),
        (checks.approver_of, True, "async function"),
        (checks.tool_calling_of, "magic", "native, schema"),
        (checks.params_of, [("a", 1)], "mapping"),
        (checks.params_of, {1: 2}, "mapping"),
        (checks.history_of, "Hi.", "list of messages"),
        (checks.history_of, 3, "list of messages"),
        (checks.history_of, ["Hi."], "list of messages"),
        (checks.history_of, [{"role": "robot"}], "role"),
    ],
)
def test_mistakes(check: Any, value: Any, told: str) -> None:
    """Each mistake is a `ConfigurationError` that names the way out."""
    with pytest.raises(ConfigurationError, match=told):
        check(value)


def test_what_fits() -> None:
    """What is right passes."""
    assert checks.toolset_of([add]).names == ("add",)
    assert checks.params_of(None) == {}
    assert checks.tool_calling_of("schema") == "schema"
    with pytest.raises(ToolSchemaError):
        checks.toolset_of([3])


def test_a_history_written_elsewhere_is_whole() -> None:
    """An assistant's message given as a mapping does not pass for one that broke off."""
    given = checks.history_of(
        [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    )
    assert given[1].finish_reason == "stop"
    partial = Message.assistant("half")
    assert checks.history_of([partial]) == (partial,)
