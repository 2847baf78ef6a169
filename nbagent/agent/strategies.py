"""Ready strategies: how an agent gets from a question to its answer."""

from __future__ import annotations

from typing import Any

from nbagent.agent.conditions import has_calls, no_calls
from nbagent.agent.graph import Graph, Node
from nbagent.agent.nodes import run_tools, stream_with_tools
from nbagent.agent.transform import Transform
from nbagent.messages import Message

__all__ = ["plan_and_do", "react", "tool_loop"]

REASON = (
    "Think about what is known, what is missing and what the best next step is. Say it in a few "
    "words. Do not answer yet."
)
PLAN = (
    "Write a short numbered plan for this, one step a line, at most {steps} steps. Only the plan: "
    "it is carried out afterwards."
)
ACT = "Go on: call the tools that this needs, or give the answer."
DO = (
    "Carry out the plan step by step, with the tools where they help. When all is known, give the "
    "answer."
)


def tool_loop(
    *, transform: Transform | None = None, parallel: bool = True, **params: Any
) -> Graph[Any, Message]:
    """The default: ask the model, run the calls that it wants, until it answers in words.

    Args:
        transform: See `stream_with_tools`.
        parallel: Whether calls of one message run side by side.
        params: Parameters of each request.
    """
    graph: Graph[Any, Message] = Graph("tool_loop")
    ask = graph.add(stream_with_tools(transform=transform, **params))
    tools = graph.add(run_tools(parallel=parallel))
    graph.edge(graph.start, ask)
    graph.edge(ask, tools, when=has_calls)
    graph.edge(ask, graph.finish, when=no_calls)
    graph.edge(tools, ask)
    return graph


def react(*, every: int = 1, **params: Any) -> Graph[Any, Message]:
    """Reason and act: a thought in words before each ``every``-th step, then the tools.

    After Yao et al., "ReAct: Synergizing Reasoning and Acting in Language Models" (2022).

    Args:
        every: After how many rounds of calls the model is asked to think again.
        params: Parameters of each request.
    """
    graph: Graph[Any, Message] = Graph("react")
    reason = graph.add(_aside(REASON, "reason", **params))
    act = graph.add(stream_with_tools(reminder=ACT, name="act", **params))
    tools = graph.add(run_tools())
    again = graph.add(_counter(every), "think again")
    graph.path(graph.start, reason, act)
    graph.edge(act, tools, when=has_calls)
    graph.edge(act, graph.finish, when=no_calls)
    graph.edge(tools, again)
    graph.edge(again, reason, when=bool, label="yes")
    graph.edge(again, act, label="no")
    return graph


def plan_and_do(*, steps: int = 6, **params: Any) -> Graph[Any, Message]:
    """First a plan in words, then the tools along the plan.

    Args:
        steps: How many steps the plan may have.
        params: Parameters of each request.
    """

    words = PLAN.format(steps=steps)
    graph: Graph[Any, Message] = Graph("plan_and_do")
    plan = graph.add(_aside(words, "plan", **params))
    do = graph.add(stream_with_tools(reminder=DO, name="do", **params))
    tools = graph.add(run_tools())
    graph.path(graph.start, plan, do)
    graph.edge(do, tools, when=has_calls)
    graph.edge(do, graph.finish, when=no_calls)
    graph.edge(tools, do)
    return graph


def _aside(reminder: str, name: str, **params: Any) -> Node[Any, Message]:
    """A node in which the model says something that is not yet the answer."""
    return stream_with_tools(reminder=reminder, name=name, answers=False, tools=(), **params)


def _counter(every: int) -> Any:
    async def due(context: Any, value: Any) -> bool:
        rounds: int = context.state.get("rounds", 0) + 1
        context.state["rounds"] = rounds
        return rounds % every == 0

    return due
