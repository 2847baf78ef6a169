"""OpenTelemetry for agents, with the semantic conventions for generative AI (extra ``otel``)::

    import nbagent.otel
    nbagent.otel.instrument()              # all agents of this process
    nbagent.otel.instrument(agent)         # this one

A run is a span ``invoke_agent``, each request to the model one ``chat``, from the request to the
end of its stream, and each call one ``execute_tool``. What is traced in a tool is inside its span.
What was said is captured only where that is asked for.
"""

from __future__ import annotations

import os
import weakref
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from nbagent.agent.following import EVERYWHERE, Everywhere, Followers, Following, Source
from nbagent.errors import ConfigurationError
from nbagent.otel.api import MeterProvider, TracerProvider, trace
from nbagent.otel.measuring import Metrics
from nbagent.otel.tracing import Tracing

__all__ = ["Instrumentation", "instrument"]

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
YES = ("true", "1", "yes", "span_only", "span_and_event")
# Agents that are traced by themselves are not traced among all others too.
_alone: weakref.WeakSet[Any] = weakref.WeakSet()


class Instrumentation:
    """Agents that are traced; ``remove()`` ends that."""

    def __init__(self, home: Everywhere, following: Following, engine: Any = None) -> None:
        self._home = home
        self._following = following
        self._engine = engine
        if engine is not None:
            _alone.add(engine)
        home.add(following)

    def remove(self) -> None:
        """Traces no more."""
        self._home.remove(self._following)
        if self._engine is not None:
            _alone.discard(self._engine)


def instrument(
    agent: Any = None,
    *,
    name: str = "",
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    capture_content: bool | None = None,
) -> Instrumentation:
    """Traces the runs of an agent, or of all agents, from now on.

    Args:
        agent: The agent; None for all of this process, also those made later.
        name: The agent's name in the spans.
        tracer_provider: Makes the tracer; the one that the process has set up by default.
        meter_provider: Makes the metrics; as above.
        capture_content: Whether questions, answers, arguments and results go into the spans. By
            default as the variable OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT says, which
            is no where it is not set.

    Raises:
        ConfigurationError: It is no agent.
    """
    capture = _wanted() if capture_content is None else capture_content
    own = _version()
    tracer = trace.get_tracer("nbagent", own, tracer_provider=tracer_provider)
    tracing = Tracing(tracer, Metrics(meter_provider, own), capture, name)
    if agent is None:

        def told(source: Source, item: Any) -> None:
            if source not in _alone:
                tracing.told(source, item)

        return Instrumentation(EVERYWHERE, Following(told, tracing.kinds, "OpenTelemetry"))
    engine = getattr(agent, "_engine", None)
    followers = getattr(engine, "followers", None)
    if not isinstance(followers, Followers):
        raise ConfigurationError(f"instrument() takes an Agent; got a {type(agent).__name__}.")
    return Instrumentation(
        followers, Following(tracing.told, tracing.kinds, "OpenTelemetry"), engine
    )


def _wanted() -> bool:
    return os.environ.get(CAPTURE, "").strip().lower() in YES


def _version() -> str:
    try:
        return version("nbagent")
    except PackageNotFoundError:  # used from a clone that was not installed
        return "unknown"
