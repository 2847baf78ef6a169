"""Agents that work for one another: one as a tool of another, and handing a conversation over."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from nbagent.agent.subagent import agent_tool, handing_tool
from nbagent.notebook.view import View
from nbagent.tools import Options, SpecTool
from nbagent.tools.tool import Approve

__all__ = ["Delegating", "handoff"]

TEXT_LIMIT = 16_000  # characters of an agent's answer that the other one reads


class Delegating(View):
    """The part of `Agent` that works for others."""

    @property
    def name(self) -> str:
        """What other agents know it by."""
        return self._engine.settings.name

    @property
    def description(self) -> str:
        """What other agents are told that it is good for."""
        return self._engine.settings.description

    def as_tool(
        self,
        name: str | None = None,
        description: str | None = None,
        *,
        input: type[BaseModel] | None = None,
        keep: bool = False,
        approve: Approve = False,
        timeout: float | None = None,
    ) -> SpecTool:
        """A tool for another agent that gives this one a task and returns its answer::

            cars = Agent(name="cars", description="Knows all about cars.", tools=[lookup])
            boss = Agent(tools=[cars])                   # as it is
            boss = Agent(tools=[cars.as_tool("ask_cars", keep=True)])

        Each call works on a fork of this agent as it is then, so that calls side by side do not
        mix. What that run tells is in the other one's stream as `NestedItem`; it asks there for
        approvals (unless this agent has an approver of its own), is stopped with it, and counts
        against its limits. `CallRecord.result` of the call is this agent's `Reply`.

        Args:
            name: What the tool is called; by default the agent's name.
            description: What the model is told of it; by default the agent's description.
            input: A pydantic model whose fields it is asked with, as JSON; by default words.
            keep: Ask this agent itself instead, so that it remembers: one call after the other.
            approve: Whether a person must say yes first, as of any tool.
            timeout: Seconds that a call may take.

        Raises:
            ConfigurationError: ``input`` is no pydantic model.
            ToolSchemaError: Providers do not take the name.
        """
        chosen = name or self.name or "ask_agent"
        words = self.description if description is None else description
        options = Options(name=chosen, approve=approve, timeout=timeout, text_limit=TEXT_LIMIT)
        return agent_tool(self._engine, chosen, words, takes=input, keep=keep, options=options)


def handoff(agent: Any, *, name: str | None = None, description: str | None = None) -> SpecTool:
    """A tool that hands the conversation over to another agent::

        billing = Agent(name="billing", description="For questions of money.", tools=[invoices])
        front = Agent(tools=[handoff(billing)])
        billing.tools.append(handoff(front))              # and back again

    The run and its transcript go on with the other agent's instructions, model and tools, until it
    answers or hands over itself. The next question begins with the agent that it is put to.

    Args:
        agent: The `Agent` that goes on.
        name: What the tool is called; by default ``hand_over_to_`` and the agent's name.
        description: When it is to be called; by default the agent's description.

    Raises:
        ToolSchemaError: Providers do not take the name.
    """
    label = agent.name or "another_agent"
    words = agent.description if description is None else description
    return handing_tool(agent._engine, label, name or f"hand_over_to_{label}", words)
