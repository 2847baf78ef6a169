"""An agent whose conversation has everything in it that can be saved."""

from __future__ import annotations

import sys
from typing import Any

from nbagent import (
    Agent,
    Executor,
    FilePart,
    ImagePart,
    Message,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
    Usage,
    tool,
)
from nbagent.testing import ScriptedClient, reply_calls, reply_text

PNG = b"\x89PNG\r\n" + bytes(range(256)) * 100


class Frame:
    """Something that a page shows in several ways, and that is no JSON."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        data = {"text/html": "<b>x</b>" * 5000, "image/png": PNG, "application/json": {"a": [1]}}
        return data, {"image/png": {"width": 10}}

    def __repr__(self) -> str:
        return "Frame"


def table(rows: int) -> Frame:
    """Gives a live object, and prints on the way."""
    print("rows:", rows)  # noqa: T201 - what a tool prints is saved
    print("careful", file=sys.stderr)  # noqa: T201 - as above
    return Frame()


def number() -> float:
    """Gives what is JSON."""
    return 2.5


def fails() -> None:
    """Raises."""
    raise ZeroDivisionError("by nothing")


@tool(approve=True)
def risky() -> str:
    """Needs a yes."""
    return "done"


TOOLS = [table, number, fails, risky]
HISTORY = [
    Message.system("A word before."),
    Message.user("Look:", ImagePart(PNG), FilePart(b"a,b\n1,2", "text/csv", "t.csv")),
    Message(
        "assistant",
        (
            ReasoningPart("Hm.", "In short.", "c2lnbmVk", "rs_1"),
            TextPart("Grüße 😀"),
            ToolCall("old", "plot", '{"x": 1', "theirs", "proof"),
        ),
        "tool_calls",
        Usage(1, 2, 3, 4),
        "claude-sonnet-5",
        "msg_1",
    ),
    Message.tool(
        ToolResultPart("old", "plot", "a figure", (ImagePart(url="https://x/y.png"),), error=True)
    ),
    Message("assistant", (TextPart("Half"),)),
]


def replies() -> tuple[Any, ...]:
    """One run with calls of every end, and an answer."""
    calls = (("table", {"rows": 3}), ("number", {}), ("fails", {}), ("risky", {}), ("none", {}))
    answer = reply_text("Done.", reasoning="Hm.", usage=Usage(5, 6))
    return reply_calls(*calls, text="So."), answer


def agent_on(*script: Any, always: Any = None, **options: Any) -> tuple[Agent, ScriptedClient]:
    """An agent on a scripted model, and the client."""
    client = ScriptedClient(script, always=always)
    return Agent("scripted:any", executor=Executor({"scripted": client}), **options), client


async def full_agent(**options: Any) -> Agent:
    """After one run, over a history with every kind of part."""
    agent, _ = agent_on(
        *replies(),
        tools=TOOLS,
        history=HISTORY,
        instructions="Be good.",
        params={"temperature": 0.5, "stop": ["x"], "extra": {"api_key": "sk-secret"}},
        max_steps=7,
        tool_calling="native",
        approver=lambda request: True,
        **options,
    )
    await agent.ask("Go.")
    return agent
