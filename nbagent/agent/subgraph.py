"""A graph as a part of another, with a model, tools and instructions of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from nbagent.agent.graph import Graph, Node
from nbagent.agent.run_context import RunContext
from nbagent.agent.settings import Settings, params_of, tool_calling_of, toolset_of
from nbagent.agent.step_cap import StepCap
from nbagent.errors import GraphError
from nbagent.models import Model, ModelLike

__all__ = ["subgraph"]


def subgraph(
    graph: Graph[Any, Any],
    *,
    model: ModelLike | None = None,
    tools: Iterable[Any] | None = None,
    instructions: str | None = None,
    params: Mapping[str, Any] | None = None,
    tool_calling: str | None = None,
    max_steps: int | None = None,
    name: str | None = None,
) -> Node[Any, Any]:
    """A node that walks a graph with settings of its own, over the same conversation.

    What is left out is as it is around it. Behind it everything is as before; calls of its tools
    stay in the conversation, and a model that does not have these tools reads of them in words.

    Args:
        graph: What is walked.
        model: Asked inside, instead of the agent's.
        tools: Offered inside; ``()`` offers none.
        instructions: Said to the model inside.
        params: Parameters of each request inside, over those of the agent.
        tool_calling: How tools reach the model inside.
        max_steps: How often one walk through it may ask the model.
        name: The node's name; by default the graph's.

    Raises:
        ConfigurationError: An argument does not make sense.
        GraphError: ``max_steps`` is below 1, or the graph cannot run.
    """
    if max_steps is not None and max_steps < 1:
        raise GraphError(f"Subgraph {graph.name!r}: max_steps is at least 1; got {max_steps}.")
    graph.check()
    named = name or graph.name
    own = {
        "model": None if model is None else Model.of(model),
        "tools": None if tools is None else toolset_of(tools),
        "instructions": instructions,
        "tool_calling": tool_calling_of(tool_calling),
    }
    changes = {key: value for key, value in own.items() if value is not None}
    extra = params_of(params)

    async def run(context: RunContext, value: Any) -> Any:
        caps = () if max_steps is None else (StepCap(named, max_steps),)
        inside = replace(context, caps=(*context.caps, *caps))
        session, around = context.session, context.session.settings
        session.settings = _changed(around, changes, extra)
        try:
            return await graph.walk(inside, value)
        finally:
            session.settings = around
            context.state = inside.state

    return Node(named, run, (graph,))


def _changed(settings: Settings, changes: Mapping[str, Any], extra: Mapping[str, Any]) -> Settings:
    if not changes and not extra:
        return settings
    return replace(settings, **changes, params={**settings.params, **extra})
