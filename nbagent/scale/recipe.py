"""What another process needs to ask as this agent does, and the asking there.

No key travels: a worker takes the keys from its own environment, or from a function that makes its
executor there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from nbagent.agent.content import content_of
from nbagent.agent.engine import Engine
from nbagent.agent.output import Output
from nbagent.agent.reply import Reply
from nbagent.agent.run import RunSettings
from nbagent.agent.settings import Settings
from nbagent.errors import ConfigurationError
from nbagent.executor import Executor
from nbagent.messages import Message
from nbagent.models import Model
from nbagent.tools import Tool, ToolResult, Toolset
from nbagent.tools.tool import Options
from nbagent.tools.worker import CannotTravel, pack

__all__ = ["Recipe", "packed_prompt", "recipe_of"]


@dataclass(frozen=True)
class _SentTool:
    """A tool as it travels: its function, and how it was decorated."""

    function: Callable[..., Any]
    name: str
    options: Options

    def made(self) -> Tool[..., Any]:
        """The tool, on the other side."""
        return Tool(self.function, replace(self.options, name=self.name))


@dataclass(frozen=True)
class Recipe:
    """All that a worker needs of an agent.

    Attributes:
        model: The model.
        executor: Makes what reaches it, on the worker.
        tools: The tools.
        instructions: What the model is told first.
        params: Parameters of each request.
        tool_calling: How tools reach the model.
        runs: How a run goes.
        history: What every conversation goes on from.
        parallel: How many calls of one reply run at once.
    """

    model: Model
    executor: Callable[[], Executor]
    tools: tuple[_SentTool, ...]
    instructions: str
    params: dict[str, Any]
    tool_calling: str | None
    runs: RunSettings
    history: tuple[Message, ...]
    parallel: int

    def engine(self) -> Engine:
        """An agent like the one it was made of, in this process."""
        settings = Settings(
            self.executor(),
            self.model,
            Toolset([sent.made() for sent in self.tools]),
            self.instructions,
            self.params,
            self.tool_calling,
        )
        return Engine(
            settings, history=self.history, runs=self.runs, max_parallel_calls=self.parallel
        )


async def recipe_of(
    engine: Engine, executor: Callable[[], Executor], output: Output | None = None
) -> Recipe:
    """What has to travel of an agent.

    Args:
        engine: The agent.
        executor: Makes what reaches the model, on the worker.
        output: What the answers are to be; by default as the agent has it.

    Raises:
        ConfigurationError: A tool needs a person's yes: nobody is there to ask on a worker.
    """
    settings = engine.settings
    offered = await settings.tools.resolve()
    if any(tool.approve for tool in offered.values()):
        names = ", ".join(name for name, tool in offered.items() if tool.approve)
        raise ConfigurationError(
            f"map(run_on=…) cannot ask anybody about calls of {names} (approve=) on a worker. Map "
            "here, without run_on, or give the agent tools that need no yes."
        )
    shown = "\n\n".join(filter(None, (settings.instructions, settings.shown.text())))
    return Recipe(
        settings.model,
        executor,
        tuple(_sent(tool) for tool in offered.values()),
        shown,
        dict(settings.params),
        settings.tool_calling,
        engine.runs if output is None else replace(engine.runs, output=output),
        engine.messages,
        engine.max_parallel_calls,
    )


def packed_prompt(recipe: Recipe, prompt: Any) -> bytes:
    """One prompt with all that a worker needs to answer it.

    Raises:
        ConfigurationError: Something of it cannot be sent.
    """
    try:
        return pack(ask_there, [recipe, content_of(prompt)], {})
    except CannotTravel as error:
        raise ConfigurationError(
            f"map(run_on=…) cannot send this agent to a worker: {error}. Tools that hold on to "
            "connections, locks or servers have to stay here: map without run_on."
        ) from error


def ask_there(recipe: Recipe, content: tuple[Any, ...]) -> Reply:
    """On the worker: asks, with a loop and connections of its own."""
    return asyncio.run(_ask_there(recipe, content))


async def _ask_there(recipe: Recipe, content: tuple[Any, ...]) -> Reply:
    engine = recipe.engine()
    try:
        return _portable(await engine.ask(*content))
    finally:
        await engine.settings.executor.aclose()


def _portable(reply: Reply) -> Reply:
    """The reply, without live results that cannot be sent; what the model read of them is."""
    try:
        pack(_portable, [reply], {})
    except CannotTravel:
        calls = tuple(
            replace(call, outcome=ToolResult(None, call.text), outputs=()) for call in reply.calls
        )
        return replace(reply, calls=calls)
    return reply


def _sent(tool: Tool[..., Any]) -> _SentTool:
    options = replace(tool.options, description=tool.description, run_on=None)
    return _SentTool(tool.function, tool.name, options)
