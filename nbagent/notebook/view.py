"""What can be read of an agent: its model, its tools, the conversation and what it cost."""

from __future__ import annotations

from nbagent.agent.calls import CallRecord
from nbagent.agent.engine import Engine
from nbagent.executor import Executor
from nbagent.messages import Message, Usage
from nbagent.models import Model

__all__ = ["View"]


class View:
    """The part of `Agent` that looks."""

    _engine: Engine

    @property
    def model(self) -> Model:
        """The model that is asked."""
        return self._engine.settings.model

    @property
    def executor(self) -> Executor:
        """What reaches the model; also of use without the agent::

        async for text in agent.executor.stream_text("Hello", model=agent.model): ...
        """
        return self._engine.settings.executor

    @property
    def history(self) -> tuple[Message, ...]:
        """The conversation, oldest message first."""
        return self._engine.messages

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """All calls so far; ``calls[-1].result`` is the object that the function returned."""
        return tuple(self._engine.calls)

    @property
    def usage(self) -> Usage:
        """The tokens of the whole conversation."""
        return self._engine.usage

    @property
    def running(self) -> bool:
        """Whether a question is being answered."""
        return self._engine.running
