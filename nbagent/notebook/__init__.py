"""The `Agent` that users import: the engine joined with its widget and its display."""

from nbagent.notebook.agent import Agent as Agent
from nbagent.notebook.delegating import handoff as handoff

__all__ = ["Agent", "handoff"]
