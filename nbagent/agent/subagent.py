"""An agent as a tool of another one, and the handing over of a conversation.

As a tool, an agent works in a run of its own, inside the call: what that run tells is told by the
outer one as `NestedItem`s, what it needs a yes for is asked there, it is stopped with the call,
and what it uses counts there too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from nbagent.agent.audience import ENDS
from nbagent.agent.content import content_of
from nbagent.agent.engine import Engine, outcome
from nbagent.agent.events import NestedItem, Notice, RunCancelled, StreamItem
from nbagent.agent.nesting import Caller, calling
from nbagent.agent.reply import Reply
from nbagent.errors import ConfigurationError, ToolError
from nbagent.messages import ToolSpec
from nbagent.tools import Options, SpecTool, ToolContext, ToolResult, for_person
from nbagent.tools.arguments import validate
from nbagent.tools.for_model import cut, text_for_model

__all__ = ["DEEPEST", "agent_tool", "handing_tool"]

DEEPEST = 8  # calls of agents in one another: further down it is a circle
REQUEST = {
    "type": "object",
    "properties": {
        "request": {
            "type": "string",
            "description": "What it is to do, with everything that it has to know for it.",
        }
    },
    "required": ["request"],
}
REASON = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "description": "Why, and what is to be done next."},
    },
}
ASKS = "Gives a task to {name}, another assistant, and returns its answer. {apart}"
APART = "It knows nothing of this conversation."
REMEMBERS = "It remembers its earlier tasks, and else knows nothing of this conversation."
HANDS = (
    "Hands the whole conversation over to {name}, another assistant, which then goes on with the "
    "person in your place."
)
HANDED = (
    "You are {name} now, and have the conversation: read it, and go on with what the person wants."
)


def agent_tool(
    engine: Engine,
    name: str,
    description: str = "",
    *,
    takes: type[BaseModel] | None = None,
    keep: bool = False,
    options: Options | None = None,
) -> SpecTool:
    """A tool that asks an agent.

    Args:
        engine: The agent; each call works on a fork of it.
        name: What the tool is called.
        description: What the agent is good for.
        takes: What it is asked with; by default words.
        keep: Whether it is asked itself, one call after the other in one conversation.
        options: As of any tool.

    Raises:
        ConfigurationError: ``takes`` is no pydantic model.
        ToolSchemaError: Providers do not take the name.
    """
    told = ASKS.format(name=name, apart=REMEMBERS if keep else APART)
    spec = ToolSpec(name, f"{description}\n{told}".strip(), _parameters(takes))
    limit = (options or Options()).text_limit

    async def run(arguments: dict[str, Any], context: ToolContext) -> ToolResult:
        around = calling.get()
        if around is not None and around.depth > DEEPEST:
            return _too_deep(name)
        request = arguments["request"] if takes is None else _document(name, takes, arguments)
        asked = engine if keep else engine.fork()
        return _result(await _reply(asked, request, around), limit)

    return SpecTool(spec, run, check=_check(name, takes), options=options)


def handing_tool(engine: Engine, name: str, tool_name: str, description: str = "") -> SpecTool:
    """A tool that hands the conversation over: its instructions, model and tools take its place.

    Args:
        engine: The agent that goes on.
        name: Its name.
        tool_name: What the tool is called.
        description: When the conversation is for it.

    Raises:
        ToolSchemaError: Providers do not take the name of the tool.
    """
    spec = ToolSpec(tool_name, f"{HANDS.format(name=name)} {description}".strip(), REASON)

    async def run(arguments: dict[str, Any], context: ToolContext) -> str:
        around = calling.get()
        if around is None or around.host is None:
            raise ToolError("There is no conversation to hand over: this call is part of no run.")
        taken = around.host.hand_over(engine.settings, name)
        if taken:
            raise ToolError(f"The conversation was handed over to {taken} already.")
        model = engine.settings.model
        around.tell(Notice(around.run_id, f"The conversation goes on with {name} ({model})."))
        return HANDED.format(name=name)

    return SpecTool(spec, run)


async def _reply(engine: Engine, request: str, around: Caller | None) -> Reply:
    """Runs the question inside the call.

    Raises:
        asyncio.CancelledError: The call was stopped, or the run by somebody.
        Exception: What the run failed with.
    """
    last: list[StreamItem] = []

    def hear(item: StreamItem) -> None:
        last[:] = [item]
        if around is not None:
            around.tell(NestedItem(around.run_id, around.tool_call_id, around.name, item))

    attended = around is not None and around.attended
    stop, done = engine.start(content_of(request), hear, attended=attended, caller=around)
    ended = asyncio.wrap_future(done)
    try:
        await asyncio.shield(ended)
    except asyncio.CancelledError:
        stop()
        await asyncio.shield(ended)
        raise
    end = last[0] if last else RunCancelled("")
    if not isinstance(end, ENDS):
        raise AssertionError("a run ended without its last event")
    return outcome(end)


def _result(reply: Reply, limit: int) -> ToolResult:
    text = reply.text if reply.output is None else text_for_model(reply.output, limit=limit)
    return ToolResult(reply, cut(text, limit), for_person(reply))


def _too_deep(name: str) -> ToolResult:
    error = ToolError(
        f"{name!r} was not asked: {DEEPEST} agents are waiting for one another already, each as a "
        "tool of the next. They go round in a circle; answer without it."
    )
    return ToolResult(None, str(error), error=error)


def _parameters(takes: type[BaseModel] | None) -> dict[str, Any]:
    if takes is None:
        return REQUEST
    if not (isinstance(takes, type) and issubclass(takes, BaseModel)):
        raise ConfigurationError(
            "input is a pydantic model: a class whose fields the agent is asked with; got "
            f"{takes!r}."
        )
    return takes.model_json_schema()


def _check(name: str, takes: type[BaseModel] | None) -> Callable[[dict[str, Any]], None]:
    model = takes or _Request

    def check(arguments: dict[str, Any]) -> None:
        validate(name, model, arguments, text=True)

    return check


def _document(name: str, takes: type[BaseModel], arguments: dict[str, Any]) -> str:
    given = validate(name, takes, arguments, text=True)
    return given.model_dump_json(by_alias=True, exclude_unset=True)


class _Request(BaseModel):
    request: str
